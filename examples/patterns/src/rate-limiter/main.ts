/**
 * A rate limiter: one request per tick, for all threads together.
 *
 * Each tick goes to one of the clones, so two threads that wait for ticks of one ticker share its rate without knowing of each other.
 * The policy says what happens to a permit that nobody takes in time: `skip` forfeits it (never two requests within one period of the
 * grid), `burst` keeps it (the rate is kept on average, and pauses are made up for). A bucket of five permits is a bounded channel that a
 * thread fills on every tick, and from which requests take theirs.
 *
 * Prints, where N is some number:
 *   two threads made N and N requests
 *   20 requests took at least 20 periods: true
 *   after a pause, 5 at once with burst: true
 */
import { now, spawn, tick, unbounded } from 'beamline';
import type client from './client.js';

const PERIOD_MS = 10;
const REQUESTS = 20;

const start = now();
const permits = tick(PERIOD_MS, { policy: 'skip' });
const [tx, requests] = unbounded<number>();
const threads = [1, 2].map((id) =>
  spawn<typeof client>(new URL('./client.js', import.meta.url), { data: { id, permits: permits.clone(), tx: tx.clone() } }),
);
tx.drop();
permits.drop();

const counts = [0, 0];
for (let i = 0; i < REQUESTS; i++) {
  const id = await requests.recv();
  counts[id - 1] = (counts[id - 1] ?? 0) + 1;
}
const took = now() - start;
requests.drop(); // The clients learn it from their next send.
await Promise.all(threads.map((thread) => thread.join()));
console.log(`two threads made ${counts.join(' and ')} requests`);
console.log(`${REQUESTS} requests took at least ${REQUESTS} periods: ${took >= REQUESTS * PERIOD_MS}`);

const saved = tick(PERIOD_MS, { policy: 'burst' });
await new Promise((resolve) => setTimeout(resolve, 6 * PERIOD_MS));
let atOnce = 0;
while (atOnce < 5 && saved.tryRecv().ok) atOnce++;
console.log(`after a pause, ${atOnce} at once with burst: ${atOnce === 5}`);
saved.drop();
