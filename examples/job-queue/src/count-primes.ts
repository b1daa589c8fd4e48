/**
 * The pool's worker file: counts the primes below a limit, one by one, which takes long. Says how far it is, and stops when it is told.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { Sender } from 'beamline';
import type { JobContext } from 'beamline/pool';

export interface PrimesJob {
  readonly limit: number;
  /** Takes how much is done, in percent; the first one, 0, says that the job has begun. */
  readonly progress: Sender<number>;
}

/** So many numbers take some ms. */
const SLICE = 20_000;

export default async function countPrimes({ limit, progress }: PrimesJob, { signal }: JobContext): Promise<number> {
  using sender = progress; // dropped however this ends: whoever receives then knows that no more is to come
  let count = 0;
  for (let from = 0; from < limit; from += SLICE) {
    await sender.send(Math.floor((100 * from) / limit));
    await turn(); // a thread that is busy hears nothing: the signal is aborted while the event loop turns
    signal.throwIfAborted();
    for (let n = from; n < Math.min(from + SLICE, limit); n++) if (isPrime(n)) count++;
  }
  return count;
}

function isPrime(n: number): boolean {
  if (n % 2 === 0) return n === 2;
  for (let factor = 3; factor * factor <= n; factor += 2) if (n % factor === 0) return false;
  return n > 1;
}
