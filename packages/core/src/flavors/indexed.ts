/**
 * What the flavors with index words (array, list) share: positions, counts, closing. Not the send and receive themselves, which
 * each flavor has in full.
 *
 * Positions: an index word holds the low part of a position, modulo `modulus`; the word next to it holds how often it wrapped. The
 * full position, `hi * modulus + low`, is how many messages were ever sent or received: an exact double.
 *
 * Invariants
 *   P1  head ≤ tail ≤ head + capacity, in full positions.
 *   P2  The cached opposite index (HEAD_SEEN, TAIL_SEEN) is never ahead of the real one, so it may err to "full" and "empty" only,
 *       and is refreshed before either is reported.
 *   P3  A wrap word is stored, with the low word owned, in the transaction that wraps the position: whoever reads hi, low, hi and
 *       finds an owned low word near the wrap reads again.
 */
import { Channel, DISCONNECTED, NOT_READY, type Side } from './channel.js';
import { BATCH } from '../memory/batch.js';
import { commitAndRelease, note } from '../memory/journal.js';
import {
  CH_MODULUS,
  E_KIND,
  E_RESERVED,
  FLAG_SENDERS,
  HEAD,
  HEAD_HI,
  INDEX_MARK,
  INDEX_OWNER,
  INDEX_SHIFT,
  RECEIVERS,
  RESERVED,
  SENDERS,
  SIDE_SENDER,
  TAIL,
  TAIL_HI,
  T_JOURNAL_LENGTH,
} from '../memory/layout.js';
import { cas, load, store } from '../platform/atomics.js';

export abstract class IndexedChannel extends Channel {
  readonly modulus = this.words[CH_MODULUS];

  get dueAt(): number {
    return Infinity;
  }

  get sent(): number {
    return this.position(TAIL, TAIL_HI);
  }

  get received(): number {
    return this.position(HEAD, HEAD_HI);
  }

  get isDisconnected(): boolean {
    return (load(this.words, TAIL) & INDEX_MARK) !== 0;
  }

  /** Exact at the instant at which TAIL was read, if HEAD was the same before and after. */
  get length(): number {
    for (;;) {
      const head = this.received;
      const length = this.sent - head;
      if (this.received === head) return length;
    }
  }

  get isFull(): boolean {
    return this.length >= this.capacity;
  }

  glance(): { sent: number; received: number; length: number; closed: boolean } {
    const { words, modulus } = this;
    const received = load(words, HEAD_HI) * modulus + (load(words, HEAD) >>> INDEX_SHIFT);
    const tail = load(words, TAIL);
    const sent = load(words, TAIL_HI) * modulus + (tail >>> INDEX_SHIFT);
    const length = Math.max(0, Math.min(sent - received, this.capacity));
    return { sent, received, length, closed: (tail & INDEX_MARK) !== 0 };
  }

  close(): boolean {
    if ((load(this.words, TAIL) & INDEX_MARK) !== 0) return false;
    const tail = this.ownTail();
    const marked = (tail & INDEX_MARK) === 0;
    commitAndRelease(this.heap, this.words, TAIL, this.at + TAIL, tail | INDEX_MARK);
    this.signal();
    return marked;
  }

  /** The last handle of either side marks the channel: nobody can send, or nobody will receive. */
  count(side: Side, change: 1 | -1, entryWord: number, entryKind: number): number {
    const tail = this.ownTail();
    const word = side === SIDE_SENDER ? SENDERS : RECEIVERS;
    const count = this.words[word] + change;
    note(this.heap, this.at + word, count);
    note(this.heap, entryWord, entryKind);
    const entry = entryWord - E_KIND;
    if (side === SIDE_SENDER && change === -1) this.noteUnreserved(entry, this.heap.words[entry + E_RESERVED]);
    commitAndRelease(this.heap, this.words, TAIL, this.at + TAIL, count === 0 ? tail | INDEX_MARK : tail);
    this.signal();
    return count;
  }

  countUnlessNone(side: Side, entryWord: number, entryKind: number): boolean {
    const tail = this.ownTail();
    const word = side === SIDE_SENDER ? SENDERS : RECEIVERS;
    const count = this.words[word];
    if (count > 0) {
      note(this.heap, this.at + word, count + 1);
      note(this.heap, entryWord, entryKind);
      commitAndRelease(this.heap, this.words, TAIL, this.at + TAIL, tail);
    } else store(this.words, TAIL, tail);
    this.signal();
    return count > 0;
  }

  reserve(entry: number): number {
    const { heap, words, at } = this;
    const tail = this.ownTail();
    const isMarked = (tail & INDEX_MARK) !== 0;
    const isFree = !isMarked && (this.readiness() & FLAG_SENDERS) !== 0;
    if (isFree) {
      note(heap, at + RESERVED, words[RESERVED] + 1);
      note(heap, entry + E_RESERVED, heap.words[entry + E_RESERVED] + 1);
    }
    commitAndRelease(heap, words, TAIL, at + TAIL, tail);
    this.signal();
    if (isMarked) return DISCONNECTED;
    return isFree ? 1 : NOT_READY;
  }

  unreserve(entry: number): void {
    const tail = this.ownTail();
    this.noteUnreserved(entry, 1);
    commitAndRelease(this.heap, this.words, TAIL, this.at + TAIL, tail);
    this.signal();
  }

  private noteUnreserved(entry: number, places: number): void {
    const { heap, words, at } = this;
    if (places === 0) return;
    note(heap, at + RESERVED, words[RESERVED] - places);
    note(heap, entry + E_RESERVED, heap.words[entry + E_RESERVED] - places);
  }

  /** Owns TAIL for a transaction that is not a send. Returns the word as it was. */
  protected ownTail(): number {
    const { heap, words } = this;
    heap.noted = 0;
    for (let attempt = 0; ; attempt++) {
      const tail = load(words, TAIL);
      const owner = tail & INDEX_OWNER;
      if (owner !== 0) {
        heap.contended(owner, attempt);
        continue;
      }
      heap.table[heap.record + T_JOURNAL_LENGTH] = 0; // J1
      if (cas(words, TAIL, tail, tail | heap.slot) === tail) return tail;
    }
  }

  /** Full position of an index (P3). */
  protected position(word: number, hiWord: number): number {
    const { words, heap, modulus } = this;
    for (let attempt = 0; ; attempt++) {
      const hi = load(words, hiWord);
      const low = load(words, word);
      if (load(words, hiWord) !== hi) continue;
      const pos = low >>> INDEX_SHIFT;
      const owner = low & INDEX_OWNER;
      if (owner === 0 || pos < modulus - BATCH) return hi * modulus + pos;
      heap.contended(owner, attempt);
    }
  }
}
