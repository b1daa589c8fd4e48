/**
 * A load balancer: each job goes to whichever of two consumers is ready for it first.
 *
 * Cases of a select may send. The channels are rendezvous channels, so a case is ready only while its consumer waits for a job: nobody has
 * a queue of its own in which a job could be stuck behind a slow one. The job is made by a function, once, when it is decided who gets it.
 * (If all consumers were alike, clones of one receiver would do: work-sharing.)
 *
 * Prints, where N is some number:
 *   made 40 jobs, each once it was certain who takes it
 *   the quick one did N, the slow one did N
 *   together: 40
 */
import { bounded, select, send, spawn } from 'beamline';
import type consumer from './consumer.js';

const JOBS = 40;
const start = (msPerJob: number) => {
  const [tx, jobs] = bounded<number>(0);
  return { tx, thread: spawn<typeof consumer>(new URL('./consumer.js', import.meta.url), { data: { jobs, msPerJob } }) };
};
const quick = start(2);
const slow = start(20);

let made = 0;
while (made < JOBS) {
  await select({ quick: send(quick.tx, () => ++made), slow: send(slow.tx, () => ++made) });
}
console.log(`made ${made} jobs, each once it was certain who takes it`);
quick.tx.drop();
slow.tx.drop();

const [byQuick, bySlow] = await Promise.all([quick.thread.join(), slow.thread.join()]);
console.log(`the quick one did ${byQuick}, the slow one did ${bySlow}`);
console.log(`together: ${byQuick + bySlow}`);
