/**
 * The receiving end of a channel.
 *
 * Follow a message to here: `recv` → `Channel.recv` (flavors/) → `decode` (message.ts). If there is none: a RecvOperation in
 * waiting/parking.ts, whose `attempt` is the same.
 */
import { HANDLE } from '../brand.js';
import { RecvError, TimeoutError } from '../errors.js';
import { DISCONNECTED, type Channel } from '../flavors/channel.js';
import type { Offers } from '../flavors/offers.js';
import { BATCH, type Batch } from '../memory/batch.js';
import { canBlock } from '../platform/threads.js';
import { Operation, type Abandoned, type Interest } from '../waiting/operation.js';
import { cannotBlock } from './blocking.js';
import { Handle } from './handle.js';
import { decode } from './message.js';
import { checkCount, deadlineOf, signalOf, type WaitOptions, type WaitSyncOptions } from './options.js';
import { offersToReceive } from './offered.js';
import { makers, MAKE, type HandleState } from './state.js';
import { readableOf } from './streams.js';

/** What `tryRecv` answers. */
export type TryRecvResult<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: 'empty' | 'disconnected' };

const EMPTY = Object.freeze({ ok: false, reason: 'empty' } as const);
const GONE = Object.freeze({ ok: false, reason: 'disconnected' } as const);

/**
 * The receiving end of a channel. Each message goes to exactly one receiver; clone it to share the work. Mirrors crossbeam-channel's
 * `Receiver`.
 *
 * Buffered messages always come before disconnection. `undefined` and `null` are ordinary messages.
 *
 * @example
 * ```ts
 * for await (const job of rx) work(job); // ends when all senders are gone and the channel is drained
 * ```
 */
export class Receiver<out T> extends Handle implements AsyncIterable<T>, Iterable<T> {
  private readonly kind!: 'receiver';
  /** Keeps `T` covariant for the type checker. */
  declare private readonly gives: () => T;

  private constructor(state: HandleState) {
    super(state);
  }

  /** @internal */
  static [MAKE](state: HandleState): Receiver<unknown> {
    return new Receiver(state);
  }

  /**
   * Takes a message if there is one right now. Never waits for another operation, never throws for the state of the channel.
   *
   * @throws HandleError; what the codec throws on a message that it cannot read, which is used up then.
   * @example
   * ```ts
   * const next = rx.tryRecv();
   * if (next.ok) work(next.value);
   * else if (next.reason === 'disconnected') stop();
   * ```
   */
  tryRecv(): TryRecvResult<T> {
    const state = this[HANDLE];
    state.check('tryRecv');
    throwFailure(state);
    const { runtime, channel } = state;
    const count = channel.recv(runtime.batch, 1);
    if (count > 0) return { ok: true, value: decode(runtime, channel, runtime.batch, 0) as T };
    if (count === DISCONNECTED) return GONE;
    runtime.missed();
    return EMPTY;
  }

  /**
   * Takes a message, waiting for one if need be.
   *
   * @throws (rejects with) RecvError once the channel is empty and disconnected; TimeoutError; the signal's reason; HandleError; what
   * the codec throws.
   * @example
   * ```ts
   * const job = await rx.recv({ timeout: 1000 });
   * ```
   */
  recv(options?: WaitOptions): Promise<T> {
    const state = this[HANDLE];
    try {
      const deadline = deadlineOf('recv', options);
      const signal = signalOf('recv', options);
      state.check('recv');
      const { runtime, channel } = state;
      if (channel.receiving.first === undefined && state.failure === undefined && !runtime.parking.owesTurn()) {
        const count = channel.recv(runtime.batch, 1);
        if (count > 0) return Promise.resolve(decode(runtime, channel, runtime.batch, 0) as T);
      }
      return runtime.parking.runAsync(new RecvOperation<T>(state, deadline), signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Takes a message, blocking this thread until there is one.
   *
   * @throws what `recv` rejects with; ThreadError `ERR_CANNOT_BLOCK` where the platform forbids it.
   */
  recvSync(options?: WaitSyncOptions): T {
    const state = this[HANDLE];
    const deadline = deadlineOf('recvSync', options);
    state.check('recvSync');
    throwFailure(state);
    const { runtime, channel } = state;
    const count = channel.recv(runtime.batch, 1);
    if (count > 0) return decode(runtime, channel, runtime.batch, 0) as T;
    return block(state, new RecvOperation<T>(state, deadline), 'recvSync');
  }

  /** Takes up to `max` messages that are there right now. @throws as `tryRecv`; RangeError `ERR_INVALID_ARGUMENT`. */
  tryRecvMany(max: number): TryRecvResult<T[]> {
    const state = this[HANDLE];
    state.check('tryRecvMany');
    checkCount('tryRecvMany', max);
    throwFailure(state);
    const operation = new RecvMany<T>(state, max, Infinity);
    if (!operation.attempt()) {
      state.runtime.missed();
      return EMPTY;
    }
    if (!operation.failed) return { ok: true, value: operation.result };
    if (operation.isDisconnected) return GONE;
    throw operation.error;
  }

  /**
   * Waits for one message and takes up to `max` that are there.
   *
   * @throws (rejects with) what `recv` rejects with; RangeError `ERR_INVALID_ARGUMENT`.
   * @example
   * ```ts
   * const rows = await rx.recvMany(1000); // 1 to 1,000 of them
   * ```
   */
  recvMany(max: number, options?: WaitOptions): Promise<T[]> {
    const state = this[HANDLE];
    try {
      const deadline = deadlineOf('recvMany', options);
      const signal = signalOf('recvMany', options);
      state.check('recvMany');
      checkCount('recvMany', max);
      return state.runtime.parking.runAsync(new RecvMany<T>(state, max, deadline), signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Blocks until there is one message and takes up to `max` that are there. @throws as `recvSync`; RangeError. */
  recvManySync(max: number, options?: WaitSyncOptions): T[] {
    const state = this[HANDLE];
    const deadline = deadlineOf('recvManySync', options);
    state.check('recvManySync');
    checkCount('recvManySync', max);
    return block(state, new RecvMany<T>(state, max, deadline), 'recvManySync');
  }

  /** The messages that are there: each step is a `tryRecv`. Never waits, and may go on later. Mirrors crossbeam's `try_iter`. */
  tryIter(): IterableIterator<T> {
    return new SyncMessages<T>(() => {
      const result = this.tryRecv();
      return result.ok ? { done: false, value: result.value } : { done: true, value: undefined };
    });
  }

  /**
   * This receiver as a web stream, which takes it over. It reads nothing ahead: a message is taken only for somebody who reads. It closes at
   * disconnection, and errors with what a receive fails with; `cancel()` takes back a read that waits. In each case the receiver is dropped;
   * no message is lost unless it was the last receiver; but on a rendezvous channel, a message that was handed over to the waiting read in
   * the same moment as `cancel()` is gone with it, as its sender cannot have it back.
   *
   * @throws HandleError `ERR_HANDLE_DROPPED`, `ERR_HANDLE_MOVED`.
   * @example
   * ```ts
   * import { bounded } from '@beamline/core';
   *
   * const [tx, rx] = bounded<number>(4);
   * tx.sendManySync([1, 2, 3]);
   * tx.drop();
   * const doubled = new TransformStream<number, number>({ transform: (n, controller) => controller.enqueue(2 * n) });
   * let sum = 0;
   * for await (const n of rx.readable().pipeThrough(doubled)) sum += n;
   * console.log(sum); // 12
   * ```
   */
  readable(): ReadableStream<T> {
    return readableOf<T>(this, (deliver, isWanted) => new Delivery(this[HANDLE], deliver, isWanted));
  }

  /** `for await`: ends at disconnection. Leaving the loop loses no message and does not drop the receiver. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return new QueuedMessages<T>(this[HANDLE]);
  }

  /** `for … of`: blocks this thread for each message, ends at disconnection. */
  [Symbol.iterator](): IterableIterator<T> {
    return new SyncMessages<T>(() => {
      try {
        return { done: false, value: this.recvSync() };
      } catch (error) {
        return endOfMessages(error);
      }
    });
  }
}

makers.receiver = (state) => Receiver[MAKE](state);

/** What `next` gives, step by step. Used by handles/broadcast-receiver.ts, too. */
export class SyncMessages<T> implements IterableIterator<T> {
  private ended = false;

  constructor(private readonly step: () => IteratorResult<T>) {}

  next(): IteratorResult<T> {
    return this.ended ? { done: true, value: undefined } : this.step();
  }

  return(): IteratorResult<T> {
    this.ended = true;
    return { done: true, value: undefined };
  }

  [Symbol.iterator](): this {
    return this;
  }
}

/** By hand: an async generator costs seven times as much per message. Used by handles/broadcast-receiver.ts, too. */
export abstract class AsyncMessages<T> implements AsyncIterableIterator<T> {
  private readonly waiting = new Set<Operation<T>>();
  private ended = false;

  constructor(protected readonly state: HandleState) {}

  next(): Promise<IteratorResult<T>> {
    if (this.ended) return END;
    try {
      const there = this.tryNext();
      if (there !== undefined) return Promise.resolve(there);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.wait();
  }

  /** The next message, if it is there and nobody waits for it already. @throws what the codec throws. */
  protected abstract tryNext(): IteratorYieldResult<T> | undefined;

  /** A receive that may have to wait. */
  protected abstract operation(): Operation<T>;

  /** A receive that waits is taken back: it loses no message. */
  return(): Promise<IteratorResult<T>> {
    this.ended = true;
    for (const operation of this.waiting) this.state.runtime.parking.abandon(operation, { why: 'abort', reason: LEFT });
    return END;
  }

  private async wait(): Promise<IteratorResult<T>> {
    this.state.check('recv');
    const operation = this.operation();
    this.waiting.add(operation);
    try {
      return { done: false, value: await this.state.runtime.parking.runAsync(operation, undefined) };
    } catch (error) {
      this.ended = true;
      return error === LEFT ? { done: true, value: undefined } : endOfMessages(error);
    } finally {
      this.waiting.delete(operation);
    }
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

class QueuedMessages<T> extends AsyncMessages<T> {
  protected tryNext(): IteratorYieldResult<T> | undefined {
    const { runtime, channel, status, failure } = this.state;
    if (status !== 'live' || channel.receiving.first !== undefined || failure !== undefined || runtime.parking.owesTurn()) {
      return undefined;
    }
    if (channel.recv(runtime.batch, 1) <= 0) return undefined;
    return { done: false, value: decode(runtime, channel, runtime.batch, 0) as T };
  }

  protected operation(): Operation<T> {
    return new RecvOperation<T>(this.state, Infinity);
  }
}

/** Why a receive ended whose loop was left. */
const LEFT = Symbol('beamline.left');
const END: Promise<IteratorReturnResult<undefined>> = Promise.resolve({ done: true, value: undefined });

export function endOfMessages(error: unknown): IteratorReturnResult<undefined> {
  if (error instanceof RecvError) return { done: true, value: undefined };
  throw error;
}

function throwFailure(state: HandleState): void {
  const { failure } = state;
  if (failure === undefined) return;
  state.failure = undefined;
  throw failure.error;
}

/** Blocks for an operation. @throws its error. */
export function block<Result>(state: HandleState, operation: Operation<Result>, what: string): Result {
  if (!operation.attempt()) {
    if (!canBlock()) throw cannotBlock(what);
    if (!state.runtime.parking.runSync(operation)) throw operation.abandon({ why: 'timeout' });
  }
  if (operation.failed) throw operation.error;
  return operation.result;
}

export abstract class Receive<Result> extends Operation<Result> {
  readonly interests: readonly Interest[];
  protected readonly channel: Channel;
  isDisconnected = false;

  constructor(
    readonly state: HandleState,
    deadline: number,
    lease?: number,
  ) {
    super();
    this.channel = state.channel;
    this.interests = [state.channel.receiving];
    this.deadline = deadline;
    this.keepsAlive = state.keepsAlive;
    this.offers = offersToReceive(state, lease);
  }

  attempt(): boolean {
    try {
      throwFailure(this.state);
      return this.take();
    } catch (error) {
      return this.fail(error);
    }
  }

  /** A partner left its message in the offer. */
  override accept(): boolean {
    const { runtime } = this.state;
    const batch = runtime.lendBatch();
    try {
      (this.offers as Offers).collect(batch);
      return this.given(batch);
    } catch (error) {
      return this.fail(error);
    } finally {
      runtime.returnBatch(batch);
    }
  }

  abandon(reason: Abandoned): unknown {
    if (reason.why === 'abort') return reason.reason;
    if (reason.why === 'dropped') return this.state.gone('receive');
    const { id, capacity } = this.channel;
    const what = capacity === 0 ? `nobody sent to channel ${id}` : `channel ${id} stayed empty`;
    return new TimeoutError(`cannot receive: ${what} until the time was up`);
  }

  protected abstract take(): boolean;

  /** Goes on from a message in slot 0 of a batch, its body on top of the held stack. */
  protected abstract given(batch: Batch): boolean;

  protected disconnected(): true {
    this.isDisconnected = true;
    return this.fail(
      new RecvError(`cannot receive: channel ${this.channel.id} is empty and disconnected, nobody can send any more`),
    );
  }
}

/** One receive that may have to wait. */
export class RecvOperation<T> extends Receive<T> {
  protected take(): boolean {
    const { runtime } = this.state;
    const count = this.channel.recv(runtime.batch, 1);
    if (count > 0) return this.succeed(decode(runtime, this.channel, runtime.batch, 0) as T);
    return count === DISCONNECTED ? this.disconnected() : false;
  }

  protected given(batch: Batch): boolean {
    return this.succeed(decode(this.state.runtime, this.channel, batch, 0) as T);
  }
}

/** A receive that hands its message on in the moment in which it takes it (streams.ts). Without anybody who wants one it takes none. */
class Delivery<T> extends RecvOperation<T> {
  constructor(
    state: HandleState,
    private readonly deliver: (value: T) => void,
    private readonly isWanted: () => boolean,
  ) {
    super(state, Infinity);
  }

  override attempt(): boolean {
    return !this.isWanted() || super.attempt();
  }

  protected override succeed(value: T): true {
    this.deliver(value);
    return super.succeed(value);
  }
}

/** One batch receive that may have to wait. */
class RecvMany<T> extends Receive<T[]> {
  constructor(
    state: HandleState,
    private readonly max: number,
    deadline: number,
  ) {
    super(state, deadline);
  }

  protected take(): boolean {
    const { runtime } = this.state;
    const batch = runtime.lendBatch();
    try {
      return this.takeInto(batch, []);
    } finally {
      runtime.returnBatch(batch);
    }
  }

  protected given(batch: Batch): boolean {
    const values: T[] = [];
    this.decode(batch, 0, values);
    return this.takeInto(batch, values);
  }

  private takeInto(batch: Batch, values: T[]): boolean {
    const unit = this.channel.hasBuiltInCodec ? BATCH : 1; // a codec of the user's may throw; then the rest stays in the channel
    const max = Math.min(this.max, Math.max(BATCH, this.channel.length)); // what is there, not what may come
    let count = 0;
    while (values.length < max && this.state.failure === undefined) {
      count = this.channel.recv(batch, Math.min(unit, max - values.length));
      if (count <= 0) break;
      for (let i = 0; i < count; i++) this.decode(batch, i, values);
    }
    if (values.length > 0) return this.succeed(values);
    throwFailure(this.state);
    return count === DISCONNECTED ? this.disconnected() : false;
  }

  /** A message that cannot be read is used up; the good ones around it are not lost, so its error is reported after them. */
  private decode(batch: Batch, index: number, values: T[]): void {
    try {
      values.push(decode(this.state.runtime, this.channel, batch, index) as T);
    } catch (error) {
      this.state.failure ??= { error };
    }
  }
}
