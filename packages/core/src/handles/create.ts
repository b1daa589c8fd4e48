/**
 * Making channels.
 *
 * Called by: index.ts (`bounded`, `unbounded`, `oneshot`, `broadcast`), @beamline/select (timer channels, sources).
 */
import { resolveCodec, type Codec } from '../codec/codecs.js';
import type { WireCodec } from '../codec/wire.js';
import { describe } from '../describe.js';
import { invalidRange, invalidType } from '../errors.js';
import { kindFor, layChannel, openChannel, type ChannelPlan } from '../flavors/open.js';
import { freeHeld } from '../memory/allocator.js';
import {
  BROADCAST_LIMIT,
  KIND_BROADCAST,
  KIND_LIST,
  KIND_ONESHOT,
  SIDE_RECEIVER,
  SIDE_SENDER,
  T_HELD,
} from '../memory/layout.js';
import { createPair, createSingle } from '../ownership/entries.js';
import { runtime, type Runtime } from '../runtime.js';
import type { BroadcastReceiver } from './broadcast-receiver.js';
import type { BroadcastSender } from './broadcast-sender.js';
import { noteCreation, type Maker } from './creation.js';
import { Receiver } from './receiver.js';
import type { Sender } from './sender.js';
import { HandleState, MAKE, makeHandle } from './state.js';

/** Largest capacity: beyond, only `unbounded` makes sense. */
const LARGEST_CAPACITY = 2 ** 31 - 1;

/** What a channel can be given when it is made. */
export interface ChannelOptions<T> {
  /** How messages are encoded; default `codecs.any`, which carries all that structured clone carries by copy. */
  readonly codec?: Codec<T>;
  /** Shown by `inspect`, in error messages and when a handle is printed. */
  readonly name?: string;
}

/**
 * A channel that buffers at most `capacity` messages: sends wait while it is full. Mirrors crossbeam-channel's `bounded`.
 *
 * With capacity 0 it is a rendezvous: a send completes when a receiver has taken its message, and `trySend` succeeds only if a
 * receiver is waiting already.
 *
 * @param capacity exactly how many messages, not rounded.
 * @throws RangeError `ERR_INVALID_ARGUMENT`; MemoryError.
 * @example
 * ```ts
 * const [tx, rx] = bounded<{ id: number }>(64);
 * await tx.send({ id: 1 });
 * const { id } = await rx.recv();
 * ```
 */
export function bounded<T = unknown>(capacity: number, options?: ChannelOptions<T>): [Sender<T>, Receiver<T>] {
  if (typeof capacity !== 'number' || !Number.isInteger(capacity) || capacity < 0 || capacity > LARGEST_CAPACITY) {
    throw invalidRange(
      `cannot create channel: capacity must be a whole number from 0 to ${LARGEST_CAPACITY}, received ${describe(capacity)}`,
    );
  }
  return createChannel(kindFor(capacity), capacity, options);
}

/**
 * A channel without a limit: sends never wait. Mirrors crossbeam-channel's `unbounded`. Memory is the limit: prefer `bounded`, so
 * that a slow receiver slows its senders down.
 *
 * @throws TypeError `ERR_INVALID_ARGUMENT`; MemoryError.
 * @example
 * ```ts
 * const [tx, rx] = unbounded<string>({ name: 'log' });
 * tx.sendSync('started');
 * ```
 */
export function unbounded<T = unknown>(options?: ChannelOptions<T>): [Sender<T>, Receiver<T>] {
  return createChannel(KIND_LIST, Infinity, options);
}

/**
 * A channel for one message: the first send is the last. What is sent after it fails as disconnected; the receiver gets the message,
 * and is disconnected then. Mirrors tokio's `oneshot`, with handles that may be cloned.
 *
 * From the send on `isDisconnected` is true on both sides, as nobody can send any more: the message may still be there.
 *
 * @throws TypeError `ERR_INVALID_ARGUMENT`; MemoryError.
 * @example
 * ```ts
 * import { oneshot } from '@beamline/core';
 *
 * const [tx, rx] = oneshot<string>();
 * console.log(tx.trySend('done')); // { ok: true }
 * console.log(tx.trySend('again')); // { ok: false, reason: 'disconnected' }
 * console.log(await rx.recv()); // done
 * console.log(rx.tryRecv()); // { ok: false, reason: 'disconnected' }
 * ```
 */
export function oneshot<T = unknown>(options?: ChannelOptions<T>): [Sender<T>, Receiver<T>] {
  return createChannel(KIND_ONESHOT, 1, options);
}

/**
 * A channel on which every receiver sees every message that is sent after it was created. `send` never waits: messages that more than
 * `capacity` newer ones have followed are overwritten, and a receiver that had not read them gets a LaggedError that says how many it
 * missed. Mirrors tokio's `broadcast`.
 *
 * @param capacity how far a receiver may fall behind: exactly so many messages, not rounded; from 1 to 2,097,151.
 * @throws RangeError `ERR_INVALID_ARGUMENT`; MemoryError.
 * @example
 * ```ts
 * import { broadcast } from '@beamline/core';
 *
 * const [tx, first] = broadcast<string>(16);
 * const second = tx.subscribe();
 * console.log(tx.send('hello')); // 2
 * console.log(first.recvSync(), await second.recv()); // hello hello
 * ```
 */
export function broadcast<T = unknown>(
  capacity: number,
  options?: ChannelOptions<T>,
): [BroadcastSender<T>, BroadcastReceiver<T>] {
  if (typeof capacity !== 'number' || !Number.isInteger(capacity) || capacity < 1 || capacity > BROADCAST_LIMIT) {
    throw invalidRange(
      `cannot create channel: the capacity of a broadcast must be a whole number from 1 to ${BROADCAST_LIMIT}, received ${describe(capacity)}`,
    );
  }
  return createHandles(KIND_BROADCAST, capacity, options) as [BroadcastSender<T>, BroadcastReceiver<T>];
}

/** A channel of a flavor. `positions`: where positions wrap, smaller in tests. `maker`: as of `createReceiver`. */
export function createChannel<T>(
  kind: number,
  capacity: number,
  options: ChannelOptions<T> | undefined,
  positions?: number,
  maker?: Maker,
): [Sender<T>, Receiver<T>] {
  return createHandles(kind, capacity, options, positions, maker) as [Sender<T>, Receiver<T>];
}

/** The two handles, of the classes that belong to the flavor. */
function createHandles<T>(
  kind: number,
  capacity: number,
  options: ChannelOptions<T> | undefined,
  positions?: number,
  maker?: Maker,
): [object, object] {
  const { codec, name } = checkOptions(options);
  const rt = runtime();
  const plan: ChannelPlan = { kind, capacity, codec, name, senders: 1, ...(positions === undefined ? {} : { positions }) };
  const { at, below } = lay(rt, plan);
  const [sender, receiver] = unlessFailed(rt, below, () => createPair(rt.heap, at, below));
  const channel = openChannel(rt.heap, at, codec);
  noteCreation(rt, sender, maker);
  noteCreation(rt, receiver, maker);
  return [
    makeHandle(new HandleState(rt, channel, sender, SIDE_SENDER)),
    makeHandle(new HandleState(rt, channel, receiver, SIDE_RECEIVER)),
  ];
}

/**
 * The one receiver of a channel without senders, made by `maker` for its caller. `prepare` writes the flavor's words before anybody can
 * see the channel.
 */
export function createReceiver<T>(
  kind: number,
  capacity: number,
  maker: Maker,
  prepare: (runtime: Runtime, at: number) => void,
): Receiver<T> {
  const rt = runtime();
  const codec = resolveCodec(undefined);
  const { at, below } = lay(rt, { kind, capacity, codec, name: undefined, senders: 0 });
  prepare(rt, at);
  const index = unlessFailed(rt, below, () => createSingle(rt.heap, at, below));
  noteCreation(rt, index, maker);
  return Receiver[MAKE](new HandleState(rt, openChannel(rt.heap, at, codec), index, SIDE_RECEIVER)) as Receiver<T>;
}

/** Lays a channel out on the held stack; `below` is what the stack was before. */
function lay({ heap }: Runtime, plan: ChannelPlan): { at: number; below: number } {
  const below = heap.table[heap.record + T_HELD];
  const at = unlessFailed({ heap }, below, () => layChannel(heap, plan));
  return { at, below };
}

/** Frees what a failed step left on the held stack. */
function unlessFailed<R>({ heap }: Pick<Runtime, 'heap'>, below: number, step: () => R): R {
  try {
    return step();
  } catch (error) {
    while (heap.table[heap.record + T_HELD] !== below) freeHeld(heap);
    throw error;
  }
}

function checkOptions<T>(options: ChannelOptions<T> | undefined): { codec: WireCodec; name: string | undefined } {
  if (options !== undefined && (typeof options !== 'object' || options === null)) {
    throw invalidType(`cannot create channel: options must be an object, received ${describe(options)}`);
  }
  const name = options?.name;
  if (name !== undefined && typeof name !== 'string') {
    throw invalidType(`cannot create channel: name must be a string, received ${describe(name)}`);
  }
  return { codec: resolveCodec(options?.codec), name };
}
