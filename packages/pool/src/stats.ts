/**
 * What `stats` gives.
 *
 * Called by: pool.ts, crew.ts. Where the figures come from: board.ts.
 */
import type { RecordableHistogram } from 'node:perf_hooks';

/**
 * What a pool is doing, in figures: a snapshot.
 *
 * A job is in progress (`running`) from when a worker takes it until its outcome is published, also while the outcome waits for room.
 *
 * @example
 * ```ts
 * import type { PoolStats } from 'beamline/pool';
 *
 * const isOverloaded = ({ queued, threads }: PoolStats): boolean => queued > 100 * threads;
 * ```
 */
export interface PoolStats {
  /** How many workers the pool was made with. While one is being replaced, `workers` has fewer. */
  readonly threads: number;
  /** Jobs that no worker has taken yet: in the channel, of `run` also those that wait for room in it, and those to be delivered again. */
  readonly queued: number;
  readonly running: number;
  /** Jobs whose handler gave a result, whether or not anybody still wanted it. */
  readonly completed: number;
  /** Jobs that failed: the handler threw, the result cannot cross threads, or the worker died and that was the last attempt. */
  readonly failed: number;
  /** How often a job was put back because its worker had died. */
  readonly retried: number;
  /** Those that are there now. */
  readonly workers: readonly WorkerStats[];
  /**
   * How long jobs took, in ms, from when a worker took them until their outcomes were published: percentiles of all of them since the
   * pool was made, to three digits. 0 before the first. Deliveries that ended with their worker are not among them.
   */
  readonly latencyMs: LatencyStats;
}

/**
 * One worker, since it began.
 *
 * @example
 * ```ts
 * import type { WorkerStats } from 'beamline/pool';
 *
 * const show = ({ threadId, utilization }: WorkerStats): string => `thread ${threadId}: ${Math.round(100 * utilization)} %`;
 * ```
 */
export interface WorkerStats {
  readonly threadId: number;
  readonly running: number;
  readonly completed: number;
  /** Share of the time with at least one job in progress, 0 to 1. */
  readonly utilization: number;
}

/**
 * Percentiles of a duration, in ms.
 *
 * @example
 * ```ts
 * import type { LatencyStats } from 'beamline/pool';
 *
 * const show = ({ p50, p99 }: LatencyStats): string => `${p50.toFixed(1)} ms, one in a hundred over ${p99.toFixed(1)} ms`;
 * ```
 */
export interface LatencyStats {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** What the workers have done, those that are gone included. */
export interface Figures {
  readonly completed: number;
  readonly failed: number;
  /** Of the workers that are there now. */
  readonly workers: readonly WorkerStats[];
}

/** What the pool itself knows. */
export interface OwnFigures {
  readonly threads: number;
  readonly queued: number;
  readonly retried: number;
  /** Jobs that failed without a worker's doing. */
  readonly failed: number;
}

export function statsOf(own: OwnFigures, { completed, failed, workers }: Figures, latency: RecordableHistogram): PoolStats {
  const { threads, queued, retried } = own;
  const running = workers.reduce((sum, worker) => sum + worker.running, 0);
  return { threads, queued, running, completed, failed: failed + own.failed, retried, workers, latencyMs: latencyOf(latency) };
}

const NS_PER_MS = 1e6;

function latencyOf(latency: RecordableHistogram): LatencyStats {
  const [p50, p90, p99] = [50, 90, 99].map((percent) => latency.percentile(percent) / NS_PER_MS) as [number, number, number];
  return { p50, p90, p99, max: latency.max / NS_PER_MS };
}
