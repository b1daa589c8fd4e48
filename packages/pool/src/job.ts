/**
 * What a job is to a user of the pool: what its handler gets, and what becomes of it.
 *
 * Called by: everybody in this package, worker side and main side.
 */

/**
 * What became of a job that came from a shared receiver. Exactly one per job.
 *
 * @example
 * ```ts
 * for await (const outcome of outcomes) {
 *   if (outcome.ok) console.log(outcome.value);
 *   else console.error(outcome.job, outcome.error.message);
 * }
 * ```
 */
export type JobOutcome<Job, Result> =
  | {
      readonly ok: true;
      readonly value: Result;
      /** Thread id of the worker. */
      readonly worker: number;
      /** Which delivery of the job this was, from 1. */
      readonly attempt: number;
      /** How long the handler took, in ms. */
      readonly durationMs: number;
    }
  | {
      readonly ok: false;
      /** What the handler threw, or PoolError `ERR_WORKER_DIED`. */
      readonly error: Error;
      /** The job as it was sent; handles in it are dropped. `undefined` if it could not be read, or there is no memory for it. */
      readonly job: Job;
      readonly worker: number;
      readonly attempt: number;
      /** How long the handler took, in ms; 0 if the worker died, as nobody is left who knows. */
      readonly durationMs: number;
    };

/**
 * The second argument of a handler.
 *
 * @example
 * ```ts
 * export default async function download(url: string, { signal }: JobContext): Promise<string> {
 *   return (await fetch(url, { signal })).text();
 * }
 * ```
 */
export interface JobContext {
  /** Thread id of the worker. */
  readonly worker: number;
  /** Which delivery of the job this is, from 1. */
  readonly attempt: number;
  /** Aborted when the `run` that the job came from is: by its signal, or because its time is up. */
  readonly signal: AbortSignal;
}

/** What a worker file exports. */
export type Handler = (job: unknown, context: JobContext) => unknown;
