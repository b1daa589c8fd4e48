/**
 * The index of a tree, made by three parties that meet in channels only: a walker thread sends paths into a bounded channel, the
 * threads of a worker pool pull them from its shared receiver, and this thread selects over their results, a clock for the
 * progress bar, and Ctrl-C.
 */
import { debuglog } from 'node:util';
import { bounded, inspect, select, spawn, tick, type Receiver } from 'beamline';
import { WorkerPool, type JobOutcome } from 'beamline/pool';
import type indexFile from './index-file.js';
import { isEntry, type FileResult } from './file-result.js';
import type { PathName } from './path-name.js';
import type { Progress } from './progress.js';
import type { WalkTally } from './walk.js';
import type walker from './walker.js';

const debug = debuglog('tree-index');

/** How far the walker may be ahead of the pool: enough that the bar has something to say, and a few MB at most. */
const PATHS_AHEAD = 8192;
/** How far the pool may be ahead of this thread. */
const OUTCOMES_AHEAD = 1024;
const BEAT_MS = 100;

export interface IndexJob {
  readonly root: string;
  readonly threads: number;
}

export interface Indexed {
  readonly results: readonly FileResult[];
  readonly walk: WalkTally;
}

export interface IndexRun extends Indexed {
  readonly interrupted: boolean;
  /** Messages that went through channels: paths, outcomes, beats and signals. */
  readonly messages: number;
}

type Show = (task: string, done: number, bytes: number) => void;
type Outcome = JobOutcome<PathName, FileResult>;

export async function indexTree(job: IndexJob, interrupted: Receiver<NodeJS.Signals>, progress: Progress): Promise<IndexRun> {
  const [paths, jobs] = bounded<PathName>(PATHS_AHEAD, { name: 'paths' });
  const [results, outcomes] = bounded<Outcome>(OUTCOMES_AHEAD, { name: 'outcomes' });
  const pathsSent = sentThrough(jobs);
  const thread = spawn<typeof walker>(new URL('./walker.js', import.meta.url), { data: { root: job.root, paths } });
  await using pool = WorkerPool.of<typeof indexFile>({
    filename: new URL('./index-file.js', import.meta.url),
    threads: job.threads,
    jobs,
    results,
  });
  // The pool pulls no more, so the walker's next send fails and it returns; what was pulled still arrives as outcomes.
  const stop = (): Promise<void> => pool.close();
  const show: Show = (task, done, bytes) => progress.update({ task, done, found: Math.max(done, pathsSent()), bytes });
  const [collected, walk] = await Promise.all([collect(outcomes, interrupted, show, stop), thread.join()]);
  return { ...collected, walk };
}

/** The select loop: until the pool has delivered its last outcome. */
async function collect(
  outcomes: Receiver<Outcome>,
  interrupted: Receiver<NodeJS.Signals>,
  show: Show,
  stop: () => Promise<void>,
): Promise<Omit<IndexRun, 'walk'>> {
  using beat = tick(BEAT_MS);
  const results: FileResult[] = [];
  let bytes = 0;
  let others = 0; // messages that are no outcomes
  let stopping: Promise<void> | undefined;
  for (;;) {
    const event = await select({ outcome: outcomes, beat, interrupted });
    if (event.key !== 'outcome') others++;
    switch (event.key) {
      case 'outcome': {
        if (!event.ok) {
          outcomes.drop();
          await stopping;
          return { results, interrupted: stopping !== undefined, messages: 2 * results.length + others };
        }
        const result = resultOf(event.value);
        if (isEntry(result)) bytes += result.bytes;
        if (results.push(result) === 1) debug('the first file is indexed');
        break;
      }
      case 'beat':
        show(stopping === undefined ? 'indexing' : 'stopping', results.length, bytes);
        break;
      case 'interrupted':
        stopping ??= stop();
        break;
    }
  }
}

/** A file that the handler could not even report on, say because its thread died, is a problem like any other. */
function resultOf(outcome: Outcome): FileResult {
  if (outcome.ok) return outcome.value;
  const { error } = outcome;
  return { path: outcome.job, error: 'code' in error ? String(error.code) : `${error.name}: ${error.message}` };
}

/** How many messages have been sent through the channel of `handle` so far; 0 once the channel is gone. The handle may move. */
function sentThrough({ id }: Receiver<unknown>): () => number {
  return () => inspect().channels.find((channel) => channel.id === id)?.sent ?? 0;
}
