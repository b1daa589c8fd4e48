/**
 * Taken, not rejected: the ring that packages/core uses, reduced to numbers and without wake-ups, as the measure of the others.
 *
 * One index word per side, `position << 11 | mark << 10 | owner`. A side is taken by one CAS that writes the owner into its word;
 * plain stores put the message; one store publishes the new position and lets go. The words beside the index (what is known of
 * the other side, the slot of the position) belong to whoever holds the side. A batch costs the atomics of one message.
 */
import { CONTENDED, HEAD, NOT_READY, SLOTS, SLOT_WORDS, TAIL } from './layout.mjs';

const OWNER = 1023;
const SHIFT = 11;
const KNOWN = 1; // beside an index: the other side's position as last seen
const NEXT = 2; // beside an index: the slot of the position
const LOOKS = 40;

export class OwnerPacked {
  static batches = true;

  constructor(memory, capacity, thread) {
    this.words = new Int32Array(memory);
    this.numbers = new Float64Array(memory);
    this.capacity = capacity;
    this.owner = thread + 1;
    this.positions = Math.floor(2 ** 21 / capacity) * capacity;
  }

  static init() {}

  /** Puts up to `values.length - from` numbers. */
  send(values, from) {
    const { words, capacity, positions } = this;
    const word = this.take(TAIL);
    if (word === CONTENDED) return CONTENDED;
    const position = word >>> SHIFT;
    let used = position - words[TAIL + KNOWN];
    if (used < 0) used += positions;
    if (used + values.length - from > capacity) {
      words[TAIL + KNOWN] = Atomics.load(words, HEAD) >>> SHIFT;
      used = position - words[TAIL + KNOWN];
      if (used < 0) used += positions;
    }
    const count = Math.min(values.length - from, capacity - used);
    let slot = words[TAIL + NEXT];
    for (let i = 0; i < count; i++) {
      this.numbers[(SLOTS + SLOT_WORDS * slot) / 2 + 1] = values[from + i];
      slot = slot + 1 === capacity ? 0 : slot + 1;
    }
    words[TAIL + NEXT] = slot;
    this.release(TAIL, position, count);
    return count;
  }

  /** Takes up to `into.length - from` numbers. */
  recv(into, from) {
    const { words, capacity, positions } = this;
    const seen = Atomics.load(words, HEAD);
    // The plain read is a hint; empty is decided by the atomic one.
    if (
      (seen & OWNER) === 0 &&
      words[HEAD + KNOWN] === seen >>> SHIFT &&
      Atomics.load(words, TAIL) >>> SHIFT === seen >>> SHIFT
    ) {
      return NOT_READY;
    }
    const word = this.take(HEAD);
    if (word === CONTENDED) return CONTENDED;
    const position = word >>> SHIFT;
    let filled = words[HEAD + KNOWN] - position;
    if (filled < 0) filled += positions;
    if (filled < into.length - from) {
      words[HEAD + KNOWN] = Atomics.load(words, TAIL) >>> SHIFT;
      filled = words[HEAD + KNOWN] - position;
      if (filled < 0) filled += positions;
    }
    const count = Math.min(into.length - from, filled);
    let slot = words[HEAD + NEXT];
    for (let i = 0; i < count; i++) {
      into[from + i] = this.numbers[(SLOTS + SLOT_WORDS * slot) / 2 + 1];
      slot = slot + 1 === capacity ? 0 : slot + 1;
    }
    words[HEAD + NEXT] = slot;
    this.release(HEAD, position, count);
    return count;
  }

  take(index) {
    const { words, owner } = this;
    for (let look = 0; look < LOOKS; look++) {
      const word = Atomics.load(words, index);
      if ((word & OWNER) === 0 && Atomics.compareExchange(words, index, word, word | owner) === word) return word;
    }
    return CONTENDED;
  }

  release(index, position, count) {
    const next = position + count;
    Atomics.store(this.words, index, (next >= this.positions ? next - this.positions : next) << SHIFT);
  }
}
