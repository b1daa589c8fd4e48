/**
 * One loop for everything: jobs, a heartbeat, and a deadline, whichever is ready first.
 *
 * `tick` and `after` make channels, so the clock takes part in a `select` like any thread does. At the deadline this thread drops
 * its receiver; the producer, which would go on for ever, learns it from its next send.
 *
 * The message of a ticker is the instant at which it was due, so what is missing to `now()` is how late the beat is heard: the jitter of
 * this loop. With the policy `skip` the beats stay on their grid, whatever the jitter.
 *
 * Prints, where N is some number:
 *   N jobs and N heartbeats until the deadline
 *   a beat was heard N µs late on average, N µs at most
 *   off the grid: 0
 *   the producer has stopped after job N
 */
import { after, bounded, now, select, spawn, tick } from 'beamline';
import type producer from './producer.js';

const PERIOD_MS = 25;

const [tx, jobs] = bounded<number>(4);
const thread = spawn<typeof producer>(new URL('./producer.js', import.meta.url), { data: { tx } });

await jobs.recv(); // The clock starts with the first job.
const beat = tick(PERIOD_MS, { policy: 'skip' });
const deadline = after(300);
let done = 1;
const beats: { due: number; late: number }[] = [];
for (;;) {
  const event = await select({ job: jobs, beat, deadline });
  if (event.key === 'deadline') break;
  if (event.key === 'job') done++;
  else if (event.ok) beats.push({ due: event.value, late: now() - event.value });
}
console.log(`${done} jobs and ${beats.length} heartbeats until the deadline`);
const micros = beats.map(({ late }) => late * 1000);
const average = micros.reduce((sum, each) => sum + each, 0) / Math.max(1, micros.length);
console.log(`a beat was heard ${average.toFixed(0)} µs late on average, ${Math.max(0, ...micros).toFixed(0)} µs at most`);
console.log(`off the grid: ${beats.filter(({ due }) => !isOnGrid(due - (beats[0]?.due ?? 0))).length}`);

jobs.drop();
console.log(`the producer has stopped after job ${await thread.join()}`);

/** But for the rounding of instants. */
function isOnGrid(ms: number): boolean {
  return Math.abs(ms - Math.round(ms / PERIOD_MS) * PERIOD_MS) < 0.001;
}
