/** The built program, as a server that a client talks to, and as the demonstration that it is by itself. */
import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { LIMIT_MS, Program, run } from '../../../test/support/program.js';
import type { Status } from '../src/queue.js';

const THREADS = availableParallelism();
const HOURS_OF_WORK = 1_000_000_000;

let program: Program;
let url: string;

beforeEach(async () => {
  program = new Program('job-queue', ['--serve']);
  [, url] = await program.prints(/^listening on (http:\S+), /);
}, LIMIT_MS);

afterEach(() => program[Symbol.asyncDispose]());

function submit(limit: unknown): Promise<Response> {
  return fetch(`${url}/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ limit }),
  });
}

async function accepted(limit: number): Promise<number> {
  const response = await submit(limit);
  const { id } = (await response.json()) as Status;
  expect([response.status, response.headers.get('location')]).toEqual([202, `/jobs/${id}`]);
  return id;
}

const look = (id: number | string): Promise<Response> => fetch(`${url}/jobs/${id}`);
const cancel = (id: number | string): Promise<Response> => fetch(`${url}/jobs/${id}`, { method: 'DELETE' });

async function until(id: number, state: Status['state']): Promise<Status> {
  for (;;) {
    const status = (await (await look(id)).json()) as Status;
    if (status.state === state) return status;
    await pause(10);
  }
}

test.each([
  [0, 0],
  [2, 0],
  [3, 1],
  [100, 25],
  [100_000, 9592],
])('below %d there are %d primes', async (limit, primes) => {
  const id = await accepted(limit);
  expect(await until(id, 'done')).toEqual({ id, limit, state: 'done', percent: 100, primes });
});

test.each([[undefined], [-1], [1.5], ['many'], [1e12]])('%j is no limit', async (limit) => {
  expect((await submit(limit)).status).toBe(400);
});

test('who asks for a job that is not there hears so', async () => {
  for (const id of [7, 'x']) for (const response of [await look(id), await cancel(id)]) expect(response.status).toBe(404);
});

test(
  'a running job stops in the middle when it is cancelled, and its thread goes on with the next',
  async () => {
    const running = [];
    for (let n = 0; n < THREADS; n++) running.push(await accepted(HOURS_OF_WORK));
    const next = await accepted(100);
    for (const id of running) {
      await until(id, 'running');
      expect((await cancel(id)).status).toBe(202);
    }
    for (const id of running) expect((await until(id, 'cancelled')).percent).toBeLessThan(100);
    expect(await until(next, 'done')).toMatchObject({ primes: 25 });
  },
  LIMIT_MS,
);

test('a job that is cancelled while it is queued is not begun', async () => {
  const running = [];
  for (let n = 0; n < THREADS; n++) running.push(await accepted(HOURS_OF_WORK));
  const queued = await accepted(100);
  expect((await cancel(queued)).status).toBe(202);
  for (const id of running) await cancel(id);
  expect(await until(queued, 'cancelled')).toEqual({ id: queued, limit: 100, state: 'cancelled', percent: 0 });
});

test('a job that is done cannot be cancelled any more', async () => {
  const id = await accepted(100);
  const status = await until(id, 'done');
  const response = await cancel(id);
  expect([response.status, await response.json()]).toEqual([409, status]);
});

test('a full queue says 503 and when to come again, and SIGTERM ends it all the same', async () => {
  let response = await submit(HOURS_OF_WORK);
  for (let n = 0; n < 1000 && response.status === 202; n++) response = await submit(HOURS_OF_WORK);
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
  program.kill('SIGTERM');
  const { code, stdout, stderr } = await program.finished();
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/stopping by SIGTERM\n$/);
});

test('by itself it shows what it does, and ends', async () => {
  const { code, stdout, stderr } = await run('job-queue');
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout.split('\n')).toEqual([
    expect.stringMatching(/^listening on http:\/\/127\.0\.0\.1:\d+, threads: 1, room in the queue: 2$/),
    'accepted: job 1, job 2, job 3; then 503, come again in 1 s',
    'job 1 is running, job 2 is queued',
    expect.stringMatching(/^job 1: cancelled at \d+ %$/),
    'job 2: cancelled at 0 %',
    'job 3: done, 78498 primes below 1000000',
    '',
  ]);
});
