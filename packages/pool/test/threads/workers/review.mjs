/**
 * Handlers that die at awkward moments. `workerData.words`: [a gate that opens when it is not 0, how many have come to where they are
 * waited for].
 */
import { workerData } from 'node:worker_threads';

const words = workerData?.words;
const here = () => Atomics.add(words, 1, 1);
const gate = () => (Atomics.load(words, 0) === 0 ? Atomics.waitAsync(words, 0, 0).value : undefined);

/** Dies in its first attempt, whatever the job is. */
export function once(job, { attempt }) {
  if (attempt === 1) process.exit(3);
  return job;
}

/** Dies in every attempt if the number divides by 20. */
export function poison(n, { attempt }) {
  if (n % 20 === 0) process.exit(3);
  return { n, attempt };
}

/** Is done, and takes its thread along right after that. */
export function afterwards(n) {
  setImmediate(() => process.exit(3));
  return n;
}

/** Is done, and in its first attempt takes its thread along as soon as the gate is open. */
export async function gated(n, { attempt }) {
  here();
  if (attempt === 1) void Promise.resolve(gate()).then(() => process.exit(3));
  return { n, attempt };
}

/** Is never done. */
export function endless() {
  here();
  return new Promise(() => {});
}

/** Waits in its second attempt until it is told to stop, and says so. */
export async function stoppable(_, { attempt, signal }) {
  if (attempt === 1) process.exit(3);
  here();
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  here();
}

/** Dies with all that is in progress beside it, once all of them are there. */
export async function together({ n, of }, { attempt }) {
  if (attempt === 1) {
    here();
    while (Atomics.load(words, 1) < of) await new Promise((resolve) => setImmediate(resolve));
    process.exit(3);
  }
  return n;
}

/** The first job is done at once. The second blocks its thread in its first attempt until the gate is open, and dies then. */
export function blocking(n, { attempt }) {
  if (n === 1 || attempt > 1) return n;
  here();
  while (Atomics.load(words, 0) === 0) Atomics.wait(words, 0, 0, 1000);
  process.exit(3);
}
