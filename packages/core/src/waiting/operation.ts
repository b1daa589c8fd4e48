/**
 * A send, receive or select that may have to wait, and the queues in which such operations of one thread stand.
 *
 * Made by: handles/ and @beamline/select. Run by: waiting/parking.ts.
 */
import type { Timed } from './deadlines.js';
import { FLAG_RECEIVERS, type FLAG_SENDERS, RECEIVER_SET, SENDER_SET } from '../memory/layout.js';

/** What waiting needs to know of a channel (flavors/channel.ts). */
export interface Waitable {
  readonly words: Int32Array;
  readonly id: number;
  readonly capacity: number;
  readonly isDisconnected: boolean;
  /** When it becomes ready by itself; Infinity if it never does. */
  readonly dueAt: number;
  /** Its waiting operations cannot stand in for each other: news may concern any of them, not just the first in line. */
  readonly triesAll: boolean;
  readiness(): number;
  signal(): void;
}

/** A reusable select, as far as its interests know it (watch.ts). */
export interface Watcher {
  /** What a call of it has to look at. */
  readonly news: Set<Watched>;
  /** A call waits. */
  isWaiting: boolean;
}

/** What a reusable select has to do with one interest (watch.ts). */
export interface Watched {
  readonly watch: Watcher;
  readonly interest: Interest;
  /** The same interest, watched by another one. */
  next: Watched | undefined;
}

/** One side of one channel, as far as this thread waits for it. */
export class Interest {
  /** Operations waiting here, first come first served: a doubly linked list of places. */
  first: Place | undefined;
  private last: Place | undefined;
  /** Reusable selects that watch it: the first of a list, as there is seldom more than one. */
  watched: Watched | undefined;
  /** The next of this thread whose channel has the same bit of mail (parking.ts). */
  nextMailed: Interest | undefined;
  readonly set: number;

  constructor(
    readonly channel: Waitable,
    readonly flag: typeof FLAG_RECEIVERS | typeof FLAG_SENDERS,
  ) {
    this.set = flag === FLAG_RECEIVERS ? RECEIVER_SET : SENDER_SET;
  }

  get isReady(): boolean {
    return (this.channel.readiness() & this.flag) !== 0;
  }

  /** The operations that wait here now. */
  operations(): Operation[] {
    const operations: Operation[] = [];
    for (let place = this.first; place !== undefined; place = place.next) operations.push(place.operation);
    return operations;
  }

  /** Nobody on this thread has to do with it. */
  get isUnused(): boolean {
    return this.first === undefined && this.watched === undefined;
  }

  add(operation: Operation): Place {
    const place: Place = { operation, interest: this, previous: this.last, next: undefined };
    if (this.last === undefined) this.first = place;
    else this.last.next = place;
    this.last = place;
    return place;
  }

  remove(place: Place): void {
    if (place.previous === undefined) this.first = place.next;
    else place.previous.next = place.next;
    if (place.next === undefined) this.last = place.previous;
    else place.next.previous = place.previous;
  }
}

export interface Place {
  readonly operation: Operation;
  readonly interest: Interest;
  previous: Place | undefined;
  next: Place | undefined;
}

/**
 * What came of withdrawing: nobody takes an offer up any more; somebody has; or somebody has reserved it to make a message first, and
 * rings when that is decided.
 */
export type Withdrawal = 'withdrawn' | 'taken up' | 'reserved';

/** What an operation leaves in rendezvous channels while it waits, for partners to take up (flavors/offers.ts). */
export interface Standing {
  /** Partners may take it up. */
  readonly stands: boolean;
  /** It was taken up, or sent home to look again. */
  readonly hasNews: boolean;
  /** A message of it is made only when a partner is there, which it has to claim by itself. */
  readonly isLazy: boolean;
  /** Makes the offers, or makes them good again. False: a partner turned up on the way; withdraw, and try. @throws MemoryError. */
  make(isAsync: boolean): boolean;
  /** Takes it off the market, if that is still possible. `revokes`: also from a partner that has only reserved it. */
  withdraw(revokes?: boolean): Withdrawal;
  /** Takes everything back. Only when withdrawn. */
  release(): void;
}

/**
 * An operation and its outcome. It takes effect in `attempt`, or when a partner takes up what it offers, which it finds out in
 * `accept`.
 */
export abstract class Operation<Result = unknown> implements Timed {
  /** What it waits for. A select has one per case. */
  abstract readonly interests: readonly Interest[];
  /** A pending operation keeps the process alive unless its handle is unref'd. */
  keepsAlive = true;
  /** Somebody may die, or be busy, who owes it a wake-up: this thread looks now and then for as long as it is pending. */
  readonly needsSlices: boolean = true;
  /** It waits for one of several things; `inspect` tells. */
  readonly isSelect: boolean = false;
  /** Of a call of a reusable select: what it waits for besides `interests`. */
  watch: Watcher | undefined;
  /** Of an operation on a rendezvous channel. */
  offers: Standing | undefined;
  /** The caller's limit, on the clock of `now()`. */
  deadline = Infinity;
  result!: Result;
  error: unknown;
  failed = false;

  // Bookkeeping of waiting/parking.ts while it is pending.
  isPending = false;
  /** Being tried right now: user code in the try does not try it again, and cannot end it before the try is over. */
  isBusy = false;
  /** What it waits for changed while it was being tried. */
  isStale = false;
  ending: Abandoned | undefined;
  wakeAt = Infinity;
  place = -1;
  places: readonly Place[] = NO_PLACES;
  signal: AbortSignal | undefined;
  resolve!: Resolve<Result>;
  reject!: (error: unknown) => void;
  onTime: () => void = noop;

  /**
   * A whole try: completes the operation if that is possible now, with a result or an error, and says so. Otherwise it has had no
   * effect. Never throws. `because`: of all that it waits for only this may have changed since its last whole try, or will be tried
   * in its turn; an operation with many interests need not look at the others while this one is not ready.
   */
  abstract attempt(because?: Interest): boolean;

  /** A partner took up an offer: makes that the operation's own doing. Says whether it is complete now. Never throws. */
  accept(): boolean {
    return false;
  }

  /** Ends the operation with an error that something else ran into on its behalf. */
  giveUp(error: unknown): true {
    return this.fail(error);
  }

  /** Called once when the operation ends without having completed; gives back what it held. The error to report. */
  abstract abandon(reason: Abandoned): unknown;

  /** When it could complete without anybody's doing, because a timer falls due. */
  get dueAt(): number {
    let due = Infinity;
    for (const { channel } of this.interests) if (channel.dueAt < due) due = channel.dueAt;
    return due;
  }

  protected succeed(result: Result): true {
    this.result = result;
    return true;
  }

  protected fail(error: unknown): true {
    this.error = error;
    this.failed = true;
    return true;
  }
}

/** Declared as a method, so that operations of any result are operations of unknown result. */
type Resolve<Result> = { resolve(result: Result): void }['resolve'];

/** Why an operation ends without completing. */
export type Abandoned =
  { readonly why: 'timeout' } | { readonly why: 'abort'; readonly reason: unknown } | { readonly why: 'dropped' };

const NO_PLACES: readonly Place[] = Object.freeze([]);
function noop(): void {}
