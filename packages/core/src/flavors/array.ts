/**
 * Bounded flavor: a ring of slots with exact capacity, any number of senders and receivers. Also oneshot, whose first send is the last.
 *
 * Called through flavors/channel.ts. Stands on: memory/layout.ts (words), memory/journal.ts (the journal's rules),
 * waiting/signal.ts (through Channel.signal). Proof: docs/protocols.md, "Index words". Mirrors crossbeam-channel's array flavor in
 * behaviour, not in algorithm: its stamps do not say who holds a slot.
 *
 * Words: TAIL, HEAD = pos:21 | mark:1 | owner:10. The slot of position p is p mod capacity; the modulus is a multiple of capacity.
 *
 * Invariants: C1–C3 (channel.ts), P1–P3 (indexed.ts), and
 *   R1  Slots [head, tail) are messages; only the owner of TAIL writes to the others, only the owner of HEAD reads those.
 *   R2  Nothing is consumed before HEAD's publish: a receiver that dies leaves the message first in line.
 *   R3  Places that are reserved (RESERVED, indexed.ts) count as used for everybody else.
 *   R3  The send of a oneshot publishes its message and the mark in one store: message before disconnection, and no second one.
 *
 * Ordering: slots are plain stores before the atomic store of TAIL; the receiver loads TAIL atomically before it reads them.
 */
import { DISCONNECTED, NO_LEASE, NOT_READY, NOT_RESERVED, type Readiness } from './channel.js';
import { IndexedChannel } from './indexed.js';
import { FIRST_BODY_TAG } from '../codec/wire.js';
import type { Batch } from '../memory/batch.js';
import {
  CH_KIND,
  C_NEXT,
  E_RESERVED,
  FLAGS,
  FLAG_RECEIVERS,
  FLAG_SENDERS,
  HEAD,
  HEAD_HI,
  HEAD_SEEN,
  INDEX_MARK,
  INDEX_OWNER,
  INDEX_SHIFT,
  KIND_ONESHOT,
  L_AUX,
  L_HI,
  L_LO,
  L_TAG,
  RESERVED,
  SLOTS,
  SLOT_WORDS,
  S_AUX,
  S_HI,
  S_LO,
  S_TAG,
  TAIL,
  TAIL_HI,
  TAIL_SEEN,
  T_HELD,
  T_JOURNAL,
  T_JOURNAL_LENGTH,
  T_JOURNAL_LOCK,
  T_JOURNAL_UNLOCK,
} from '../memory/layout.js';
import { cas, load, store } from '../platform/atomics.js';

export class ArrayChannel extends IndexedChannel {
  readonly kind = this.words[CH_KIND] === KIND_ONESHOT ? 'oneshot' : 'array';
  /** What a send leaves in TAIL beside the position (R3). */
  private readonly seal = this.kind === 'oneshot' ? INDEX_MARK : 0;

  send(batch: Batch, from: number, to: number, lease = NO_LEASE, reserved = NOT_RESERVED): number {
    const { words, capacity, modulus, heap, at, seal } = this;
    const { table, record, slot, words: heapWords } = heap;
    const source = batch.words;
    for (let attempt = 0; ;) {
      const tail = load(words, TAIL);
      if ((tail & INDEX_MARK) !== 0) return DISCONNECTED;
      const pos = tail >>> INDEX_SHIFT;
      let used = pos - words[HEAD_SEEN];
      if (used < 0) used += modulus;
      if (used >= capacity) {
        // The hint says full. A true difference of `capacity` at one instant (TAIL unchanged) decides without taking the index,
        // and whoever owns it meanwhile cannot change the answer.
        used = pos - (load(words, HEAD) >>> INDEX_SHIFT);
        if (used < 0) used += modulus;
        if (used === capacity) {
          if (load(words, TAIL) === tail) return NOT_READY;
          continue;
        }
      }
      if ((tail & INDEX_OWNER) !== 0) {
        heap.contended(tail & INDEX_OWNER, attempt++);
        continue;
      }
      table[record + T_JOURNAL_LENGTH] = 0; // J1
      if (cas(words, TAIL, tail, tail | slot) !== tail) continue;
      // ── TAIL is ours: no calls from here to the publish ──
      const limit = capacity - words[RESERVED] + (reserved === NOT_RESERVED ? 0 : 1);
      used = pos - words[HEAD_SEEN];
      if (used < 0) used += modulus;
      if (used + (to - from) > limit) {
        const head = load(words, HEAD) >>> INDEX_SHIFT;
        words[HEAD_SEEN] = head;
        used = pos - head;
        if (used < 0) used += modulus;
        if (used >= limit) {
          store(words, TAIL, tail);
          if (load(words, FLAGS) !== 0) this.signal(); // C3: a failed try held up others
          return NOT_READY;
        }
      }
      let count = to - from;
      if (count > limit - used) count = limit - used;
      let lastBody = 0;
      let index = pos % capacity;
      for (let i = 0; i < count; i++) {
        const s = (from + i) * SLOT_WORDS;
        const d = SLOTS + SLOT_WORDS * index;
        const tag = source[s];
        words[d] = tag;
        words[d + 1] = source[s + 1];
        words[d + 2] = source[s + 2];
        words[d + 3] = source[s + 3];
        if (tag >= FIRST_BODY_TAG) lastBody = source[s + S_LO];
        if (++index === capacity) index = 0;
      }
      let next = pos + count;
      if (next >= modulus) next -= modulus;
      if (lastBody !== 0 || next < pos || lease !== NO_LEASE || reserved !== NOT_RESERVED) {
        // More than the index changes: bodies leave the held stack, the position wraps, a lease is answered, a reserved place is
        // used. All of it commits with one store; the reaper finishes it if we die before the publish.
        let j = record + T_JOURNAL;
        if (reserved !== NOT_RESERVED) {
          table[j++] = at + RESERVED;
          table[j++] = words[RESERVED] - 1;
          table[j++] = reserved + E_RESERVED;
          table[j++] = heapWords[reserved + E_RESERVED] - 1;
        }
        const leased = lease !== NO_LEASE && table[lease + L_TAG] >= FIRST_BODY_TAG ? table[lease + L_LO] : 0;
        const moved = leased !== 0 && leased === lastBody; // the leased message itself is sent on: it was never on the held stack
        let held = lastBody === 0 || moved ? table[record + T_HELD] : heapWords[lastBody + C_NEXT];
        if (next < pos) {
          table[j++] = at + TAIL_HI;
          table[j++] = words[TAIL_HI] + 1;
        }
        if (lease !== NO_LEASE) {
          table[j++] = lease + L_TAG;
          table[j++] = 0;
          if (leased !== 0 && !moved) {
            table[j++] = leased + C_NEXT; // answered: its chunk is ours to free
            table[j++] = held;
            held = leased;
          }
        }
        table[j++] = record + T_HELD;
        table[j++] = held;
        table[record + T_JOURNAL_LOCK] = at + TAIL;
        table[record + T_JOURNAL_UNLOCK] = (next << INDEX_SHIFT) | seal;
        store(table, record + T_JOURNAL_LENGTH, (j - record - T_JOURNAL) >> 1);
        for (let e = record + T_JOURNAL; e < j; e += 2) heapWords[table[e]] = table[e + 1];
      }
      store(words, TAIL, (next << INDEX_SHIFT) | seal);
      // ── published ──
      if (load(words, FLAGS) !== 0) this.signal();
      return count;
    }
  }

  recv(batch: Batch, max: number, lease = NO_LEASE): number {
    const { words, capacity, modulus, heap, at } = this;
    const { table, record, slot } = heap;
    const target = batch.words;
    for (let attempt = 0; ;) {
      const head = load(words, HEAD);
      const pos = head >>> INDEX_SHIFT;
      if (pos === words[TAIL_SEEN]) {
        // The hint says empty. TAIL's position and mark in one load, with HEAD unchanged, decide without taking the index.
        const tail = load(words, TAIL);
        if (tail >>> INDEX_SHIFT === pos) {
          if (load(words, HEAD) === head) return (tail & INDEX_MARK) !== 0 ? DISCONNECTED : NOT_READY;
          continue;
        }
      }
      if ((head & INDEX_OWNER) !== 0) {
        heap.contended(head & INDEX_OWNER, attempt++);
        continue;
      }
      table[record + T_JOURNAL_LENGTH] = 0; // J1
      const heapWords = heap.words;
      if (cas(words, HEAD, head, head | slot) !== head) continue;
      // ── HEAD is ours: no calls from here to the publish ──
      let there = words[TAIL_SEEN] - pos;
      if (there < 0) there += modulus;
      if (there < max) {
        const tail = load(words, TAIL);
        words[TAIL_SEEN] = tail >>> INDEX_SHIFT;
        there = (tail >>> INDEX_SHIFT) - pos;
        if (there < 0) there += modulus;
        if (there === 0) {
          store(words, HEAD, head);
          if (load(words, FLAGS) !== 0) this.signal(); // C3
          return (tail & INDEX_MARK) !== 0 ? DISCONNECTED : NOT_READY;
        }
      }
      let count = there < max ? there : max;
      let firstBody = 0;
      let lastBody = 0;
      let beyond = 0;
      let index = pos % capacity;
      for (let i = 0; i < count; i++) {
        const s = SLOTS + SLOT_WORDS * index;
        const d = i * SLOT_WORDS;
        const tag = words[s];
        target[d] = tag;
        target[d + 1] = words[s + 1];
        target[d + 2] = words[s + 2];
        target[d + 3] = words[s + 3];
        if (tag >= FIRST_BODY_TAG && lease === NO_LEASE) {
          const body = words[s + S_LO];
          if (body + C_NEXT >= heapWords.length) {
            beyond = body; // the heap grew: our views do not reach the chunk's header
            count = i;
            break;
          }
          if (firstBody === 0) firstBody = body;
          else heapWords[lastBody + C_NEXT] = body;
          lastBody = body;
        }
        if (++index === capacity) index = 0;
      }
      if (count === 0) {
        store(words, HEAD, head);
        heap.cover(beyond + C_NEXT + 1);
        if (load(words, FLAGS) !== 0) this.signal();
        continue;
      }
      let next = pos + count;
      if (next >= modulus) next -= modulus;
      if (firstBody !== 0 || next < pos || lease !== NO_LEASE) {
        let j = record + T_JOURNAL;
        if (next < pos) {
          table[j++] = at + HEAD_HI;
          table[j++] = words[HEAD_HI] + 1;
        }
        if (lease !== NO_LEASE) {
          table[j++] = lease + L_LO;
          table[j++] = target[S_LO];
          table[j++] = lease + L_HI;
          table[j++] = target[S_HI];
          table[j++] = lease + L_TAG;
          table[j++] = target[S_TAG];
          table[j++] = lease + L_AUX;
          table[j++] = target[S_AUX];
        } else if (firstBody !== 0) {
          heapWords[lastBody + C_NEXT] = table[record + T_HELD];
          table[j++] = record + T_HELD;
          table[j++] = firstBody;
        }
        table[record + T_JOURNAL_LOCK] = at + HEAD;
        table[record + T_JOURNAL_UNLOCK] = next << INDEX_SHIFT;
        store(table, record + T_JOURNAL_LENGTH, (j - record - T_JOURNAL) >> 1);
        for (let e = record + T_JOURNAL; e < j; e += 2) heapWords[table[e]] = table[e + 1];
      }
      store(words, HEAD, next << INDEX_SHIFT);
      // ── published ──
      if (load(words, FLAGS) !== 0) this.signal();
      return count;
    }
  }

  get seemsFull(): boolean {
    const { words, capacity, modulus } = this;
    let used = (load(words, TAIL) >>> INDEX_SHIFT) - words[HEAD_SEEN];
    if (used < 0) used += modulus;
    return used >= capacity && (this.readiness() & FLAG_SENDERS) === 0;
  }

  readiness(): Readiness {
    const { words, capacity, modulus } = this;
    const tail = load(words, TAIL);
    if ((tail & INDEX_MARK) !== 0) return FLAG_RECEIVERS | FLAG_SENDERS;
    let used = (tail >>> INDEX_SHIFT) - (load(words, HEAD) >>> INDEX_SHIFT);
    if (used < 0) used += modulus;
    if (used > capacity) return FLAG_RECEIVERS | FLAG_SENDERS; // the tail is older than the head: unknown, so both
    return (used > 0 ? FLAG_RECEIVERS : 0) | (used < capacity - load(words, RESERVED) ? FLAG_SENDERS : 0);
  }

  noteChunks(next: number): number {
    return next;
  }
}
