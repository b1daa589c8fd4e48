/**
 * Programs: child processes on the build, one per test. What is about the end of threads and processes, about memory or about warnings
 * cannot be tested inside jest, whose `process` is a copy that gets no events (and whose death would take the other tests along).
 *
 * A program (threads/fixtures/programs/*.mjs) takes its input as JSON in its first argument and reports one line of JSON, see
 * fixtures/lib/program.mjs. It must end by itself, with code 0, in time: so every test that uses one also tests that nothing is left
 * over that keeps the process alive.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

export const FIXTURES = join(__dirname, '..', 'threads', 'fixtures');
const MARK = 'RESULT ';

export interface Run {
  /** Exit code, or null when a signal ended it. */
  readonly code: number | null;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** From start to end, in ms. */
  readonly elapsed: number;
}

export interface RunOptions {
  /** Kills the program after this many ms. */
  readonly timeout?: number;
  readonly nodeArguments?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program to its end, whatever that is. */
export function run(program: string, input: unknown = {}, options: RunOptions = {}): Promise<Run> {
  const { timeout = 25_000, nodeArguments = [], env = {} } = options;
  const start = performance.now();
  const child = spawn(
    process.execPath,
    [...nodeArguments, join(FIXTURES, 'programs', `${program}.mjs`), JSON.stringify(input)],
    // NODE_OPTIONS of the test runner are not for the program.
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NODE_OPTIONS: '', ...env } },
  );
  let stdout = '';
  let stderr = '';
  let timedOut = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill('SIGKILL');
  }, timeout);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, timedOut, stdout, stderr, elapsed: performance.now() - start });
    });
  });
}

/** Runs a program that has to end well, and gives what it reported. */
export async function report<T>(program: string, input: unknown = {}, options: RunOptions = {}): Promise<T> {
  const done = await run(program, input, options);
  const line = done.stdout.split('\n').find((text) => text.startsWith(MARK));
  if (done.timedOut || done.code !== 0 || line === undefined) {
    const end = done.timedOut ? `did not end within its time` : `ended with code ${String(done.code)}`;
    throw new Error(`${program}(${JSON.stringify(input)}) ${end}\n--- stdout\n${done.stdout}\n--- stderr\n${done.stderr}`);
  }
  return JSON.parse(line.slice(MARK.length)) as T;
}
