/**
 * The loop of one worker: takes a job whenever one of its desks is free.
 *
 * Called by: worker-entry.ts. What becomes of a job is desk.ts.
 *
 * A handler that returns no promise costs none: the loop awaits only what there is to wait for, and lets the event loop turn every
 * few ms.
 *
 * Invariant
 *   PL1  What was delivered before comes first, and the loop ends only after it has found `retries` empty, also when it was told to stop.
 */
import { now, type Receiver } from '@beamline/core';
import {
  DISCONNECTED,
  HANDLE,
  Inbox,
  LeaseOperation,
  NOT_READY,
  runtime,
  type Lease,
  type Letter,
} from '@beamline/core/internal';
import { Desk, type Office } from './desk.js';
import { LARGEST_NUMBER } from './messages.js';

/** The event loop turns at least this often while there are jobs. */
const TURN_MS = 5;
const DONE = Promise.resolve();
/** Why the wait for a job ended without one. */
const STOPPED = Symbol('stopped');

export class PullLoop {
  private readonly parking = runtime().parking;
  private readonly orders: Inbox;
  private readonly desks: readonly Desk[];
  private readonly free: Desk[];
  /** Numbers of jobs that are not wanted any more, as far as another worker has not taken them. */
  private readonly cancelled = new Set<number>();
  /** The same of jobs that may be in `retries`. */
  private readonly cancelledRetries = new Set<number>();
  private waiting: LeaseOperation | undefined;
  private whenOneIsFree: (() => void) | undefined;
  private isStopped = false;
  private lastTurn = now();

  constructor(
    leases: readonly Lease[],
    orders: Receiver<unknown>,
    private readonly office: Office,
  ) {
    this.orders = new Inbox(orders[HANDLE], (letter) => this.obey(letter));
    this.desks = leases.map((lease, index) => new Desk(index, lease, office));
    this.free = [...this.desks];
  }

  /** Resolves when the jobs are drained, or the owner says stop, or nobody wants results any more; and those taken are done. */
  async run(): Promise<void> {
    const { free, office } = this;
    /** Looking at the clock is a tenth of a small job: once for each, the end of one is the start of the next. */
    let instant = now();
    this.parking.runAsync(this.orders, undefined).then(() => this.stop(), ignore);
    for (;;) {
      if (this.orders.attempt()) this.stop(); // a busy worker, too, hears what it is told
      if (office.results.channel.isDisconnected) break;
      const desk = free.pop() as Desk;
      let taken = this.take(desk.lease);
      if (taken === NOT_READY) {
        taken = await this.wait(desk.lease);
        instant = this.lastTurn = now();
      }
      if (taken === DISCONNECTED) {
        free.push(desk);
        break;
      }
      const pending = this.isCancelled(desk) ? desk.refuse() : desk.work(instant);
      if (pending === undefined) free.push(desk);
      else await this.attend(desk, pending);
      instant = pending === undefined ? desk.endedAt : now();
      if (instant - this.lastTurn >= TURN_MS) {
        await this.parking.afterTurn(DONE);
        instant = this.lastTurn = now();
      }
    }
    while (free.length < this.desks.length) await this.oneIsFree();
  }

  /** How many jobs it took onto a lease, or DISCONNECTED if there will be none. */
  private take(lease: Lease): number {
    const { jobs, retries } = this.office;
    if (retries !== undefined) {
      if (lease.take(retries) > 0) return 1;
      // Whatever was cancelled before this look, somebody else has it, or it is in `jobs`.
      if (this.cancelledRetries.size > 0) this.cancelledRetries.clear();
    }
    return this.isStopped ? DISCONNECTED : lease.take(jobs);
  }

  private async wait(lease: Lease): Promise<number> {
    const { jobs, retries } = this.office;
    try {
      const isThere = await this.parking.runAsync((this.waiting = new LeaseOperation(jobs, lease, retries)), undefined);
      return isThere ? 1 : DISCONNECTED;
    } catch (error) {
      if (error !== STOPPED) throw error;
      return this.take(lease); // PL1
    } finally {
      this.waiting = undefined;
    }
  }

  /** Sees to it that a desk is free again after its job; returns when one is free. */
  private attend(desk: Desk, pending: Promise<void>): Promise<void> | undefined {
    pending.then(() => this.release(desk), dieOf);
    return this.free.length === 0 ? this.oneIsFree() : undefined;
  }

  private release(desk: Desk): void {
    this.free.push(desk);
    if (this.office.results.channel.isDisconnected) this.stop();
    this.whenOneIsFree?.();
  }

  private oneIsFree(): Promise<void> {
    return new Promise((resolve) => (this.whenOneIsFree = resolve));
  }

  private stop(): void {
    this.isStopped = true;
    const { waiting } = this;
    if (waiting !== undefined) this.parking.abandon(waiting, { why: 'abort', reason: STOPPED });
  }

  private obey(letter: Letter): void {
    const { aux } = letter;
    const desk = this.desks.find((each) => each.isAt(aux));
    if (desk !== undefined) return desk.abort(reasonIn(letter));
    this.cancelled.add(aux);
    if (this.office.retries !== undefined) this.cancelledRetries.add(aux);
  }

  /** Whether a job is not wanted any more. `jobs` come in the order of their numbers: others have taken those before. */
  private isCancelled(desk: Desk): boolean {
    const { cancelled, cancelledRetries } = this;
    if (cancelled.size === 0 && cancelledRetries.size === 0) return false;
    const { number } = desk;
    if (desk.isRetry) return cancelledRetries.has(number);
    const found = cancelled.delete(number);
    for (const other of cancelled) if (((number - other) & LARGEST_NUMBER) < LARGEST_NUMBER / 2) cancelled.delete(other);
    return found;
  }
}

/** Ends this thread with an error. Whatever it is, jobs may be on lease: a worker that dies is cleaned up after in one way. */
export function dieOf(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}

/** Undefined, which makes an AbortError, if it cannot be read. */
function reasonIn(letter: Letter): unknown {
  try {
    return letter.read();
  } catch {
    return undefined;
  }
}

function ignore(): void {}
