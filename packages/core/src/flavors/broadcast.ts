/**
 * Broadcast flavor: every receiver sees every message. A ring with exact capacity that sends overwrite: who falls behind by more than
 * the capacity misses messages, is told how many, and holds up nobody.
 *
 * Called through flavors/channel.ts; `read`, `unread` and `subscribe` by handles/broadcast.ts and @beamline/select.
 * Proof: docs/protocols.md, "Broadcast". Mirrors tokio's `broadcast` in behaviour, with a capacity that is not rounded.
 *
 * Words: TAIL and TAIL_HI, as in indexed.ts; HEAD is not used. The slot of message n is n mod (capacity + 1). A receiver's position,
 * how many messages were sent before the one that it reads next, is in its handle's entry.
 *
 * Invariants: C1 and C2 (channel.ts), P3 (indexed.ts), and
 *   BR1  Message n can be read while tail - capacity ≤ n < tail. The owner of TAIL writes only to the slot of message tail, which is
 *        that of tail - capacity - 1.
 *   BR2  A body stays in the ring until the transaction that puts another message into its slot, or discards it; both move it onto
 *        the held stack. It is freed after that was published.
 *   BR3  A receive takes no lock. What it has copied counts only if its message could still be read afterwards.
 *   BR4  Bodies are in the ring only while there is an entry of a receiver, counting or being given up. So a channel that is freed
 *        has none, and noteChunks has nothing to do.
 *
 * C3 does not apply: nobody waits for an index here. Receivers never own one, and senders never wait.
 *
 * Ordering: the words of slots are stored and loaded atomically, as they are read without a lock. Bodies are copied plainly, and a
 * fence comes before the look at TAIL that vouches for them: a plain load may be carried out after a later atomic load (ARM).
 */
import { DISCONNECTED, NOT_READY, type Readiness, type Side } from './channel.js';
import { IndexedChannel } from './indexed.js';
import { EMPTY, FIRST_BODY_TAG, type Incoming } from '../codec/wire.js';
import { freeHeld } from '../memory/allocator.js';
import type { Batch } from '../memory/batch.js';
import type { Heap } from '../memory/heap.js';
import { commitAndRelease, note } from '../memory/journal.js';
import {
  C_BODY,
  C_NEXT,
  DISCARDED,
  E_KIND,
  E_POSITION,
  FLAGS,
  FLAG_RECEIVERS,
  FLAG_SENDERS,
  INDEX_MARK,
  INDEX_OWNER,
  INDEX_SHIFT,
  PHASE_LIVE,
  RECEIVERS,
  RECEIVER_SET,
  SIDE_RECEIVER,
  SIDE_SENDER,
  SLOTS,
  SLOT_WORDS,
  S_HI,
  S_LO,
  S_TAG,
  TAIL,
  TAIL_HI,
  T_HELD,
  T_JOURNAL,
  T_JOURNAL_LENGTH,
  T_JOURNAL_LOCK,
  T_JOURNAL_UNLOCK,
  T_NAP,
} from '../memory/layout.js';
import { add, cas, load, store } from '../platform/atomics.js';
import { wakeAll } from '../waiting/signal.js';

/** Result of `read` when messages were overwritten: `missed` says how many. */
export const LAGGED = -2;

/** Bodies and slots that one transaction of `recv` takes out, and looks through. */
const DISCARDS = 32;
const LOOKS = 1024;

const HIGH = 2 ** 32;
const converted = new Float64Array(1);
const halves = new Int32Array(converted.buffer);

export class BroadcastChannel extends IndexedChannel {
  readonly kind = 'broadcast';
  /** One bit per thread stands for all its receivers, and each reads for itself. */
  override readonly triesAll = true;
  private readonly slots = this.capacity + 1;
  /** How many messages the last `read` that was LAGGED found overwritten. */
  missed = 0;
  /** Where `recv` goes on. */
  private looked = 0;

  /**
   * Sends the message in slot 0 of a batch. Returns how many receivers there are: with 0, or DISCONNECTED (closed), nothing was sent.
   * Never waits for any of them.
   */
  send(batch: Batch): number {
    const { words, modulus, heap, at, slots } = this;
    const { table, record, slot } = heap;
    const source = batch.words;
    const tag = source[S_TAG];
    const body = tag >= FIRST_BODY_TAG ? source[S_LO] : 0;
    for (let attempt = 0; ;) {
      const tail = load(words, TAIL);
      if ((tail & INDEX_MARK) !== 0) return DISCONNECTED;
      if ((tail & INDEX_OWNER) !== 0) {
        heap.contended(tail & INDEX_OWNER, attempt++);
        continue;
      }
      const heapWords = heap.words;
      table[record + T_JOURNAL_LENGTH] = 0; // J1
      if (cas(words, TAIL, tail, tail | slot) !== tail) continue;
      // ── TAIL is ours: no calls from here to the publish ──
      const receivers = words[RECEIVERS];
      const pos = tail >>> INDEX_SHIFT;
      const s = SLOTS + SLOT_WORDS * (pos % slots);
      const old = words[s + S_TAG] >= FIRST_BODY_TAG ? words[s + S_LO] : 0;
      if (receivers === 0) {
        store(words, TAIL, tail);
        return 0;
      }
      if (old + C_NEXT >= heapWords.length) {
        store(words, TAIL, tail); // the heap grew: our views do not reach the old body's header
        heap.cover(old + C_NEXT + 1);
        continue;
      }
      let next = pos + 1;
      if (next === modulus) next = 0;
      if (body === 0 && old === 0 && next !== 0) {
        // Neither the old message nor the new one has a body, so a mixture of both has none either.
        store(words, s + S_TAG, tag);
        store(words, s + S_LO, source[S_LO]);
        store(words, s + S_HI, source[S_HI]);
      } else {
        let j = record + T_JOURNAL;
        let held = body !== 0 ? heapWords[body + C_NEXT] : table[record + T_HELD];
        if (old !== 0) {
          heapWords[old + C_NEXT] = held;
          held = old;
        }
        table[j++] = at + s + S_TAG;
        table[j++] = tag;
        table[j++] = at + s + S_LO;
        table[j++] = source[S_LO];
        table[j++] = at + s + S_HI;
        table[j++] = source[S_HI];
        if (next === 0) {
          table[j++] = at + TAIL_HI;
          table[j++] = words[TAIL_HI] + 1;
        }
        table[j++] = record + T_HELD;
        table[j++] = held;
        table[record + T_JOURNAL_LOCK] = at + TAIL;
        table[record + T_JOURNAL_UNLOCK] = next << INDEX_SHIFT;
        store(table, record + T_JOURNAL_LENGTH, (j - record - T_JOURNAL) >> 1);
        for (let e = record + T_JOURNAL; e < j; e += 2) store(heapWords, table[e], table[e + 1]);
      }
      store(words, TAIL, next << INDEX_SHIFT);
      // ── published ──
      if (load(words, FLAGS) !== 0) wakeAll(heap, words, this.id, RECEIVER_SET, FLAG_RECEIVERS);
      if (old !== 0) freeHeld(heap);
      return receivers;
    }
  }

  /**
   * The next message of the receiver with an entry (its absolute index): 1, and `incoming` shows it, its body in memory of its own;
   * NOT_READY; DISCONNECTED; or LAGGED, with `missed`, and the receiver goes on with the oldest message that is left. No lock is taken (BR3).
   */
  read(entry: number, incoming: Incoming): number {
    const { words, heap, capacity, slots } = this;
    for (;;) {
      const next = this.positionOf(entry);
      const tail = this.sent;
      if (next === tail) {
        if ((load(words, TAIL) & INDEX_MARK) === 0) return NOT_READY;
        if (this.sent === next) return DISCONNECTED;
        continue; // sent just before the mark
      }
      if (next < tail - capacity) {
        this.missed = tail - capacity - next;
        setPosition(heap, entry, tail - capacity);
        return LAGGED;
      }
      const s = SLOTS + SLOT_WORDS * (next % slots);
      const tag = load(words, s + S_TAG);
      const lo = load(words, s + S_LO);
      const hi = load(words, s + S_HI);
      if (this.isOverwritten(next)) continue;
      const body = tag >= FIRST_BODY_TAG ? copyBody(heap, lo, hi) : EMPTY;
      if (body !== EMPTY && this.isOverwritten(next)) continue;
      setPosition(heap, entry, next + 1);
      incoming.tag = tag;
      incoming.lo = halves[0] = lo;
      incoming.hi = halves[1] = hi;
      incoming.number = converted[0];
      incoming.bytes = body;
      incoming.start = 0;
      incoming.length = body.length;
      return 1;
    }
  }

  /** How many messages the receiver with an entry could read now: those that it has missed are not among them. */
  unread(entry: number): number {
    return Math.min(this.sent - this.positionOf(entry), this.capacity);
  }

  /** Whether `read` would say something other than NOT_READY. */
  isReadable(entry: number): boolean {
    return (load(this.words, TAIL) & INDEX_MARK) !== 0 || this.sent !== this.positionOf(entry);
  }

  /** Counts a new receiver in, at the tail: its position is set in the transaction that makes it count. */
  subscribe(entry: number): void {
    const { heap, at, words } = this;
    const tail = this.ownTail();
    note(heap, at + RECEIVERS, words[RECEIVERS] + 1);
    note(heap, entry + E_KIND, SIDE_RECEIVER | PHASE_LIVE);
    notePosition(heap, entry + E_POSITION, this.ownedPosition(tail));
    commitAndRelease(heap, words, TAIL, at + TAIL, tail);
  }

  /** The last sender marks the channel. The last receiver does not: there may be others later. */
  override count(side: Side, change: 1 | -1, entryWord: number, entryKind: number): number {
    if (side === SIDE_SENDER) return super.count(side, change, entryWord, entryKind);
    const { heap, at, words } = this;
    const tail = this.ownTail();
    const count = words[RECEIVERS] + change;
    note(heap, at + RECEIVERS, count);
    note(heap, entryWord, entryKind);
    if (count === 0) notePosition(heap, at + DISCARDED, this.ownedPosition(tail));
    commitAndRelease(heap, words, TAIL, at + TAIL, tail);
    return count;
  }

  /**
   * The last receiver is gone: takes out up to `max` bodies, as long as there is none again. Whoever comes later discards in its turn
   * (BR4). Each call goes on where the one before stopped, until one finds nothing more.
   */
  recv(batch: Batch, max: number): number {
    const { heap, at, words } = this;
    const { table, record } = heap;
    for (;;) {
      const tail = this.ownTail();
      const end = words[RECEIVERS] > 0 ? 0 : Math.min(this.slots, this.ownedPosition(tail));
      const stop = Math.min(end, this.looked + LOOKS);
      let held = table[record + T_HELD];
      let count = 0;
      for (; this.looked < stop && count < Math.min(max, DISCARDS); this.looked++) {
        const s = SLOTS + SLOT_WORDS * this.looked;
        if (words[s + S_TAG] < FIRST_BODY_TAG) continue;
        const body = words[s + S_LO];
        heap.cover(body + C_BODY);
        heap.words[body + C_NEXT] = held;
        held = body;
        note(heap, at + s + S_TAG, 0);
        batch.words[SLOT_WORDS * count++ + S_TAG] = FIRST_BODY_TAG;
      }
      const isDone = this.looked >= end;
      if (count > 0) note(heap, record + T_HELD, held);
      commitAndRelease(heap, words, TAIL, at + TAIL, tail);
      if (count > 0) return count;
      if (!isDone) continue;
      this.looked = 0;
      return NOT_READY;
    }
  }

  noteChunks(next: number): number {
    return next; // BR4
  }

  /** The mark concerns everybody who waits. Otherwise there is nothing to pass on: each message has woken all of them. */
  override signal(): void {
    const { words, heap } = this;
    if ((load(words, FLAGS) & FLAG_RECEIVERS) === 0 || (load(words, TAIL) & INDEX_MARK) === 0) return;
    wakeAll(heap, words, this.id, RECEIVER_SET, FLAG_RECEIVERS);
  }

  /** Whether there is something to read depends on the receiver: try. */
  readiness(): Readiness {
    return FLAG_RECEIVERS | FLAG_SENDERS;
  }

  get seemsFull(): boolean {
    return false;
  }

  /** Those that left the ring, to whomever. */
  override get received(): number {
    return this.sent - this.length;
  }

  /** Messages that are kept, for receivers as slow as may be. */
  override get length(): number {
    const { words } = this;
    const discarded = load(words, DISCARDED + 1) * HIGH + (load(words, DISCARDED) >>> 0);
    return Math.max(0, Math.min(this.sent - discarded, this.capacity));
  }

  override get isDisconnected(): boolean {
    return super.isDisconnected || this.receivers === 0;
  }

  override glance(): { sent: number; received: number; length: number; closed: boolean } {
    const { words, modulus, capacity } = this;
    const sent = load(words, TAIL_HI) * modulus + (load(words, TAIL) >>> INDEX_SHIFT);
    const discarded = load(words, DISCARDED + 1) * HIGH + (load(words, DISCARDED) >>> 0);
    const length = Math.max(0, Math.min(sent - discarded, capacity));
    return { sent, received: sent - length, length, closed: this.isDisconnected };
  }

  /** BR1. */
  private isOverwritten(message: number): boolean {
    return message < this.sent - this.capacity;
  }

  private positionOf(entry: number): number {
    const { words } = this.heap;
    return words[entry + E_POSITION + 1] * HIGH + (words[entry + E_POSITION] >>> 0);
  }

  /** Full position of the tail, which this thread owns. */
  private ownedPosition(tail: number): number {
    return this.words[TAIL_HI] * this.modulus + (tail >>> INDEX_SHIFT);
  }
}

/** The entry is this thread's, and so is the position: no order to keep. */
function setPosition({ words }: Heap, entry: number, position: number): void {
  words[entry + E_POSITION] = position | 0;
  words[entry + E_POSITION + 1] = Math.floor(position / HIGH);
}

function notePosition(heap: Heap, word: number, position: number): void {
  note(heap, word, position | 0);
  note(heap, word + 1, Math.floor(position / HIGH));
}

/** A body as it is right now, which counts only if it is still in the ring afterwards. The fence keeps that look behind the copying. */
function copyBody(heap: Heap, chunk: number, length: number): Uint8Array {
  heap.cover(chunk + C_BODY + ((length + 3) >>> 2));
  const start = (chunk + C_BODY) * 4;
  const body = Uint8Array.prototype.slice.call(heap.bytes, start, start + length);
  add(heap.table, heap.record + T_NAP, 0);
  return body;
}
