/**
 * A parallel sum: the data is split, one thread sums each part, and the partial sums meet in one channel.
 *
 * A thread gets a copy of its part, as by `postMessage`. The codec `float64` says that this channel carries numbers only, which makes
 * it faster, and makes the compiler and the channel refuse anything else.
 *
 * Prints:
 *   the sum of 1 to 100 is 5050, in 4 parts
 */
import { bounded, codecs, spawn } from 'beamline';
import type sum from './sum.js';

const PARTS = 4;
const numbers = Array.from({ length: 100 }, (_, index) => index + 1);
const size = Math.ceil(numbers.length / PARTS); // rounded up, so that no number is left over

const [tx, rx] = bounded(PARTS, { codec: codecs.float64 });
const threads = Array.from({ length: PARTS }, (_, index) => {
  const part = numbers.slice(index * size, (index + 1) * size);
  return spawn<typeof sum>(new URL('./sum.js', import.meta.url), { data: { part, tx: tx.clone() } });
});
tx.drop();

let total = 0;
for await (const partial of rx) total += partial;
await Promise.all(threads.map((thread) => thread.join())); // A part that failed has sent no sum: here it is told.
console.log(`the sum of 1 to 100 is ${total}, in ${PARTS} parts`);
