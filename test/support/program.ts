/** Runs a built example as a process of its own, as a user does, and never for longer than a test may take. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export const LIMIT_MS = 60_000;

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class Program implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #stdout = '';
  #stderr = '';

  /** Starts `examples/NAME`. */
  constructor(name: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
    const file = join(__dirname, '..', '..', 'examples', name, 'dist', 'main.js');
    this.#child = spawn(process.execPath, [file, ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
    });
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text));
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.#closed = once(this.#child, 'close');
  }

  /** Waits until the program has printed what matches, and gives the match. */
  async prints(pattern: RegExp): Promise<RegExpExecArray> {
    const ended = this.#closed.then(() => true);
    for (;;) {
      const match = pattern.exec(this.#stdout);
      if (match !== null) return match;
      const isOver = await Promise.race([once(this.#child.stdout!, 'data').then(() => false), ended]);
      if (isOver) throw new Error(`the program ended and never printed ${pattern} but:\n${this.#stdout}${this.#stderr}`);
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async finished(): Promise<Finished> {
    await this.#closed;
    const { exitCode: code, signalCode: signal } = this.#child;
    return { code, signal, stdout: this.#stdout, stderr: this.#stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill('SIGKILL');
    await this.#closed;
  }
}

export function run(name: string, args?: readonly string[], env?: NodeJS.ProcessEnv): Promise<Finished> {
  return new Program(name, args, env).finished();
}
