/**
 * What the pool's owner and its workers tell each other.
 *
 * Each worker has up to five handles. Jobs come through `jobs`, and through `retries` if they were delivered before; what becomes of them
 * goes to `results`. The two others are its own: `orders`, by which the owner tells it to cancel a job, or to stop (by dropping its end),
 * and `news`, by which it says that it has begun. If it dies, the jobs that it had taken come through `news` as orphans (core:
 * handles/lease.ts), and then `news` is disconnected: nothing more of it is to come.
 *
 * A message's number (`aux`) says which job it is about:
 *   jobs     of the pool's own channel: the job's number. Of a shared one: 0
 *   retries  the same | RETRIED; the value is a Retry. So an orphan says of itself through which of the two it came
 *   results  of the pool's own channel: 2 × number + (1: value, 0: error). Otherwise 0, and the value is a JobOutcome
 *   orders   the number of the job to cancel; the value is the reason
 *   news     0 (a Notice), or that of the orphan; of a shared one, which desk it was on (board.ts)
 */
import type { RecordableHistogram } from 'node:perf_hooks';
import type { HandleToken, Receiver, Sender } from '@beamline/core';

/** What a worker starts with: the one task that Piscina gives it. */
export interface ShiftStart {
  readonly filename: string;
  readonly name: string;
  /** Whether the jobs come from a receiver that was given to the pool, and so do not have numbers. */
  readonly isShared: boolean;
  /** Jobs in progress at a time. */
  readonly concurrency: number;
  /** Where it says what it is doing, and the row of its seat there (board.ts). */
  readonly board: SharedArrayBuffer;
  readonly seat: number;
  /** How long jobs take, in ns: one for all workers. */
  readonly latency: RecordableHistogram;
  readonly jobs: HandleToken<Receiver<unknown>>;
  readonly results: HandleToken<Sender<unknown>>;
  readonly orders: HandleToken<Receiver<unknown>>;
  readonly news: HandleToken<Sender<Notice>>;
  /** Of a pool that delivers a job more than once. */
  readonly retries: HandleToken<Receiver<Retry>> | undefined;
}

/** A worker has begun. */
export interface Notice {
  readonly threadId: number;
  /** Why its file could not be loaded: it fails all its jobs with that. */
  readonly failure?: Error;
}

/** A job that a worker died with, for another one. */
export interface Retry {
  readonly job: unknown;
  /** Which delivery this is. */
  readonly attempt: number;
  /** Thread id of the worker that died last. */
  readonly died: number;
}

/** Numbers of jobs run from 1 to this, then again. Twice as many fit beside a message, with one bit to spare for orphans. */
export const LARGEST_NUMBER = 2 ** 30 - 1;

/** Beside a job that was delivered before, above its number. */
export const RETRIED = 2 ** 30;
