/**
 * What a pool is made with, and the checks of it.
 *
 * Called by: pool.ts.
 */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CodecError, type Receiver, type Sender } from '@beamline/core';
import { describe, HANDLE, invalidRange, invalidType, isHandle, LEASES, type HandleState } from '@beamline/core/internal';
import type { Piscina } from 'piscina';
import type { JobOutcome } from './job.js';

/** What the pool fixes: the loops that its workers run depend on it, or have no use for it. */
const FIXED = [
  'filename',
  'name',
  'minThreads',
  'maxThreads',
  'idleTimeout',
  'maxQueue',
  'concurrentTasksPerWorker',
  'atomics',
  'taskQueue',
  'loadBalancer',
] as const;

/**
 * Piscina's options, less those that the pool itself fixes.
 *
 * @example
 * ```ts
 * import type { PiscinaOptions } from 'beamline/pool';
 *
 * const piscina: PiscinaOptions = { resourceLimits: { maxOldGenerationSizeMb: 256 }, env: { TZ: 'UTC' } };
 * ```
 */
export type PiscinaOptions = Omit<NonNullable<ConstructorParameters<typeof Piscina>[0]>, (typeof FIXED)[number]>;

/**
 * What `new WorkerPool` takes.
 *
 * @example
 * ```ts
 * import type { PoolOptions } from 'beamline/pool';
 *
 * const options: PoolOptions<string, number> = { filename: './count-words.js', threads: 4, capacity: 64, maxAttempts: 3 };
 * ```
 */
export interface PoolOptions<Job, Result> {
  /** The worker file, as Piscina takes it: its export is called with each job. A path (relative ones from the working directory) or a file: URL. */
  readonly filename: string | URL;
  /** The export to call. Default: `'default'`. */
  readonly name?: string;
  /** The shared receiver that the workers pull from. It moves into the pool. Without it the pool has a channel of its own, for `run`. */
  readonly jobs?: Receiver<Job>;
  /** Where the outcomes of shared jobs go. It moves into the pool. Without it the pool makes a channel: `pool.results`. */
  readonly results?: Sender<JobOutcome<Job, Result>>;
  /** How many workers. Default: `os.availableParallelism()`. */
  readonly threads?: number;
  /** Jobs in progress per worker at a time, for handlers that wait: 1 to 100. Default: 1. */
  readonly concurrency?: number;
  /** Of the pool's own job channel: `run` waits while so many jobs are queued. Default: 1,024. */
  readonly capacity?: number;
  /** How often a job may be delivered, if its workers die. One that carries handles is delivered once. Default: 1, such a job fails. */
  readonly maxAttempts?: number;
  /** Passed on to Piscina: `resourceLimits`, `env`, `execArgv`, `workerData`, … */
  readonly piscina?: PiscinaOptions;
}

/** The options with everything filled in. */
export interface Plan {
  readonly filename: string;
  readonly name: string;
  readonly jobs: Receiver<unknown> | undefined;
  readonly results: Sender<unknown> | undefined;
  readonly threads: number;
  readonly concurrency: number;
  readonly capacity: number;
  readonly maxAttempts: number;
  readonly piscina: PiscinaOptions;
}

const DEFAULT_CAPACITY = 1024;
const LARGEST_CAPACITY = 2 ** 31 - 1;
const MOST_ATTEMPTS = 2 ** 31 - 1;
/** The thread table has 1,023 slots, one of them this thread's. */
const MOST_THREADS = 1022;

/** @throws RangeError, TypeError `ERR_INVALID_ARGUMENT`, HandleError, CodecError. */
export function checkOptions<Job, Result>(options: PoolOptions<Job, Result>): Plan {
  if (typeof options !== 'object' || options === null) throw refuse(`options must be an object, received ${describe(options)}`);
  const { name = 'default', threads = availableParallelism(), capacity = DEFAULT_CAPACITY, piscina = {} } = options;
  const { concurrency = 1, maxAttempts = 1 } = options;
  const jobs = options.jobs as Receiver<unknown> | undefined;
  const results = options.results as Sender<unknown> | undefined;
  const filename = checkFilename(options.filename);
  if (typeof name !== 'string' || name === '') throw refuse(`name must be the name of an export, received ${describe(name)}`);
  checkCount('threads', threads, MOST_THREADS);
  checkCount('concurrency', concurrency, LEASES);
  checkCount('capacity', capacity, LARGEST_CAPACITY);
  checkCount('maxAttempts', maxAttempts, MOST_ATTEMPTS);
  checkPiscina(piscina);
  if (jobs !== undefined) checkJobs(jobs);
  if (results !== undefined) checkResults(results, jobs);
  return { filename, name, jobs, results, threads, concurrency, capacity, maxAttempts, piscina };
}

function refuse(why: string): Error {
  return invalidType(`cannot create pool: ${why}`);
}

function checkFilename(filename: unknown): string {
  const text = filename instanceof URL || isUrl(filename) ? filename.href : filename;
  if (typeof text !== 'string' || text === '')
    throw refuse(`filename must be a path or a file: URL, received ${describe(filename)}`);
  if (text.startsWith('file:')) return fileURLToPath(text);
  if (text !== filename) throw refuse(`filename must be a path or a file: URL, received ${describe(text)}`);
  return resolve(text);
}

/** Of another realm. */
function isUrl(value: unknown): value is URL {
  return Object.prototype.toString.call(value) === '[object URL]' && typeof (value as URL).href === 'string';
}

function checkCount(name: string, count: unknown, most: number): void {
  if (typeof count !== 'number') throw refuse(`${name} must be a whole number, received ${describe(count)}`);
  if (Number.isInteger(count) && count >= 1 && count <= most) return;
  throw invalidRange(`cannot create pool: ${name} must be a whole number from 1 to ${most}, received ${describe(count)}`);
}

function checkPiscina(piscina: unknown): void {
  if (typeof piscina !== 'object' || piscina === null) throw refuse(`piscina must be an object, received ${describe(piscina)}`);
  for (const key of FIXED) {
    if ((piscina as Record<string, unknown>)[key] === undefined) continue;
    throw refuse(
      `the pool sets ${key} of Piscina itself; piscina must not, received ${describe((piscina as Record<string, unknown>)[key])}`,
    );
  }
}

function checkJobs(jobs: unknown): void {
  const state = stateOf(jobs);
  if (state?.type !== 'receiver') throw refuse(`jobs must be a Receiver, received ${describe(jobs)}`);
  state.check('move jobs into a pool');
  if (!state.channel.hasBuiltInCodec) throw foreignCodec('jobs', state);
}

function checkResults(results: unknown, jobs: unknown): void {
  const state = stateOf(results);
  if (state?.type !== 'sender') throw refuse(`results must be a Sender, received ${describe(results)}`);
  if (jobs === undefined) throw refuse('results go with jobs: without a shared receiver, run() gives each result to its caller');
  state.check('move results into a pool');
  if (!state.channel.hasBuiltInCodec) throw foreignCodec('results', state);
  const { name } = state.channel.codec;
  if (name !== 'any') throw refuse(`results must use the default codec, as outcomes carry errors, received ${describe(name)}`);
}

function stateOf(handle: unknown): HandleState | undefined {
  return isHandle(handle) ? (handle[HANDLE] as HandleState) : undefined;
}

/** Functions do not cross threads. */
function foreignCodec(which: string, state: HandleState): CodecError {
  return new CodecError(
    `cannot create pool: ${which} uses the custom codec ${describe(state.channel.codec.name)}, which workers cannot be given`,
  );
}
