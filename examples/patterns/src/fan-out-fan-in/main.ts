/**
 * Fan-out and fan-in: jobs go out to several threads over one channel, results come back over another.
 *
 * Both channels are bounded, so memory is too; therefore the jobs are sent while the results are received, and not before. Two drops
 * carry the ends: without jobs' last sender the workers finish, and with the workers' last sender the results end.
 *
 * Results arrive in the order in which they are ready; they are sorted here for the eye.
 *
 * Prints:
 *   job 0: payload-0 has 9 bytes
 *   job 1: payload-10 has 10 bytes
 *   job 2: payload-200 has 11 bytes
 *   job 3: payload-3000 has 12 bytes
 *   job 4: payload-40000 has 13 bytes
 *   job 5: payload-500000 has 14 bytes
 *   6 jobs, 69 bytes
 */
import { bounded, spawn } from 'beamline';
import type worker from './worker.js';
import type { Job, Result } from './worker.js';

const [jobs, jobsReceived] = bounded<Job>(2);
const [results, resultsReceived] = bounded<Result>(2);
const workers = Array.from({ length: 4 }, () =>
  spawn<typeof worker>(new URL('./worker.js', import.meta.url), {
    data: { jobs: jobsReceived.clone(), results: results.clone() },
  }),
);
jobsReceived.drop();
results.drop();

function* payloads(): Generator<Job> {
  for (let id = 0; id < 6; id++) yield { id, payload: `payload-${id * 10 ** id}` };
}
const feeding = jobs.sendMany(payloads()).finally(() => jobs.drop());

const collected: Result[] = [];
for await (const result of resultsReceived) collected.push(result);
await Promise.all([feeding, ...workers.map((thread) => thread.join())]);

collected.sort((left, right) => left.id - right.id);
for (const { id, payload, bytes } of collected) console.log(`job ${id}: ${payload} has ${bytes} bytes`);
console.log(`${collected.length} jobs, ${collected.reduce((sum, { bytes }) => sum + bytes, 0)} bytes`);
