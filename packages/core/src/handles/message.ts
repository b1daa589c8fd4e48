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
import { corrupt } from '../codec/reader.js';
import { EMPTY, FIRST_BODY_TAG, NO_HANDLES, TAG_NUMBER, type Outgoing } from '../codec/wire.js';
import { NOT_READY, NOT_RESERVED, NO_LEASE, type Channel, type Side } from '../flavors/channel.js';
import { invalidType } from '../errors.js';
import { freeHeld } from '../memory/allocator.js';
import { addHandle, type Batch } from '../memory/batch.js';
import type { Heap } from '../memory/heap.js';
import { E_CHANNEL, E_KIND, LAYOUT_VERSION, PHASE_MASK, PHASE_WEAK, SIDE_MASK, SIDE_SENDER, S_AUX } from '../memory/layout.js';
import { eachHandle, moveIn, moveOut, ownedByChunk, referenceTo } from '../ownership/transit.js';
import { addEntry, entryAt, removeEntry } from '../ownership/entries.js';
import { openChannel } from '../flavors/open.js';
import type { Runtime } from '../runtime.js';
import { GONE, HandleState, makeHandle, type AnyHandle } from './state.js';

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
 * Encodes a value for a channel. `takesGone`: handles that arrived dropped may travel on, and arrive dropped again (the job in a
 * failed outcome). Encoding may run user code, so the handle is checked again after it.
 * @throws what the codec throws, HandleError; nothing has happened then.
 */
export function encode(state: HandleState, value: unknown, takesGone = false): Outgoing {
  const { runtime, channel } = state;
  const out = runtime.outgoing;
  channel.codec.encode(value, out);
  state.check('send');
  if (out.handles.length > 0) checkHandles(runtime, out.handles, takesGone);
  return out;
}

/**
 * Sends an encoded message if there is room: 1, NOT_READY or DISCONNECTED. `lease`: the lease that it answers; `aux`: what the slot
 * says beside the message; `reserved`: the handle entry that has reserved a place for it.
 * @throws MemoryError, and then nothing was sent.
 */
export function publish(
  runtime: Runtime,
  channel: Channel,
  out: Outgoing | Parcel,
  lease = NO_LEASE,
  aux = 0,
  reserved = NOT_RESERVED,
): number {
  const { heap, batch } = runtime;
  if (out.tag < FIRST_BODY_TAG) {
    batch.put(heap, 0, out);
    batch.words[S_AUX] = aux;
    return channel.send(batch, 0, 1, lease, reserved);
  }
  if (reserved === NOT_RESERVED && channel.seemsFull) return NOT_READY; // do not copy what would not go
  batch.clear();
  batch.put(heap, 0, out);
  batch.words[S_AUX] = aux;
  if (out.handles.length > 0) return publishWithHandles(runtime, channel, out.handles, lease, reserved);
  let sent = NOT_READY;
  try {
    sent = channel.send(batch, 0, 1, lease, reserved);
  } finally {
    if (sent !== 1) freeHeld(heap);
    else runtime.outgoing.body = EMPTY; // a large message must not live on here
  }
  return sent;
}

/**
 * Once the message is published its receiver may drop the handles, and with them their channels. So they are taken out of use here
 * before (ME2); and if one of them is of this very channel, an entry of our own keeps the channel until we have signalled.
 */
function publishWithHandles(
  runtime: Runtime,
  channel: Channel,
  handles: readonly object[],
  lease: number,
  reserved: number,
): number {
  const { heap, batch } = runtime;
  const states = handles.map(stateOf);
  const used = states.filter(({ status }) => status === 'live');
  const isNested = states.some((state) => state.channel === channel);
  let sent = NOT_READY;
  let pin = GONE;
  try {
    if (isNested) pin = addEntry(heap, channel.at, SIDE_SENDER);
    for (const state of used) state.suspend('moved');
    for (const state of states) putHandle(heap, batch.chunk(0), state);
    sent = channel.send(batch, 0, 1, lease, reserved);
  } finally {
    if (sent === 1) for (const state of states) state.detach();
    else takeBack(runtime, states, used);
    if (pin !== GONE) removeEntry(heap, pin, channel);
  }
  return sent;
}

/** A handle goes into a message; of one that is gone, only what it was. */
export function putHandle(heap: Heap, chunk: number, { index, side, isWeak, channel }: HandleState): void {
  if (index === GONE) addHandle(heap, chunk, referenceTo(GONE, side, isWeak, channel.kind === 'broadcast'), 0);
  else moveIn(heap, chunk, index);
}

/** The message was not sent: its chunk is freed, its handles are this thread's again; those that were in use are so again. */
function takeBack({ heap }: Runtime, states: readonly HandleState[], used: readonly HandleState[]): void {
  for (const { index } of states) if (index !== GONE) moveOut(heap, index);
  for (const state of used) state.restore();
  freeHeld(heap);
}

/** What a send waited for in vain. */
export function neverReady({ id, capacity }: Channel): string {
  return capacity === 0 ? `nobody received from channel ${id}` : `channel ${id} stayed full`;
}

/** The handles of a message that waits count as moved (ME2). */
export function holdHandles(parcel: Parcel): void {
  for (const state of parcel.handles.map(stateOf)) if (state.status === 'live') state.suspend('moved');
}

/** A waiting message was given up: its handles are usable again. */
export function restoreHandles(parcel: Parcel): void {
  for (const state of parcel.handles.map(stateOf)) if (state.index !== GONE) state.restore();
}

export function stateOf(handle: object): HandleState {
  return (handle as AnyHandle)[HANDLE];
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
    incoming.handlesRead = 0;
    const value = channel.codec.decode(incoming);
    if (handles.length > 0) {
      if (incoming.handlesRead !== handles.length) throw corrupt('it does not name all of its handles');
      opened?.push(...handles);
    }
    return value;
  } catch (error) {
    for (const handle of handles) (handle as AnyHandle).drop();
    throw error;
  } finally {
    incoming.handles = NO_HANDLES;
  }
}

/** Opens the handles that a received message carries. One that is gone already (a leased message read again) comes as dropped. */
function takeHandles(runtime: Runtime, chunk: number): readonly object[] {
  const { heap } = runtime;
  let handles: object[] | undefined;
  eachHandle(heap, chunk, (index, at, side, isWeak, isBroadcast) => {
    handles ??= [];
    if (ownedByChunk(heap, at, chunk)) {
      moveOut(heap, index);
      handles.push(openEntry(runtime, index));
    } else handles.push(makeHandle(HandleState.gone(runtime, isBroadcast ? 'broadcast' : 'never', side as Side, isWeak)));
  });
  return handles ?? NO_HANDLES;
}

/** A handle object for an entry that this thread owns. */
export function openEntry(runtime: Runtime, index: number): object {
  const { heap, channels } = runtime;
  const entry = entryAt(heap, index);
  const at = heap.words[entry + E_CHANNEL];
  const kind = heap.words[entry + E_KIND];
  const isWeak = (kind & PHASE_MASK) === PHASE_WEAK;
  const channel = channels.get(at) ?? openChannel(heap, at);
  return makeHandle(new HandleState(runtime, channel, index, (kind & SIDE_MASK) as Side, isWeak));
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
