/**
 * Rejected: strictly lock-free. Every slot holds a node, and every thread holds a spare one. A sender fills its spare and exchanges
 * it for the slot's by one CAS; a receiver exchanges its own for the slot's and has the message. That CAS is the operation: it has
 * happened entirely or not at all, whoever stops wherever. The index words only say where to look, and whoever finds one behind
 * moves it on.
 *
 * slot:  turn << 17 | full << 16 | node      index: turn << 17 | slot
 *
 * A turn has 15 bits: a CAS that sleeps through exactly 32,768 laps could succeed wrongly. A real one would need wider words.
 *
 * Why not: see docs/adr/0001-index-word.md.
 */
import { HEAD, NOT_READY, SLOTS, SLOT_WORDS, TAIL } from './layout.mjs';

const FULL = 1 << 16;
const TURN = 1 << 17;
const TURN_MASK = -TURN;
const NODE = FULL - 1;

export class LockFree {
  static batches = false; // a batch is so many single operations

  constructor(memory, capacity, thread) {
    this.words = new Int32Array(memory);
    this.numbers = new Float64Array(memory);
    this.capacity = capacity;
    this.spare = capacity + thread;
  }

  static init(memory, capacity) {
    const words = new Int32Array(memory);
    for (let slot = 0; slot < capacity; slot++) words[SLOTS + SLOT_WORDS * slot] = slot;
  }

  send(values, from) {
    let count = 0;
    while (from + count < values.length && this.sendOne(values[from + count])) count++;
    return count;
  }

  recv(into, from) {
    let count = 0;
    while (from + count < into.length && this.recvOne(into, from + count)) count++;
    return count;
  }

  sendOne(value) {
    const { words, spare } = this;
    this.numbers[(SLOTS + SLOT_WORDS * spare) / 2 + 1] = value;
    for (;;) {
      const tail = Atomics.load(words, TAIL);
      const turn = tail & TURN_MASK;
      const at = SLOTS + SLOT_WORDS * (tail & NODE);
      const word = Atomics.load(words, at);
      if ((word & ~NODE) === turn) {
        if (Atomics.compareExchange(words, at, word, turn | FULL | spare) !== word) continue;
        this.spare = word & NODE;
        Atomics.compareExchange(words, TAIL, tail, this.after(tail));
        return true;
      }
      // The message of the lap before has not been taken, and those after it have not either: full.
      if ((word & TURN_MASK) === ((turn - TURN) | 0)) return NOT_READY;
      Atomics.compareExchange(words, TAIL, tail, this.after(tail));
    }
  }

  recvOne(into, to) {
    const { words } = this;
    for (;;) {
      const head = Atomics.load(words, HEAD);
      const turn = head & TURN_MASK;
      const at = SLOTS + SLOT_WORDS * (head & NODE);
      const word = Atomics.load(words, at);
      if ((word & ~NODE) === (turn | FULL)) {
        if (Atomics.compareExchange(words, at, word, (turn + TURN) | 0 | this.spare) !== word) continue;
        this.spare = word & NODE;
        Atomics.compareExchange(words, HEAD, head, this.after(head));
        into[to] = this.numbers[(SLOTS + SLOT_WORDS * this.spare) / 2 + 1];
        return true;
      }
      if ((word & ~NODE) === turn) return NOT_READY;
      Atomics.compareExchange(words, HEAD, head, this.after(head));
    }
  }

  after(position) {
    return (position & NODE) + 1 < this.capacity ? position + 1 : ((position & TURN_MASK) + TURN) | 0;
  }
}
