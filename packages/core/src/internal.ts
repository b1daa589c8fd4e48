/**
 * For the sibling packages only (`@beamline/core/internal`): no promise of stability.
 */
export { HANDLE, isHandle } from './brand.js';
export { describe, invalidRange, invalidType } from './errors.js';
export { DISCONNECTED, NOT_READY, NOT_RESERVED, type Channel } from './flavors/channel.js';
export { Offers, type OfferCase } from './flavors/offers.js';
export type { ZeroChannel } from './flavors/zero.js';
export { createChannel, createReceiver } from './handles/create.js';
export { isBroadcastReadable, tryReceive } from './handles/broadcast-receiver.js';
export { cannotBlock } from './handles/blocking.js';
export { onEnding } from './handles/ending.js';
export type { HandleState } from './handles/state.js';
export {
  claimLease,
  Inbox,
  Lease,
  LeaseOperation,
  Post,
  post,
  returnLease,
  type Letter,
  type Postage,
  type Tally,
} from './handles/lease.js';
export { decode, encode, holdHandles, Parcel, publish, restoreHandles } from './handles/message.js';
export { isRendezvous, OfferedMessage, offeredPlace } from './handles/offered.js';
export { Batch } from './memory/batch.js';
export { deadlineOf, signalOf } from './handles/options.js';
export {
  KIND_ARRAY,
  KIND_AT,
  KIND_BROADCAST,
  KIND_LIST,
  KIND_NEVER,
  KIND_ONESHOT,
  KIND_TICK,
  KIND_ZERO,
  LAYOUT_VERSION,
  LEASES,
  POLICY_BURST,
  POLICY_DELAY,
  POLICY_SKIP,
  SIDE_RECEIVER,
  TIMER_DUE,
  TIMER_PERIOD,
  TIMER_POLICY,
  TIMER_START,
} from './memory/layout.js';
export { entryAt } from './ownership/entries.js';
export { nextTurn } from './platform/clock.js';
export { isCatchableSignal, signalEmitter } from './platform/signals.js';
export { canBlock, isMainThread, warn } from './platform/threads.js';
export { leave, runtime, type Runtime } from './runtime.js';
export { Deadlines, type Timed } from './waiting/deadlines.js';
export { Operation, type Abandoned, type Interest } from './waiting/operation.js';
export { Watch, type WatchedCases } from './waiting/watch.js';
