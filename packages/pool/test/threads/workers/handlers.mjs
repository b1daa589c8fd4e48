/** Handlers for the tests of the pool, by name. */
import { threadId } from 'node:worker_threads';

export const double = (n) => 2 * n;
export const echo = (job) => job;
export const laterDouble = async (n) => {
  await new Promise((resolve) => setImmediate(resolve));
  return 2 * n;
};
export const thread = () => threadId;
export const context = (_job, { worker, attempt, signal }) => ({ worker, attempt, aborted: signal.aborted, threadId });
export const nothing = () => {};

/** Says that it has begun, then waits for the gate to open. The job brings both. */
export const held = async ({ id, begun, gate }) => {
  begun.sendSync(id);
  await gate.recv();
  begun.drop();
  gate.drop();
  return id;
};

/** The same, and gives what its signal says then. */
export const heldSignal = async ({ begun, gate, told }, { signal }) => {
  signal.addEventListener('abort', () => told.sendSync(String(signal.reason?.message ?? signal.reason)));
  begun.sendSync(1);
  await gate.recv();
  for (const handle of [begun, gate, told]) handle.drop();
  return signal.aborted;
};

/** The same, and takes its thread along. */
export const heldExit = async ({ id, begun, gate, lives }) => {
  begun.sendSync(id);
  await gate.recv();
  if (!lives) process.exit(1);
  begun.drop();
  gate.drop();
  return id;
};

class Special extends RangeError {
  name = 'Special';
}

/** Fails in the way that the job says. */
export const fail = (kind) => {
  switch (kind) {
    case 'error':
      throw Object.assign(new TypeError('no good'), { code: 'E_NO_GOOD', cause: new Error('deeper', { cause: 'deepest' }) });
    case 'class':
      throw new Special('special');
    case 'aggregate':
      throw new AggregateError([new Error('one'), new Error('two')], 'several');
    case 'text':
      throw 'just text';
    case 'undefined':
      throw undefined;
    case 'extras':
      throw Object.assign(new Error('with extras', { cause: () => 1 }), { code: 'E_EXTRAS' });
    case 'unprintable':
      throw {
        toString: () => {
          throw new Error('no');
        },
        f() {},
      };
    case 'rejects':
      return Promise.reject(Object.assign(new Error('rejected'), { code: 'E_REJECTED' }));
    case 'function':
      return () => 1;
    case 'deep function':
      return { a: [{ f() {} }] };
    case 'port':
      return new MessageChannel().port1;
    case 'changed':
      throw new Error('unreachable');
    default:
      return kind;
  }
};

/** Changes its job, then fails. */
export const spoil = (job) => {
  job.list.length = 0;
  job.text = 'spoilt';
  throw new Error('spoilt');
};

/** Does its job, and dies of it afterwards, when it is idle. */
export const dieLater = (job) => {
  if (job === 'later') setImmediate(() => process.exit(3));
  return threadId;
};

/** Keeps its thread busy until the word in its workerData is set. */
export const { busy } = {
  busy: async (job) => {
    const { workerData } = await import('node:worker_threads');
    Atomics.add(workerData.words, 0, 1);
    Atomics.notify(workerData.words, 0);
    while (Atomics.load(workerData.words, 1) === 0) Atomics.wait(workerData.words, 1, 0, 1000);
    return job;
  },
};

let beats = 0;
setInterval(() => beats++, 1).unref();
/** Keeps its thread busy for so many ms, and says how often its event loop has had a turn so far. */
export const beat = (ms) => {
  const end = performance.now() + ms;
  while (performance.now() < end);
  return beats;
};

/** As many characters as asked for. */
export const large = ({ size }) => 'x'.repeat(size);

export const forever = () => new Promise(() => {});
