/**
 * Rendezvous flavor (capacity 0): a message goes from a send straight to a receive, and one of the two waits for the other.
 *
 * Called through flavors/channel.ts; by flavors/offers.ts for operations that wait, by ownership/reaper.ts for the dead.
 * Proof: docs/protocols.md, "Rendezvous". Mirrors crossbeam-channel's zero flavor in behaviour.
 *
 * Who waits leaves an *offer* in the channel: a chunk with its message, or with room for one, in the list of its side. Who comes
 * later *claims* the first offer of the other side that is still good. An operation may have offers in several channels (a select);
 * its one *context word* decides which of them is taken up:
 *
 *   IDLE ─(its thread)▶ WAITING ─(a partner, CAS)▶ CLAIMED by that thread ─▶ DONE with that case
 *   WAITING ─(its thread, to try for itself or to give up)▶ IDLE
 *   CLAIMED, to make the message first ─(that failed)▶ WAITING, to look again
 *   CLAIMED, to make the message first ─(the claimed operation's handle is dropped)▶ IDLE
 *
 * A send whose message is still to be made (a thunk of a select) *reserves* a receive: a claim that outlives the lock, with a number
 * of its own. Its offer is *lazy*: it cannot be taken up, and is told of every receive that comes. So is the *question* of who only
 * wants to know whether there is a partner; it is told of every offer of the other side that can be taken up, and is none to anybody.
 *
 * TAIL is the lock of the lists; its position counts the messages that were handed over.
 *
 * Invariants: C1–C3 (channel.ts), P3 (indexed.ts), and
 *   Z1  Lists and offers in them change only in transactions under TAIL. An offer belongs to the operation that made it, with the
 *       message in it; only its thread, or who reaps it, takes it out of its list.
 *   Z2  A claim is one CAS of the context from WAITING. It comes last before the commit: whoever dies between the two has done
 *       nothing, and its reaper gives the claimed operation free (WAITING, to look again, and rung).
 *   Z3  An operation claims others only while its own context is IDLE. So two operations that offer to each other cannot both
 *       complete twice (protocol rule R1).
 *   Z4  An operation that stands has, in every channel, looked at the other side after its context was WAITING, under the same
 *       lock as its offer went in. So of two that could meet the later one sees the earlier.
 *   Z5  The offer that holds the context is taken out of its list last: as long as any offer of an operation is in a list, its
 *       context is there.
 */
import { DISCONNECTED, NO_LEASE, NOT_READY, NOT_RESERVED, type Readiness, type Side } from './channel.js';
import { IndexedChannel } from './indexed.js';
import { FIRST_BODY_TAG } from '../codec/wire.js';
import type { Batch } from '../memory/batch.js';
import { commitAndRelease, note } from '../memory/journal.js';
import {
  ARENA_END,
  C_NEXT,
  FLAG_RECEIVERS,
  FLAG_SENDERS,
  INDEX_MARK,
  INDEX_OWNER,
  INDEX_SHIFT,
  L_AUX,
  L_HI,
  L_LO,
  L_TAG,
  OFFERS_SETTLED,
  OFFERS_TO_RECEIVE,
  OFFERS_TO_SEND,
  OFFER_ASYNC,
  OFFER_LAZY,
  O_AUX,
  O_CASE,
  O_CONTEXT,
  O_FIRST,
  O_HI,
  O_LEASE,
  O_LIST,
  O_LO,
  O_NEXT,
  O_OWNER,
  O_PREVIOUS,
  O_TAG,
  SIDE_SENDER,
  SLOT_WORDS,
  S_AUX,
  S_HI,
  S_LO,
  S_TAG,
  TAIL,
  TAIL_HI,
  T_DOOR,
  T_HELD,
  T_JOURNAL,
  T_JOURNAL_LENGTH,
  T_JOURNAL_LOCK,
  T_JOURNAL_UNLOCK,
  T_STATE,
  threadRecord,
} from '../memory/layout.js';
import { cas, load, store } from '../platform/atomics.js';
import { PARKED_SYNC, ring } from '../waiting/door.js';

/**
 * States of a context word: the low two bits. Above them, of a claim, the claiming thread's slot, and above that the number of the
 * reservation, 0 while its thread owns the lock; when it is done, the case.
 */
export const IDLE = 0;
export const WAITING = 1;
export const CLAIMED = 2;
export const DONE = 3;
/** The operation can be claimed, and is to look again for what it may have missed. */
export const WAITING_TO_LOOK = WAITING | 4;
const STATE_BITS = 2;
const STATE = (1 << STATE_BITS) - 1;
const RESERVATION_SHIFT = STATE_BITS + 10;
const RESERVATIONS = 1 << (31 - RESERVATION_SHIFT);

/** What a context word says. */
export function stateOf(context: number): number {
  return context & STATE;
}

/** The case in a DONE context. */
export function caseOf(context: number): number {
  return context >>> STATE_BITS;
}

/** The thread in a CLAIMED context. */
export function claimerOf(context: number): number {
  return (context >>> STATE_BITS) & INDEX_OWNER;
}

/** Whether a CLAIMED context waits for a message to be made. */
export function isReserved(context: number): boolean {
  return context >>> RESERVATION_SHIFT !== 0;
}

/** A receive that this thread has reserved. */
interface Reservation {
  /** Of the sender that reserved it. */
  readonly entry: number;
  readonly offer: number;
  readonly context: number;
  readonly claim: number;
}

let reservations = 0;

/** Where the partners of a side are. */
function otherList(side: Side): number {
  return side === SIDE_SENDER ? OFFERS_TO_RECEIVE : OFFERS_TO_SEND;
}

export class ZeroChannel extends IndexedChannel {
  readonly kind = 'zero';
  override readonly triesAll = true;
  /** What runs on this thread is nested, so the last one made is the first to be used. */
  private readonly reserved: Reservation[] = [];

  /** Gives messages to receives that wait, one to each. */
  send(batch: Batch, from: number, to: number, lease = NO_LEASE, reserved = NOT_RESERVED): number {
    if (reserved !== NOT_RESERVED) return this.deliver(batch, from, reserved);
    for (let index = from; index < to; index++) {
      const outcome = this.give(batch, index, lease);
      if (outcome !== 1) return index > from ? index - from : outcome;
    }
    return to - from;
  }

  /** Takes the message of a send that waits. */
  recv(batch: Batch, _max: number, lease = NO_LEASE): number {
    const { words, heap } = this;
    if ((load(words, TAIL) & INDEX_MARK) !== 0) return DISCONNECTED;
    if (load(words, OFFERS_TO_SEND) === 0) return NOT_READY;
    const { table, record } = heap;
    const tail = this.enterInOrder();
    const isMarked = (tail & INDEX_MARK) !== 0;
    for (let offer = isMarked ? 0 : words[OFFERS_TO_SEND]; offer !== 0; offer = heap.words[offer + O_NEXT]) {
      const { words: heapWords } = heap;
      if (!this.isGood(offer, false)) continue;
      heap.noted = 0;
      const tag = heapWords[offer + O_TAG];
      const lo = heapWords[offer + O_LO];
      const { words: target } = batch;
      target[S_TAG] = tag;
      target[S_AUX] = heapWords[offer + O_AUX];
      target[S_LO] = lo;
      target[S_HI] = heapWords[offer + O_HI];
      const body = tag >= FIRST_BODY_TAG ? lo : 0;
      if (lease !== NO_LEASE) this.noteLeased(lease, target, 0);
      else if (body !== 0) {
        note(heap, body + C_NEXT, table[record + T_HELD]);
        note(heap, record + T_HELD, body);
      }
      this.noteTaken(offer, body);
      if (this.claim(offer, tail)) return 1;
    }
    this.letGo(tail);
    return isMarked ? DISCONNECTED : NOT_READY;
  }

  private give(batch: Batch, index: number, lease: number): number {
    const { words, heap } = this;
    if ((load(words, TAIL) & INDEX_MARK) !== 0) return DISCONNECTED;
    if (load(words, OFFERS_TO_RECEIVE) === 0) return NOT_READY;
    const { table, record } = heap;
    const { words: source } = batch;
    const s = index * SLOT_WORDS;
    const tail = this.enter();
    const isMarked = (tail & INDEX_MARK) !== 0;
    for (let offer = isMarked ? 0 : words[OFFERS_TO_RECEIVE]; offer !== 0; offer = heap.words[offer + O_NEXT]) {
      if (!this.isGood(offer, true)) continue;
      heap.noted = 0;
      const body = source[s + S_TAG] >= FIRST_BODY_TAG ? source[s + S_LO] : 0;
      this.noteGiven(offer, source, s);
      const leased = lease !== NO_LEASE && table[lease + L_TAG] >= FIRST_BODY_TAG ? table[lease + L_LO] : 0;
      const moved = leased !== 0 && leased === body; // the leased message itself is sent on: it was never on the held stack
      let held = body === 0 || moved ? table[record + T_HELD] : heap.words[body + C_NEXT];
      if (lease !== NO_LEASE) note(heap, lease + L_TAG, 0);
      if (leased !== 0 && !moved) {
        note(heap, leased + C_NEXT, held); // answered: its chunk is ours to free
        held = leased;
      }
      note(heap, record + T_HELD, held);
      if (this.claim(offer, tail)) return 1;
    }
    this.letGo(tail);
    return isMarked ? DISCONNECTED : NOT_READY;
  }

  // ── messages that are made once there is a receive for them ─────────────────────────────────────────────────────────────────

  override reserve(entry: number): number {
    const { words, heap, reserved } = this;
    if ((load(words, TAIL) & INDEX_MARK) !== 0) return DISCONNECTED;
    if (load(words, OFFERS_TO_RECEIVE) === 0) return NOT_READY;
    const claim = this.nextClaim();
    const tail = this.enter();
    const isMarked = (tail & INDEX_MARK) !== 0;
    let offer = isMarked ? 0 : words[OFFERS_TO_RECEIVE];
    for (; offer !== 0; offer = heap.words[offer + O_NEXT]) {
      if (!this.isGood(offer, true)) continue;
      const context = heap.words[offer + O_FIRST] + O_CONTEXT;
      const seen = load(heap.words, context);
      if (stateOf(seen) !== WAITING || cas(heap.words, context, seen, claim) !== seen) continue;
      reserved.push({ entry, offer, context, claim });
      break;
    }
    this.letGo(tail);
    if (isMarked) return DISCONNECTED;
    return offer === 0 ? NOT_READY : 1;
  }

  /** The receive that was reserved last looks again. */
  override unreserve(entry: number): void {
    const reservation = this.takeReservation(entry);
    if (reservation !== undefined) this.giveUp(reservation);
  }

  private nextClaim(): number {
    reservations = (reservations % (RESERVATIONS - 1)) + 1;
    return CLAIMED | (this.heap.slot << STATE_BITS) | (reservations << RESERVATION_SHIFT);
  }

  private takeReservation(entry: number): Reservation | undefined {
    const { reserved } = this;
    const index = reserved.findLastIndex((reservation) => reservation.entry === entry);
    return index < 0 ? undefined : reserved.splice(index, 1)[0];
  }

  private giveUp({ offer, context, claim }: Reservation): void {
    const { heap } = this;
    const tail = this.enter();
    const owner = this.isIn(OFFERS_TO_RECEIVE, offer) ? heap.words[offer + O_OWNER] & INDEX_OWNER : 0;
    const isOurs = owner !== 0 && cas(heap.words, context, claim, WAITING_TO_LOOK) === claim;
    this.letGo(tail);
    if (isOurs) ring(heap, owner, this.id);
  }

  /**
   * The message for the receive that was reserved: 1; NOT_READY if that is gone meanwhile, with its thread or its handle. While it
   * is in its list its context is there (Z5), and the claim's number tells it from any other.
   */
  private deliver(batch: Batch, index: number, entry: number): number {
    const reservation = this.takeReservation(entry);
    if (reservation === undefined) return NOT_READY;
    const { heap, words } = this;
    const { table, record } = heap;
    if ((load(words, TAIL) & INDEX_MARK) !== 0) {
      this.giveUp(reservation);
      return DISCONNECTED;
    }
    const { offer, claim } = reservation;
    const s = index * SLOT_WORDS;
    const tail = this.enter();
    if (this.isIn(OFFERS_TO_RECEIVE, offer)) {
      const { words: source } = batch;
      heap.noted = 0;
      this.noteGiven(offer, source, s);
      if (source[s + S_TAG] >= FIRST_BODY_TAG) note(heap, record + T_HELD, heap.words[source[s + S_LO] + C_NEXT]);
      else note(heap, record + T_HELD, table[record + T_HELD]);
      if (this.claim(offer, tail, claim)) return 1;
    }
    this.letGo(tail);
    return NOT_READY;
  }

  /** Owns TAIL. */
  private isIn(list: number, wanted: number): boolean {
    const { words } = this.heap;
    let offer = this.words[list];
    while (offer !== 0 && offer !== wanted) offer = words[offer + O_NEXT];
    return offer !== 0;
  }

  // ── offers ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Puts an offer, which lies on top of the held stack with its message right below it, into the list of its side; `below` is what
   * the stack is then. Not if a partner is there, or the channel is marked: then there is something to try (Z4).
   */
  link(offer: number, side: Side, below: number): boolean {
    const { heap, at } = this;
    const tail = this.enter();
    const sentHome: number[] = [];
    const isFree = (tail & INDEX_MARK) === 0 && !this.hasGood(side, offer, sentHome);
    if (isFree) {
      heap.noted = 0;
      this.noteAppend(at + (side === SIDE_SENDER ? OFFERS_TO_SEND : OFFERS_TO_RECEIVE), offer);
      note(heap, heap.record + T_HELD, below);
      commitAndRelease(heap, this.words, TAIL, at + TAIL, tail);
      this.signal();
    } else this.letGo(tail);
    for (const slot of sentHome) ring(heap, slot, this.id);
    return isFree;
  }

  /** The same look for an offer that is in its list already: whether there is nothing to try. */
  isStill(side: Side, offer: number): boolean {
    const tail = this.enter();
    const sentHome: number[] = [];
    const isFree = (tail & INDEX_MARK) === 0 && !this.hasGood(side, offer, sentHome);
    this.letGo(tail);
    for (const slot of sentHome) ring(this.heap, slot, this.id);
    return isFree;
  }

  /**
   * Takes an offer of this thread, or of a dead one, out of its list. It is on top of the held stack then; its message is in the
   * batch, the body right below the offer.
   */
  override removeOffer(offer: number, batch: Batch): void {
    const { heap } = this;
    const tail = this.enter();
    const { words, table, record } = heap;
    const { words: target } = batch;
    target[S_TAG] = words[offer + O_TAG];
    target[S_AUX] = words[offer + O_AUX];
    target[S_LO] = words[offer + O_LO];
    target[S_HI] = words[offer + O_HI];
    heap.noted = 0;
    this.noteUnlink(offer);
    let held = table[record + T_HELD];
    if (target[S_TAG] >= FIRST_BODY_TAG) {
      note(heap, target[S_LO] + C_NEXT, held);
      held = target[S_LO];
    }
    note(heap, offer + C_NEXT, held);
    note(heap, record + T_HELD, offer);
    commitAndRelease(heap, this.words, TAIL, this.at + TAIL, tail);
    this.signal();
  }

  /** Whether a try on this side would meet somebody now, or the end of the channel. */
  hasPartner(side: Side): boolean {
    const { words, heap } = this;
    const list = otherList(side);
    if ((load(words, TAIL) & INDEX_MARK) !== 0) return true;
    if (load(words, list) === 0) return false;
    const tail = this.enter();
    let offer = words[list];
    while (offer !== 0 && !this.isGood(offer, side === SIDE_SENDER)) offer = heap.words[offer + O_NEXT];
    this.letGo(tail);
    return offer !== 0 || (tail & INDEX_MARK) !== 0;
  }

  // ── for the dead ────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** What a dead thread had claimed is free again (Z2): its thread is rung, with all others, at the end of reaping. */
  override unclaim(slot: number): void {
    const tail = this.enter();
    const { words } = this.heap;
    for (const list of [OFFERS_TO_SEND, OFFERS_TO_RECEIVE]) {
      for (let offer = this.words[list]; offer !== 0; offer = words[offer + O_NEXT]) {
        const context = words[offer + O_FIRST] + O_CONTEXT;
        const seen = load(words, context);
        if (stateOf(seen) === CLAIMED && claimerOf(seen) === slot) cas(words, context, seen, WAITING_TO_LOOK);
      }
    }
    this.letGo(tail);
  }

  /** An offer that a dead thread left, one that holds the context of its operation or one that does not (Z5); 0 if there is none. */
  override offerOf(slot: number, isFirst: boolean): number {
    const tail = this.enter();
    const { words } = this.heap;
    let found = 0;
    for (const list of [OFFERS_TO_SEND, OFFERS_TO_RECEIVE, OFFERS_SETTLED]) {
      for (let offer = this.words[list]; offer !== 0 && found === 0; offer = words[offer + O_NEXT]) {
        if ((words[offer + O_OWNER] & INDEX_OWNER) === slot && (words[offer + O_FIRST] === offer) === isFirst) found = offer;
      }
    }
    this.letGo(tail);
    return found;
  }

  // ── under TAIL ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Owns TAIL, with views that reach every chunk that can be in a list. */
  private enter(): number {
    const { heap } = this;
    for (;;) {
      const tail = this.ownTail();
      if (load(heap.table, ARENA_END) <= heap.words.length) return tail;
      this.letGo(tail);
      heap.refresh();
    }
  }

  /**
   * The same, when no send is claimed by a thread that died: its reaper gives it free, and who took a later one of the same sender
   * meanwhile would break their order.
   */
  private enterInOrder(): number {
    const { heap } = this;
    for (let attempt = 0; ; attempt++) {
      const tail = this.enter();
      const dead = this.deadClaimer();
      if (dead === 0) return tail;
      this.letGo(tail);
      heap.contended(dead, attempt);
    }
  }

  /** Owns TAIL. A dead thread that has claimed a send here; 0 if there is none. */
  private deadClaimer(): number {
    const { words, table } = this.heap;
    for (let offer = this.words[OFFERS_TO_SEND]; offer !== 0; offer = words[offer + O_NEXT]) {
      const seen = load(words, words[offer + O_FIRST] + O_CONTEXT);
      if (stateOf(seen) === WAITING) return 0; // what is behind it is not looked at
      if (stateOf(seen) === CLAIMED && load(table, threadRecord(claimerOf(seen)) + T_STATE) <= 0) return claimerOf(seen);
    }
    return 0;
  }

  private letGo(tail: number): void {
    store(this.words, TAIL, tail);
    this.signal();
  }

  /** Whether an offer's operation may be claimed. `gives`: it would be given a message, which a dead thread cannot read. */
  private isGood(offer: number, gives: boolean): boolean {
    const { words, table } = this.heap;
    if ((words[offer + O_OWNER] & OFFER_LAZY) !== 0 || stateOf(load(words, words[offer + O_FIRST] + O_CONTEXT)) !== WAITING)
      return false;
    return !gives || (load(table, threadRecord(words[offer + O_OWNER] & INDEX_OWNER) + T_STATE) > 0 && !this.isAbsent(offer));
  }

  /**
   * Whether a message would lie with a thread that cannot read it: the receive waits in an event loop that is blocked. Sends may be
   * taken up whatever their thread does.
   */
  private isAbsent(offer: number): boolean {
    const { words, table } = this.heap;
    const owner = words[offer + O_OWNER];
    if ((owner & OFFER_ASYNC) === 0) return false;
    return load(table, threadRecord(owner & INDEX_OWNER) + T_DOOR) === PARKED_SYNC;
  }

  /**
   * Whether there is a partner for an offer of this side, of another operation. Who could be one, but cannot be claimed, is sent home
   * to look again, and to be rung: receives that are absent, for when they are back, and those that are lazy. A lazy offer is nobody's
   * partner, so it tells no other: they would send each other home for ever.
   */
  private hasGood(side: Side, own: number, sentHome: number[]): boolean {
    const { words } = this.heap;
    const gives = side === SIDE_SENDER;
    const isLazy = (words[own + O_OWNER] & OFFER_LAZY) !== 0;
    for (let offer = this.words[otherList(side)]; offer !== 0; offer = words[offer + O_NEXT]) {
      if (words[offer + O_FIRST] === words[own + O_FIRST]) continue;
      if (this.isGood(offer, gives)) return true;
      const looksAgain = (!isLazy && (words[offer + O_OWNER] & OFFER_LAZY) !== 0) || (gives && this.isAbsent(offer));
      if (looksAgain && this.sendHome(words[offer + O_FIRST] + O_CONTEXT)) {
        sentHome.push(words[offer + O_OWNER] & INDEX_OWNER);
      }
    }
    return false;
  }

  private sendHome(context: number): boolean {
    const { words } = this.heap;
    const seen = load(words, context);
    return stateOf(seen) === WAITING && cas(words, context, seen, IDLE) === seen;
  }

  /** Claims an offer's operation and commits what was noted: no calls in between (Z2). False: it was claimed or withdrawn meanwhile. */
  private claim(offer: number, tail: number, reserved?: number): boolean {
    const { words, heap, at, modulus } = this;
    const { table, record, slot, words: heapWords } = heap;
    const owner = heapWords[offer + O_OWNER] & INDEX_OWNER;
    const context = heapWords[offer + O_FIRST] + O_CONTEXT;
    const expected = reserved ?? load(heapWords, context);
    if (reserved === undefined && stateOf(expected) !== WAITING) return false;
    this.noteUnlink(offer);
    this.noteAppend(at + OFFERS_SETTLED, offer);
    note(heap, context, DONE | (heapWords[offer + O_CASE] << STATE_BITS));
    let next = (tail >>> INDEX_SHIFT) + 1;
    if (next === modulus) {
      next = 0;
      note(heap, at + TAIL_HI, words[TAIL_HI] + 1);
    }
    const end = record + T_JOURNAL + 2 * heap.noted;
    table[record + T_JOURNAL_LOCK] = at + TAIL;
    table[record + T_JOURNAL_UNLOCK] = next << INDEX_SHIFT;
    if (cas(heapWords, context, expected, CLAIMED | (slot << STATE_BITS)) !== expected) return false;
    store(table, record + T_JOURNAL_LENGTH, heap.noted);
    for (let e = record + T_JOURNAL; e < end; e += 2) store(heapWords, table[e], table[e + 1]);
    store(words, TAIL, next << INDEX_SHIFT);
    // ── handed over ──
    ring(heap, owner, this.id);
    this.signal();
    return true;
  }

  /** A message goes into an offer, or into the lease that the offer is for. */
  private noteGiven(offer: number, source: Int32Array, s: number): void {
    const { heap } = this;
    const lease = heap.words[offer + O_LEASE];
    if (lease !== NO_LEASE) return this.noteLeased(lease, source, s);
    note(heap, offer + O_TAG, source[s + S_TAG]);
    note(heap, offer + O_AUX, source[s + S_AUX]);
    note(heap, offer + O_LO, source[s + S_LO]);
    note(heap, offer + O_HI, source[s + S_HI]);
  }

  /** The message leaves an offer. If that answers a lease, the leased message comes in its place, for the sender to discard. */
  private noteTaken(offer: number, body: number): void {
    const { heap } = this;
    const { words, table } = heap;
    const lease = words[offer + O_LEASE];
    const leased = lease !== NO_LEASE && table[lease + L_TAG] >= FIRST_BODY_TAG ? table[lease + L_LO] : 0;
    note(heap, offer + O_TAG, leased !== 0 && leased !== body ? table[lease + L_TAG] : 0);
    note(heap, offer + O_LO, leased);
    if (lease !== NO_LEASE) note(heap, lease + L_TAG, 0);
  }

  private noteLeased(lease: number, message: Int32Array, s: number): void {
    const { heap } = this;
    note(heap, lease + L_LO, message[s + S_LO]);
    note(heap, lease + L_HI, message[s + S_HI]);
    note(heap, lease + L_TAG, message[s + S_TAG]);
    note(heap, lease + L_AUX, message[s + S_AUX]);
  }

  private noteUnlink(offer: number): void {
    const { heap } = this;
    const { words } = heap;
    const list = words[offer + O_LIST];
    const next = words[offer + O_NEXT];
    const previous = words[offer + O_PREVIOUS];
    note(heap, previous === 0 ? list : previous + O_NEXT, next);
    note(heap, next === 0 ? list + 1 : next + O_PREVIOUS, previous);
  }

  private noteAppend(list: number, offer: number): void {
    const { heap } = this;
    const last = heap.words[list + 1];
    note(heap, last === 0 ? list : last + O_NEXT, offer);
    note(heap, list + 1, offer);
    note(heap, offer + O_PREVIOUS, last);
    note(heap, offer + O_NEXT, 0);
    note(heap, offer + O_LIST, list);
  }

  // ── as seen from outside ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Partners find each other: whoever claims rings. Only the end of the channel concerns all that wait. */
  override signal(): void {
    if ((load(this.words, TAIL) & INDEX_MARK) !== 0) super.signal();
  }

  /** Whether a side has somebody to look at. Not all that offer can be met: `hasPartner` says it exactly. */
  readiness(): Readiness {
    const { words } = this;
    if ((load(words, TAIL) & INDEX_MARK) !== 0) return FLAG_RECEIVERS | FLAG_SENDERS;
    return (load(words, OFFERS_TO_SEND) !== 0 ? FLAG_RECEIVERS : 0) | (load(words, OFFERS_TO_RECEIVE) !== 0 ? FLAG_SENDERS : 0);
  }

  get seemsFull(): boolean {
    return (this.readiness() & FLAG_SENDERS) === 0;
  }

  /** Nothing is ever buffered. */
  override get length(): number {
    return 0;
  }

  override get isFull(): boolean {
    return true;
  }

  override get received(): number {
    return this.sent;
  }

  override glance(): { sent: number; received: number; length: number; closed: boolean } {
    const { sent, closed } = super.glance();
    return { sent, received: sent, length: 0, closed };
  }

  noteChunks(next: number): number {
    return next;
  }
}
