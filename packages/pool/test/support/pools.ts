/**
 * The bookkeeping of tests with pools: what a test makes is destroyed and dropped after it, and no thread, no channel and nothing that
 * waits may be left.
 */
import { join } from 'node:path';
import { bounded, inspect, unbounded, type Handle, type Receiver, type Sender } from '@beamline/core';
import { WorkerPool, type JobOutcome, type PoolOptions } from '@beamline/pool';
import { range, until } from '../../../core/test/support/turns';

export const WORKERS = join(__dirname, '..', 'threads', 'workers');

/** The handlers that most tests use, by their names in workers/handlers.mjs. */
export type Options<Job, Result> = Partial<PoolOptions<Job, Result>>;

/** A job of the handlers `held…`: says that it has begun, and waits for its gate. */
export interface HeldJob {
  id: number;
  begun: Sender<number>;
  gate: Receiver<unknown>;
}

/** Jobs that begin when a worker takes them and end when they are let. */
export interface Gated {
  job(this: void, id: number): HeldJob;
  /** Their ids, as they begin. */
  readonly begins: Receiver<number>;
  /** Waits until so many have begun. */
  beginsOf(this: void, count: number): Promise<number[]>;
  open(this: void, which: number): void;
}

export interface Pools {
  /** A pool of 2 workers over workers/handlers.mjs. */
  pool<Job = unknown, Result = unknown>(name: string, options?: Options<Job, Result>): WorkerPool<Job, Result>;
  /** A pool of 2 workers over another file. */
  poolOf<Job = unknown, Result = unknown>(file: string, options?: Options<Job, Result>): WorkerPool<Job, Result>;
  /** A channel whose handles are dropped after the test. */
  channel<T = unknown>(capacity?: number): [Sender<T>, Receiver<T>];
  own<H extends Handle>(handle: H): H;
  /** With one gate for all: `open(count)` lets so many of them end. */
  gated(): Gated;
  /** With a gate for each: `open(id)` lets that one end. */
  gatedApart(): Gated;
}

export function pools(): Pools {
  const made: WorkerPool<never, unknown>[] = [];
  const owned: Handle[] = [];
  /** Threads without those of the test: other realms of this process may count. */
  let others = 0;

  beforeAll(() => {
    for (const handle of unbounded()) handle.drop();
    others = inspect().threads.length;
  });

  afterEach(async () => {
    for (const pool of made.splice(0)) {
      await pool.destroy();
      if (pool.results !== undefined) owned.push(pool.results);
    }
    for (const handle of owned.splice(0)) handle.drop();
    await until(() => inspect().threads.length === others);
    expect(inspect().channels).toEqual([]);
  });

  const own = <H extends Handle>(handle: H): H => {
    owned.push(handle);
    return handle;
  };
  const poolOf = <Job, Result>(file: string, options: Options<Job, Result> = {}) => {
    const pool = new WorkerPool<Job, Result>({ filename: join(WORKERS, file), threads: 2, ...options });
    made.push(pool as unknown as WorkerPool<never, unknown>);
    return pool;
  };
  const channel = <T>(capacity?: number) => {
    const pair = capacity === undefined ? unbounded<T>() : bounded<T>(capacity);
    pair.forEach(own);
    return pair;
  };
  const beginning = () => {
    const [begun, begins] = channel<number>();
    return { begun, begins, beginsOf: (count: number) => Promise.all(range(count).map(() => begins.recv())) };
  };
  return {
    pool: (name, options) => poolOf('handlers.mjs', { name, ...options }),
    poolOf,
    channel,
    own,
    gated: () => {
      const { begun, ...rest } = beginning();
      const [open, gate] = channel<number>();
      return {
        job: (id) => ({ id, begun: begun.clone(), gate: gate.clone() }),
        open: (count) => open.sendManySync(range(count)),
        ...rest,
      };
    },
    gatedApart: () => {
      const { begun, ...rest } = beginning();
      const gates: Sender<unknown>[] = [];
      return {
        job: (id) => {
          const [open, gate] = channel<unknown>();
          gates[id] = open;
          return { id, begun: begun.clone(), gate };
        },
        open: (id) => (gates[id] as Sender<unknown>).sendSync(1),
        ...rest,
      };
    },
  };
}

/** All outcomes that come, until the channel is disconnected. */
export async function allOf<T>(results: AsyncIterable<T> | undefined): Promise<T[]> {
  const all: T[] = [];
  for await (const each of results as AsyncIterable<T>) all.push(each);
  return all;
}

/** The values of outcomes that must all be good, in the order of their numbers. */
export function values(outcomes: readonly JobOutcome<unknown, number>[]): number[] {
  return outcomes
    .map((outcome) => {
      if (!outcome.ok) throw outcome.error;
      return outcome.value;
    })
    .sort((a, b) => a - b);
}
