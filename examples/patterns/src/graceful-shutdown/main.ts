/**
 * A graceful shutdown on SIGINT or SIGTERM: take no more work, finish what was begun, but not for ever.
 *
 * `fromSignal` makes the signals a channel, so the order to stop is a case of the loop that makes the work. Then the sender is dropped:
 * the workers finish what is in the channel, and end when it is empty. That has a deadline, and a second signal ends it at once: who then
 * is not done yet is terminated. Press Ctrl-C to see it (after ten seconds it stops without); the jobs that were accepted are done in
 * time here.
 *
 * Prints, where N is some number:
 *   working, Ctrl-C stops
 *   stopping, N jobs were accepted
 *   in time: every accepted job is done, true
 */
import { after, bounded, fromSignal, select, send, spawn } from 'beamline';
import type worker from './worker.js';

const DEADLINE_MS = 10_000;

const [tx, jobs] = bounded<number>(8);
const threads = [1, 2].map(() => spawn<typeof worker>(new URL('./worker.js', import.meta.url), { data: { jobs: jobs.clone() } }));
jobs.drop();

const signals = fromSignal('SIGINT', 'SIGTERM');
console.log('working, Ctrl-C stops');
const enough = after(10_000);
let accepted = 0;
for (;;) {
  const event = await select({ stop: signals, enough, job: send(tx, accepted + 1) }, { biased: true });
  if (event.key !== 'job') break;
  accepted++;
}
tx.drop();
console.log(`stopping, ${accepted} jobs were accepted`);

// What of it comes first: the end of all workers, the deadline, or somebody who has lost patience.
const [done, finished] = bounded<number>(1);
void Promise.all(threads.map((thread) => thread.join())).then(
  (counts) => done.sendSync(counts.reduce((sum, count) => sum + count, 0)),
  (error: unknown) => console.error('a worker failed:', error),
);
const late = after(DEADLINE_MS);
const event = await select({ finished, again: signals, late });
if (event.key === 'finished' && event.ok) console.log(`in time: every accepted job is done, ${event.value === accepted}`);
else {
  console.log(event.key === 'late' ? 'too late' : 'at once, then');
  await Promise.all(threads.map((thread) => thread.terminate()));
}
signals.drop(); // From now on a signal ends the process again.
