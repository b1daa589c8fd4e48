/**
 * What users of @beamline/pool see. Only re-exports.
 */
export { WorkerPool, type JobOf, type ResultOf } from './pool.js';
export type { JobContext, JobOutcome } from './job.js';
export type { MapOptions, Progress } from './map.js';
export type { PiscinaOptions, PoolOptions } from './options.js';
export type { LatencyStats, PoolStats, WorkerStats } from './stats.js';
