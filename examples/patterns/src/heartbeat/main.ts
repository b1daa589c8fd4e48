/**
 * One loop for everything: jobs, a heartbeat, and a deadline, whichever is ready first.
 *
 * `tick` and `after` make channels, so the clock takes part in a `select` like any thread does. At the deadline this thread drops
 * its receiver; the producer, which would go on for ever, learns it from its next send.
 *
 * Prints, where N is some number:
 *   N jobs and N heartbeats until the deadline
 *   the producer has stopped after job N
 */
import { after, bounded, select, spawn, tick } from 'beamline';
import type producer from './producer.js';

const [tx, jobs] = bounded<number>(4);
const thread = spawn<typeof producer>(new URL('./producer.js', import.meta.url), { data: { tx } });

await jobs.recv(); // The clock starts with the first job.
const beat = tick(25);
const deadline = after(300);
let done = 1;
let beats = 0;
for (;;) {
  const event = await select({ job: jobs, beat, deadline });
  if (event.key === 'deadline') break;
  if (event.key === 'job') done++;
  else beats++;
}
console.log(`${done} jobs and ${beats} heartbeats until the deadline`);

jobs.drop();
console.log(`the producer has stopped after job ${await thread.join()}`);
