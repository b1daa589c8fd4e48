/**
 * Rejected: a stamp per slot, the bounded queue of Dmitry Vyukov (https://www.1024cores.net/home/lock-free-algorithms/queues)
 * that crossbeam's array flavor is made of. A position is claimed by one CAS on the index; the slot's stamp says when it is done.
 *
 * Why not: a claim does not say whose it is. A thread that dies between the CAS and the stamp leaves a slot that everybody behind
 * it waits for, and the index has moved on, so that nothing can be put back: repair means a tombstone or a message out of order.
 * An intent noted beside it can be stale, and then repair destroys a live message. This copy notes none, which flatters it.
 */
import { CONTENDED, HEAD, NOT_READY, SLOTS, SLOT_WORDS, TAIL } from './layout.mjs';

const LOOKS = 40;
const stampOf = (slot) => SLOTS + SLOT_WORDS * slot;

export class StampPerSlot {
  static batches = true;

  constructor(memory, capacity) {
    this.words = new Int32Array(memory);
    this.numbers = new Float64Array(memory);
    this.capacity = capacity;
    // A position is lap | slot; the slot's stamp is its position when it may be written, one more when it may be read.
    this.lap = 2 ** (32 - Math.clz32(capacity));
  }

  static init(memory, capacity) {
    const words = new Int32Array(memory);
    for (let slot = 0; slot < capacity; slot++) words[stampOf(slot)] = slot;
  }

  send(values, from) {
    const { words, lap } = this;
    for (let look = 0; look < LOOKS; look++) {
      const tail = Atomics.load(words, TAIL);
      const count = this.ready(tail, 0, values.length - from);
      if (count > 0) {
        if (Atomics.compareExchange(words, TAIL, tail, this.after(tail, count)) !== tail) continue;
        for (let i = 0, at = tail; i < count; i++, at = this.after(at, 1)) {
          const stamp = stampOf(at & (lap - 1));
          this.numbers[stamp / 2 + 1] = values[from + i];
          Atomics.store(words, stamp, (at + 1) | 0);
        }
        return count;
      }
      // Still of the lap before: full, unless the receivers are further than that and about to say so.
      const stamp = Atomics.load(words, stampOf(tail & (lap - 1)));
      if (stamp === ((tail + 1 - lap) | 0) && Atomics.load(words, HEAD) === ((tail - lap) | 0)) return NOT_READY;
    }
    return CONTENDED;
  }

  recv(into, from) {
    const { words, lap } = this;
    for (let look = 0; look < LOOKS; look++) {
      const head = Atomics.load(words, HEAD);
      const count = this.ready(head, 1, into.length - from);
      if (count > 0) {
        if (Atomics.compareExchange(words, HEAD, head, this.after(head, count)) !== head) continue;
        for (let i = 0, at = head; i < count; i++, at = this.after(at, 1)) {
          const stamp = stampOf(at & (lap - 1));
          into[from + i] = this.numbers[stamp / 2 + 1];
          Atomics.store(words, stamp, (at + lap) | 0);
        }
        return count;
      }
      if (Atomics.load(words, stampOf(head & (lap - 1))) === head && Atomics.load(words, TAIL) === head) return NOT_READY;
    }
    return CONTENDED;
  }

  /** How many slots from a position on have a stamp that is `ahead` of it. */
  ready(position, ahead, most) {
    const { words, lap } = this;
    let count = 0;
    let at = position;
    while (count < most && Atomics.load(words, stampOf(at & (lap - 1))) === ((at + ahead) | 0)) {
      count++;
      at = this.after(at, 1);
    }
    return count;
  }

  after(position, count) {
    const { lap, capacity } = this;
    const slot = (position & (lap - 1)) + count;
    return slot < capacity ? position + count : ((position & -lap) + lap + slot - capacity) | 0;
  }
}
