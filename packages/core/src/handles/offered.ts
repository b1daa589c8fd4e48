/**
 * The cases of operations on rendezvous channels, as flavors/offers.ts wants them: the message of a send, which carries handles like
 * any other, and the empty place of a receive.
 *
 * Called by: handles/sender.ts, handles/send-many.ts, handles/receiver.ts, handles/lease.ts, @beamline/select.
 *
 * Invariant
 *   OM1  While a message that contains a handle of its own channel is on offer, an entry of this thread keeps the channel: the
 *        reaper finds what a dead thread left in the channels of which it has handles.
 */
import type { HandleState } from './state.js';
import { GONE } from './state.js';
import { putHandle, stateOf, type Parcel } from './message.js';
import { NO_LEASE, type Channel } from '../flavors/channel.js';
import { Offers, type OfferCase } from '../flavors/offers.js';
import type { ZeroChannel } from '../flavors/zero.js';
import { freeHeld } from '../memory/allocator.js';
import type { Batch } from '../memory/batch.js';
import { SIDE_RECEIVER, SIDE_SENDER, S_AUX } from '../memory/layout.js';
import { addEntry, removeEntry } from '../ownership/entries.js';
import { moveOut } from '../ownership/transit.js';
import type { Runtime } from '../runtime.js';

/** Whether operations on a channel meet their partners, instead of leaving messages for them. */
export function isRendezvous(channel: Channel): channel is ZeroChannel {
  return channel.kind === 'zero';
}

/** The message of a send. */
export class OfferedMessage implements OfferCase {
  readonly side = SIDE_SENDER;
  private pin = GONE;
  private states: readonly HandleState[] = [];

  constructor(
    private readonly runtime: Runtime,
    readonly channel: ZeroChannel,
    /** What is sent next; the handles in it are suspended. Undefined while it is still to be made. */
    private readonly parcel: () => Parcel | undefined,
    readonly lease = NO_LEASE,
    private readonly aux = 0,
  ) {}

  get isLazy(): boolean {
    return this.parcel() === undefined;
  }

  get holdsHandles(): boolean {
    return this.states.length > 0;
  }

  load(batch: Batch): void {
    const { runtime, channel } = this;
    const { heap } = runtime;
    const parcel = this.parcel();
    if (parcel === undefined) return;
    batch.put(heap, 0, parcel);
    batch.words[S_AUX] = this.aux;
    if (parcel.handles.length === 0) return;
    this.states = parcel.handles.map(stateOf);
    try {
      if (this.states.some((state) => state.channel === channel)) this.pin = addEntry(heap, channel.at, SIDE_SENDER);
    } catch (error) {
      freeHeld(heap);
      throw error;
    }
    for (const state of this.states) putHandle(heap, batch.chunk(0), state);
  }

  unload(batch: Batch): void {
    const { heap } = this.runtime;
    for (const { index } of this.states) if (index !== GONE) moveOut(heap, index);
    if (batch.hasBody(0)) freeHeld(heap);
    this.end();
  }

  /** Somebody took it. */
  accepted(): void {
    for (const state of this.states) state.detach();
    this.end();
  }

  private end(): void {
    const { runtime, channel, pin } = this;
    this.states = [];
    this.pin = GONE;
    if (pin !== GONE) removeEntry(runtime.heap, pin, channel);
  }
}

/** The place of a receive. */
export function offeredPlace(channel: ZeroChannel, lease = NO_LEASE): OfferCase {
  return { channel, side: SIDE_RECEIVER, isLazy: false, holdsHandles: false, lease, load: nothing, unload: nothing };
}

/** What a receive leaves in its channel while it waits; nothing where messages are buffered. */
export function offersToReceive({ runtime, channel }: HandleState, lease = NO_LEASE): Offers | undefined {
  return isRendezvous(channel) ? new Offers(runtime.heap, [offeredPlace(channel, lease)]) : undefined;
}

function nothing(): void {
  // a receive brings no message
}
