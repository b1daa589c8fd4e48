/** What the workers of the pool scenario run: counts that it ran, waits, answers with its number, or ends its thread. */
import { workerData } from 'node:worker_threads';
import type { Sender } from 'beamline';

export interface Job {
  readonly n: number;
  readonly ms: number;
  readonly text: string;
  readonly reply: Sender<number>;
  /** No throw that nobody catches: see `obeys` in ../frame/cast.ts. */
  readonly end: 'exit' | 'memory' | undefined;
}

export interface Shared {
  /** How often each job was run. */
  readonly runs: Int32Array;
}

export default async function run({ n, ms, reply, end }: Job): Promise<number> {
  Atomics.add(sharedOf(workerData).runs, n, 1);
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
  if (end === 'exit') process.exit(3);
  if (end === 'memory') exhaust();
  reply.drop();
  return n;
}

/** Piscina wraps what it passes on. */
function sharedOf(data: unknown): Shared {
  return (
    Array.isArray(data) ? (data as unknown[]).find((item) => item !== null && typeof item === 'object' && 'runs' in item) : data
  ) as Shared;
}

function exhaust(): never {
  const hoard: unknown[] = [];
  for (;;) hoard.push(new Array(10_000).fill({}).map((_, i) => ({ i })));
}
