/**
 * Finds the settings with which Piscina does tiny jobs fastest: those are the ones that the suite `pool` measures against.
 *
 * Run with: npm run build && node benchmarks/dist/piscina-settings.js
 *
 * First each setting by itself, then the ones that helped together. All that are compared take turns in one process; printed is the
 * fastest sample of each, in nanoseconds per job (whatever else the machine does can only add to it), and how many times as fast as
 * Piscina as it comes that is.
 */
import { FixedQueue } from 'piscina';
import Table from 'cli-table3';
import { nanoseconds, times } from './figures.js';
import { sample } from './measure.js';
import { piscina, THREADS, type PiscinaSettings, type Task } from './pools.js';
import { maker } from './values.js';

const TASK: Task = { name: 'tiny', inFlight: 1024, make: maker('object') };
const MESSAGES = 4_096;
const ROUNDS = 12;
const WARM_UP = 3;
const EFFORT = { rounds: 1, milliseconds: 60 };

type LoadBalancer = NonNullable<PiscinaSettings['loadBalancer']>;

/** Each worker in turn, as long as it has room. */
function roundRobin(room: number): LoadBalancer {
  let turn = 0;
  return (_task, workers) => {
    for (let i = 0; i < workers.length; i++) {
      const worker = workers[turn++ % workers.length]!;
      if (worker.currentUsage < room) return worker;
    }
    return null;
  };
}

const DEEP = 512;

const SETTINGS: Readonly<Record<string, PiscinaSettings>> = {
  'as it comes': {},
  "atomics: 'async'": { atomics: 'async' },
  "atomics: 'disabled'": { atomics: 'disabled' },
  'recordTiming: false': { recordTiming: false },
  'idleTimeout: Infinity': { idleTimeout: Infinity },
  'taskQueue: new FixedQueue()': { taskQueue: new FixedQueue() },
  'stricterFIFO: true': { stricterFIFO: true },
  'concurrentTasksPerWorker: 8': { concurrentTasksPerWorker: 8 },
  'concurrentTasksPerWorker: 64': { concurrentTasksPerWorker: 64 },
  'concurrentTasksPerWorker: 512': { concurrentTasksPerWorker: DEEP },
  "512, atomics: 'async'": { concurrentTasksPerWorker: DEEP, atomics: 'async' },
  "512, atomics: 'disabled'": { concurrentTasksPerWorker: DEEP, atomics: 'disabled' },
  '512, recordTiming: false': { concurrentTasksPerWorker: DEEP, recordTiming: false },
  '512, loadBalancer: in turn': { concurrentTasksPerWorker: DEEP, loadBalancer: roundRobin(DEEP) },
  "512, recordTiming: false, in turn, atomics: 'disabled'": {
    concurrentTasksPerWorker: DEEP,
    recordTiming: false,
    loadBalancer: roundRobin(DEEP),
    atomics: 'disabled',
  },
  "512, recordTiming: false, in turn, atomics: 'sync'": {
    concurrentTasksPerWorker: DEEP,
    recordTiming: false,
    loadBalancer: roundRobin(DEEP),
  },
};

const contenders = Object.values(SETTINGS).map((settings) => piscina(MESSAGES, TASK, settings));
for (const { run } of contenders) for (let i = 0; i < WARM_UP; i++) await run();
const samples: number[][] = contenders.map(() => []);
for (let round = 0; round < ROUNDS; round++)
  for (const [i, contender] of contenders.entries()) samples[i]!.push(...(await sample(contender, MESSAGES, EFFORT)));
for (const { close } of contenders) await close();

const fastest = samples.map((all) => Math.min(...all));
const table = new Table({ head: [`Piscina, ${THREADS} threads`, 'ns per job', 'faster'], style: { head: [], border: [] } });
for (const [i, name] of Object.keys(SETTINGS).entries())
  table.push([name, nanoseconds(fastest[i]), times(fastest[0]! / fastest[i]!)]);
console.log(`Node ${process.version}\n${table.toString()}`);
