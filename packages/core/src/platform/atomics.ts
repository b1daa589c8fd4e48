/**
 * The only file that names `Atomics`. Every shared word that more than one thread writes is read and written through here.
 *
 * Called by: everything that touches shared memory. The model checker replaces this module, and with it every step that threads
 * can observe of each other; so nothing here may hide two steps in one function.
 *
 * Ordering: all operations are sequentially consistent (ECMAScript memory model). Plain stores made before an atomic store are
 * visible to whoever reads that store's value.
 *
 * Contract of the two primitives that waiting stands on:
 *   wait(words, i, v, ms)  sleeps while words[i] === v, atomically with respect to notify; may return early; never trust it alone.
 *   notify(words, i)       wakes *all* sleepers on the word. Never one: a dying thread, or the caller's own abandoned async wait,
 *                          would swallow the only wake-up (docs/protocols.md, "Doors").
 */
const A = Atomics;

export const load = A.load as (words: Int32Array, index: number) => number;
export const store = A.store as (words: Int32Array, index: number, value: number) => number;
export const cas = A.compareExchange as (words: Int32Array, index: number, expected: number, value: number) => number;
export const exchange = A.exchange as (words: Int32Array, index: number, value: number) => number;
export const add = A.add as (words: Int32Array, index: number, value: number) => number;
export const or = A.or as (words: Int32Array, index: number, bits: number) => number;
export const and = A.and as (words: Int32Array, index: number, bits: number) => number;
export const wait = A.wait as (words: Int32Array, index: number, value: number, ms: number) => 'ok' | 'not-equal' | 'timed-out';
export const waitAsync = A.waitAsync as (
  words: Int32Array,
  index: number,
  value: number,
) => { async: false; value: 'not-equal' | 'timed-out' } | { async: true; value: Promise<'ok' | 'timed-out'> };

/** Wakes every sleeper on a word. */
export function notifyAll(words: Int32Array, index: number): void {
  A.notify(words, index, Infinity);
}

/** A hint to the processor inside a spin, some 30 ns; Node 20 and 22 have none. */
const { pause } = A as { pause?: () => void };

/**
 * Burns a little time without touching shared memory: re-reading a word that another core writes slows that core down. A turn is
 * about half a nanosecond.
 */
export function spin(turns: number): void {
  if (pause === undefined) for (let i = 0; i < turns; i++);
  else for (let i = 0; i < turns; i += 64) pause();
}
