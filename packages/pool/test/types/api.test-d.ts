/**
 * What the compiler makes of the pool's public types. This file is compiled, never run: on the build, by threads/types.test.ts, and with
 * all tests by the type check. An assertion that fails is a type error; `@ts-expect-error` marks what must not compile.
 */
import { bounded, type Receiver, type Sender } from '@beamline/core';
import {
  WorkerPool,
  type JobContext,
  type JobOf,
  type JobOutcome,
  type LatencyStats,
  type MapOptions,
  type PiscinaOptions,
  type PoolOptions,
  type PoolStats,
  type Progress,
  type ResultOf,
  type WorkerStats,
} from '@beamline/pool';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(..._proof: Same<A, B> extends true ? [] : ['these types differ']): void {
  // compared by the compiler
}

interface Job {
  readonly id: number;
}
type Handler = (job: Job, context: JobContext) => Promise<string>;
declare const pool: WorkerPool<Job, string>;
type Options = PoolOptions<Job, string>;

// ── making one ──
same<JobOf<Handler>, Job>();
same<ResultOf<Handler>, string>();
same<ReturnType<typeof WorkerPool.of<Handler>>, WorkerPool<Job, string>>();
const filename = new URL('file:///worker.js');
const [jobsOut, jobs] = bounded<Job>(1);
const [results] = bounded<JobOutcome<Job, string>>(1);
new WorkerPool<Job, string>({ filename, jobs, results, threads: 2, concurrency: 4, capacity: 8, maxAttempts: 3, name: 'x' });
new WorkerPool<Job, string>({ filename: './worker.js', piscina: { resourceLimits: { maxOldGenerationSizeMb: 64 }, env: {} } });
// @ts-expect-error: a file is needed
new WorkerPool<Job, string>({ threads: 1 });
// @ts-expect-error: jobs of another type
new WorkerPool<string, string>({ filename, jobs });
// @ts-expect-error: a sender does not give jobs
new WorkerPool<Job, string>({ filename, jobs: jobsOut });
// @ts-expect-error: the pool itself sets this one
const fixed: PiscinaOptions = { maxThreads: 1 };
same<Options['jobs'], Receiver<Job> | undefined>();
same<Options['results'], Sender<JobOutcome<Job, string>> | undefined>();

// ── run ──
same<ReturnType<typeof pool.run>, Promise<string>>();
void pool.run({ id: 1 }, { timeout: 5, deadline: 5, signal: new AbortController().signal });
// @ts-expect-error: no such job
void pool.run('text');

// ── map ──
same<ReturnType<typeof pool.map>, AsyncIterableIterator<string>>();
void pool.map([{ id: 1 }]);
async function* later(): AsyncGenerator<Job> {
  yield await Promise.resolve({ id: 1 });
}
void pool.map(new Set([{ id: 1 }]), { ordered: true });
void pool.map(later(), { signal: new AbortController().signal });
void pool.map(jobs, { onProgress: ({ done, failed, total = 0, elapsedMs }) => void (done + failed + total + elapsedMs) });
same<Parameters<typeof pool.map>[1], MapOptions | undefined>();
// @ts-expect-error: jobs of another type
void pool.map(['text']);
// @ts-expect-error: not a source
void pool.map(5);
// @ts-expect-error: no such order
void pool.map([], { ordered: 'yes' });
same<Progress, { readonly done: number; readonly failed: number; readonly total?: number; readonly elapsedMs: number }>();

// ── outcomes ──
same<typeof pool.results, Receiver<JobOutcome<Job, string>> | undefined>();
declare const outcome: JobOutcome<Job, string>;
if (outcome.ok) same<typeof outcome.value, string>();
else {
  same<typeof outcome.error, Error>();
  same<typeof outcome.job, Job>();
}
same<typeof outcome.worker, number>();
same<typeof outcome.attempt, number>();
same<typeof outcome.durationMs, number>();
// @ts-expect-error: only after a look at `ok`
void outcome.value;

// ── figures ──
const stats = pool.stats();
same<typeof stats, PoolStats>();
same<typeof stats.workers, readonly WorkerStats[]>();
same<typeof stats.latencyMs, LatencyStats>();
same<Exclude<keyof PoolStats, 'workers' | 'latencyMs'>, 'threads' | 'queued' | 'running' | 'completed' | 'failed' | 'retried'>();
same<keyof WorkerStats, 'threadId' | 'running' | 'completed' | 'utilization'>();
same<keyof LatencyStats, 'p50' | 'p90' | 'p99' | 'max'>();
// @ts-expect-error: a snapshot
stats.queued = 1;

// ── the end ──
same<ReturnType<typeof pool.close>, Promise<void>>();
same<ReturnType<typeof pool.destroy>, Promise<void>>();
export async function used(): Promise<void> {
  await using disposed = pool;
  void disposed;
}

// ── handlers ──
same<JobContext, { readonly worker: number; readonly attempt: number; readonly signal: AbortSignal }>();
void fixed;
