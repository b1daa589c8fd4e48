/** api.md §6: `stats`. On the build, with real workers. */
import { rejection } from '../../../core/test/support/failure';
import { range, turns, until } from '../../../core/test/support/turns';
import { allOf, pools, type HeldJob } from '../support/pools';

const { pool, channel, gated } = pools();

it('of a pool that has done nothing are zeros', async () => {
  const idle = pool('double', { threads: 3 });
  const { workers, ...rest } = idle.stats();
  expect(rest).toEqual({
    threads: 3,
    queued: 0,
    running: 0,
    completed: 0,
    failed: 0,
    retried: 0,
    latencyMs: { p50: 0, p90: 0, p99: 0, max: 0 },
  });
  expect(workers.length).toBeLessThanOrEqual(3);
  await until(() => idle.stats().workers.length === 3);
  expect(new Set(idle.stats().workers.map(({ threadId }) => threadId)).size).toBe(3);
  for (const worker of idle.stats().workers) expect(worker).toMatchObject({ running: 0, completed: 0, utilization: 0 });
});

it('say where the jobs are: waiting for room, queued, in progress, done', async () => {
  const { job, begins, open } = gated();
  const held = pool<HeldJob, number>('held', { threads: 2, capacity: 2 });
  const runs = range(7).map((id) => held.run(job(id)));
  await Promise.all([begins.recv(), begins.recv()]);
  await until(() => held.stats().queued === 5);
  expect(held.stats()).toMatchObject({ queued: 5, running: 2, completed: 0 });
  open(7);
  await Promise.all(runs);
  const { workers, ...rest } = held.stats();
  expect(rest).toMatchObject({ queued: 0, running: 0, completed: 7, failed: 0 });
  expect(workers.reduce((sum, { completed }) => sum + completed, 0)).toBe(7);
});

it('of a shared receiver count what the workers did; whoever has an outcome finds it counted', async () => {
  const [tx, jobs] = channel<unknown>();
  const failing = pool<unknown, unknown>('fail', { jobs });
  tx.sendManySync(range(100).map((n) => (n % 4 === 0 ? 'error' : n)));
  let ok = 0;
  for (let count = 1; count <= 100; count++) {
    if ((await failing.results!.recv()).ok) ok++;
    const { completed, failed } = failing.stats();
    expect(completed).toBeGreaterThanOrEqual(ok);
    expect(failed).toBeGreaterThanOrEqual(count - ok);
  }
  expect(failing.stats()).toMatchObject({ queued: 0, running: 0, completed: 75, failed: 25 });
});

it('of a shared receiver say how much is waiting there', async () => {
  const { job, begins, open } = gated();
  const [tx, jobs] = channel<HeldJob>();
  const held = pool<HeldJob, number>('held', { jobs });
  tx.sendManySync(range(6).map(job));
  await Promise.all([begins.recv(), begins.recv()]);
  expect(held.stats()).toMatchObject({ queued: 4, running: 2 });
  open(6);
  tx.drop();
  await allOf(held.results);
  await held.close();
  expect(held.stats()).toMatchObject({ queued: 0, running: 0, completed: 6, workers: [] });
});

it('a result that cannot cross threads is a failure', async () => {
  const failing = pool<string, unknown>('fail', { threads: 1 });
  await rejection(failing.run('function'));
  expect(failing.stats()).toMatchObject({ running: 0, completed: 0, failed: 1 });
});

it('a job that was cancelled before it started is in no figure', async () => {
  const { job, begins, open } = gated();
  const held = pool<HeldJob, number>('held', { threads: 1 });
  const first = held.run(job(0));
  await begins.recv();
  const controller = new AbortController();
  const given = rejection(held.run(job(1), { signal: controller.signal }));
  controller.abort();
  await given;
  open(1);
  await first;
  await held.close();
  expect(held.stats()).toMatchObject({ completed: 1, failed: 0, queued: 0 });
});

it('utilization is the share of time with a job in progress', async () => {
  const words = new Int32Array(new SharedArrayBuffer(8));
  const busy = pool<number, number>('busy', { threads: 2, piscina: { workerData: { words } } });
  await until(() => busy.stats().workers.length === 2);
  const run = busy.run(1);
  await until(() => Atomics.load(words, 0) === 1);
  // One is in progress and the other never had anything to do; so the busy one's share grows.
  const share = () => Math.max(...busy.stats().workers.map(({ utilization }) => utilization));
  const before = share();
  await until(() => share() > Math.max(0.2, before));
  const { workers } = busy.stats();
  expect(workers.map(({ running }) => running).sort()).toEqual([0, 1]);
  for (const { utilization, running } of workers) {
    expect(utilization).toBeLessThanOrEqual(1);
    if (running === 0) expect(utilization).toBe(0);
  }
  Atomics.store(words, 1, 1);
  Atomics.notify(words, 1);
  await run;
});

it('latencies are in ms, of all jobs that were answered', async () => {
  const beating = pool<number, number>('beat', { threads: 2 });
  await Promise.all(range(20).map(() => beating.run(5)));
  const { p50, p90, p99, max } = beating.stats().latencyMs;
  expect(p50).toBeGreaterThanOrEqual(4.9);
  expect([p50, p90, p99, max]).toEqual([p50, p90, p99, max].sort((a, b) => a - b));
  await beating.close();
  await turns(1);
  expect(beating.stats().latencyMs.max).toBe(max);
});
