/**
 * The harness: a thread that sends or receives so many numbers over a ring each time it is told to, and waits in the same way
 * whatever the ring: looks some times, then sleeps until another thread has changed something.
 */
import { CONTENDED, EPOCH, SLEEPERS } from './layout.mjs';
import { RINGS } from './rings.mjs';

const LOOKS = 200;
/** A wake-up can be missed by a thread that meets a held side: it looks again after this long. */
const NAP_MS = 1;

/** Words of the control memory: rounds begun, threads that have finished one; then, per thread, the sum of what it received. */
const BEGUN = 0;
const FINISHED = 1;
const SUMS_BYTE = 8;

export default function run({ control, ...task }) {
  const words = new Int32Array(control);
  const work = task.ring === undefined ? overChannel(task) : overRing(task);
  const sums = new Float64Array(control, SUMS_BYTE);
  for (let round = 0; ; round++) {
    Atomics.wait(words, BEGUN, round);
    sums[task.thread] = work();
    Atomics.add(words, FINISHED, 1);
    Atomics.notify(words, FINISHED);
  }
}

function overRing({ ring: name, memory, capacity, thread, sends, count, batch }) {
  const ring = new RINGS[name](memory, capacity, thread);
  const words = new Int32Array(memory);
  const once = sends ? (values, from) => ring.send(values, from) : (values, from) => ring.recv(values, from);

  const wake = () => {
    if (Atomics.load(words, SLEEPERS) === 0) return;
    Atomics.add(words, EPOCH, 1);
    Atomics.notify(words, EPOCH);
  };

  /** Sleeps unless the operation succeeds after having said so: what is changed after that wakes. */
  const nap = (values, from) => {
    Atomics.add(words, SLEEPERS, 1);
    const epoch = Atomics.load(words, EPOCH);
    const moved = once(values, from); // lost-wake-up guard
    if (moved <= 0) Atomics.wait(words, EPOCH, epoch, NAP_MS);
    Atomics.sub(words, SLEEPERS, 1);
    return moved;
  };

  const move = (values, from) => {
    for (let look = 1; ; look++) {
      const moved = look > LOOKS ? nap(values, from) : once(values, from);
      if (moved > 0) {
        wake();
        return moved;
      }
      if (moved === CONTENDED) look += LOOKS / 5; // the ring has looked many times itself
    }
  };

  return () => {
    let sum = 0;
    for (let done = 0; done < count; done += batch) {
      const values = new Array(Math.min(batch, count - done));
      if (sends) for (let i = 0; i < values.length; i++) values[i] = done + i;
      for (let from = 0; from < values.length;) from += move(values, from);
      if (!sends) for (let i = 0; i < values.length; i++) sum += values[i];
    }
    return sum;
  };
}

function overChannel({ tx, rx, sends, count, batch }) {
  const one = () => {
    let sum = 0;
    for (let i = 0; i < count; i++) {
      if (sends) tx.sendSync(i);
      else sum += rx.recvSync();
    }
    return sum;
  };
  const many = () => {
    let sum = 0;
    for (let done = 0; done < count;) {
      const size = Math.min(batch, count - done);
      const values = sends ? Array.from({ length: size }, (_, i) => done + i) : rx.recvManySync(size);
      if (sends) tx.sendManySync(values);
      else for (const value of values) sum += value;
      done += values.length;
    }
    return sum;
  };
  return batch === 1 ? one : many;
}
