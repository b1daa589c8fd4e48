/**
 * An orderly shutdown: a channel for the work, and one for the order to stop.
 *
 * The workers select over both. Nothing is ever sent through `stop`; that its only sender is dropped is the signal, and it reaches
 * every worker that has a clone of the receiver. On it they finish what is still in the channel, so no job that was accepted is
 * lost. Which worker did which job is left to chance, that all were done is not.
 *
 * Prints:
 *   sent 8 jobs, stop
 *   finished job 1 job 2 job 3 job 4 job 5 job 6 job 7 job 8
 *   a job after the end: disconnected
 */
import { bounded, spawn } from 'beamline';
import type worker from './worker.js';

const [tx, jobs] = bounded<string>(4);
const [stop, stopped] = bounded<void>(1);
const workers = [1, 2].map(() =>
  spawn<typeof worker>(new URL('./worker.js', import.meta.url), { data: { jobs: jobs.clone(), stopped: stopped.clone() } }),
);
jobs.drop();

for (let job = 1; job <= 8; job++) await tx.send(`job ${job}`);
console.log('sent 8 jobs, stop');
stop.drop();

const finished = await Promise.all(workers.map((thread) => thread.join()));
console.log(`finished ${finished.flat().sort().join(' ')}`);
const late = tx.trySend('job 9');
if (!late.ok) console.log(`a job after the end: ${late.reason}`);
