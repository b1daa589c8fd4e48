/**
 * The state behind a handle object, reached through its brand by every copy of the library.
 *
 * Called by: all of handles/.
 *
 * Invariants
 *   HA1  A handle object stands for one entry of the handle table while its status is 'live', and for none otherwise.
 *   HA2  While a live handle of a channel is on this thread, `runtime.channels` holds the channel's one view, with its queues.
 *   HA3  A state is referred to by its handle and by what is under way on it, by nothing else (collected.ts).
 */
import { type HANDLE } from '../brand.js';
import { HandleError } from '../errors.js';
import type { Channel, Kind, Side } from '../flavors/channel.js';
import { LAYOUT_VERSION, SIDE_SENDER } from '../memory/layout.js';
import { entryAt } from '../ownership/entries.js';
import type { Runtime } from '../runtime.js';
import type { Operation } from '../waiting/operation.js';
import { collection } from './collected.js';

/** Index of a handle that arrived dropped: it has no entry. */
export const GONE = -1;

/** Nobody waits for a receiver of these. */
const HARMLESS: readonly Kind[] = ['at', 'tick', 'never'];

export type Status = 'live' | 'dropped' | 'moved';

/** What a handle is. Each has a class of its own. */
export type HandleType = 'sender' | 'receiver' | 'weak sender' | 'broadcast sender' | 'broadcast receiver';

const CLASS_NAMES: Record<HandleType, string> = {
  sender: 'Sender',
  receiver: 'Receiver',
  'weak sender': 'WeakSender',
  'broadcast sender': 'BroadcastSender',
  'broadcast receiver': 'BroadcastReceiver',
};

/** The one place that decides it. `kind`: of the handle's channel. */
export function handleTypeOf(kind: Kind, side: Side, isWeak: boolean): HandleType {
  if (isWeak) return 'weak sender';
  if (kind === 'broadcast') return side === SIDE_SENDER ? 'broadcast sender' : 'broadcast receiver';
  return side === SIDE_SENDER ? 'sender' : 'receiver';
}

/** State of a handle, reached through its brand by every copy of the library. */
export class HandleState {
  readonly layout = LAYOUT_VERSION;
  keepsAlive = true;
  /** A decoding error that a batch receive ran into after good messages: the next receive reports it. */
  failure: { error: unknown } | undefined;
  /** How many places this sender has reserved for messages that are being made (a thunk of a select runs). */
  reserved = 0;
  private observers: Set<() => void> | undefined;
  private own: Status = 'live';
  readonly type: HandleType;

  constructor(
    readonly runtime: Runtime,
    readonly channel: Channel,
    /** Number of the entry in the handle table. */
    readonly index: number,
    readonly side: Side,
    readonly isWeak = false,
  ) {
    this.type = handleTypeOf(channel.kind, side, isWeak);
    runtime.hold(channel);
    const isHarmless = isWeak || HARMLESS.includes(channel.kind);
    collection.watch(this, { runtime, channel, index, type: this.type, isHarmless });
  }

  /** A realm that leaves the heap leaves no handle live. */
  get status(): Status {
    return this.own === 'live' && this.runtime.left ? 'dropped' : this.own;
  }

  set status(status: Status) {
    this.own = status;
  }

  /** State of a handle that was dropped elsewhere: it died with the thread that had received it. */
  static gone(runtime: Runtime, kind: 'broadcast' | 'never', side: Side, isWeak: boolean): HandleState {
    const state = Object.create(HandleState.prototype) as { -readonly [K in keyof HandleState]: HandleState[K] };
    const channel = { id: 0, name: undefined, kind } as unknown as Channel;
    return Object.assign(state, {
      runtime,
      channel,
      side,
      isWeak,
      type: handleTypeOf(kind, side, isWeak),
      index: GONE,
      layout: LAYOUT_VERSION,
      status: 'dropped',
      keepsAlive: true,
    }) as HandleState;
  }

  /** @throws HandleError unless the handle is usable. */
  check(what: string): void {
    if (this.status !== 'live') throw this.gone(what);
  }

  /** As `console.log` shows it. `details`: of the channel, which is there while the handle is live. */
  show(details: (channel: Channel) => string): string {
    const { channel, status, type } = this;
    const name = channel.name === undefined ? `#${channel.id}` : `${JSON.stringify(channel.name)} #${channel.id}`;
    return `${CLASS_NAMES[type]}<${channel.kind}> { ${name}, ${status === 'live' ? details(channel) : status} }`;
  }

  gone(what: string): HandleError {
    const { status, type, channel } = this;
    const which = `the ${type} of channel ${channel.name === undefined ? channel.id : JSON.stringify(channel.name)}`;
    return status === 'dropped'
      ? new HandleError(`cannot ${what}: ${which} was dropped`, 'ERR_HANDLE_DROPPED')
      : new HandleError(
          `cannot ${what}: ${which} was moved away by a message or transfer(); clone() first to keep one`,
          'ERR_HANDLE_MOVED',
        );
  }

  /** The handle no longer stands for an entry of this thread. */
  retire(status: 'dropped' | 'moved'): void {
    this.suspend(status);
    this.detach();
  }

  /**
   * The handle cannot be used; what waits on it ends. Until `detach` it still keeps the thread's view of its channel (HA2): the
   * message that carries it may come back.
   */
  suspend(status: 'dropped' | 'moved'): void {
    const { channel, runtime } = this;
    for (; this.reserved > 0; this.reserved--) channel.unreserve(entryAt(runtime.heap, this.index));
    this.status = status;
    for (const interest of [channel.receiving, channel.sending, channel.ending]) {
      if (interest?.first !== undefined) runtime.parking.abandonAll(interest, (operation) => this.isUsedBy(operation));
    }
    if (this.observers !== undefined) for (const observer of this.observers) observer();
  }

  /** The library made the handle, and whoever uses it need not drop it: no warning if it is collected. */
  mayBeForgotten(): void {
    const { runtime, channel, index, type } = this;
    collection.unwatch(this);
    collection.watch(this, { runtime, channel, index, type, isHarmless: true });
  }

  /** Calls `observer` when the handle cannot be used any more, as often as that happens. */
  observe(observer: () => void): void {
    (this.observers ??= new Set()).add(observer);
  }

  stopObserving(observer: () => void): void {
    this.observers?.delete(observer);
  }

  /** A suspended handle is gone for good. Touches no shared memory: its entry may be another thread's by now. */
  detach(): void {
    collection.unwatch(this);
    this.runtime.letGo(this.channel);
  }

  /** A suspended handle is usable again: the message that it was in was not sent. */
  restore(): void {
    this.status = 'live';
  }

  /** Whether pending operations on this handle keep the process alive. */
  setKeepsAlive(keeps: boolean): void {
    this.keepsAlive = keeps;
    const { channel, runtime } = this;
    const concerned = (operation: Operation) => this.isUsedBy(operation) && wantsProcess(operation) === keeps;
    for (const interest of [channel.receiving, channel.sending]) runtime.parking.setKeepsAlive(interest, keeps, concerned);
  }

  private isUsedBy(operation: Operation): boolean {
    const { state, states } = operation as { state?: HandleState; states?: readonly HandleState[] };
    return state === this || states?.includes(this) === true;
  }
}

/** One handle that keeps the process alive is enough for an operation over several (a select). */
function wantsProcess(operation: Operation): boolean {
  const { state, states } = operation as { state?: HandleState; states?: readonly HandleState[] };
  return state?.keepsAlive ?? states?.some((each) => each.keepsAlive) ?? true;
}

/** Makes a handle object of a class for a state: the constructors are private. */
export const MAKE = Symbol('beamline.make');

/** What the files below handle.ts know of a handle. */
export interface AnyHandle {
  readonly [HANDLE]: HandleState;
  drop(): void;
}

/** How to make each type of handle: filled in by the files of the classes, which stand above those that open handles. */
export const makers: { [type in HandleType]?: (state: HandleState) => object } = {};

/** The handle object for a state. */
export function makeHandle(state: HandleState): object {
  const make = makers[state.type];
  if (make === undefined) throw new Error(`the file of the class of a ${state.type} must be loaded`);
  return make(state);
}
