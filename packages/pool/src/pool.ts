/**
 * The worker pool: channels in front of Piscina's workers.
 *
 * Parts: options.ts (what it is made with), crew.ts (the workers), runs.ts (the jobs of `run`), map.ts, retries.ts (jobs whose workers
 * died), stats.ts, and on the workers pull-loop.ts.
 *
 * A pool is fed in one of two ways. From a shared receiver the jobs go straight to the workers and from there to `results`; this
 * thread only steps in when a worker dies. Or by `run`, through a channel of the pool's own.
 */
import { createHistogram } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { bounded, open, PoolError, type Handle, type Receiver, type Sender, type WaitOptions } from '@beamline/core';
import { deadlineOf, HANDLE, invalidType, post, runtime, signalOf } from '@beamline/core/internal';
import { newBoard } from './board.js';
import { Crew, startWorkers, type Death, type Orphan } from './crew.js';
import type { JobOutcome } from './job.js';
import { checkMap, Mapping, type MapOptions } from './map.js';
import { checkOptions, type Plan, type PoolOptions } from './options.js';
import type { Retry } from './messages.js';
import { Retries } from './retries.js';
import { closed, Runs } from './runs.js';
import { statsOf, type PoolStats } from './stats.js';

type AnyFunction = (...args: never[]) => unknown;

/**
 * What a worker file's function takes.
 *
 * @example
 * ```ts
 * const job: JobOf<typeof import('./double.mjs').default> = 21;
 * ```
 */
export type JobOf<F> = F extends (job: infer J, ...rest: never[]) => unknown ? J : never;

/**
 * What it gives; of a promise, what that resolves with.
 *
 * @example
 * ```ts
 * const print = (result: ResultOf<typeof import('./double.mjs').default>) => console.log(result);
 * ```
 */
export type ResultOf<F> = F extends AnyFunction ? Awaited<ReturnType<F>> : never;

/** Outcomes that may wait in a channel that the pool made. */
const OUTCOMES = 1024;
const MOST_RESULTS = 16 * 1024;
/** A `map` has as many jobs under way as keep the workers busy: two for each that can be in progress, and no fewer than these. */
const LEAST_WINDOW = 64;
/** How long to wait for memory for an outcome. */
const MEMORY_PAUSE_MS = 50;
/** The longest that a timer takes: to keep the process alive, nothing else. */
const FOR_LONG = 2 ** 31 - 1;
const { setInterval, clearInterval } = globalThis;

/**
 * Threads that pull jobs from a channel, on Piscina.
 *
 * Workers pull: no job is assigned to a worker before that worker is free. A handler that throws fails its own job; a worker that
 * dies fails the jobs that it had, or they are delivered again (`maxAttempts`), and is replaced. Each job has exactly one outcome.
 *
 * A pool does not keep the process alive by being there: whoever waits for a `run`, for an outcome or for `close` does.
 *
 * @example
 * ```ts
 * import { WorkerPool } from 'beamline/pool';
 *
 * const filename = new URL('./double.mjs', import.meta.url); // export default (n) => 2 * n;
 * const pool = new WorkerPool<number, number>({ filename });
 * console.log(await pool.run(21)); // 42
 * await pool.close();
 * ```
 * @example
 * ```ts
 * import { bounded } from 'beamline';
 * import { WorkerPool } from 'beamline/pool';
 *
 * const [tx, jobs] = bounded<number>(64);
 * const pool = new WorkerPool<number, number>({ filename: new URL('./double.mjs', import.meta.url), jobs });
 * await tx.sendMany([1, 2, 3]);
 * tx.drop(); // no more jobs: the pool finishes by itself
 * let sum = 0;
 * for await (const outcome of pool.results!) if (outcome.ok) sum += outcome.value;
 * console.log(sum); // 12
 * ```
 */
export class WorkerPool<Job, Result> implements AsyncDisposable {
  /**
   * The outcomes of jobs from a shared receiver, where no `results` was given; else undefined. Room for 1,024 of them: workers wait
   * while it is full, so read it. It disconnects when the pool has finished. Dropping it stops the pool.
   */
  readonly results: Receiver<JobOutcome<Job, Result>> | undefined;
  private readonly crew: Crew;
  private readonly plan: Plan;
  private readonly latency = createHistogram();
  private readonly jobs: Receiver<unknown>;
  private readonly outcomes: Sender<unknown>;
  private readonly runs: Runs | undefined;
  /** Of a pool that delivers a job more than once. */
  private readonly retries: Retries | undefined;
  /** Outcomes of jobs whose workers died, on their way. */
  private readonly reports = new Set<Promise<unknown>>();
  private readonly finished: Promise<void>;
  private closing: Promise<void> | undefined;
  private isDestroyed = false;
  private isFinished = false;
  /** Shared jobs that ended with their worker. */
  private undone = 0;
  private onDestroy!: () => void;
  private readonly destroyed = new Promise<void>((resolve) => (this.onDestroy = resolve));
  private failure: Error | undefined;
  private hasWarned = false;

  /**
   * Starts the workers.
   *
   * @throws TypeError, RangeError `ERR_INVALID_ARGUMENT`; HandleError (`jobs` or `results` dropped or moved); CodecError (made with a
   * custom codec); MemoryError. Nothing was moved or started then.
   */
  constructor(options: PoolOptions<Job, Result>) {
    const plan = (this.plan = checkOptions(options));
    const { filename, name, concurrency, threads } = plan;
    const isShared = plan.jobs !== undefined;
    const piscina = startWorkers(plan.threads, plan.piscina);
    try {
      this.retries = plan.maxAttempts > 1 ? new Retries() : undefined;
      const channels = isShared ? sharedChannels(plan) : ownChannels(plan);
      this.jobs = channels.jobs;
      this.outcomes = channels.outcomes;
      if ('sender' in channels) this.runs = new Runs(channels.sender, channels.results, (...order) => this.crew.cancel(...order));
      else this.results = channels.results as Receiver<JobOutcome<Job, Result>> | undefined;
    } catch (error) {
      this.retries?.drain(ignore);
      void piscina.destroy();
      throw error;
    }
    const { jobs, outcomes: results, latency } = this;
    const [retries, board] = [this.retries?.receiver, newBoard(threads, concurrency)];
    this.crew = new Crew(
      piscina,
      { filename, name, isShared, concurrency, jobs, results, retries, board, latency },
      {
        onOrphan: (orphan) => this.onOrphan(orphan),
        onBadFile: (failure) => this.warn(failure),
        cancelled: () => this.runs?.cancelled ?? [],
      },
    );
    this.finished = this.finish();
    this.finished.catch(ignore); // reported by close
  }

  /**
   * A pool whose job and result types are those of the worker file's function.
   *
   * @throws as the constructor.
   * @example
   * ```ts
   * import { WorkerPool } from 'beamline/pool';
   *
   * type Double = typeof import('./double.mjs').default;
   * const pool = WorkerPool.of<Double>({ filename: new URL('./double.mjs', import.meta.url), threads: 1 });
   * console.log(await pool.run(4)); // 8
   * await pool.close();
   * ```
   */
  static of<F extends AnyFunction>(options: PoolOptions<JobOf<F>, ResultOf<F>>): WorkerPool<JobOf<F>, ResultOf<F>> {
    return new WorkerPool<JobOf<F>, ResultOf<F>>(options);
  }

  /**
   * Has a worker do a job, and resolves with what the handler gives. Waits for room while `capacity` jobs are queued.
   *
   * `signal`, and `timeout` and `deadline` in ms, limit the whole of it: a job that has not started is cancelled, one that has is
   * told through `context.signal`. Handles anywhere in the job move to the worker.
   *
   * @throws (rejects with) what the handler throws, its `name`, `message`, `stack`, `cause` and `code` intact; PoolError
   * `ERR_WORKER_DIED`, `ERR_POOL_CLOSED`; DataCloneError (job or result cannot cross threads); TimeoutError with the job as `value`;
   * the signal's reason; TypeError `ERR_INVALID_ARGUMENT` (of a pool that pulls from a shared receiver).
   * @example
   * ```ts
   * import { WorkerPool } from 'beamline/pool';
   *
   * const pool = new WorkerPool<number, number>({ filename: new URL('./double.mjs', import.meta.url), threads: 1 });
   * console.log(await pool.run(21, { timeout: 5000 })); // 42
   * await pool.close();
   * ```
   */
  run(job: Job, options?: WaitOptions): Promise<Result> {
    try {
      const deadline = deadlineOf('run', options);
      const signal = signalOf('run', options);
      return this.runsFor('run', job).add(job, deadline, signal) as Promise<Result>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Has the workers do one job after another, and gives the results: as they come, or in the order of the jobs (`ordered`).
   *
   * The source is read as results are taken, no further ahead than keeps the workers busy: two jobs for each that can be in progress, at
   * least 64, at most `capacity`. The first error ends it: jobs that have not started are cancelled, those that have are told through
   * `context.signal`, the source is closed. So does leaving the loop, or `signal`. Results that were there before an error come before it.
   * A Receiver is taken over, and dropped at the end.
   *
   * @throws (at once) TypeError `ERR_INVALID_ARGUMENT`, HandleError. (The loop throws) what `run` rejects with, what the source or
   * `onProgress` throws, the signal's reason. Nothing is taken from the source of a `map` that could not begin.
   * @example
   * ```ts
   * import { WorkerPool } from 'beamline/pool';
   *
   * const pool = new WorkerPool<number, number>({ filename: new URL('./double.mjs', import.meta.url), threads: 2 });
   * for await (const doubled of pool.map([1, 2, 3], { ordered: true })) {
   *   console.log(doubled); // 2
   *   // 4
   *   // 6
   * }
   * await pool.close();
   * ```
   */
  map(jobs: Iterable<Job> | AsyncIterable<Job> | Receiver<Job>, options?: MapOptions): AsyncIterableIterator<Result> {
    const { threads, concurrency, capacity } = this.plan;
    return new Mapping<Result>(checkMap(jobs, options), {
      window: Math.min(Math.max(2 * threads * concurrency, LEAST_WINDOW), capacity),
      check: () => void this.runsFor('map'),
      run: (job, signal) => this.runsFor('map', job).add(job, Infinity, signal),
    });
  }

  /**
   * What the pool is doing, in figures. Asks no worker, and may be called at any time, also after the end.
   *
   * @example
   * ```ts
   * import { WorkerPool } from 'beamline/pool';
   *
   * const pool = new WorkerPool<number, number>({ filename: new URL('./double.mjs', import.meta.url), threads: 1 });
   * await Promise.all([1, 2, 3].map((n) => pool.run(n)));
   * const { threads, queued, running, completed } = pool.stats();
   * console.log(threads, queued, running, completed); // 1 0 0 3
   * await pool.close();
   * ```
   */
  stats(): PoolStats {
    const { crew, runs, retries, jobs, latency, plan } = this;
    const queued = this.isFinished ? 0 : jobs.length + (retries?.length ?? 0) + (runs?.waiting ?? 0);
    const own = { threads: plan.threads, queued, retried: retries?.count ?? 0, failed: this.undone + (runs?.undone ?? 0) };
    return statsOf(own, crew.figures, latency);
  }

  /**
   * No new jobs. Resolves when every accepted job is done and its result delivered, and the threads have ended.
   *
   * Of a shared receiver: pulls no more, finishes what was pulled, and drops the pool's handles; the channel stays open for others.
   * Idempotent.
   *
   * @throws (rejects with) why no worker could be started, if so.
   * @example
   * ```ts
   * import { WorkerPool } from 'beamline/pool';
   *
   * const pool = new WorkerPool<number, number>({ filename: new URL('./double.mjs', import.meta.url), threads: 1 });
   * const result = pool.run(2);
   * await pool.close(); // does it first
   * console.log(await result); // 4
   * ```
   */
  close(): Promise<void> {
    if (this.closing === undefined) {
      this.closing = this.keepingAlive(this.finished);
      if (this.runs !== undefined) this.runs.close();
      else this.crew.stop();
    }
    return this.closing;
  }

  /**
   * Ends the threads now. Jobs that are not done are reported as `ERR_WORKER_DIED`: pulled ones, and of the pool's own channel the
   * queued ones too. Messages in a shared channel stay there. Idempotent; also ends a `close` that takes too long.
   *
   * @example
   * ```ts
   * import { WorkerPool } from 'beamline/pool';
   *
   * const pool = new WorkerPool<number, number>({ filename: new URL('./double.mjs', import.meta.url), threads: 1 });
   * const failed = pool.run(2).catch((error: { code: string }) => error.code);
   * await pool.destroy();
   * console.log(await failed); // ERR_WORKER_DIED
   * ```
   */
  async destroy(): Promise<void> {
    this.closing ??= this.keepingAlive(this.finished);
    this.closing.catch(ignore);
    if (!this.isDestroyed) {
      this.isDestroyed = true;
      this.onDestroy();
      this.runs?.failAll(() => new PoolError('the job was not done: the pool was destroyed', 'ERR_WORKER_DIED'));
      this.runs?.close();
      this.crew.stop();
      await this.keepingAlive(this.crew.terminate());
    }
    await this.closing.catch(ignore);
  }

  /** The same as `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @throws why it takes no jobs here, or no more. */
  private runsFor(what: string, job?: unknown): Runs {
    if (this.runs === undefined)
      throw invalidType(`cannot ${what}: this pool takes its jobs from a shared receiver only; send them there`);
    if (this.failure !== undefined) throw this.failure;
    if (this.closing !== undefined) throw closed(what, job);
    return this.runs;
  }

  /** When no worker will take a job any more: lets go of everything. */
  private async finish(): Promise<void> {
    this.failure = await this.crew.ended;
    this.isFinished = true;
    this.closing ??= this.finished;
    const { failure, runs } = this;
    runs?.end();
    runs?.failAll(() => failure ?? new PoolError('the job was not done: the pool has ended', 'ERR_POOL_CLOSED'));
    this.retries?.drain((retry) => this.onLeft(retry));
    this.jobs.drop();
    const reported = Promise.all(this.reports).then(() => this.outcomes.drop());
    await Promise.race([reported, this.destroyed]);
    await this.crew.terminate();
    if (failure === undefined) return;
    this.warn(failure);
    throw failure;
  }

  /** A worker died with a job: it is delivered again, or there is no other outcome than this one. */
  private onOrphan(orphan: Orphan): void {
    const { number, worker, death } = orphan;
    if (this.runs !== undefined && !this.runs.isWanted(number)) return this.runs.forget(number);
    const refusal = this.redeliver(orphan);
    if (refusal === undefined) return;
    const why = this.isDestroyed ? 'the pool was destroyed' : causeOf(death) + refusal.why;
    this.fail(orphan, `the job was not done: worker ${worker} died, ${why}`, refusal.cause ?? death.error);
  }

  /** Has a job delivered once more, or says why not. */
  private redeliver({ number, attempt, job, isWhole, worker }: Orphan): { why: string; cause?: unknown } | undefined {
    const { retries, plan } = this;
    if (retries === undefined || this.isDestroyed) return { why: '' };
    if (attempt >= plan.maxAttempts) return { why: `, in attempt ${attempt} of ${plan.maxAttempts}` };
    if (!isWhole) return { why: '; it carried handles, and so is delivered once' };
    try {
      retries.add(this.runs === undefined ? 0 : number, { job, attempt: attempt + 1, died: worker });
      return undefined;
    } catch (cause) {
      return { why: `, in attempt ${attempt}; it could not be delivered again: ${(cause as Error).message}`, cause };
    }
  }

  /** A job that was to be delivered again, when there was nobody left to take it. */
  private onLeft({ job, attempt, died }: Retry): void {
    if (this.runs !== undefined) return;
    const why = this.isDestroyed ? 'the pool was destroyed' : 'no worker could be started to do it again';
    const unanswered = { number: 0, job, attempt: attempt - 1, worker: died };
    this.fail(unanswered, `the job was not done: worker ${died} died, and ${why}`, this.failure);
  }

  private fail({ number, job, attempt, worker }: Omit<Orphan, 'death' | 'isWhole'>, message: string, cause: unknown): void {
    const error = new PoolError(message, 'ERR_WORKER_DIED', cause === undefined ? undefined : { cause });
    if (this.runs !== undefined) return this.runs.fail(number, error);
    this.undone++;
    const rest = { ok: false, worker, attempt, durationMs: 0 } as const;
    const errors = cause === undefined ? [error] : [error, new PoolError(message, 'ERR_WORKER_DIED')];
    const outcomes = [job, undefined].flatMap((each) => errors.map((reason) => ({ ...rest, error: reason, job: each })));
    const report: Promise<unknown> = this.report(outcomes).then(() => this.reports.delete(report));
    this.reports.add(report);
  }

  /** Publishes an outcome, as much of it as can be sent; when there is memory for it. */
  private async report(outcomes: readonly JobOutcome<unknown, unknown>[]): Promise<void> {
    for (;;) {
      for (const outcome of outcomes) {
        try {
          return await this.publish(outcome);
        } catch {
          if (this.outcomes.isDisconnected) return; // nobody receives outcomes any more
        }
      }
      await pause(MEMORY_PAUSE_MS, undefined, { ref: false });
    }
  }

  private async publish(outcome: JobOutcome<unknown, unknown>): Promise<void> {
    const operation = post(this.outcomes[HANDLE], outcome, { takesGone: true });
    if (operation !== undefined) await runtime().parking.runAsync(operation, undefined);
  }

  /** Of a shared channel, where nobody has called for the job that fails. */
  private warn(failure: Error): void {
    if (this.runs !== undefined || this.hasWarned) return;
    this.hasWarned = true;
    process.emitWarning(`a worker pool cannot work: ${failure.message}`, {
      type: 'BeamlineWarning',
      code: 'BEAMLINE_POOL_FAILED',
    });
  }

  /** The threads do not keep the process alive; somebody who waits for their end does. */
  private async keepingAlive<T>(promise: Promise<T>): Promise<T> {
    const timer = setInterval(ignore, FOR_LONG);
    try {
      return await promise;
    } finally {
      clearInterval(timer);
    }
  }
}

/** The caller's handles, moved into the pool. */
function sharedChannels(plan: Plan): {
  jobs: Receiver<unknown>;
  outcomes: Sender<unknown>;
  results: Receiver<unknown> | undefined;
} {
  const given = [plan.jobs as Receiver<unknown>, plan.results] as const;
  const jobs = given[0].clone();
  const [outcomes, results] = given[1] === undefined ? bounded<unknown>(OUTCOMES) : [given[1].clone(), undefined];
  results?.[HANDLE].mayBeForgotten(); // `pool.results`: made here, and read to its end or not at all
  // The clones come first: a channel's codec is known here only as long as there is a handle. From here on nothing can fail.
  for (const handle of given) if (handle !== undefined) open<Handle>(handle.transfer()).drop();
  return { jobs, outcomes, results };
}

interface OwnChannels {
  readonly sender: Sender<unknown>;
  readonly jobs: Receiver<unknown>;
  readonly outcomes: Sender<unknown>;
  readonly results: Receiver<unknown>;
}

/** Channels of the pool's own, for `run`. */
function ownChannels({ capacity }: Plan): OwnChannels {
  const [sender, jobs] = bounded<unknown>(capacity);
  const [outcomes, results] = bounded<unknown>(Math.max(OUTCOMES, Math.min(capacity, MOST_RESULTS)));
  return { sender, jobs, outcomes, results };
}

function causeOf({ exitCode, error }: Death): string {
  if (error === undefined) return `it exited with code ${exitCode}`;
  return `uncaught ${error.name}: ${error.message}`;
}

function ignore(): void {}
