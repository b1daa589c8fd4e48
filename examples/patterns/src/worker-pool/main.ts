/**
 * A worker pool: threads that pull jobs from a channel, and an outcome for each job.
 *
 * `WorkerPool` starts the threads, runs an ordinary function on them, and replaces threads that die. A job that fails has an outcome
 * like the others, and harms none of them. When the jobs' last sender is gone, the pool finishes by itself, and its results end.
 * They come in the order in which they are ready; they are sorted here for the eye.
 *
 * Prints:
 *   '' failed: nothing to hash
 *   alpha: 8ed3f6ad
 *   beta: f44e64e7
 *   gamma: be9d587d
 */
import { bounded } from 'beamline';
import { WorkerPool } from 'beamline/pool';
import type hash from './hash.js';

const [tx, jobs] = bounded<string>(16);
const pool = WorkerPool.of<typeof hash>({ filename: new URL('./hash.js', import.meta.url), jobs, threads: 2 });

await tx.sendMany(['alpha', 'beta', '', 'gamma']);
tx.drop();

const lines: string[] = [];
for await (const outcome of pool.results!)
  lines.push(outcome.ok ? outcome.value : `'${outcome.job}' failed: ${outcome.error.message}`);
for (const line of lines.sort()) console.log(line);
