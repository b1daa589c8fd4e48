/**
 * The wake rule: whoever changed a channel, or gave up on it, wakes one waiter of every side that can go on; where a change concerns
 * all that wait (broadcast), it wakes all.
 *
 * Called by: flavors after every unlock of an index (failed tries too), waiting/parking.ts after every cancel, timeout and
 * unregister, ownership/reaper.ts.
 *
 * State-based on purpose. "One wake per publish", passing a baton and waking lock waiters each lose wake-ups when a waiter is
 * cancelled or dies; looking at the state after every change covers them all (docs/protocols.md, "Signal").
 *
 * Invariants
 *   S1  A waiter sets its bit, then the flag, then tries again in full; a signaller changes the state, then reads the flag. So
 *       either the signaller sees the waiter or the waiter sees the change.
 *   S2  Who clears a bit owns that wake: it rings that thread. If it turns out to be running, the next waiter is woken too: a
 *       running thread may be busy for long and looks at its mail only before it parks.
 *   S3  The flag is cleared before the set is scanned a last time, and restored if a bit is there: a waiter whose bit was set
 *       between scan and clear would otherwise be invisible. How far the set reaches is looked up after that, too.
 */
import { PARKED_SYNC, PARKED_ASYNC, ring } from './door.js';
import type { Heap } from '../memory/heap.js';
import { FLAGS, SET_WORDS, THREADS_HIGH } from '../memory/layout.js';
import { and, exchange, load, or } from '../platform/atomics.js';

/** Where the next scan starts, so that no thread is always last. A hint; a race on it does no harm. */
let rotation = 0;

/** Sets a thread's bit in a side's set and raises the side's flag. The caller tries again in full before it parks (S1). */
export function register(heap: Heap, words: Int32Array, set: number, flag: number): void {
  or(words, set + (heap.slot >>> 5), 1 << (heap.slot & 31));
  or(words, FLAGS, flag);
}

/** Clears this thread's bit. The caller signals afterwards: its wake-up may have been the only one. */
export function unregister(heap: Heap, words: Int32Array, set: number): void {
  and(words, set + (heap.slot >>> 5), ~(1 << (heap.slot & 31)));
}

/** Wakes one waiter of a side, or lowers the side's flag if there is none. */
export function wakeOne(heap: Heap, words: Int32Array, channelId: number, set: number, flag: number): void {
  for (;;) {
    if (ringFirst(heap, words, channelId, set)) return;
    and(words, FLAGS, ~flag);
    if (isEmpty(words, set, usedWords(heap))) return;
    or(words, FLAGS, flag); // S3
  }
}

/**
 * Wakes every waiter of a side. The flag is lowered first, so whoever sets its bit behind the scan raises it again after that; of the
 * others, whose flag this may have lowered, none is left out. A second waker that finds the flag down meanwhile leaves its news
 * to these rings, which come after it.
 */
export function wakeAll(heap: Heap, words: Int32Array, channelId: number, set: number, flag: number): void {
  and(words, FLAGS, ~flag);
  const used = usedWords(heap);
  for (let word = 0; word < used; word++) {
    if (load(words, set + word) === 0) continue;
    for (let bits = exchange(words, set + word, 0); bits !== 0; bits &= bits - 1) {
      ring(heap, (word << 5) | (31 - Math.clz32(bits & -bits)), channelId);
    }
  }
}

/** Words of a set that can have bits: it grows with the threads that there ever were. */
function usedWords(heap: Heap): number {
  return Math.min(SET_WORDS, (load(heap.table, THREADS_HIGH) >>> 5) + 1);
}

/** Rings waiters until one was parked. False: the set is empty. */
function ringFirst(heap: Heap, words: Int32Array, channelId: number, set: number): boolean {
  const used = usedWords(heap);
  const start = rotation++ % used;
  for (let step = 0; step < used; step++) {
    const word = (start + step) % used;
    for (let bits = load(words, set + word); bits !== 0; bits = load(words, set + word)) {
      const bit = bits & -bits;
      if ((and(words, set + word, ~bit) & bit) === 0) continue; // somebody else owns that wake
      const was = ring(heap, (word << 5) | (31 - Math.clz32(bit)), channelId);
      if (was === PARKED_SYNC || was === PARKED_ASYNC) return true;
    }
  }
  return false;
}

function isEmpty(words: Int32Array, set: number, used: number): boolean {
  for (let word = 0; word < used; word++) if (load(words, set + word) !== 0) return false;
  return true;
}
