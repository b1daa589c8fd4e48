/**
 * Unbounded flavor: linked blocks of slots, appended by senders and freed by receivers as they leave them. Also bounded channels
 * too large for a ring, whose capacity it keeps by counting.
 *
 * Called through flavors/channel.ts. Stands on the same words and rules as array.ts; read that one first.
 * Proof: docs/protocols.md, "Index words" and "List blocks".
 *
 * The slot of position p is p mod BLOCK_SLOTS of its block; the modulus is a multiple of BLOCK_SLOTS. A block is linked by the send
 * of its first slot and left by the receive of the next block's first slot. An empty new list has no block.
 *
 * Invariants: C1–C3 (channel.ts), P1–P3 (indexed.ts), and
 *   L1  TAIL_BLOCK is the block of position tail - 1, HEAD_BLOCK that of head - 1; 0 while there is none. Where a position is the
 *       first of its block, its block is the next one: linked already for head < tail, still to be made for tail.
 *   L2  Linking and leaving a block commit with the publish of the index. A new block comes off the sender's held stack, a left one
 *       goes onto the receiver's, so a block always has one owner.
 *   L3  Equal low words do not mean empty: a list may hold a multiple of the modulus. Emptiness is decided on full positions.
 */
import { DISCONNECTED, NO_LEASE, NOT_READY, NOT_RESERVED, type Readiness } from './channel.js';
import { IndexedChannel } from './indexed.js';
import { FIRST_BODY_TAG } from '../codec/wire.js';
import { freeHeld, takeChunk } from '../memory/allocator.js';
import { BATCH, type Batch } from '../memory/batch.js';
import { note } from '../memory/journal.js';
import {
  BLOCK_SLOTS,
  BLOCK_WORDS,
  B_LINK,
  B_SLOTS,
  CH_FIRST_BLOCK,
  C_NEXT,
  E_RESERVED,
  FLAGS,
  FLAG_RECEIVERS,
  FLAG_SENDERS,
  HEAD,
  HEAD_BLOCK,
  HEAD_HI,
  INDEX_MARK,
  INDEX_OWNER,
  INDEX_SHIFT,
  L_AUX,
  L_HI,
  L_LO,
  L_TAG,
  RESERVED,
  SLOT_WORDS,
  S_AUX,
  S_HI,
  S_LO,
  S_TAG,
  TAIL,
  TAIL_BLOCK,
  TAIL_HI,
  TAIL_SEEN,
  T_HELD,
  T_JOURNAL,
  T_JOURNAL_LENGTH,
  T_JOURNAL_LOCK,
  T_JOURNAL_UNLOCK,
} from '../memory/layout.js';
import { cas, load, store } from '../platform/atomics.js';

export class ListChannel extends IndexedChannel {
  readonly kind = 'list';

  send(batch: Batch, from: number, to: number, lease = NO_LEASE, reserved = NOT_RESERVED): number {
    const { words, modulus, heap, at, capacity } = this;
    const { table, record, slot } = heap;
    const source = batch.words;
    let spare = 0;
    for (let attempt = 0; ;) {
      const tail = load(words, TAIL);
      const pos = tail >>> INDEX_SHIFT;
      const index = pos % BLOCK_SLOTS;
      const room = capacity === Infinity ? to - from : Math.min(to - from, this.room() + (reserved === NOT_RESERVED ? 0 : 1));
      const sendable = (tail & INDEX_MARK) === 0 && room > 0;
      if (spare !== 0 && (!sendable || index !== 0)) {
        freeHeld(heap); // somebody else linked the block, or nothing will be sent
        spare = 0;
      }
      if (!sendable) return (tail & INDEX_MARK) !== 0 ? DISCONNECTED : NOT_READY;
      if ((tail & INDEX_OWNER) !== 0) {
        heap.contended(tail & INDEX_OWNER, attempt++);
        continue;
      }
      if (index === 0 && spare === 0) {
        spare = takeChunk(heap, BLOCK_WORDS);
        heap.words[spare + B_LINK] = 0;
      }
      const heapWords = heap.words;
      table[record + T_JOURNAL_LENGTH] = 0; // J1
      if (cas(words, TAIL, tail, tail | slot) !== tail) continue;
      // ── TAIL is ours: no calls from here to the publish ──
      const last = words[TAIL_BLOCK];
      const block = index === 0 ? spare : last;
      const end = (last > block ? last : block) + BLOCK_WORDS; // a new block is linked from the last one
      if (end > heapWords.length) {
        store(words, TAIL, tail); // the heap grew: our views do not reach that far
        heap.cover(end);
        if (load(words, FLAGS) !== 0) this.signal();
        continue;
      }
      let count = BLOCK_SLOTS - index;
      if (count > room) count = room;
      let lastBody = 0;
      for (let i = 0; i < count; i++) {
        const s = (from + i) * SLOT_WORDS;
        const d = block + B_SLOTS + SLOT_WORDS * (index + i);
        const tag = source[s];
        heapWords[d] = tag;
        heapWords[d + 1] = source[s + 1];
        heapWords[d + 2] = source[s + 2];
        heapWords[d + 3] = source[s + 3];
        if (tag >= FIRST_BODY_TAG) lastBody = source[s + S_LO];
      }
      let next = pos + count;
      if (next === modulus) next = 0;
      if (lastBody !== 0 || index === 0 || next === 0 || lease !== NO_LEASE || reserved !== NOT_RESERVED) {
        // Bodies and a new block leave the held stack (the block lies above the bodies), the position wraps, a lease is answered, a
        // reserved place is used.
        let j = record + T_JOURNAL;
        if (reserved !== NOT_RESERVED) {
          table[j++] = at + RESERVED;
          table[j++] = words[RESERVED] - 1;
          table[j++] = reserved + E_RESERVED;
          table[j++] = heapWords[reserved + E_RESERVED] - 1;
        }
        const leased = lease !== NO_LEASE && table[lease + L_TAG] >= FIRST_BODY_TAG ? table[lease + L_LO] : 0;
        const moved = leased !== 0 && leased === lastBody; // the leased message itself is sent on: it was never on the held stack
        const top = lastBody !== 0 && !moved ? lastBody : spare;
        let held = top !== 0 ? heapWords[top + C_NEXT] : table[record + T_HELD];
        if (index === 0) {
          table[j++] = last === 0 ? at + CH_FIRST_BLOCK : last + B_LINK;
          table[j++] = spare;
          table[j++] = at + TAIL_BLOCK;
          table[j++] = spare;
        }
        if (next === 0) {
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
        table[record + T_JOURNAL_UNLOCK] = next << INDEX_SHIFT;
        store(table, record + T_JOURNAL_LENGTH, (j - record - T_JOURNAL) >> 1);
        for (let e = record + T_JOURNAL; e < j; e += 2) heapWords[table[e]] = table[e + 1];
      }
      store(words, TAIL, next << INDEX_SHIFT);
      // ── published ──
      if (load(words, FLAGS) !== 0) this.signal();
      return count;
    }
  }

  recv(batch: Batch, max: number, lease = NO_LEASE): number {
    const { words, modulus, heap, at } = this;
    const { table, record, slot } = heap;
    const target = batch.words;
    for (let attempt = 0; ;) {
      const head = load(words, HEAD);
      const pos = head >>> INDEX_SHIFT;
      if (pos === words[TAIL_SEEN]) {
        const tail = load(words, TAIL);
        if (tail >>> INDEX_SHIFT === pos && this.isDrained(head)) return (tail & INDEX_MARK) !== 0 ? DISCONNECTED : NOT_READY;
        if (load(words, HEAD) !== head) continue;
      }
      if ((head & INDEX_OWNER) !== 0) {
        heap.contended(head & INDEX_OWNER, attempt++);
        continue;
      }
      const index = pos % BLOCK_SLOTS;
      const heapWords = heap.words;
      table[record + T_JOURNAL_LENGTH] = 0; // J1
      if (cas(words, HEAD, head, head | slot) !== head) continue;
      // ── HEAD is ours: no calls from here to the publish ──
      let there = words[TAIL_SEEN] - pos; // P2: at least so many
      if (there < 0) there += modulus;
      let tail = 0;
      let unsettled = false;
      if (there === 0 || (there < max && index + there < BLOCK_SLOTS)) {
        const hi = load(words, TAIL_HI);
        tail = load(words, TAIL);
        const seen = tail >>> INDEX_SHIFT;
        words[TAIL_SEEN] = seen;
        there = seen - pos;
        if (there < 0) there += modulus;
        if (there === 0) {
          if (hi !== words[HEAD_HI]) there = modulus; // L3
          unsettled = load(words, TAIL_HI) !== hi || ((tail & INDEX_OWNER) !== 0 && seen >= modulus - BATCH); // P3
        }
      }
      // Linked before the TAIL that told of the message, by whoever owned HEAD then. What lies beyond our views reads as undefined.
      const left = index === 0 ? words[HEAD_BLOCK] : 0;
      const block = (index !== 0 ? words[HEAD_BLOCK] : left !== 0 ? heapWords[left + B_LINK] : words[CH_FIRST_BLOCK]) as
        number | undefined;
      const isBeyond = block === undefined || left + BLOCK_WORDS > heapWords.length || block + BLOCK_WORDS > heapWords.length;
      if (there === 0 || unsettled || isBeyond) {
        store(words, HEAD, head);
        heap.cover(Math.max(left, block ?? 0) + BLOCK_WORDS);
        if (load(words, FLAGS) !== 0) this.signal(); // C3
        if (unsettled && (tail & INDEX_OWNER) !== 0) heap.contended(tail & INDEX_OWNER, attempt++);
        if (unsettled || there !== 0) continue;
        return (tail & INDEX_MARK) !== 0 ? DISCONNECTED : NOT_READY;
      }
      let count = BLOCK_SLOTS - index;
      if (count > there) count = there;
      if (count > max) count = max;
      let firstBody = 0;
      let lastBody = 0;
      let beyond = 0;
      for (let i = 0; i < count; i++) {
        const s = block + B_SLOTS + SLOT_WORDS * (index + i);
        const d = i * SLOT_WORDS;
        const tag = heapWords[s];
        target[d] = tag;
        target[d + 1] = heapWords[s + 1];
        target[d + 2] = heapWords[s + 2];
        target[d + 3] = heapWords[s + 3];
        if (tag >= FIRST_BODY_TAG && lease === NO_LEASE) {
          const body = heapWords[s + S_LO];
          if (body + C_NEXT >= heapWords.length) {
            beyond = body; // the heap grew: our views do not reach the chunk's header
            count = i;
            break;
          }
          if (firstBody === 0) firstBody = body;
          else heapWords[lastBody + C_NEXT] = body;
          lastBody = body;
        }
      }
      if (count === 0) {
        store(words, HEAD, head);
        heap.cover(beyond + C_NEXT + 1);
        if (load(words, FLAGS) !== 0) this.signal();
        continue;
      }
      let next = pos + count;
      if (next === modulus) next = 0;
      if (firstBody !== 0 || index === 0 || next === 0 || lease !== NO_LEASE) {
        let j = record + T_JOURNAL;
        let held = table[record + T_HELD];
        if (next === 0) {
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
          heapWords[lastBody + C_NEXT] = held;
          held = firstBody;
        }
        if (index === 0) {
          table[j++] = at + HEAD_BLOCK;
          table[j++] = block;
          if (left !== 0) {
            heapWords[left + C_NEXT] = held; // L2: above the bodies, so that it comes off first
            held = left;
          }
        }
        table[j++] = record + T_HELD;
        table[j++] = held;
        table[record + T_JOURNAL_LOCK] = at + HEAD;
        table[record + T_JOURNAL_UNLOCK] = next << INDEX_SHIFT;
        store(table, record + T_JOURNAL_LENGTH, (j - record - T_JOURNAL) >> 1);
        for (let e = record + T_JOURNAL; e < j; e += 2) heapWords[table[e]] = table[e + 1];
      }
      store(words, HEAD, next << INDEX_SHIFT);
      // ── published ──
      if (left !== 0) freeHeld(heap);
      if (load(words, FLAGS) !== 0) this.signal();
      return count;
    }
  }

  get seemsFull(): boolean {
    return this.capacity !== Infinity && (this.readiness() & FLAG_SENDERS) === 0;
  }

  readiness(): Readiness {
    const { words, capacity, modulus } = this;
    const tail = load(words, TAIL);
    if ((tail & INDEX_MARK) !== 0) return FLAG_RECEIVERS | FLAG_SENDERS;
    if (capacity !== Infinity) {
      const room = this.room();
      return (room < capacity ? FLAG_RECEIVERS : 0) | (room > 0 ? FLAG_SENDERS : 0);
    }
    const head = load(words, HEAD);
    const differ = head >>> INDEX_SHIFT !== tail >>> INDEX_SHIFT || load(words, TAIL_HI) !== load(words, HEAD_HI);
    const wrapping = (head & INDEX_OWNER) !== 0 && head >>> INDEX_SHIFT >= modulus - BATCH; // P3: unknown, so ready
    return differ || wrapping ? FLAG_RECEIVERS | FLAG_SENDERS : FLAG_SENDERS;
  }

  /** Without a limit nobody waits to send: who is registered there waits for the end (handles/ending.ts), and no message wakes it. */
  protected override wakes(): Readiness {
    const ready = this.readiness();
    return this.capacity !== Infinity || this.isDisconnected ? ready : ready & ~FLAG_SENDERS;
  }

  noteChunks(next: number): number {
    const last = this.words[TAIL_BLOCK];
    if (last === 0) return next;
    note(this.heap, last + C_NEXT, next);
    return last;
  }

  /** Room of a list with a capacity. Positive: at least so much, as the head only grows. Otherwise exact at one instant. */
  private room(): number {
    for (;;) {
      const received = this.received;
      const room = this.capacity - load(this.words, RESERVED) - (this.sent - received);
      if (room > 0 || this.received === received) return room;
    }
  }

  /** Whether the list was empty at an instant between two equal readings of HEAD (L3); its low words were equal. */
  private isDrained(head: number): boolean {
    const { words, modulus } = this;
    if ((head & INDEX_OWNER) !== 0 && head >>> INDEX_SHIFT >= modulus - BATCH) return false; // P3
    return load(words, TAIL_HI) === load(words, HEAD_HI) && load(words, HEAD) === head;
  }
}
