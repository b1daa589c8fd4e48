/**
 * What users of @beamline/pool see. Only re-exports.
 */
export { WorkerPool, type JobOf, type ResultOf } from './pool.js';
export type { JobContext, JobOutcome } from './job.js';
export type { PiscinaOptions, PoolOptions } from './options.js';
