/**
 * Rejected: two words per side, a lock that holds its owner and an index of full 32 bits.
 *
 * Why not: taking and letting go cost one store more than with one word, and between the two stores the index has moved while the
 * lock is still held: whoever repairs after a death has to tell the two states apart. Disconnection needs a third word, so that
 * "empty and disconnected" is no longer one load.
 */
import { CONTENDED, HEAD, NOT_READY, SLOTS, SLOT_WORDS, TAIL } from './layout.mjs';

const KNOWN = 1;
const NEXT = 2;
const LOCK = 4;
const LOOKS = 40;

export class TwoWords {
  static batches = true;

  constructor(memory, capacity, thread) {
    this.words = new Int32Array(memory);
    this.numbers = new Float64Array(memory);
    this.capacity = capacity;
    this.owner = thread + 1;
  }

  static init() {}

  send(values, from) {
    const { words, capacity } = this;
    if (!this.take(TAIL)) return CONTENDED;
    const position = words[TAIL];
    let used = (position - words[TAIL + KNOWN]) | 0;
    if (used + values.length - from > capacity) {
      words[TAIL + KNOWN] = Atomics.load(words, HEAD);
      used = (position - words[TAIL + KNOWN]) | 0;
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

  recv(into, from) {
    const { words, capacity } = this;
    const seen = Atomics.load(words, HEAD);
    if (words[HEAD + KNOWN] === seen && Atomics.load(words, TAIL) === seen) return NOT_READY;
    if (!this.take(HEAD)) return CONTENDED;
    const position = words[HEAD];
    let filled = (words[HEAD + KNOWN] - position) | 0;
    if (filled < into.length - from) {
      words[HEAD + KNOWN] = Atomics.load(words, TAIL);
      filled = (words[HEAD + KNOWN] - position) | 0;
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
    for (let look = 0; look < LOOKS; look++) if (Atomics.compareExchange(words, index + LOCK, 0, owner) === 0) return true;
    return false;
  }

  release(index, position, count) {
    if (count > 0) Atomics.store(this.words, index, (position + count) | 0);
    Atomics.store(this.words, index + LOCK, 0);
  }
}
