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

/** Another user's numbers, for processes that root starts. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly user?: User;
}

/** The file that runs `examples/NAME`. */
export const fileOf = (name: string): string => join(__dirname, '..', '..', 'examples', name, 'dist', 'main.js');

export class Program implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #stdout = '';
  #stderr = '';

  /** Starts `examples/NAME`. */
  constructor(name: string, args: readonly string[] = [], { cwd, env, user }: ProgramOptions = {}) {
    this.#child = spawn(process.execPath, [fileOf(name), ...args], {
      ...(cwd === undefined ? {} : { cwd }),
      ...user,
      env: { ...process.env, NODE_DEBUG: '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
    });
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text));
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.#closed = once(this.#child, 'close');
  }

  /** Waits until the program has printed what matches, and gives the match. */
  prints(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#until('stdout', pattern, () => pattern.exec(this.#stdout) ?? undefined);
  }

  /** Waits until the program has said `text` on standard error. */
  async says(text: string): Promise<void> {
    await this.#until('stderr', `'${text}'`, () => this.#stderr.includes(text) || undefined);
  }

  async #until<T>(stream: 'stdout' | 'stderr', what: RegExp | string, find: () => T | undefined): Promise<T> {
    const ended = this.#closed.then(() => true);
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      const isOver = await Promise.race([once(this.#child[stream]!, 'data').then(() => false), ended]);
      if (isOver) throw new Error(`the program ended and never said ${String(what)} but:\n${this.#stdout}${this.#stderr}`);
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

export function run(name: string, args?: readonly string[], options?: ProgramOptions): Promise<Finished> {
  return new Program(name, args, options).finished();
}
