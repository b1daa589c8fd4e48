/**
 * A desk: where a worker has one job in progress, on a lease of its own. Runs the handler and publishes the outcome.
 *
 * Called by: pull-loop.ts, which takes a job onto a desk that is free. Stands on: core's leases (handles/lease.ts).
 *
 * The job stays in shared memory, on lease, until its outcome is published in the same transaction that gives up the lease. So this
 * thread may die at any instruction: either that outcome is there, or the job comes to the pool as an orphan, never both.
 */
import type { RecordableHistogram } from 'node:perf_hooks';
import { threadId } from 'node:worker_threads';
import { now } from '@beamline/core';
import { post, runtime, type HandleState, type Lease, type Tally } from '@beamline/core/internal';
import { COMPLETED, FAILED, type Outcome, type Row } from './board.js';
import { Context } from './context.js';
import { asError, withoutExtras } from './errors.js';
import type { Handler } from './job.js';
import { LARGEST_NUMBER, RETRIED, type Retry } from './messages.js';
import { unmoved } from './movable.js';

const NS_PER_MS = 1e6;

/** What all desks of a worker work with. */
export interface Office {
  readonly handler: Handler;
  readonly isShared: boolean;
  readonly jobs: HandleState;
  /** Of a pool that delivers more than once. */
  readonly retries: HandleState | undefined;
  readonly results: HandleState;
  readonly row: Row;
  readonly latency: RecordableHistogram;
}

export class Desk implements Tally {
  /** When the handler was done with its last job. */
  endedAt = 0;
  private startedAt = 0;
  private attempt = 1;
  /** What comes of the job; and whether that has to wait, so that it is not published as soon as the handler is done. */
  private outcome: Outcome = COMPLETED;
  private isLate = false;
  /** While the handler is at work. */
  private context: Context | undefined;

  constructor(
    /** Its place among those of its worker. */
    private readonly index: number,
    readonly lease: Lease,
    private readonly office: Office,
  ) {}

  /** The number of the job on lease. One from a shared receiver gets that of its desk while it is here. */
  get number(): number {
    return this.lease.aux & LARGEST_NUMBER;
  }

  /** Whether the job on lease was delivered before. */
  get isRetry(): boolean {
    return (this.lease.aux & RETRIED) !== 0;
  }

  /** Whether the handler is at work on the job of this number. */
  isAt(number: number): boolean {
    return this.context !== undefined && this.number === number;
  }

  /** Tells the handler that its job is not wanted any more. */
  abort(reason: unknown): void {
    this.context?.abort(reason);
  }

  /**
   * Does the job on lease, which was taken just now, at `instant`. A promise if there is something to wait for; it rejects only if not
   * even a failure could be published.
   */
  work(instant: number): Promise<void> | undefined {
    const { office, index, lease } = this;
    if (office.isShared) lease.mark((lease.aux & RETRIED) | (index + 1));
    this.startedAt = instant;
    office.row.take(index, this.number, instant);
    let result: unknown;
    try {
      const job = this.read();
      this.context = new Context(this.attempt);
      result = (0, office.handler)(job, this.context);
      if (isThenable(result)) return this.finish(result);
    } catch (error) {
      this.endedAt = now();
      return this.fail(error);
    }
    return this.succeed(result);
  }

  /** Answers a job that is not wanted any more. Nobody reads what the answer says. */
  refuse(): Promise<void> | undefined {
    this.endedAt = now();
    const operation = post(this.office.results, undefined, { aux: 2 * this.number, lease: this.lease });
    return operation === undefined ? undefined : runtime().parking.runAsync(operation, undefined);
  }

  /** The job, as it was sent. */
  private read(): unknown {
    const { lease, office } = this;
    this.attempt = 1;
    if (!this.isRetry) return lease.decode(office.jobs);
    const { attempt, job } = lease.decode(office.retries as HandleState) as Retry;
    this.attempt = attempt;
    return job;
  }

  private async finish(result: PromiseLike<unknown>): Promise<void> {
    let value: unknown;
    try {
      value = await result;
    } catch (error) {
      this.endedAt = now();
      return this.fail(error);
    }
    return this.succeed(value);
  }

  private succeed(result: unknown): Promise<void> | undefined {
    this.context = undefined;
    this.endedAt = now();
    const { office, attempt, endedAt, startedAt } = this;
    try {
      const value = unmoved(result);
      const durationMs = endedAt - startedAt;
      const answer = office.isShared ? { ok: true, value, worker: threadId, attempt, durationMs } : value;
      return this.publish(COMPLETED, answer, false)?.catch((error: unknown) => this.fail(error));
    } catch (error) {
      return this.fail(error); // it cannot be cloned
    }
  }

  /** Publishes a failure; as much of it as can cross threads. */
  private async fail(error: unknown): Promise<void> {
    const { lease, office } = this;
    const { results, row } = office;
    this.context = undefined;
    lease.dropHandles();
    let reason: unknown;
    for (const candidate of this.failures(error)) {
      if (results.channel.isDisconnected) break;
      try {
        await this.publish(FAILED, candidate, true);
        return;
      } catch (unsent) {
        reason = unsent;
      }
    }
    if (!results.channel.isDisconnected) throw reason;
    lease.discard(); // nobody wants to know
    row.count(this.index, FAILED, this.endedAt);
    row.confirm(this.index);
  }

  /** What to say about a failure, the most first. */
  private *failures(error: unknown): Generator<unknown> {
    const { office, attempt, startedAt, endedAt } = this;
    if (!office.isShared) {
      yield error;
      yield withoutExtras(error);
      return;
    }
    const rest = { worker: threadId, attempt, durationMs: endedAt - startedAt };
    const job = this.jobAsSent();
    yield { ok: false, error: asError(error), job, ...rest };
    yield { ok: false, error: withoutExtras(error), job, ...rest };
    yield { ok: false, error: withoutExtras(error), job: undefined, ...rest };
  }

  private jobAsSent(): unknown {
    try {
      return this.read();
    } catch {
      return undefined; // that was the failure
    }
  }

  /**
   * Publishes an answer; a promise if it has to wait for room. `takesGone`: with handles in it that were dropped.
   * @throws what encoding throws, and the promise rejects with what waiting throws; the job is still on lease then.
   */
  private publish(outcome: Outcome, answer: unknown, takesGone: boolean): Promise<void> | undefined {
    const { isShared, results } = this.office;
    this.outcome = outcome;
    this.isLate = false;
    const aux = isShared ? 0 : 2 * this.number + (outcome === COMPLETED ? 1 : 0);
    const operation = post(results, answer, { aux, lease: this.lease, takesGone, tally: this });
    if (operation === undefined) return undefined;
    this.isLate = true;
    return runtime().parking.runAsync(operation, undefined);
  }

  count(): void {
    this.office.row.count(this.index, this.outcome, this.publishedAt);
  }

  confirm(): void {
    const { row, latency } = this.office;
    row.confirm(this.index);
    latency.record(Math.max(1, Math.round((this.publishedAt - this.startedAt) * NS_PER_MS)));
  }

  retract(): void {
    this.office.row.retract(this.index, this.publishedAt);
    this.isLate = true;
  }

  private get publishedAt(): number {
    return this.isLate ? now() : this.endedAt;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
