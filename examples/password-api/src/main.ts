/**
 * An HTTP server that hashes passwords by scrypt, on a worker pool, and is loaded with more than it can do.
 *
 *   npm run example:password-api                               # shows itself and ends
 *   npm run example:password-api -- --hashes 100 --connections 200
 *   npm run example:password-api -- --serve --port 3000        # until Ctrl-C
 *
 *   curl localhost:3000/hash -H 'content-type: application/json' -d '{"password":"correct horse"}'
 *
 * While all threads are busy and the queue is full the answer is 503 with Retry-After, at once: memory and waiting times stay bounded,
 * however many come. api.ts is what is served; load.ts loads it, by autocannon, and measures what is said here.
 *
 * Prints, where N is some number:
 *   listening on http://127.0.0.1:N, threads: N, room in the queue: N
 *   the right password is right: true, a wrong one: false
 *   64 connections, until 30 passwords are hashed:
 *   200: N answers, half of them within N ms, 99 % within N ms
 *   503: N answers, half of them within N ms, 99 % within N ms
 *   no answer: N
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { fromSignal } from 'beamline';
import { WorkerPool } from 'beamline/pool';
import { passwordApi } from './api.js';
import { load } from './load.js';
import type scrypt from './scrypt.js';
import { serving } from './serving.js';

/** Of a job whose worker died: to make a key twice harms nobody. */
const ATTEMPTS = 2;

const { values } = parseArgs({
  options: {
    serve: { type: 'boolean', default: false },
    port: { type: 'string', default: '0' },
    threads: { type: 'string', default: String(Math.max(1, availableParallelism() - 1)) }, // this thread has to answer, too
    capacity: { type: 'string', default: '8' },
    connections: { type: 'string', default: '64' },
    hashes: { type: 'string', default: '30' },
  },
});
const threads = Number(values.threads);
const capacity = Number(values.capacity);

await using pool = WorkerPool.of<typeof scrypt>({
  filename: new URL('./scrypt.js', import.meta.url),
  threads,
  capacity,
  maxAttempts: ATTEMPTS,
});
await using server = await serving(passwordApi(pool, capacity), Number(values.port));
const { url } = server;
console.log(`listening on ${url}, threads: ${threads}, room in the queue: ${capacity}`);
if (values.serve) {
  using stop = fromSignal('SIGINT', 'SIGTERM');
  console.log(`stopping by ${await stop.recv()}`);
} else await demonstrate();

async function demonstrate(): Promise<void> {
  const { hash } = await post<{ hash: string }>('/hash', { password: 'correct horse' });
  const right = await post<{ valid: boolean }>('/verify', { password: 'correct horse', hash });
  const wrong = await post<{ valid: boolean }>('/verify', { password: 'battery staple', hash });
  console.log(`the right password is right: ${right.valid}, a wrong one: ${wrong.valid}`);

  const connections = Number(values.connections);
  const hashes = Number(values.hashes);
  console.log(`${connections} connections, until ${hashes} passwords are hashed:`);
  const { answers, unanswered } = await load(url, connections, hashes);
  for (const [status, { count, medianMs, p99Ms }] of answers) {
    console.log(`${status}: ${count} answers, half of them within ${medianMs} ms, 99 % within ${p99Ms} ms`);
  }
  console.log(`no answer: ${unanswered}`);
}

async function post<Answer>(path: string, body: object): Promise<Answer> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Answer;
}
