/**
 * What every flavor of channel is to the rest of the library: one thread's view of one channel in the heap.
 *
 * Called by: handles/ (send, receive, counts), waiting/ (readiness, registration), ownership/ (repair, discarding).
 * Flavors: array.ts (bounded ring, oneshot), list.ts (linked blocks), zero.ts (rendezvous), broadcast.ts, timers.ts (at, tick, never).
 *
 * An operation of a flavor is *reserve → publish*: one CAS writes this thread into the side's index word, plain stores move
 * messages, one store publishes the new position and lets go. In between nothing may throw, allocate, or call a function.
 *
 * Invariants
 *   C1  The index words (TAIL, HEAD) hold the published position even while they are owned: a thread that dies inside has sent, or
 *       taken, nothing, and repair is to clear the owner.
 *   C2  Everything else on a side's line is written only by the owner of that side's index.
 *   C3  After every store that lets go of an index comes `signal()`.
 */
import type { WireCodec } from '../codec/wire.js';
import type { Batch } from '../memory/batch.js';
import type { Heap } from '../memory/heap.js';
import {
  CH_CAPACITY,
  CH_ID,
  FLAGS,
  FLAG_RECEIVERS,
  FLAG_SENDERS,
  RECEIVER_SET,
  RECEIVERS,
  SENDER_SET,
  SENDERS,
  type SIDE_RECEIVER,
  type SIDE_SENDER,
} from '../memory/layout.js';
import { wordsView } from '../memory/views.js';
import { load } from '../platform/atomics.js';
import { Interest, type Waitable } from '../waiting/operation.js';
import { wakeOne } from '../waiting/signal.js';

/** Result of `send` and `recv` when nothing moved; otherwise they return how many messages did. */
export const NOT_READY = 0;
export const DISCONNECTED = -1;

/** No lease: the ordinary receive and send. Otherwise the absolute index of a lease's words in a thread record. */
export const NO_LEASE = 0;

/** No place was reserved: the ordinary send. Otherwise the absolute index of the sender's handle entry, which has reserved one. */
export const NOT_RESERVED = 0;

export type Side = typeof SIDE_SENDER | typeof SIDE_RECEIVER;
export type Kind = 'array' | 'list' | 'zero' | 'oneshot' | 'broadcast' | 'at' | 'tick' | 'never';

/** Which sides could go on right now: FLAG_* bits. */
export type Readiness = number;

export abstract class Channel implements Waitable {
  abstract readonly kind: Kind;
  readonly words: Int32Array;
  readonly id: number;
  /** 0 rendezvous, Infinity unbounded. */
  readonly capacity: number;
  /** The codec is a built-in one: it does not throw on what it encoded itself. */
  readonly hasBuiltInCodec: boolean;
  /** Numbers need no codec on this channel: they are the slot. */
  readonly carriesNumbers: boolean;
  /** As Waitable says: true where each receiver reads for itself (broadcast), or each operation has a partner (rendezvous). */
  readonly triesAll: boolean = false;
  /** This thread's operations that wait to receive, and to send. */
  readonly receiving = new Interest(this, FLAG_RECEIVERS);
  readonly sending = new Interest(this, FLAG_SENDERS);
  /** Those that wait for its end, which they are told among the senders (handles/ending.ts). */
  ending: Interest | undefined;
  /** How many handles on the channel this thread has. While there is one, runtime.ts keeps this object. */
  handles = 0;

  constructor(
    readonly heap: Heap,
    /** Absolute index of the channel's chunk. */
    readonly at: number,
    length: number,
    readonly codec: WireCodec,
    readonly name: string | undefined,
  ) {
    heap.cover(at + length); // journals write the channel's words through the heap's views
    this.words = wordsView(heap.buffer, at, length);
    this.id = this.words[CH_ID];
    const capacity = this.words[CH_CAPACITY];
    this.capacity = capacity < 0 ? Infinity : capacity;
    this.hasBuiltInCodec = codec.isBuiltIn;
    this.carriesNumbers = this.hasBuiltInCodec && (codec.name === 'any' || codec.name === 'float64');
  }

  /**
   * Publishes messages [from, to) of a batch, as many as there is room for. Bodies are on the held stack (batch.ts, M1) and leave
   * it with their messages. `lease`: the lease that these answer, or send on, given up in the same transaction.
   */
  abstract send(batch: Batch, from: number, to: number, lease?: number, reserved?: number): number;

  /**
   * Reserves room for one message that is still to be made: 1, NOT_READY or DISCONNECTED. `entry`: the sender's handle entry (its
   * absolute index), to which `send` or `unreserve` come back. What is reserved by a thread that dies is free again.
   */
  abstract reserve(entry: number): number;
  /** Gives up what an entry reserved last. */
  abstract unreserve(entry: number): void;

  /**
   * Takes up to `max` messages into a batch. Bodies are put on the held stack. `lease`: the one message goes there
   * instead of onto the held stack.
   */
  abstract recv(batch: Batch, max: number, lease?: number): number;

  abstract readiness(): Readiness;
  /** Buffered messages: a snapshot, true at some instant during the call. */
  abstract readonly length: number;
  abstract readonly isFull: boolean;
  /** The other side is gone, or the channel was closed. */
  abstract readonly isDisconnected: boolean;
  /** Messages ever sent and received. */
  abstract readonly sent: number;
  abstract readonly received: number;
  /** Marks the channel: sends fail from now on, receives once it is drained. Says whether this call did it. */
  abstract close(): boolean;
  /** Counts a handle in or out on its side, in one transaction with the handle entry's kind (`entryWord` gets `entryKind`). */
  abstract count(side: Side, change: 1 | -1, entryWord: number, entryKind: number): number;
  /** As `count` of one more, unless nobody is left on that side: then nothing happens. Says whether it counted. */
  abstract countUnlessNone(side: Side, entryWord: number, entryKind: number): boolean;
  /** Notes, under HANDLES_LOCK, that the channel's other chunks follow it onto the held stack, above `next`. Returns the new top. */
  abstract noteChunks(next: number): number;
  /** When this channel becomes ready by itself; Infinity if it never does. */
  abstract readonly dueAt: number;

  /** Rendezvous: gives free what a dead thread had claimed and not completed. */
  unclaim(_slot: number): void {
    // nothing can be claimed elsewhere
  }

  /** Rendezvous: an offer that a dead thread left here; 0 if there is none. `isFirst`: one that holds its operation's context. */
  offerOf(_slot: number, _isFirst: boolean): number {
    return 0;
  }

  /** Rendezvous: takes an offer out of the channel; it is on top of the held stack then, its message in the batch and below it. */
  removeOffer(_offer: number, _batch: Batch): void {
    // there is none
  }

  /** Whether a send would find no room, as far as one look tells: not worth copying a body for. */
  abstract readonly seemsFull: boolean;

  /** The same numbers without waiting for anybody: around a wrap of positions they may be off by one turn. */
  abstract glance(): { readonly sent: number; readonly received: number; readonly length: number; readonly closed: boolean };

  get senders(): number {
    return this.words[SENDERS];
  }

  get receivers(): number {
    return this.words[RECEIVERS];
  }

  /** The sides on which somebody may wait for what is the case now: those that are ready. */
  protected wakes(): Readiness {
    return this.readiness();
  }

  /** Wakes whoever can go on (waiting/signal.ts). One load while nobody waits. */
  signal(): void {
    const flags = load(this.words, FLAGS);
    if (flags === 0) return;
    const wanted = flags & this.wakes();
    if ((wanted & FLAG_RECEIVERS) !== 0) wakeOne(this.heap, this.words, this.id, RECEIVER_SET, FLAG_RECEIVERS);
    if ((wanted & FLAG_SENDERS) !== 0) wakeOne(this.heap, this.words, this.id, SENDER_SET, FLAG_SENDERS);
  }
}
