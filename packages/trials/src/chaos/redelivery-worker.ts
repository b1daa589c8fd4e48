/** What the workers of the redelivery scenario run: counts the delivery, and answers with its attempt, or ends its thread. */
import { workerData } from 'node:worker_threads';
import type { Sender } from 'beamline';
import type { JobContext } from 'beamline/pool';

export interface Job {
  readonly n: number;
  /** How long it takes. */
  readonly ms: number;
  /** In so many of its first attempts it ends its thread. */
  readonly deadly: number;
  readonly how: End;
  /** Some jobs carry a handle, and so are delivered once. */
  readonly handle: Sender<number> | undefined;
}

export interface Done {
  readonly n: number;
  readonly attempt: number;
}

/** How a job ends its thread. */
export type End = 'exit' | 'throw' | 'reject';

export interface Shared {
  /** How often each job was delivered. */
  readonly deliveries: Int32Array;
}

/** Piscina wraps what it passes on. */
const { deliveries } = [workerData as unknown].flat().find((item) => (item as Shared | null)?.deliveries !== undefined) as Shared;

export default function run({ n, ms, deadly, how, handle }: Job, { attempt }: JobContext): Done | Promise<Done> {
  Atomics.add(deliveries, n, 1);
  handle?.drop();
  if (attempt <= deadly) return die(how);
  const done = { n, attempt };
  return ms === 0 ? done : new Promise((resolve) => setTimeout(() => resolve(done), ms));
}

function die(how: End): Promise<never> {
  if (how === 'exit') process.exit(3);
  if (how === 'throw')
    setImmediate(() => {
      throw new Error('as the job says');
    });
  else void Promise.reject(new Error('as the job says'));
  return new Promise(() => undefined);
}
