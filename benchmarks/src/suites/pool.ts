/** Jobs for a pool of two threads, against other pools in the same run. */
import { beamline, beamlineShared, BEST_PISCINA, overWorkerpool, piscina, poolifier, tinypool, type Task } from '../pools.js';
import type { Case, Contender, Suite } from '../suite.js';
import { maker } from '../values.js';

const TINY: Task = { name: 'tiny', inFlight: 1024, make: maker('object') };
const BUSY: Task = { name: 'busy', inFlight: 64, make: (i) => i };

const MEGABYTE = 1 << 20;
const array = (): Uint8Array => new Uint8Array(MEGABYTE).fill(7);
/** As many as are in flight: a single one would never leave the processor's cache. */
const arrays = Array.from({ length: 16 }, array);
const BYTES: Task = { name: 'bytes', inFlight: 16, make: (i) => arrays[i % arrays.length] };
/** What was moved is gone, so it is made for each job, on both sides. */
const MOVED: Task = { name: 'bytes', inFlight: 16, make: array };

type Start = (messages: number, task: Task) => Contender;
interface Measured {
  readonly task: Task;
  readonly messages: number;
  readonly own?: Start;
  readonly bar?: number;
}

function against(peer: string, theirs: Start, name: string, { task, messages, own = beamline, bar }: Measured): Case {
  return {
    name,
    messages,
    ...(bar === undefined ? {} : { bar }),
    own: () => own(messages, task),
    baseline: { name: peer, start: (count) => theirs(count, task) },
  };
}

const tunedPiscina: Start = (messages, task) => piscina(messages, task, BEST_PISCINA);
const movingPiscina: Start = (messages, task) => piscina(messages, task, {}, true);

const TINY_RUN: Measured = { task: TINY, messages: 8_192 };
const TINY_SHARED: Measured = { ...TINY_RUN, own: beamlineShared };
const CPU_BOUND: Measured = { task: BUSY, messages: 512, bar: 1 };

export const poolSuite: Suite = {
  name: 'pool',
  about: 'two threads; { id, payload: 16 characters } → { id, length } where nothing else is said',
  cases: [
    against('Piscina', piscina, 'run, 1,024 in flight', { ...TINY_RUN, bar: 6 }),
    against('Piscina, best settings', tunedPiscina, 'the same, tuned', { ...TINY_RUN, bar: 3 }),
    against('Piscina', piscina, 'shared receiver → results', { ...TINY_SHARED, bar: 15 }),
    against('Piscina, best settings', tunedPiscina, 'the same, shared and tuned', TINY_SHARED),
    against('Piscina', piscina, '1 MB Uint8Array, 16 in flight', { task: BYTES, messages: 128, bar: 1.2 }),
    against('Piscina, transferList', movingPiscina, 'the same, made for each job', { task: MOVED, messages: 128 }),
    against('Piscina', piscina, '100 µs of CPU, 64 in flight', CPU_BOUND),
    against('Piscina, best settings', tunedPiscina, '100 µs of CPU, tuned', CPU_BOUND),
    against('tinypool', tinypool, '100 µs of CPU, tinypool', CPU_BOUND),
    against('workerpool', overWorkerpool, '100 µs of CPU, workerpool', CPU_BOUND),
    against('poolifier', poolifier, '100 µs of CPU, poolifier', CPU_BOUND),
  ],
};
