/**
 * The sending end of a channel.
 *
 * Follow a message from here: `send` → `encode`, `publish` (message.ts) → `Channel.send` (flavors/) → `signal` (waiting/signal.ts).
 * If there is no room: a SendOperation in waiting/parking.ts, whose `attempt` is the same `publish`.
 */
import { HANDLE } from '../brand.js';
import { describe } from '../describe.js';
import { SendError, TimeoutError, invalidType } from '../errors.js';
import { DISCONNECTED, NOT_READY, type Channel } from '../flavors/channel.js';
import { canBlock } from '../platform/threads.js';
import { Handle } from './handle.js';
import type { Outgoing } from '../codec/wire.js';
import { Offers } from '../flavors/offers.js';
import { encode, holdHandles, neverReady, Parcel, publish, restoreHandles } from './message.js';
import { isRendezvous, OfferedMessage } from './offered.js';
import { deadlineOf, signalOf, type WaitOptions, type WaitSyncOptions } from './options.js';
import { Operation, type Abandoned, type Interest } from '../waiting/operation.js';
import { cannotBlock } from './blocking.js';
import { sendAll, SendMany, sendSource } from './send-many.js';
import { makers, MAKE, type HandleState } from './state.js';
import { writableOf } from './streams.js';
import { weaken, WeakHandle } from './weak.js';

/** What `trySend` answers. */
export type TrySendResult = { readonly ok: true } | { readonly ok: false; readonly reason: 'full' | 'disconnected' };
/** What `trySendMany` answers: the first `count` values were accepted. */
export type TrySendManyResult =
  | { readonly ok: true; readonly count: number }
  | { readonly ok: false; readonly reason: 'full' | 'disconnected'; readonly count: number };

const SENT: TrySendResult = Object.freeze({ ok: true });
const FULL: TrySendResult = Object.freeze({ ok: false, reason: 'full' });
const GONE: TrySendResult = Object.freeze({ ok: false, reason: 'disconnected' });

/**
 * The sending end of a channel. Clone it to send from several places; drop it when done: the channel disconnects with the last one.
 * Mirrors crossbeam-channel's `Sender`.
 *
 * A value is copied when it is sent, as by `postMessage`; handles inside it move. What the channel's codec cannot carry is refused
 * before anything is sent.
 */
export class Sender<in T> extends Handle {
  private readonly kind!: 'sender';
  /** Keeps `T` contravariant for the type checker: a sender of more can stand in for a sender of less. */
  declare private readonly accepts: (value: T) => void;

  private constructor(state: HandleState) {
    super(state);
  }

  /** @internal */
  static [MAKE](state: HandleState): Sender<unknown> {
    return new Sender(state);
  }

  /**
   * Sends if there is room right now. Never waits for another operation, never throws for the state of the channel.
   *
   * @throws DataCloneError, TypeError `ERR_INVALID_ARGUMENT` (typed codecs), MemoryError, HandleError.
   * @example
   * ```ts
   * const [tx] = bounded<string>(1);
   * tx.trySend('a'); // { ok: true }
   * tx.trySend('b'); // { ok: false, reason: 'full' }
   * ```
   */
  trySend(value: T): TrySendResult {
    const outcome = tryOne(this[HANDLE], value);
    if (outcome > 0) return SENT;
    if (outcome === DISCONNECTED) return GONE;
    this[HANDLE].runtime.missed();
    return FULL;
  }

  /**
   * Sends, waiting for room if need be.
   *
   * @throws (rejects with) SendError with the value when nobody can receive any more; TimeoutError with the value; the signal's
   * reason; HandleError; what `trySend` throws.
   * @example
   * ```ts
   * await tx.send({ id: 1 }, { timeout: 1000 });
   * ```
   */
  send(value: T, options?: WaitOptions): Promise<void> {
    const state = this[HANDLE];
    try {
      const deadline = deadlineOf('send', options);
      const signal = signalOf('send', options);
      state.check('send');
      const { runtime, channel } = state;
      if (channel.sending.first === undefined && typeof value === 'number' && channel.carriesNumbers) {
        runtime.batch.putNumber(0, value);
        const outcome = channel.send(runtime.batch, 0, 1);
        if (outcome > 0) return runtime.parking.owesTurn() ? runtime.parking.afterTurn(DONE) : DONE;
      }
      const out = encode(state, value);
      if (channel.sending.first === undefined) {
        const outcome = publish(runtime, channel, out);
        if (outcome > 0) return runtime.parking.owesTurn() ? runtime.parking.afterTurn(DONE) : DONE;
        if (outcome === DISCONNECTED) throw disconnected(channel, value);
      }
      return runtime.parking.runAsync(new SendOperation(state, value, out, deadline), signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Sends, blocking this thread until there is room.
   *
   * @throws what `send` rejects with; ThreadError `ERR_CANNOT_BLOCK` where the platform forbids it.
   */
  sendSync(value: T, options?: WaitSyncOptions): void {
    const state = this[HANDLE];
    const deadline = deadlineOf('sendSync', options);
    const { runtime, channel } = state;
    if (typeof value === 'number' && state.status === 'live' && channel.carriesNumbers && channel.sending.first === undefined) {
      runtime.batch.putNumber(0, value);
      if (channel.send(runtime.batch, 0, 1) > 0) return;
    }
    state.check('sendSync');
    const out = encode(state, value);
    if (channel.sending.first === undefined) {
      const outcome = publish(runtime, channel, out);
      if (outcome > 0) return;
      if (outcome === DISCONNECTED) throw disconnected(channel, value);
    }
    const operation = new SendOperation(state, value, out, deadline);
    if (!canBlock()) throw cannotBlock('sendSync');
    if (!runtime.parking.runSync(operation)) throw operation.abandon({ why: 'timeout' });
    if (operation.failed) throw operation.error;
  }

  /**
   * Sends as many of the values as there is room for: a series of `trySend`s for the price of one.
   *
   * @throws as `trySend`; what was accepted before a value that cannot be sent stays sent.
   */
  trySendMany(values: readonly T[]): TrySendManyResult {
    const state = this[HANDLE];
    state.check('trySendMany');
    if (!Array.isArray(values)) throw invalidType(`cannot trySendMany: values must be an array, received ${describe(values)}`);
    const operation = new SendMany(state, values as readonly unknown[], Infinity);
    const done = mayTry(state) && operation.attempt();
    if (done && !operation.failed) return { ok: true, count: operation.count };
    operation.abandon({ why: 'timeout' });
    if (operation.failed && !operation.isDisconnected) throw operation.error;
    state.runtime.missed();
    return { ok: false, reason: operation.isDisconnected ? 'disconnected' : 'full', count: operation.count };
  }

  /**
   * Sends all values of an iterable, read lazily, waiting for room as needed. A source that is both kinds of iterable (a Receiver)
   * is read asynchronously. Resolves with how many there were.
   *
   * @throws (rejects with) what `send` rejects with. What was accepted before stays sent; `value` is an array of what was not: the
   * rest of an array, or what was taken from another source, which is then closed with `return()`.
   */
  sendMany(values: Iterable<T> | AsyncIterable<T>, options?: WaitOptions): Promise<number> {
    const state = this[HANDLE];
    try {
      const deadline = deadlineOf('sendMany', options);
      const signal = signalOf('sendMany', options);
      state.check('sendMany');
      if (isAsyncIterable(values)) return sendSource(state, values, deadline, signal);
      checkIterable('sendMany', values);
      return sendAll(state, values, deadline, signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Sends all values of an iterable, read lazily, blocking this thread as needed. Returns how many there were.
   *
   * @throws what `sendMany` rejects with; ThreadError `ERR_CANNOT_BLOCK`.
   */
  sendManySync(values: Iterable<T>, options?: WaitSyncOptions): number {
    const state = this[HANDLE];
    const deadline = deadlineOf('sendManySync', options);
    state.check('sendManySync');
    checkIterable('sendManySync', values);
    const operation = new SendMany(state, values, deadline);
    if (!mayTry(state) || !operation.attempt()) {
      if (!canBlock()) throw cannotBlock('sendManySync');
      if (!state.runtime.parking.runSync(operation)) throw operation.abandon({ why: 'timeout' });
    }
    if (operation.failed) throw operation.error;
    return operation.count;
  }

  /**
   * This sender as a web stream, which takes it over: `close()` and `abort()` drop it, and what was written stays in the channel. A write is
   * done when the channel has accepted the value, so a full channel slows the writer down; an abort takes back a write that waits. A write
   * that fails errors the stream, with a SendError when nobody can receive any more.
   *
   * @throws HandleError `ERR_HANDLE_DROPPED`, `ERR_HANDLE_MOVED`.
   * @example
   * ```ts
   * import { Readable } from 'node:stream';
   * import { pipeline } from 'node:stream/promises';
   * import { bounded } from '@beamline/core';
   *
   * const [tx, rx] = bounded<string>(2);
   * const written = pipeline(Readable.from(['a', 'b', 'c']), tx.writable());
   * let text = '';
   * for await (const part of rx) text += part;
   * await written;
   * console.log(text); // abc
   * ```
   */
  writable(): WritableStream<T> {
    return writableOf<T>(this);
  }

  /**
   * A handle that does not keep the channel connected, from which a sender can be made for as long as there is one. Mirrors tokio's
   * `downgrade`.
   *
   * @throws HandleError `ERR_HANDLE_DROPPED`, `ERR_HANDLE_MOVED`; MemoryError.
   * @example
   * ```ts
   * import { bounded } from '@beamline/core';
   *
   * const [tx, rx] = bounded<string>(1);
   * using weak = tx.downgrade();
   * tx.drop();
   * console.log(rx.isDisconnected, weak.upgrade()); // true undefined
   * ```
   */
  downgrade(): WeakSender<T> {
    const state = this[HANDLE];
    state.check('downgrade');
    return WeakSender[MAKE](weaken(state));
  }
}

makers.sender = (state) => Sender[MAKE](state);

/**
 * A sender that does not keep the channel connected: for whoever may want to send, but must not be waited for (a cache, a registry, a
 * timer). It cannot send itself; `upgrade()` makes a sender while there still is one. It travels in messages, tokens and the data of
 * `spawn` as other handles do. Mirrors tokio's `WeakSender`.
 *
 * @example
 * ```ts
 * import { unbounded, type WeakSender } from '@beamline/core';
 *
 * const [tx, rx] = unbounded<string>();
 * const report = (weak: WeakSender<string>, text: string): void => {
 *   using sender = weak.upgrade();
 *   sender?.trySend(text);
 * };
 * using weak = tx.downgrade();
 * report(weak, 'first');
 * tx.drop();
 * report(weak, 'too late');
 * console.log([...rx]); // [ 'first' ]
 * ```
 */
export class WeakSender<in T> extends WeakHandle<Sender<T>> {
  private readonly kind!: 'weak';

  private constructor(state: HandleState) {
    super(state);
  }

  /** @internal */
  static [MAKE](state: HandleState): WeakSender<unknown> {
    return new WeakSender(state);
  }
}

makers['weak sender'] = (state) => WeakSender[MAKE](state);

const DONE: Promise<void> = Promise.resolve();

/** Sends of this thread that already wait go first: the order of each sender is kept. */
function mayTry({ runtime, channel }: HandleState): boolean {
  return channel.sending.first === undefined || runtime.parking.goFirst(channel.sending);
}

function tryOne(state: HandleState, value: unknown): number {
  const { runtime, channel } = state;
  state.check('trySend');
  if (!mayTry(state)) return NOT_READY;
  if (typeof value === 'number' && channel.carriesNumbers) {
    runtime.batch.putNumber(0, value);
    return channel.send(runtime.batch, 0, 1);
  }
  return publish(runtime, channel, encode(state, value));
}

/** The channel takes no more messages; the value goes back. */
export function disconnected(channel: Channel, value: unknown): SendError {
  return new SendError(`cannot send: channel ${channel.id} is disconnected, nobody can receive any more`, value);
}

/** One send that has to wait. Its value was encoded already. */
export class SendOperation extends Operation<void> {
  readonly interests: readonly Interest[];
  private readonly offered: OfferedMessage | undefined;
  private readonly channel: Channel;
  private readonly parcel: Parcel;
  private readonly holdsHandles: boolean;

  constructor(
    readonly state: HandleState,
    private readonly value: unknown,
    out: Outgoing,
    deadline: number,
  ) {
    super();
    this.channel = state.channel;
    this.interests = [state.channel.sending];
    this.deadline = deadline;
    this.keepsAlive = state.keepsAlive;
    this.parcel = new Parcel(out);
    this.holdsHandles = this.parcel.handles.length > 0;
    if (this.holdsHandles) holdHandles(this.parcel);
    const { runtime, channel } = state;
    if (!isRendezvous(channel)) return;
    this.offered = new OfferedMessage(runtime, channel, () => this.parcel);
    this.offers = new Offers(runtime.heap, [this.offered]);
  }

  attempt(): boolean {
    try {
      const outcome = publish(this.state.runtime, this.channel, this.parcel);
      if (outcome > 0) return this.succeed(undefined);
      if (outcome !== DISCONNECTED) return false;
      return this.giveUp(disconnected(this.channel, this.value));
    } catch (error) {
      return this.giveUp(error);
    }
  }

  override accept(): boolean {
    (this.offers as Offers).collect(this.state.runtime.batch);
    (this.offered as OfferedMessage).accepted();
    return this.succeed(undefined);
  }

  abandon(reason: Abandoned): unknown {
    if (this.holdsHandles) restoreHandles(this.parcel);
    if (reason.why === 'abort') return reason.reason;
    if (reason.why === 'dropped') return this.state.gone('send');
    return new TimeoutError(`cannot send: ${neverReady(this.channel)} until the time was up`, true, this.value);
  }

  override giveUp(error: unknown): true {
    if (this.holdsHandles) restoreHandles(this.parcel);
    return this.fail(error);
  }
}

function isAsyncIterable(values: unknown): values is AsyncIterable<unknown> {
  return typeof (values as { [Symbol.asyncIterator]?: unknown } | null | undefined)?.[Symbol.asyncIterator] === 'function';
}

function checkIterable(what: string, values: unknown): void {
  if (typeof (values as { [Symbol.iterator]?: unknown } | null | undefined)?.[Symbol.iterator] !== 'function') {
    throw invalidType(`cannot ${what}: values must be iterable, received ${describe(values)}`);
  }
}
