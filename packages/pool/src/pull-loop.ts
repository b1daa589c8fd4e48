/**
 * The loop of one worker: takes a job, runs the handler, publishes the outcome; one job at a time.
 *
 * Called by: worker-entry.ts. Stands on: core's leases (handles/lease.ts).
 *
 * The job stays in shared memory, on lease, until its outcome is published in the same transaction that gives up the lease. So this
 * thread may die at any instruction: there will be exactly one outcome, this one or the pool's ERR_WORKER_DIED.
 *
 * A handler that returns no promise costs none: the loop awaits only what there is to wait for, and lets the event loop turn every
 * few ms.
 */
import { threadId } from 'node:worker_threads';
import { now, type Receiver, type Sender } from '@beamline/core';
import {
  DISCONNECTED,
  HANDLE,
  Inbox,
  LeaseOperation,
  post,
  runtime,
  type HandleState,
  type Lease,
  type Letter,
} from '@beamline/core/internal';
import { asError, withoutExtras } from './errors.js';
import type { Handler, JobContext } from './job.js';
import { LARGEST_NUMBER } from './messages.js';
import { unmoved } from './movable.js';

/** The event loop turns at least this often while there are jobs. */
const TURN_MS = 5;
const DONE = Promise.resolve();
/** Why the wait for a job ended without one. */
const STOPPED = Symbol('stopped');

export interface PullPlan {
  readonly lease: Lease;
  readonly jobs: Receiver<unknown>;
  readonly results: Sender<unknown>;
  readonly orders: Receiver<unknown>;
  readonly handler: Handler;
  readonly isShared: boolean;
}

export class PullLoop {
  private readonly parking = runtime().parking;
  private readonly lease: Lease;
  private readonly jobs: HandleState;
  private readonly results: HandleState;
  private readonly orders: Inbox;
  private readonly handler: Handler;
  private readonly isShared: boolean;
  /** The job that is being worked on, and its number. */
  private current: Context | undefined;
  private number = 0;
  /** Numbers of jobs that are not wanted any more, as far as another worker has not taken them. */
  private readonly cancelled = new Set<number>();
  private waiting: LeaseOperation | undefined;
  private isStopped = false;
  private lastTurn = now();

  constructor(plan: PullPlan) {
    this.lease = plan.lease;
    this.jobs = plan.jobs[HANDLE];
    this.results = plan.results[HANDLE];
    this.orders = new Inbox(plan.orders[HANDLE], (letter) => this.obey(letter));
    this.handler = plan.handler;
    this.isShared = plan.isShared;
  }

  /** Resolves when the jobs are drained, or the owner says stop, or nobody wants results any more. */
  async run(): Promise<void> {
    this.parking.runAsync(this.orders, undefined).then(() => this.stop(), ignore);
    for (;;) {
      if (this.orders.attempt()) this.stop(); // a busy worker, too, hears what it is told
      if (this.isStopped || this.results.channel.isDisconnected) return;
      const taken = this.lease.take(this.jobs);
      if (taken === DISCONNECTED) return;
      if (taken <= 0 && !(await this.wait())) return;
      const pending = this.work();
      if (pending !== undefined) await pending;
      if (now() - this.lastTurn >= TURN_MS) {
        await this.parking.afterTurn(DONE);
        this.lastTurn = now();
      }
    }
  }

  private async wait(): Promise<boolean> {
    try {
      return await this.parking.runAsync((this.waiting = new LeaseOperation(this.jobs, this.lease)), undefined);
    } catch (error) {
      if (error === STOPPED) return false;
      throw error;
    } finally {
      this.waiting = undefined;
      this.lastTurn = now();
    }
  }

  private stop(): void {
    this.isStopped = true;
    const { waiting } = this;
    if (waiting !== undefined) this.parking.abandon(waiting, { why: 'abort', reason: STOPPED });
  }

  private obey(letter: Letter): void {
    const { aux } = letter;
    if (this.current === undefined || this.number !== aux) this.cancelled.add(aux);
    else this.current.abort(reasonIn(letter));
  }

  /** Whether a job is not wanted any more. Jobs come in the order of their numbers: others have taken those before. */
  private isCancelled(number: number): boolean {
    const { cancelled } = this;
    if (cancelled.size === 0) return false;
    const found = cancelled.delete(number);
    for (const other of cancelled) if (((number - other) & LARGEST_NUMBER) < LARGEST_NUMBER / 2) cancelled.delete(other);
    return found;
  }

  /** Does the job on lease. A promise if there is something to wait for. */
  private work(): Promise<void> | undefined {
    const { lease } = this;
    const number = lease.aux;
    if (!this.isShared && this.isCancelled(number)) return this.answer(undefined, 2 * number, now());
    const context = (this.current = new Context());
    this.number = number;
    const started = now();
    let result: unknown;
    try {
      result = (0, this.handler)(lease.decode(this.jobs), context);
      if (isThenable(result)) return this.finish(result, started);
    } catch (error) {
      return this.fail(error, started);
    }
    return this.succeed(result, started);
  }

  private async finish(result: PromiseLike<unknown>, started: number): Promise<void> {
    let value: unknown;
    try {
      value = await result;
    } catch (error) {
      return this.fail(error, started);
    }
    return this.succeed(value, started);
  }

  private succeed(result: unknown, started: number): Promise<void> | undefined {
    this.current = undefined;
    const value = unmoved(result);
    try {
      if (!this.isShared) return this.answer(value, 2 * this.lease.aux + 1, started);
      return this.answer({ ok: true, value, worker: threadId, attempt: 1, durationMs: now() - started }, 0, started);
    } catch (error) {
      return this.fail(error, started); // it cannot be cloned
    }
  }

  /** Publishes an answer, waiting for room if need be. @throws what encoding throws. */
  private answer(value: unknown, aux: number, started: number): Promise<void> | undefined {
    const operation = post(this.results, value, { aux, lease: this.lease });
    if (operation === undefined) return undefined;
    return this.parking.runAsync(operation, undefined).catch((error: unknown) => this.fail(error, started));
  }

  /** Publishes a failure; as much of it as can cross threads. */
  private async fail(error: unknown, started: number): Promise<void> {
    const { lease, results } = this;
    this.current = undefined;
    lease.dropHandles();
    const durationMs = now() - started;
    let reason: unknown;
    for (const candidate of this.failures(error, durationMs)) {
      if (results.channel.isDisconnected) break;
      try {
        const operation = post(results, candidate, { aux: 2 * lease.aux, lease, takesGone: true });
        if (operation !== undefined) await this.parking.runAsync(operation, undefined);
        return;
      } catch (unsent) {
        reason = unsent;
      }
    }
    if (!results.channel.isDisconnected) throw reason;
    // Nobody wants to know. What was taken is given up, and no more is taken.
    lease.discard();
    this.isStopped = true;
  }

  /** What to say about a failure, the most first. */
  private *failures(error: unknown, durationMs: number): Generator<unknown> {
    if (!this.isShared) {
      yield error;
      yield withoutExtras(error);
      return;
    }
    const rest = { worker: threadId, attempt: 1, durationMs };
    const job = this.jobAsSent();
    yield { ok: false, error: asError(error), job, ...rest };
    yield { ok: false, error: withoutExtras(error), job, ...rest };
    yield { ok: false, error: withoutExtras(error), job: undefined, ...rest };
  }

  private jobAsSent(): unknown {
    try {
      return this.lease.decode(this.jobs);
    } catch {
      return undefined; // that was the failure
    }
  }
}

/** A job's context. The signal is made when somebody asks for it: it costs more than all the rest. */
class Context implements JobContext {
  readonly worker = threadId;
  readonly attempt = 1;
  #controller: AbortController | undefined;
  #aborted: { readonly reason: unknown } | undefined;

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted.reason);
    }
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#aborted = { reason };
    this.#controller?.abort(reason);
  }
}

/** Undefined, which makes an AbortError, if it cannot be read. */
function reasonIn(letter: Letter): unknown {
  try {
    return letter.read();
  } catch {
    return undefined;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

function ignore(): void {}
