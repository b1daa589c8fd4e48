/**
 * The receiving end of a broadcast channel.
 *
 * Follow a message to here: `recv` → `BroadcastChannel.read` (flavors/broadcast.ts) → the codec. If there is none: a BroadcastRecv in
 * waiting/parking.ts, whose `attempt` is the same.
 *
 * Invariant
 *   BH1  Asynchronous receives of one receiver complete in the order in which they were called. They wait in a queue with those of the
 *        other receivers on this thread, so one is tried only if it is the first of its own.
 */
import { HANDLE } from '../brand.js';
import { EMPTY, TAG_NUMBER } from '../codec/wire.js';
import { LaggedError, RecvError, TimeoutError } from '../errors.js';
import { LAGGED, type BroadcastChannel } from '../flavors/broadcast.js';
import { DISCONNECTED, NOT_READY } from '../flavors/channel.js';
import { SIDE_RECEIVER } from '../memory/layout.js';
import { addEntry, entryAt } from '../ownership/entries.js';
import { Operation, type Abandoned, type Interest } from '../waiting/operation.js';
import { noteCreation } from './creation.js';
import { Handle } from './handle.js';
import { deadlineOf, signalOf, type WaitOptions, type WaitSyncOptions } from './options.js';
import { AsyncMessages, block, endOfMessages, SyncMessages, type TryRecvResult } from './receiver.js';
import { HandleState, makers, MAKE, makeHandle } from './state.js';

/** What `tryRecv` of a broadcast receiver answers. `missed`: exactly how many messages it did not see. */
export type TryBroadcastResult<T> = TryRecvResult<T> | { readonly ok: false; readonly reason: 'lagged'; readonly missed: number };

const NONE = Object.freeze({ ok: false, reason: 'empty' } as const);
const GONE = Object.freeze({ ok: false, reason: 'disconnected' } as const);

/**
 * The receiving end of a broadcast channel: it sees every message that is sent after it was created, also while it travels in a message
 * or a token. If more than `capacity` are sent before it reads the next, it gets a LaggedError once, and goes on with the oldest that
 * is left. Mirrors tokio's `broadcast::Receiver`.
 *
 * `clone()` starts at the same position; `resubscribe()` starts with what is sent from then on. `length` is what it can still read.
 *
 * @example
 * ```ts
 * import { broadcast, LaggedError } from '@beamline/core';
 *
 * const [tx, rx] = broadcast<number>(2);
 * for (const n of [1, 2, 3]) tx.send(n);
 * tx.drop();
 * try {
 *   for await (const n of rx) console.log(n);
 * } catch (error) {
 *   if (error instanceof LaggedError) console.log('missed', error.missed); // missed 1
 * }
 * for await (const n of rx) console.log('then', n); // then 2
 * // then 3
 * ```
 */
export class BroadcastReceiver<out T> extends Handle implements AsyncIterable<T>, Iterable<T> {
  private readonly kind!: 'broadcast receiver';
  /** Keeps `T` covariant for the type checker. */
  declare private readonly gives: () => T;
  /** Asynchronous receives that wait, first come first served (BH1). */
  private readonly queue: object[] = [];

  private constructor(state: HandleState) {
    super(state);
  }

  /** @internal */
  static [MAKE](state: HandleState): BroadcastReceiver<unknown> {
    return new BroadcastReceiver(state);
  }

  /**
   * Takes the next message if there is one right now. Never waits for another operation, never throws for the state of the channel.
   *
   * @throws HandleError; what the codec throws on a message that it cannot read, which is used up then.
   * @example
   * ```ts
   * import { broadcast } from '@beamline/core';
   *
   * const [tx, rx] = broadcast<string>(1);
   * tx.send('first');
   * tx.send('second');
   * console.log(rx.tryRecv()); // { ok: false, reason: 'lagged', missed: 1 }
   * console.log(rx.tryRecv()); // { ok: true, value: 'second' }
   * console.log(rx.tryRecv()); // { ok: false, reason: 'empty' }
   * ```
   */
  tryRecv(): TryBroadcastResult<T> {
    const state = this[HANDLE];
    state.check('tryRecv');
    const result = tryReceive<T>(state);
    if (result === NONE) state.runtime.missed();
    return result;
  }

  /**
   * Takes the next message, waiting for it if need be.
   *
   * @throws (rejects with) LaggedError, once, if messages were overwritten before they were read; RecvError once all were read and nobody
   * can send any more; TimeoutError; the signal's reason; HandleError; what the codec throws.
   * @example
   * ```ts
   * import { broadcast } from '@beamline/core';
   *
   * const [tx, rx] = broadcast<string>(16);
   * const next = rx.recv({ timeout: 1000 });
   * tx.send('news');
   * console.log(await next); // news
   * ```
   */
  recv(options?: WaitOptions): Promise<T> {
    const state = this[HANDLE];
    try {
      const deadline = deadlineOf('recv', options);
      const signal = signalOf('recv', options);
      state.check('recv');
      return state.runtime.parking.runAsync(new BroadcastRecv<T>(state, deadline, this.queue), signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Takes the next message, blocking this thread until there is one.
   *
   * @throws what `recv` rejects with; ThreadError `ERR_CANNOT_BLOCK` where the platform forbids it.
   */
  recvSync(options?: WaitSyncOptions): T {
    const state = this[HANDLE];
    const deadline = deadlineOf('recvSync', options);
    state.check('recvSync');
    return block(state, new BroadcastRecv<T>(state, deadline), 'recvSync');
  }

  /**
   * Another receiver of the same channel, which sees only what is sent from now on.
   *
   * @throws HandleError `ERR_HANDLE_DROPPED`, `ERR_HANDLE_MOVED`; MemoryError.
   * @example
   * ```ts
   * import { broadcast } from '@beamline/core';
   *
   * const [tx, rx] = broadcast<string>(16);
   * tx.send('early');
   * console.log(rx.clone().length, rx.resubscribe().length); // 1 0
   * ```
   */
  resubscribe(): BroadcastReceiver<T> {
    const state = this[HANDLE];
    state.check('resubscribe');
    return subscribeTo<T>(state);
  }

  /** The messages that are there: each step is a `tryRecv`. Never waits, and may go on later. @throws LaggedError. */
  tryIter(): IterableIterator<T> {
    return new SyncMessages<T>(() => {
      const result = this.tryRecv();
      if (result.ok) return { done: false, value: result.value };
      if (result.reason === 'lagged') throw lagged(this[HANDLE], result.missed);
      return { done: true, value: undefined };
    });
  }

  /** `for await`: ends at disconnection, throws LaggedError; a new loop continues. Leaving the loop loses no message. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return new BroadcastMessages<T>(this[HANDLE], this.queue);
  }

  /** `for … of`: blocks this thread for each message, ends at disconnection, throws LaggedError; a new loop continues. */
  [Symbol.iterator](): IterableIterator<T> {
    return new SyncMessages<T>(() => {
      try {
        return { done: false, value: this.recvSync() };
      } catch (error) {
        return endOfMessages(error);
      }
    });
  }

  /** Messages that this receiver can still read. A snapshot. */
  override get length(): number {
    const state = this[HANDLE];
    state.check('look at a channel');
    return channelOf(state).unread(entryOf(state));
  }

  /** The next message that is sent overwrites one that this receiver has not read. A snapshot. */
  override get isFull(): boolean {
    return this.length >= this.capacity;
  }
}

makers['broadcast receiver'] = (state) => BroadcastReceiver[MAKE](state);

/** A new receiver of the channel of a handle, at the tail. */
export function subscribeTo<T>({ runtime, channel }: HandleState): BroadcastReceiver<T> {
  const { heap } = runtime;
  const index = addEntry(heap, channel.at, SIDE_RECEIVER);
  (channel as BroadcastChannel).subscribe(entryAt(heap, index));
  noteCreation(runtime, index);
  return makeHandle(new HandleState(runtime, channel, index, SIDE_RECEIVER)) as BroadcastReceiver<T>;
}

/** One receive that does not wait. @throws what the codec throws. */
export function tryReceive<T>(state: HandleState): TryBroadcastResult<T> {
  const { runtime } = state;
  const { incoming } = runtime;
  const channel = channelOf(state);
  const outcome = channel.read(entryOf(state), incoming);
  if (outcome === NOT_READY) return NONE;
  if (outcome === DISCONNECTED) return GONE;
  if (outcome === LAGGED) return { ok: false, reason: 'lagged', missed: channel.missed };
  if (incoming.tag === TAG_NUMBER && channel.carriesNumbers) return { ok: true, value: incoming.number as T };
  try {
    return { ok: true, value: channel.codec.decode(incoming) as T };
  } finally {
    incoming.bytes = EMPTY; // a large message must not live on here
  }
}

/** Whether `tryReceive` would give something other than `empty`. */
export function isBroadcastReadable(state: HandleState): boolean {
  return channelOf(state).isReadable(entryOf(state));
}

function channelOf({ channel }: HandleState): BroadcastChannel {
  return channel as BroadcastChannel;
}

function entryOf({ runtime, index }: HandleState): number {
  return entryAt(runtime.heap, index);
}

function lagged({ channel }: HandleState, missed: number): LaggedError {
  return new LaggedError(
    `cannot receive: ${missed} messages of broadcast channel ${channel.id}, whose capacity is ${channel.capacity}, were overwritten before this receiver read them; the next receive goes on with the oldest that is left`,
    missed,
  );
}

/** One receive that may have to wait. `queue`: those of its receiver that wait; without one it is tried at once (blocking forms). */
class BroadcastRecv<T> extends Operation<T> {
  readonly interests: readonly Interest[];

  constructor(
    readonly state: HandleState,
    deadline: number,
    private readonly queue?: object[],
  ) {
    super();
    this.interests = [state.channel.receiving];
    this.deadline = deadline;
    this.keepsAlive = state.keepsAlive;
    queue?.push(this);
  }

  attempt(): boolean {
    const { state, queue } = this;
    if (queue !== undefined && queue[0] !== this) return false; // BH1; it is tried after those, on the same news
    try {
      const result = tryReceive<T>(state);
      if (result === NONE) return false;
      this.leaveQueue();
      if (result.ok) return this.succeed(result.value);
      if (result.reason === 'lagged') return this.fail(lagged(state, result.missed));
      const { id } = state.channel;
      return this.fail(
        new RecvError(`cannot receive: broadcast channel ${id} is disconnected and read to its end, nobody can send any more`),
      );
    } catch (error) {
      this.leaveQueue();
      return this.fail(error);
    }
  }

  abandon(reason: Abandoned): unknown {
    this.leaveQueue();
    if (reason.why === 'abort') return reason.reason;
    if (reason.why === 'dropped') return this.state.gone('receive');
    return new TimeoutError(
      `cannot receive: nothing new was sent on broadcast channel ${this.state.channel.id} until the time was up`,
    );
  }

  override giveUp(error: unknown): true {
    this.leaveQueue();
    return this.fail(error);
  }

  private leaveQueue(): void {
    this.queue?.splice(this.queue.indexOf(this), 1);
  }
}

class BroadcastMessages<T> extends AsyncMessages<T> {
  constructor(
    state: HandleState,
    private readonly queue: object[],
  ) {
    super(state);
  }

  /** Nothing is faster here than the operation itself. */
  protected tryNext(): undefined {
    return undefined;
  }

  protected operation(): Operation<T> {
    return new BroadcastRecv<T>(this.state, Infinity, this.queue);
  }
}
