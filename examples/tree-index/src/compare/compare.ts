/**
 * The same work three times: with channels, with Piscina, with `postMessage`. Each contender is the whole program: it walks the
 * tree on a thread of its own with the same walk, starts its own worker threads, runs the same function per file, and ends its
 * threads; all of that is in its time. They take turns, and the better of two times counts, so that none pays alone for code that
 * is not compiled yet; the run before the comparison has warmed the page cache for all.
 */
import { debuglog } from 'node:util';
import type { Receiver } from 'beamline';
import type { FileResult } from '../file-result.js';
import { indexTree, type Indexed, type IndexJob } from '../indexer.js';
import { quiet } from '../progress.js';
import { differences } from './differences.js';
import { indexWithPiscina } from './piscina.js';
import { indexWithPostMessage } from './post-message.js';

export interface Comparison {
  readonly contenders: readonly Contender[];
  readonly equal: boolean;
  readonly differences: readonly string[];
}

export interface Contender {
  readonly name: string;
  readonly seconds: number;
  readonly filesPerSecond: number;
  /** Its time divided by the first contender's. */
  readonly ratio: number;
}

const debug = debuglog('tree-index');

const ROUNDS = 2;

type Interrupted = Receiver<NodeJS.Signals>;
type Run = (job: IndexJob, interrupted: Interrupted) => Promise<Indexed | undefined>;

const RUNS: Readonly<Record<string, Run>> = {
  'beamline: channels, WorkerPool, select': async (job, interrupted) => {
    const run = await indexTree(job, interrupted, quiet);
    return run.interrupted ? undefined : run;
  },
  'Piscina: run() per file': (job, interrupted) => abandoned(interrupted, (signal) => indexWithPiscina(job, signal)),
  'postMessage to worker_threads': (job, interrupted) => abandoned(interrupted, (signal) => indexWithPostMessage(job, signal)),
};

/**
 * Times all contenders, in turn, and holds their results against `expected`. `tell` hears what is going on; `undefined` says
 * that Ctrl-C came.
 */
export async function compare(
  job: IndexJob,
  expected: readonly FileResult[],
  interrupted: Interrupted,
  tell: (line: string) => void,
): Promise<Comparison | undefined> {
  const best = new Map<string, Timed>();
  const different = new Set<string>();
  for (let round = 1; round <= ROUNDS; round++) {
    for (const [name, run] of Object.entries(RUNS)) {
      const line = `comparing, round ${round} of ${ROUNDS}: ${name}`;
      tell(line);
      debug(line);
      const timed = await time(() => run(job, interrupted));
      if (timed === undefined) return undefined;
      for (const difference of differences(name, timed.results, expected)) different.add(difference);
      if (timed.seconds < (best.get(name)?.seconds ?? Infinity)) best.set(name, timed);
    }
  }
  return { contenders: standings(best), equal: different.size === 0, differences: [...different] };
}

interface Timed {
  readonly results: readonly FileResult[];
  readonly seconds: number;
}

async function time(run: () => Promise<Indexed | undefined>): Promise<Timed | undefined> {
  const started = performance.now();
  const indexed = await run();
  return indexed && { results: indexed.results, seconds: (performance.now() - started) / 1000 };
}

function standings(best: ReadonlyMap<string, Timed>): Contender[] {
  const [first] = best.values();
  return [...best].map(([name, { results, seconds }]) => {
    return { name, seconds, filesPerSecond: results.length / seconds, ratio: seconds / first!.seconds };
  });
}

/** Runs `work` until it is done or Ctrl-C comes; then it is told to stop, and the result is `undefined`. */
async function abandoned<T>(interrupted: Interrupted, work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
  const abandon = new AbortController();
  const over = new AbortController();
  const watching = watch(interrupted, abandon, over.signal);
  try {
    return await work(abandon.signal);
  } catch (error) {
    if (!abandon.signal.aborted) throw error;
    return undefined;
  } finally {
    over.abort();
    await watching;
  }
}

async function watch(interrupted: Interrupted, abandon: AbortController, over: AbortSignal): Promise<void> {
  try {
    await interrupted.recv({ signal: over });
    abandon.abort();
  } catch (error) {
    if (error !== over.reason) throw error;
  }
}
