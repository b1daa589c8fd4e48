/**
 * The prime sieve of Go's tutorials: a chain of filters, each a thread.
 *
 * The first thread sends the numbers from 2 on. Whatever reaches this end of the chain is a prime; a filter for it is put behind the last
 * one, and from then on only what it does not divide comes through. Rendezvous channels, as in the original: no thread runs ahead. When
 * the last receiver is dropped, the last filter's send fails, it ends, and so does one after another up to the first.
 *
 * Prints:
 *   2 3 5 7 11 13 17 19
 *   9 threads have ended
 */
import { bounded, spawn, type Receiver } from 'beamline';
import type filter from './filter.js';
import type numbers from './numbers.js';

const PRIMES = 8;

const [first, all] = bounded<number>(0);
const threads: { join(): Promise<void> }[] = [
  spawn<typeof numbers>(new URL('./numbers.js', import.meta.url), { data: { tx: first } }),
];
let end: Receiver<number> = all;
const primes: number[] = [];
for (let i = 0; i < PRIMES; i++) {
  const prime = await end.recv();
  primes.push(prime);
  const [tx, rest] = bounded<number>(0);
  threads.push(spawn<typeof filter>(new URL('./filter.js', import.meta.url), { data: { prime, rx: end, tx } }));
  end = rest;
}
console.log(primes.join(' '));

end.drop();
await Promise.all(threads.map((thread) => thread.join()));
console.log(`${threads.length} threads have ended`);
