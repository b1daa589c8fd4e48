/**
 * A job queue behind HTTP: jobs are submitted, looked at while they run, and cancelled, before they begin or in the middle.
 *
 *   npm run example:job-queue                            # shows itself and ends
 *   npm run example:job-queue -- --serve --port 3000     # until Ctrl-C
 *
 *   curl localhost:3000/jobs -H 'content-type: application/json' -d '{"limit": 50000000}'
 *   curl localhost:3000/jobs/1
 *   curl -X DELETE localhost:3000/jobs/1
 *
 * A job that is cancelled while it is queued is never begun. One that runs is told through `context.signal`, and stops where it
 * next looks at it; its thread goes on with the next job. queue.ts is the queue, api.ts the HTTP around it, count-primes.ts the work.
 *
 * Prints, where N is some number:
 *   listening on http://127.0.0.1:N, threads: 1, room in the queue: 2
 *   accepted: job 1, job 2, job 3; then 503, come again in 1 s
 *   job 1 is running, job 2 is queued
 *   job 1: cancelled at N %
 *   job 2: cancelled at 0 %
 *   job 3: done, 78498 primes below 1000000
 */
import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { fromSignal } from 'beamline';
import { jobApi } from './api.js';
import { JobQueue, type State, type Status } from './queue.js';
import { serving } from './serving.js';

const POLL_MS = 20;
const HOURS_OF_WORK = 1_000_000_000;

const { values } = parseArgs({
  options: { serve: { type: 'boolean', default: false }, port: { type: 'string', default: '0' } },
});
const { threads, capacity } = values.serve ? { threads: availableParallelism(), capacity: 100 } : { threads: 1, capacity: 2 };

await using queue = new JobQueue({ threads, capacity });
await using server = await serving(jobApi(queue), Number(values.port));
const { url } = server;
console.log(`listening on ${url}, threads: ${threads}, room in the queue: ${capacity}`);
if (values.serve) {
  using stop = fromSignal('SIGINT', 'SIGTERM');
  console.log(`stopping by ${await stop.recv()}`);
} else await demonstrate();

async function demonstrate(): Promise<void> {
  const accepted = [await submit(HOURS_OF_WORK), await submit(HOURS_OF_WORK), await submit(1_000_000)];
  const [first, second, third] = (await Promise.all(accepted.map(statusIn))).map(({ id }) => id) as [number, number, number];
  const refused = await submit(1);
  const comeAgain = `${refused.status}, come again in ${refused.headers.get('retry-after')} s`;
  console.log(`accepted: job ${first}, job ${second}, job ${third}; then ${comeAgain}`);

  const running = await until(first, 'running');
  console.log(`job ${first} is ${running.state}, job ${second} is ${(await look(second)).state}`);

  await cancel(second);
  await cancel(first);
  for (const id of [first, second]) console.log(`job ${id}: cancelled at ${(await until(id, 'cancelled')).percent} %`);

  const { limit, primes } = await until(third, 'done');
  console.log(`job ${third}: done, ${primes} primes below ${limit}`);
}

function submit(limit: number): Promise<Response> {
  return fetch(`${url}/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ limit }),
  });
}

async function look(id: number): Promise<Status> {
  return statusIn(await fetch(`${url}/jobs/${id}`));
}

async function cancel(id: number): Promise<Status> {
  return statusIn(await fetch(`${url}/jobs/${id}`, { method: 'DELETE' }));
}

async function statusIn(response: Response): Promise<Status> {
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Status;
}

/** Waits until a job is in a state. Fails if it has come to another end. */
async function until(id: number, state: State): Promise<Status> {
  for (;;) {
    const status = await look(id);
    if (status.state === state) return status;
    if (['cancelled', 'done', 'failed'].includes(status.state))
      throw new Error(`job ${id} is ${status.state} and will not be ${state}`);
    await pause(POLL_MS);
  }
}
