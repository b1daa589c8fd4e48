/** Pools of two threads that do the same jobs: beamline's, and the ones it is measured against. */
import { bounded, type Receiver } from 'beamline';
import { WorkerPool, type JobOutcome } from 'beamline/pool';
import { Piscina } from 'piscina';
import { FixedThreadPool } from 'poolifier';
import { Tinypool } from 'tinypool';
import workerpool from 'workerpool';
import type { Contender } from './suite.js';

export const THREADS = 2;

/** What is done: a function of workers/jobs.ts, and how its jobs are made. */
export interface Task {
  readonly name: 'tiny' | 'bytes' | 'busy';
  /** Jobs that were handed over and are not done. */
  readonly inFlight: number;
  make(this: void, i: number): unknown;
}

/** Hands over a job; resolves with its result. */
type Run = (job: unknown) => PromiseLike<unknown>;
export type PiscinaSettings = NonNullable<ConstructorParameters<typeof Piscina>[0]>;

/** The fastest of the settings that piscina-settings.ts tries. */
export const BEST_PISCINA: PiscinaSettings = { concurrentTasksPerWorker: 512, recordTiming: false };

const fileOf = (name: string): URL => new URL(`./workers/${name}.js`, import.meta.url);

/** Calls `run` for one job after another, so that the task's number of them is in flight until the last ones. */
function keepInFlight(messages: number, { inFlight, make }: Task, run: Run): Promise<void> {
  return new Promise((resolve, reject) => {
    let started = 0;
    let done = 0;
    const start = () => void run(make(started++)).then(onDone, reject);
    const onDone = () => {
      if (started < messages) start();
      if (++done === messages) resolve();
    };
    while (started < Math.min(inFlight, messages)) start();
  });
}

export function beamline(messages: number, task: Task): Contender {
  const pool = new WorkerPool({ filename: fileOf('jobs'), name: task.name, threads: THREADS });
  return { run: () => keepInFlight(messages, task, (job) => pool.run(job)), close: () => pool.destroy() };
}

/** Jobs come from a channel and outcomes go to one; this thread is at the other end of both, and has no part in between. */
export function beamlineShared(messages: number, { name, inFlight, make }: Task): Contender {
  const [tx, jobs] = bounded<unknown>(inFlight);
  const pool = new WorkerPool<unknown, unknown>({ filename: fileOf('jobs'), name, threads: THREADS, jobs });
  const results = pool.results as Receiver<JobOutcome<unknown, unknown>>;
  return {
    run: async () => {
      const sending = tx.sendMany(jobsOf(messages, make));
      for (let i = 0; i < messages;) i += (await results.recvMany(inFlight)).length;
      await sending;
    },
    close: () => pool.destroy(),
  };
}

function* jobsOf(count: number, make: Task['make']): Generator<unknown> {
  for (let i = 0; i < count; i++) yield make(i);
}

/** `moves`: the job is an array whose memory goes to the worker and is not copied. */
export function piscina(messages: number, task: Task, settings: PiscinaSettings = {}, moves = false): Contender {
  const pool = new Piscina({
    ...settings,
    filename: fileOf('jobs').href,
    name: task.name,
    minThreads: THREADS,
    maxThreads: THREADS,
  });
  const run: Run = moves
    ? (job) => pool.run(job, { transferList: [(job as Uint8Array<ArrayBuffer>).buffer] })
    : (job) => pool.run(job);
  return { run: () => keepInFlight(messages, task, run), close: () => pool.destroy() };
}

export function tinypool(messages: number, task: Task): Contender {
  const pool = new Tinypool({
    filename: fileOf('jobs').href,
    name: task.name,
    minThreads: THREADS,
    maxThreads: THREADS,
  });
  return { run: () => keepInFlight(messages, task, (job) => pool.run(job)), close: () => pool.destroy() };
}

export function overWorkerpool(messages: number, task: Task): Contender {
  const pool = workerpool.pool(fileOf('jobs-of-workerpool').pathname, {
    minWorkers: THREADS,
    maxWorkers: THREADS,
    workerType: 'thread',
  });
  return {
    run: () => keepInFlight(messages, task, (job) => pool.exec(task.name, [job]) as PromiseLike<unknown>),
    close: () => pool.terminate(true) as PromiseLike<unknown> as Promise<unknown>,
  };
}

/** Its `destroy` does not always resolve, so nobody waits for it: the process is about to end. */
export function poolifier(messages: number, task: Task): Contender {
  const pool = new FixedThreadPool<unknown, unknown>(THREADS, fileOf('jobs-of-poolifier').pathname);
  return { run: () => keepInFlight(messages, task, (job) => pool.execute(job, task.name)), close: () => void pool.destroy() };
}
