/**
 * Sources: receivers whose messages are events of the platform: signals, an emitter's events, an abort.
 *
 * Called by: users, through index.ts.
 *
 * A source is the receiver of an unbounded channel. Its sender stays here, with a listener that publishes each event as it comes, so
 * events are kept in order until somebody reads them, on whatever thread. When the last clone of the receiver is gone (dropped anywhere,
 * or dead with its thread), the sender is told by core's handles/ending.ts, and the listener goes.
 *
 * All sources of one event of one target share one listener (Hub): a hundred of them are no leak in the eyes of an emitter that
 * counts its listeners.
 *
 * Invariants
 *   SR1  A listener never throws: what goes wrong with one event harms neither the emitter nor the other listeners.
 *   SR2  A hub is found through its target while it has sources, and only then it listens.
 */
import { codecs, type Receiver, type Sender } from '@beamline/core';
import {
  createChannel,
  describe,
  HANDLE,
  invalidRange,
  invalidType,
  isCatchableSignal,
  isMainThread,
  KIND_LIST,
  nextTurn,
  onEnding,
  signalEmitter,
  warn,
} from '@beamline/core/internal';

/** How an event becomes a message. */
export interface FromEventOptions<T> {
  /**
   * Makes the message from what a listener would be called with. It runs inside the `emit`; what it throws does not come out there, but
   * as an uncaught exception in a later turn, and that event is lost.
   */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a listener gets is not known to types, here as in Node's
  readonly map?: (...args: any[]) => T;
}

/**
 * A receiver of signals of the operating system: the name of each that the process gets from now on. While it is there, these signals do
 * not end the process. Each goes to one of the clones; two sources of one signal both get it. With the last clone dropped, on whatever
 * thread, the default is back. Main thread only: a worker is never told of signals, but may be given the receiver.
 *
 * A source that nobody reads keeps no process alive. Mirrors tokio's `signal`, Go's `signal.Notify`.
 *
 * @param signals at least one, such as `SIGINT`, `SIGTERM`; not those that cannot be caught (`SIGKILL`, `SIGSTOP`).
 * @throws RangeError or TypeError `ERR_INVALID_ARGUMENT`, also on another than the main thread; MemoryError.
 * @example
 * ```ts
 * import { after, fromSignal, select } from 'beamline';
 *
 * const stop = fromSignal('SIGINT', 'SIGTERM');
 * process.kill(process.pid, 'SIGTERM');
 * const event = await select({ stop, late: after(10_000) });
 * if (event.key === 'stop' && event.ok) console.log('stopped by', event.value); // stopped by SIGTERM
 * stop.drop();
 * ```
 */
export function fromSignal<S extends NodeJS.Signals>(...signals: S[]): Receiver<S> {
  if (signals.length === 0) throw invalidRange('cannot make a source: fromSignal needs the name of a signal, received none');
  for (const signal of signals as unknown[]) {
    if (typeof signal !== 'string') throw invalidType(`cannot make a source: ${NO_SIGNAL}, received ${describe(signal)}`);
    if (!isCatchableSignal(signal)) throw invalidRange(`cannot make a source: ${NO_SIGNAL}, received ${describe(signal)}`);
  }
  if (!isMainThread) {
    throw invalidType(
      'cannot make a source: signals reach the main thread only; make the receiver there and give it to this thread, received a call on a worker',
    );
  }
  const names = [...new Set(signals)];
  const [source, receiver] = Source.open<S>(fromSignal, names.join(', '), first);
  return connected(source, receiver, () => {
    for (const name of names) source.listen(signalEmitter, name);
  });
}

const NO_SIGNAL = 'signals must be names of signals that can be caught on this platform';

/**
 * A receiver of the events that a target emits from now on, in order. Of an emitter's event it gives the first argument, of an
 * `EventTarget`'s the `detail`, or else those of the event's own properties that can be cloned; `map` chooses otherwise. Each event goes
 * to one of the clones; two sources of one event both get it. With the last clone dropped, on whatever thread, the listener is gone;
 * until then it keeps the target from being collected. What has `on` and `off` is taken for an emitter, as Node's `events.on` does.
 *
 * Events that cannot be read or cloned, or for which there is no memory, are lost: nothing is thrown in the `emit`, and a process warning
 * (`BEAMLINE_LOST_EVENT`) tells of the first of each source. A source that nobody reads keeps no process alive (what the target does when
 * somebody listens is its own affair: a MessagePort keeps its thread alive).
 *
 * @throws TypeError `ERR_INVALID_ARGUMENT`; what the target throws when it is listened to; MemoryError.
 * @example
 * ```ts
 * import { EventEmitter } from 'node:events';
 * import { fromEvent } from 'beamline';
 *
 * const door = new EventEmitter();
 * const rings = fromEvent<string>(door, 'ring');
 * const loud = fromEvent(door, 'ring', { map: (who: string, times: number) => `${who} x${times}` });
 * door.emit('ring', 'postman', 2);
 * console.log(await rings.recv(), await loud.recv()); // postman postman x2
 * rings.drop();
 * loud.drop();
 * console.log(door.listenerCount('ring')); // 0
 * ```
 */
export function fromEvent<T = unknown>(
  target: NodeJS.EventEmitter | EventTarget,
  event: string | symbol,
  options?: FromEventOptions<T>,
): Receiver<T> {
  if (typeof event !== 'string' && typeof event !== 'symbol') {
    throw invalidType(`cannot make a source: event must be a string or a symbol, received ${describe(event)}`);
  }
  const isEmitter = looksLikeEmitter(target);
  if (!isEmitter && !looksLikeTarget(target)) {
    throw invalidType(`cannot make a source: target must be an EventEmitter or an EventTarget, received ${describe(target)}`);
  }
  if (!isEmitter && typeof event === 'symbol') {
    throw invalidType(`cannot make a source: events of an EventTarget have strings for names, received ${describe(event)}`);
  }
  const given = mapOf(options);
  const [source, receiver] = Source.open<T>(fromEvent, String(event), given ?? (isEmitter ? first : dataOf), {
    isMapGiven: given !== undefined,
  });
  return connected(source, receiver, () => source.listen(target, event));
}

/**
 * A receiver with one message, when a signal is aborted or if it is already: the reason. Then it disconnects, as nothing can follow. A
 * reason that cannot be cloned arrives as the DataCloneError that says so. One of the clones gets it; the others find the channel
 * disconnected. With the last of them dropped before that, the listener is gone. A source that nobody reads keeps no process alive.
 *
 * @throws TypeError `ERR_INVALID_ARGUMENT`; MemoryError.
 * @example
 * ```ts
 * import { fromAbortSignal, select, unbounded } from 'beamline';
 *
 * const controller = new AbortController();
 * const aborted = fromAbortSignal(controller.signal);
 * const [tx, jobs] = unbounded<string>();
 * controller.abort('enough');
 * const event = await select({ jobs, aborted });
 * if (event.key === 'aborted' && event.ok) console.log(event.value); // enough
 * tx.drop();
 * ```
 */
export function fromAbortSignal(signal: AbortSignal): Receiver<unknown> {
  if (!looksLikeTarget(signal) || typeof (signal as { aborted?: unknown }).aborted !== 'boolean') {
    throw invalidType(`cannot make a source: signal must be an AbortSignal, received ${describe(signal)}`);
  }
  const [source, receiver] = Source.open<unknown>(fromAbortSignal, 'abort', () => signal.reason as unknown, { isOnce: true });
  return connected(source, receiver, () => (signal.aborted ? source.take([]) : source.listen(signal, 'abort')));
}

/** Starts a source; if its target refuses, nothing of it is left. */
function connected<T>(source: Source, receiver: Receiver<T>, connect: () => void): Receiver<T> {
  try {
    connect();
  } catch (error) {
    receiver.drop();
    source.end();
    throw error;
  }
  return receiver;
}

type Listener = (...args: unknown[]) => void;
type Mapping = (...args: never[]) => unknown;

interface Traits {
  /** It ends with its first event, which is told in any case. */
  readonly isOnce?: boolean;
  /** What `map` throws is the caller's affair; else it is an event that cannot be read. */
  readonly isMapGiven?: boolean;
}

/** The sending side of one receiver. */
class Source {
  private readonly hubs: Hub[] = [];
  private hasWarned = false;

  private constructor(
    private readonly sender: Sender<unknown>,
    private readonly what: string,
    private readonly map: Mapping,
    private readonly traits: Traits,
  ) {}

  /** `maker`: the public function, whose caller is noted in debug mode. */
  static open<T>(maker: (...args: never[]) => unknown, events: string, map: Mapping, traits: Traits = {}): [Source, Receiver<T>] {
    const name = `${maker.name}(${events})`;
    const [sender, receiver] = createChannel<unknown>(KIND_LIST, Infinity, { name }, undefined, maker);
    const source = new Source(sender, name, map, traits);
    void onEnding(sender[HANDLE], () => source.leave()).then(() => sender.drop());
    return [source, receiver as Receiver<T>];
  }

  listen(target: object, event: string | symbol): void {
    const hub = Hub.of(target, event);
    this.hubs.push(hub);
    hub.add(this);
  }

  /** SR1. */
  take(args: readonly unknown[]): void {
    const { isOnce = false, isMapGiven = false } = this.traits;
    const failed = (error: unknown) => (isOnce ? this.sendOr(error, (again) => this.lose(again)) : this.lose(error));
    let message: { value: unknown } | undefined;
    try {
      message = { value: this.map(...(args as never[])) };
    } catch (error) {
      if (isMapGiven) throwLater(error);
      else failed(error);
    }
    if (message !== undefined) this.sendOr(message.value, failed);
    if (isOnce) this.end();
  }

  /** Nobody listens for it any more. */
  leave(): void {
    for (const hub of this.hubs.splice(0)) hub.remove(this);
  }

  /** Nothing will follow: the channel disconnects. */
  end(): void {
    this.leave();
    this.sender.drop();
  }

  private sendOr(message: unknown, failed: (error: unknown) => void): void {
    if (this.sender[HANDLE].status !== 'live') return; // this thread leaves the library
    try {
      this.sender.trySend(message); // if nobody can receive any more, `leave` is on its way
    } catch (error) {
      failed(error);
    }
  }

  private lose(error: unknown): void {
    if (this.hasWarned) return;
    this.hasWarned = true;
    const why = error instanceof Error ? error.message : describe(error);
    warn(`an event of ${this.what} was lost: ${why}; more of this source may be, without a warning`, 'BEAMLINE_LOST_EVENT');
  }
}

/** The one listener for all sources of an event of a target. */
class Hub {
  private static readonly all = new WeakMap<object, Map<string | symbol, Hub>>();
  private readonly sources = new Set<Source>();

  private readonly listener: Listener = (...args) => {
    for (const source of [...this.sources]) source.take(args);
  };

  private constructor(
    private readonly target: object,
    private readonly event: string | symbol,
  ) {}

  static of(target: object, event: string | symbol): Hub {
    let hubs = Hub.all.get(target);
    if (hubs === undefined) Hub.all.set(target, (hubs = new Map<string | symbol, Hub>()));
    let hub = hubs.get(event);
    if (hub === undefined) hubs.set(event, (hub = new Hub(target, event)));
    return hub;
  }

  add(source: Source): void {
    this.sources.add(source);
    if (!this.isListening()) listenTo(this.target, this.event, this.listener);
  }

  remove(source: Source): void {
    if (!this.sources.delete(source) || this.sources.size > 0) return;
    const hubs = Hub.all.get(this.target);
    hubs?.delete(this.event);
    try {
      stopListening(this.target, this.event, this.listener);
    } catch (error) {
      throwLater(error); // not here: somebody drops a receiver, or an operation is just being completed
    }
  }

  /** Somebody else may have removed all listeners. To add one again where nobody tells is harmless: an EventTarget has each only once. */
  private isListening(): boolean {
    const { listeners } = this.target as { listeners?: unknown };
    if (typeof listeners !== 'function') return false;
    const present: unknown = listeners.call(this.target, this.event);
    return Array.isArray(present) && present.includes(this.listener);
  }
}

function listenTo(target: object, event: string | symbol, listener: Listener): void {
  if (looksLikeEmitter(target)) target.on(event, listener);
  else (target as EventTarget).addEventListener(event as string, listener);
}

function stopListening(target: object, event: string | symbol, listener: Listener): void {
  if (looksLikeEmitter(target)) target.off(event, listener);
  else (target as EventTarget).removeEventListener(event as string, listener);
}

function looksLikeEmitter(target: unknown): target is Pick<NodeJS.EventEmitter, 'on' | 'off'> {
  return has(target, 'on') && has(target, 'off');
}

function looksLikeTarget(target: unknown): target is EventTarget {
  return has(target, 'addEventListener') && has(target, 'removeEventListener');
}

function has(target: unknown, method: string): boolean {
  if ((typeof target !== 'object' && typeof target !== 'function') || target === null) return false;
  return typeof (target as Record<string, unknown>)[method] === 'function';
}

function mapOf(options: unknown): Mapping | undefined {
  if (options === undefined) return undefined;
  if (typeof options !== 'object' || options === null) {
    throw invalidType(`cannot make a source: options must be an object, received ${describe(options)}`);
  }
  const { map } = options as { map?: unknown };
  if (map !== undefined && typeof map !== 'function') {
    throw invalidType(`cannot make a source: map must be a function, received ${describe(map)}`);
  }
  return map as Mapping | undefined;
}

function first(argument?: unknown): unknown {
  return argument;
}

/** What an event of an EventTarget says beside its type; all that there is of one that is no object. */
function dataOf(event: unknown): unknown {
  if (typeof event !== 'object' || event === null) return event;
  if ('detail' in event) return event.detail;
  const data: Record<string, unknown> = {};
  for (const [key, { enumerable, value }] of Object.entries(Object.getOwnPropertyDescriptors(event))) {
    if (enumerable === true && value !== undefined && isCloneable(value)) {
      Object.defineProperty(data, key, { value: value as unknown, enumerable: true, configurable: true, writable: true });
    }
  }
  return data;
}

function isCloneable(value: unknown): boolean {
  try {
    codecs.any.encode(value);
    return true;
  } catch {
    return false; // whatever the reason: the rest of the event arrives without it
  }
}

/** As an uncaught exception, like what the listener of an EventTarget throws. */
function throwLater(error: unknown): void {
  nextTurn(() => {
    throw error;
  });
}
