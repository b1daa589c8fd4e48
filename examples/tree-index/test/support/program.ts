/** Runs the built program as a process of its own, as a user does, and never for longer than a minute. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Report } from '../../src/report.js';

export const PROGRAM = join(__dirname, '..', '..', 'dist', 'main.js');
export const LIMIT_MS = 60_000;

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly user?: User;
}

/** Another user's numbers, for processes that root starts. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

export class Running {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #stdout = '';
  #stderr = '';

  constructor(args: readonly string[], { cwd, env, user }: RunOptions = {}) {
    const environment = { ...process.env, NODE_DEBUG: '', ...env };
    this.#child = spawn(process.execPath, [PROGRAM, ...args], {
      ...(cwd === undefined ? {} : { cwd }),
      ...user,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
    });
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text));
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.#closed = once(this.#child, 'close');
  }

  /** Waits until the program has said `text` on standard error. */
  async says(text: string): Promise<void> {
    while (!this.#stderr.includes(text)) {
      const ended = this.#closed.then(() => true);
      const goneQuiet = await Promise.race([once(this.#child.stderr!, 'data').then(() => false), ended]);
      if (goneQuiet) throw new Error(`The program ended and never said '${text}' but:\n${this.#stdout}${this.#stderr}`);
    }
  }

  interrupt(): void {
    this.#child.kill('SIGINT');
  }

  async finished(): Promise<Finished> {
    await this.#closed;
    const { exitCode: code, signalCode: signal } = this.#child;
    return { code, signal, stdout: this.#stdout, stderr: this.#stderr };
  }
}

export const run = (args: readonly string[], options?: RunOptions): Promise<Finished> => new Running(args, options).finished();

/** The document of a run with `--json`. It must be all that is on standard output. */
export const reportOf = ({ stdout }: Finished): Report => JSON.parse(stdout) as Report;

/**
 * Root may read everything, so where the tests run as root the program runs as nobody, if that user can reach it. `undefined`
 * where no such user is to be had.
 */
export function ordinaryUser(): { readonly user?: User } | undefined {
  if (process.getuid?.() !== 0) return {};
  const user = { uid: 65534, gid: 65534 };
  const { status } = spawnSync(process.execPath, [PROGRAM, '--help'], { ...user, timeout: LIMIT_MS });
  return status === 0 ? { user } : undefined;
}
