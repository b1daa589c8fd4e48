/**
 * Values into messages and back: the part of a send before the flavor publishes, and the part of a receive after it took.
 *
 * Called by: handles/sender.ts, handles/receiver.ts, @beamline/select, @beamline/pool.
 *
 * The path of a message: value → codec (`Outgoing`) → body in a chunk on the held stack → flavor.send → … → flavor.recv → body on
 * the held stack → codec (`Incoming`) → value, chunk freed.
 *
 * Invariants
 *   ME1  Between filling the runtime's batch and publishing it no user code runs.
 *   ME2  A handle that goes into a message is 'moved' from the moment its send is accepted, or pending; if the send fails it is
 *        'live' again.
 */
import { HANDLE } from '../brand.js';
import { EMPTY, FIRST_BODY_TAG, NO_HANDLES, TAG_NUMBER, type Outgoing } from '../codec/wire.js';
import { NOT_READY, NO_LEASE, type Channel } from '../flavors/channel.js';
import { invalidType } from '../errors.js';
import { freeHeld } from '../memory/allocator.js';
import { addHandle, type Batch } from '../memory/batch.js';
import type { Heap } from '../memory/heap.js';
import {
  E_CHANNEL,
  E_KIND,
  FLAG_SENDERS,
  LAYOUT_VERSION,
  SIDE_MASK,
  S_AUX,
  type SIDE_RECEIVER,
  type SIDE_SENDER,
} from '../memory/layout.js';
import { eachHandle, moveIn, moveOut, ownedByChunk } from '../ownership/transit.js';
import { entryAt } from '../ownership/entries.js';
import { openChannel } from '../flavors/open.js';
import type { Runtime } from '../runtime.js';
import { GONE, HandleState, type Handle } from './handle.js';

/** An encoded message that has to wait: like Outgoing, but with memory of its own. */
export class Parcel {
  readonly tag: number;
  readonly number: number;
  readonly lo: number;
  readonly hi: number;
  readonly body: Uint8Array;
  readonly length: number;
  readonly handles: readonly object[];

  constructor(out: Outgoing) {
    this.tag = out.tag;
    this.number = out.number;
    this.lo = out.lo;
    this.hi = out.hi;
    this.length = out.length;
    this.handles = out.handles === NO_HANDLES ? NO_HANDLES : [...out.handles];
    this.body = out.tag >= FIRST_BODY_TAG ? Uint8Array.prototype.slice.call(out.body, 0, out.length) : out.body;
  }
}

/**
 * Encodes a value. `takesGone`: handles that arrived dropped may travel on, and arrive dropped again (the job in a failed outcome).
 * @throws what the codec throws; nothing has happened then.
 */
export function encode(runtime: Runtime, channel: Channel, value: unknown, takesGone = false): Outgoing {
  const out = runtime.outgoing;
  channel.codec.encode(value, out);
  if (out.handles.length > 0) checkHandles(runtime, out.handles, takesGone);
  return out;
}

/**
 * Sends an encoded message if there is room: 1, NOT_READY or DISCONNECTED. `lease`: the lease that it answers; `aux`: what the slot
 * says beside the message.
 * @throws MemoryError, and then nothing was sent.
 */
export function publish(runtime: Runtime, channel: Channel, out: Outgoing | Parcel, lease = NO_LEASE, aux = 0): number {
  const { heap, batch } = runtime;
  if (out.tag < FIRST_BODY_TAG) {
    batch.put(heap, 0, out);
    batch.words[S_AUX] = aux;
    return channel.send(batch, 0, 1, lease);
  }
  if ((channel.readiness() & FLAG_SENDERS) === 0) return NOT_READY; // do not copy what would not go
  batch.clear();
  batch.put(heap, 0, out);
  batch.words[S_AUX] = aux;
  const chunk = batch.chunk(0);
  for (const handle of out.handles) putHandle(heap, chunk, stateOf(handle));
  let sent = NOT_READY;
  try {
    sent = channel.send(batch, 0, 1, lease);
  } finally {
    if (sent === 1) for (const handle of out.handles) retire(stateOf(handle));
    else takeBack(runtime, out.handles);
  }
  return sent;
}

/** A handle goes into a message; of one that is gone, only its side. */
function putHandle(heap: Heap, chunk: number, { index, side }: HandleState): void {
  if (index === GONE) addHandle(heap, chunk, 2 * GONE + side, 0);
  else moveIn(heap, chunk, index);
}

/** The message was not sent: its chunk is freed, its handles are this thread's again. */
function takeBack(runtime: Runtime, handles: readonly object[]): void {
  for (const handle of handles) {
    const { index } = stateOf(handle);
    if (index !== GONE) moveOut(runtime.heap, index);
  }
  freeHeld(runtime.heap);
}

function retire(state: HandleState): void {
  if (state.status === 'live') state.retire('moved');
}

/** The handles of a message that waits count as moved (ME2). */
export function holdHandles(parcel: Parcel): void {
  for (const handle of parcel.handles) retire(stateOf(handle));
}

/** A waiting message was given up: its handles are usable again. */
export function restoreHandles(parcel: Parcel): void {
  for (const handle of parcel.handles) if (stateOf(handle).index !== GONE) stateOf(handle).restore();
}

function stateOf(handle: object): HandleState {
  return (handle as Handle)[HANDLE];
}

function checkHandles(runtime: Runtime, handles: readonly object[], takesGone: boolean): void {
  for (const handle of handles) {
    const state = stateOf(handle);
    if (state.layout !== LAYOUT_VERSION) {
      throw invalidType(
        `cannot send a handle: it belongs to a copy of the library with memory layout ${state.layout}, this one has ${LAYOUT_VERSION}`,
      );
    }
    if (state.runtime !== runtime) throw invalidType('cannot send a handle: it belongs to another shared heap');
    if (!(takesGone && state.index === GONE)) state.check('send a handle in a message');
  }
}

/**
 * The value of the message at an index of a batch that was just received; its body, if it has one, is on top of the held stack
 * and freed.
 * @throws what the codec throws; the message is used up then.
 */
export function decode(runtime: Runtime, channel: Channel, batch: Batch, index: number): unknown {
  const { heap, incoming } = runtime;
  batch.take(heap, index, incoming);
  if (incoming.tag < FIRST_BODY_TAG) {
    if (incoming.tag === TAG_NUMBER && channel.carriesNumbers) return incoming.number;
    return channel.codec.decode(incoming);
  }
  try {
    return decodeBody(runtime, channel, batch.chunk(index));
  } finally {
    freeHeld(heap);
  }
}

/** The value of the body that `runtime.incoming` shows; the chunk stays. `opened` gets the handles that came out of it. */
export function decodeBody(runtime: Runtime, channel: Channel, chunk: number, opened?: object[]): unknown {
  const { incoming } = runtime;
  const handles = (incoming.handles = takeHandles(runtime, chunk));
  try {
    const value = channel.codec.decode(incoming);
    if (handles.length > 0) opened?.push(...handles);
    return value;
  } catch (error) {
    for (const handle of handles) (handle as Handle).drop();
    throw error;
  } finally {
    incoming.handles = NO_HANDLES;
  }
}

/** Opens the handles that a received message carries. One that is gone already (a leased message read again) comes as dropped. */
function takeHandles(runtime: Runtime, chunk: number): readonly object[] {
  const { heap } = runtime;
  let handles: object[] | undefined;
  eachHandle(heap, chunk, (index, at, side) => {
    handles ??= [];
    if (ownedByChunk(heap, at, chunk)) {
      moveOut(heap, index);
      handles.push(openEntry(runtime, index));
    } else handles.push(classes[side as 0 | 1](HandleState.gone(runtime, side as 0 | 1)));
  });
  return handles ?? NO_HANDLES;
}

/** Classes by side, filled in by handles/sender.ts and handles/receiver.ts, which stand above this file. */
export const classes: Record<typeof SIDE_SENDER | typeof SIDE_RECEIVER, (state: HandleState) => object> = {
  0: unfilled,
  1: unfilled,
};

function unfilled(): never {
  throw new Error('handles/sender.ts and handles/receiver.ts must be loaded');
}

/** A handle object for an entry that this thread owns. */
export function openEntry(runtime: Runtime, index: number): object {
  const { heap, channels } = runtime;
  const entry = entryAt(heap, index);
  const at = heap.words[entry + E_CHANNEL] as number;
  const side = ((heap.words[entry + E_KIND] as number) & SIDE_MASK) as 0 | 1;
  return classes[side](new HandleState(runtime, channels.get(at) ?? openChannel(heap, at), index, side));
}

/** Takes a message of a batch that found no room off the held stack, where it is on top, into memory of its own. */
export function reclaim(runtime: Runtime, batch: Batch, index: number): Parcel {
  const { heap, incoming } = runtime;
  batch.take(heap, index, incoming);
  const { tag, number, lo, hi, length, start, bytes } = incoming;
  const hasBody = tag >= FIRST_BODY_TAG;
  const body = hasBody ? Uint8Array.prototype.slice.call(bytes, start, start + length) : EMPTY;
  if (hasBody) freeHeld(heap);
  return new Parcel({ tag, number, lo, hi, body, length, handles: NO_HANDLES });
}
