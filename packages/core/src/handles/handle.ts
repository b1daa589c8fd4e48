/**
 * What both ends of a channel have in common.
 *
 * Extended by: handles/sender.ts, handles/receiver.ts, handles/broadcast-sender.ts, handles/broadcast-receiver.ts.
 */
import { HANDLE, isHandle } from '../brand.js';
import { describe } from '../describe.js';
import { invalidType } from '../errors.js';
import type { Channel } from '../flavors/channel.js';
import { E_KIND, LAYOUT_VERSION, PHASE_LIVE, PHASE_RELEASED } from '../memory/layout.js';
import { addEntry, entryAt } from '../ownership/entries.js';
import { noteCreation } from './creation.js';
import { HandleState, MAKE } from './state.js';
import { createToken, type HandleToken } from './token.js';

/** What a sender and a receiver have in common. */
export abstract class Handle implements Disposable {
  /** @internal */
  readonly [HANDLE]: HandleState;

  protected constructor(state: HandleState) {
    this[HANDLE] = state;
  }

  /**
   * Another handle to the same side of the channel, to be dropped on its own. Mirrors crossbeam's `clone`.
   *
   * @throws HandleError `ERR_HANDLE_DROPPED`, `ERR_HANDLE_MOVED`; MemoryError.
   * @example
   * ```ts
   * const [tx, rx] = bounded<string>(16);
   * const second = tx.clone();
   * tx.drop(); // the channel stays connected: `second` is a sender, too
   * ```
   */
  clone(): this {
    const state = this[HANDLE];
    state.check('clone');
    const { runtime, channel, side } = state;
    const { heap } = runtime;
    const index = addEntry(heap, channel.at, side, PHASE_RELEASED, state.index);
    channel.count(side, 1, entryAt(heap, index) + E_KIND, side | PHASE_LIVE);
    noteCreation(runtime, index);
    const Class = this.constructor as unknown as { [MAKE](state: HandleState): Handle };
    return Class[MAKE](new HandleState(runtime, channel, index, side)) as this;
  }

  /**
   * Gives this handle up; pending operations on it fail with `ERR_HANDLE_DROPPED`. With the last sender or the last receiver the
   * channel disconnects. Idempotent.
   *
   * A handle that is garbage-collected without it is dropped then, which may be late or never, and a process warning
   * (`BEAMLINE_COLLECTED_HANDLE`) names the channel and, in debug mode, where the handle was made.
   *
   * @example
   * ```ts
   * const [tx, rx] = bounded<string>(16);
   * tx.drop();
   * rx.tryRecv(); // { ok: false, reason: 'disconnected' }
   * ```
   */
  drop(): void {
    const state = this[HANDLE];
    if (state.status !== 'live') return;
    const { runtime, channel, index } = state;
    state.retire('dropped');
    runtime.releaser.release(index);
    if (channel.ending?.first !== undefined) runtime.parking.goFirst(channel.ending); // here at once, elsewhere when rung
  }

  /** The same as `drop()`, for `using`. */
  [Symbol.dispose](): void {
    this.drop();
  }

  /**
   * Closes the whole channel: sends fail from now on, buffered messages stay receivable. A second call does nothing.
   *
   * @throws HandleError `ERR_HANDLE_DROPPED`, `ERR_HANDLE_MOVED`.
   */
  close(): void {
    const state = this[HANDLE];
    state.check('close');
    state.channel.close();
  }

  /**
   * Moves this handle out of this thread: a plain value for `workerData` or `postMessage` (never for a transfer list), which
   * `open` turns into a handle again, once. Until then the channel stays connected.
   *
   * @throws HandleError `ERR_HANDLE_DROPPED`, `ERR_HANDLE_MOVED`.
   * @example
   * ```ts
   * new Worker('./worker.js', { workerData: { jobs: rx.transfer() } });
   * // in worker.js: const jobs = open(workerData.jobs);
   * ```
   */
  transfer(): HandleToken<this> {
    const state = this[HANDLE];
    state.check('transfer');
    const token = createToken<this>(state);
    state.retire('moved');
    return token;
  }

  /** Pending operations on this handle keep the process alive (the default). */
  ref(): this {
    return this.keepAlive(true);
  }

  /** Pending operations on this handle do not keep the process alive. */
  unref(): this {
    return this.keepAlive(false);
  }

  private keepAlive(keeps: boolean): this {
    this[HANDLE].setKeepsAlive(keeps);
    return this;
  }

  /** How many messages the channel can buffer: 0 for rendezvous, Infinity for unbounded. */
  get capacity(): number {
    return this.look().capacity;
  }

  /** Buffered messages, waiting sends not counted. A snapshot: other threads may have changed it by now. */
  get length(): number {
    return this.look().length;
  }

  /** A snapshot. */
  get isEmpty(): boolean {
    return this.length === 0;
  }

  /** A snapshot. */
  get isFull(): boolean {
    return this.look().isFull;
  }

  /** The other side is gone, or the channel was closed. Messages may still be buffered. */
  get isDisconnected(): boolean {
    return this.look().isDisconnected;
  }

  /** Handles that can send, on all threads and in messages. A snapshot. */
  get senderCount(): number {
    return this.look().senders;
  }

  /** Handles that can receive, on all threads and in messages. A snapshot. */
  get receiverCount(): number {
    return this.look().receivers;
  }

  /** Number of the channel, the same on all threads. */
  get id(): number {
    return this[HANDLE].channel.id;
  }

  /** The name given when the channel was made. */
  get name(): string | undefined {
    return this[HANDLE].channel.name;
  }

  /** Whether both handles belong to one channel. Mirrors crossbeam's `same_channel`. @throws TypeError `ERR_INVALID_ARGUMENT`. */
  sameChannel(other: Handle): boolean {
    if (!isHandle(other)) throw invalidType(`cannot compare channels: expected a handle, received ${describe(other)}`);
    const { channel, runtime } = this[HANDLE];
    const theirs = other[HANDLE];
    return theirs.layout === LAYOUT_VERSION && theirs.runtime === runtime && sameChannel(channel, theirs.channel);
  }

  /** The channel, whose memory exists only as long as the handle is live. */
  private look(): Channel {
    const state = this[HANDLE];
    state.check('look at a channel');
    return state.channel;
  }

  /** What `console.log` shows: never the messages. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this[HANDLE].show(
      ({ capacity, senders, receivers, isDisconnected }) =>
        `length ${this.length}/${capacity}, senders ${senders}, receivers ${receivers}${isDisconnected ? ', disconnected' : ''}`,
    );
  }
}

function sameChannel(a: Channel, b: Channel): boolean {
  return a.id === b.id || (a.kind === 'never' && b.kind === 'never');
}
