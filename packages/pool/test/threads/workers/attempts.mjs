/**
 * Handlers that die in as many attempts as the job says, and then live. `workerData.words`, if there are any: [times called, a gate that
 * opens when it is not 0, how many wait there]; with four or five of them see below.
 */
import { workerData } from 'node:worker_threads';

const words = workerData?.words;

function called() {
  if (words !== undefined) Atomics.add(words, 0, 1);
}

function gate() {
  Atomics.add(words, 2, 1);
  while (Atomics.load(words, 1) === 0) Atomics.wait(words, 1, 0, 1000);
  Atomics.sub(words, 2, 1);
}

const deaths = {
  exit: () => process.exit(3),
  timer: () => {
    setTimeout(() => {
      throw new Error('nobody catches this');
    });
    return new Promise(() => {});
  },
  rejection: () => {
    void Promise.reject(new Error('nobody catches this'));
    return new Promise(() => {});
  },
};

/** What the job says: { dies: in how many attempts, how }. A number dies once. */
export default function attempts(job, { attempt, worker }) {
  called();
  const { dies = 1, how = 'exit' } = typeof job === 'object' ? job : {};
  if (attempt <= dies) return deaths[how]();
  return { job, attempt, worker };
}

/** Waits for the gate, then dies in its first attempt. */
export function gated(job, { attempt }) {
  called();
  gate();
  if (attempt === 1) process.exit(3);
  return attempt;
}

/** Takes its thread along, and nobody can load this file any more. */
export function last() {
  Atomics.store(words, 1, 1);
  process.exit(3);
}
if (words?.length === 4 && Atomics.load(words, 1) === 1) process.exit(4);

// Five words: once a handler was called, whoever loads this file waits until the last word says go on.
if (words?.length === 5 && Atomics.load(words, 0) > 0) while (Atomics.load(words, 4) === 0) Atomics.wait(words, 4, 0, 1000);
