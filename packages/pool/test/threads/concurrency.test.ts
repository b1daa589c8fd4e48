/** api.md §6: `concurrency`. On the build, with real workers. */
import type { Sender } from '@beamline/core';
import type { JobOutcome } from '@beamline/pool';
import { expectFailure, rejection } from '../../../core/test/support/failure';
import { isPending, range, turns, until } from '../../../core/test/support/turns';
import { allOf, pools, values, type HeldJob } from '../support/pools';

const { pool, poolOf, channel, own, gatedApart: gated } = pools();

describe('a worker', () => {
  it('has so many jobs in progress, and takes the next when one is done, whichever that is', async () => {
    const { job, begins, beginsOf, open } = gated();
    const held = pool<HeldJob, number>('held', { threads: 1, concurrency: 3 });
    const runs = range(5).map((id) => held.run(job(id)));
    expect(await beginsOf(3)).toEqual([0, 1, 2]);
    await turns(10);
    expect(begins.isEmpty).toBe(true);
    expect(held.stats()).toMatchObject({ running: 3, queued: 2, workers: [{ running: 3 }] });
    open(1);
    expect([await runs[1], await begins.recv()]).toEqual([1, 3]);
    open(3);
    expect([await runs[3], await begins.recv()]).toEqual([3, 4]);
    for (const id of [4, 2, 0]) open(id);
    expect(await Promise.all(runs)).toEqual(range(5));
  });

  it('does handlers without promises one by one all the same', async () => {
    const doubles = pool<number, number>('double', { threads: 1, concurrency: 8 });
    expect(await Promise.all(range(500).map((n) => doubles.run(n)))).toEqual(range(500).map((n) => 2 * n));
  });

  it('can have a hundred', async () => {
    const { job, beginsOf, open } = gated();
    const held = pool<HeldJob, number>('held', { threads: 1, concurrency: 100 });
    const runs = range(100).map((id) => held.run(job(id)));
    await beginsOf(100);
    for (const id of range(100)) open(99 - id);
    expect(await Promise.all(runs)).toEqual(range(100));
  });

  it('mixes failures and results, of a shared channel, too', async () => {
    const [tx, jobs] = channel<number>(4);
    const doubles = pool<number, number>('laterDouble', { jobs, concurrency: 5 });
    void tx.sendMany(range(300)).then(() => tx.drop());
    expect(values(await allOf(doubles.results))).toEqual(range(300).map((n) => 2 * n));
    const failing = pool<unknown, unknown>('fail', { concurrency: 5 });
    const settled = await Promise.allSettled(range(50).map((n) => failing.run(n % 5 === 3 ? 'rejects' : n)));
    expect(settled.map(({ status }) => status === 'fulfilled')).toEqual(range(50).map((n) => n % 5 !== 3));
  });
});

describe('each job for itself', () => {
  it('is told when it is given up', async () => {
    const { job, beginsOf, open } = gated();
    const [told, tells] = channel<string>();
    const held = pool<HeldJob & { told: Sender<string> }, boolean>('heldSignal', { threads: 1, concurrency: 3 });
    const controllers = range(3).map(() => new AbortController());
    const runs = controllers.map(({ signal }, id) => held.run({ ...job(id), told: told.clone() }, { signal }));
    await beginsOf(3);
    const given = rejection(runs[1]!);
    controllers[1]!.abort(new Error('the second'));
    expect((await given).message).toBe('the second');
    expect(await tells.recv()).toBe('the second');
    for (const id of range(3)) open(id);
    expect([await runs[0], await runs[2]]).toEqual([false, false]);
    expect(tells.isEmpty).toBe(true);
  });

  it('waits for room for its outcome, and holds up no other', async () => {
    const { job, beginsOf, open } = gated();
    const [tx, jobs] = channel<HeldJob>();
    const [results, outcomes] = channel<JobOutcome<HeldJob, number>>(1);
    const held = pool<HeldJob, number>('held', { threads: 1, concurrency: 3, jobs, results });
    tx.sendManySync(range(4).map(job));
    await beginsOf(3);
    for (const id of range(3)) open(id);
    await until(() => outcomes.isFull);
    await turns(10);
    // One outcome is there, two wait for room: no desk but that of the first is free for the fourth job.
    expect(await beginsOf(1)).toEqual([3]);
    expect(held.stats()).toMatchObject({ running: 3, completed: 1 });
    open(3);
    tx.drop();
    expect(values((await allOf(outcomes)) as never)).toEqual([0, 1, 2, 3]);
  });

  it('is waited for by close()', async () => {
    const { job, beginsOf, open } = gated();
    const [tx, jobs] = channel<HeldJob>();
    const keep = own(jobs.clone());
    const held = pool<HeldJob, number>('held', { threads: 1, concurrency: 3, jobs });
    tx.sendManySync(range(4).map(job));
    await beginsOf(3);
    const closing = held.close();
    open(1);
    expect(await held.results!.recv()).toMatchObject({ value: 1 });
    expect(await isPending(closing)).toBe(true);
    open(0);
    open(2);
    await closing;
    expect(values((await allOf(held.results)) as never)).toEqual([0, 2]);
    expect(keep.length).toBe(1);
  });
});

describe('a worker that dies with several jobs', () => {
  it.each(['exit', 'timer', 'rejection'])('takes them all along, and nothing else: %s', async (how) => {
    const { job, beginsOf, open } = gated();
    const mortal = poolOf<unknown, number>('mortal.mjs', { threads: 1, concurrency: 4 });
    const held = range(3).map((id) => rejection(mortal.run(job(id))));
    await beginsOf(3);
    const errors = [await rejection(mortal.run(how)), ...(await Promise.all(held))];
    for (const error of errors) expectFailure(error, 'PoolError', 'ERR_WORKER_DIED');
    expect(new Set(errors.map(({ message }) => message)).size).toBe(1); // of the same death
    expect(await mortal.run(5)).toBe(5);
    const again = mortal.run(job(7));
    await beginsOf(1);
    open(7);
    expect(await again).toBeGreaterThan(0);
    expect(mortal.stats()).toMatchObject({ completed: 2, failed: 4, retried: 0, running: 0 });
  });

  it('has them all delivered again', async () => {
    const words = new Int32Array(new SharedArrayBuffer(12));
    const [tx, jobs] = channel<object>();
    const options = { threads: 1, concurrency: 3, maxAttempts: 2, jobs, piscina: { workerData: { words } } };
    const attempts = poolOf<object, { attempt: number }>('attempts.mjs', options);
    tx.sendManySync([{ dies: 1, how: 'timer' }, { dies: 1, how: 'timer' }, { dies: 1, how: 'timer' }, { dies: 0 }]);
    tx.drop();
    const outcomes = await allOf(attempts.results);
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, true, true, true]);
    expect(outcomes.map(({ attempt }) => attempt).filter((attempt) => attempt === 2).length).toBeGreaterThanOrEqual(3);
  });
});
