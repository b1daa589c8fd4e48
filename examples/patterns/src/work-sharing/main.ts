/**
 * Sharing work: several threads receive from one channel, and each job goes to exactly one of them.
 *
 * No lock around the receiver and no dispatcher: each worker has a clone of the receiver and takes the next job when it is free.
 * Who gets how many depends on who is started first and on what else the machine does; the total never differs.
 *
 * Prints, where N is some number:
 *   worker 1 handled N jobs
 *   worker 2 handled N jobs
 *   worker 3 handled N jobs
 *   together 120 jobs, each once: true
 */
import { bounded, spawn } from 'beamline';
import type worker from './worker.js';

const JOBS = 120;

const [tx, rx] = bounded<number>(16);
const workers = [1, 2, 3].map(() =>
  spawn<typeof worker>(new URL('./worker.js', import.meta.url), { data: { jobs: rx.clone() } }),
);
rx.drop(); // Should all workers fail, a send must fail too and not wait for this receiver.

for (let job = 1; job <= JOBS; job++) await tx.send(job);
tx.drop(); // No more work: the workers' loops end.

const handled = await Promise.all(workers.map((thread) => thread.join()));
handled.forEach((jobs, index) => console.log(`worker ${index + 1} handled ${jobs.length} jobs`));
const all = handled.flat();
console.log(`together ${all.length} jobs, each once: ${new Set(all).size === JOBS}`);
