/** Trees to be indexed, made in the temporary directory. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  closeSync,
  ftruncateSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export class Tree implements Disposable {
  readonly root: string;

  constructor() {
    this.root = realpathSync(mkdtempSync(join(tmpdir(), 'tree-index-')));
    chmodSync(this.root, 0o755); // the program may run as another user
  }

  path(name: string): string {
    return join(this.root, name);
  }

  file(name: string, content: string | Uint8Array): this {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), content);
    return this;
  }

  /** A file of zeros that takes time to read and no room on the disk. */
  zeros(name: string, bytes: number): this {
    const file = openSync(this.path(name), 'w');
    ftruncateSync(file, bytes);
    closeSync(file);
    return this;
  }

  /** A file in the root whose name is these very bytes. */
  fileNamed(name: Buffer, content: string): this {
    writeFileSync(this.#pathOf(name), content);
    return this;
  }

  directoryNamed(name: Buffer): this {
    mkdirSync(this.#pathOf(name));
    return this;
  }

  link(name: string, target: string): this {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    symlinkSync(target, this.path(name));
    return this;
  }

  /** Returns whether this system has FIFOs. */
  fifo(name: string): boolean {
    return spawnSync('mkfifo', [this.path(name)]).status === 0;
  }

  mode(name: string, mode: number): this {
    chmodSync(this.path(name), mode);
    return this;
  }

  [Symbol.dispose](): void {
    // Not fs.rmSync: it fails where paths are too long and where a directory may not be read.
    execFileSync('chmod', ['-R', 'u+rwX', this.root]);
    execFileSync('rm', ['-rf', this.root]);
  }

  #pathOf(name: Buffer): Buffer {
    return Buffer.concat([Buffer.from(`${this.root}/`), name]);
  }
}

/** Words and lines of many lengths; the same for the same seed. */
export function prose(seed: number, words: number): string {
  let text = '';
  let state = seed;
  for (let word = 0; word < words; word++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    text += 'abcdefghijklmnop'.slice(0, 1 + (state >>> 28)) + [' ', ' ', ' ', '\n', '\t', '\r\n', '  ', 'é '][(state >>> 20) % 8];
  }
  return text;
}
