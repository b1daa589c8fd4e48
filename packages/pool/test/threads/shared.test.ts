/** api.md §6: pools that pull from a shared receiver. On the build, with real workers. */
import { bounded, codecs, inspect, Sender, unbounded } from '@beamline/core';
import type { JobOutcome, WorkerPool } from '@beamline/pool';
import { tick } from '@beamline/select';
import { expectFailure, expectInvalid, rejection, thrown } from '../../../core/test/support/failure';
import { isPending, range, turns, until } from '../../../core/test/support/turns';
import { allOf, pools, values, type HeldJob } from '../support/pools';

const { pool, poolOf, channel, own, gated } = pools();

/** Sends the jobs and drops the sender. */
async function feed<T>(tx: Sender<T>, jobs: Iterable<T>): Promise<void> {
  await tx.sendMany(jobs);
  tx.drop();
}

describe('jobs and results', () => {
  it.each([1, 4, 64, undefined])('each job gives one outcome, through a channel of capacity %s', async (capacity) => {
    const [tx, jobs] = channel<number>(capacity);
    const doubles = pool<number, number>('double', { jobs });
    void feed(tx, range(500));
    const outcomes = await allOf(doubles.results);
    expect(values(outcomes)).toEqual(range(500).map((n) => 2 * n));
    for (const { worker, attempt, durationMs } of outcomes) {
      expect(worker).toBeGreaterThan(0);
      expect(attempt).toBe(1);
      expect(durationMs).toBeGreaterThanOrEqual(0);
    }
  });

  it('outcomes go to the sender that was given', async () => {
    const [tx, jobs] = channel<number>(4);
    const [results, outcomes] = channel<JobOutcome<number, number>>(2);
    const doubles = pool<number, number>('laterDouble', { jobs, results });
    expect(doubles.results).toBeUndefined();
    void feed(tx, range(50));
    expect(values(await allOf(outcomes))).toEqual(range(50).map((n) => 2 * n));
  });

  it('both handles move into the pool; clones stay', async () => {
    const [tx, jobs] = channel<number>(4);
    const [results, outcomes] = channel<JobOutcome<number, number>>(4);
    const keep = own(jobs.clone());
    pool<number, number>('double', { jobs, results });
    for (const action of [() => jobs.tryRecv(), () => results.clone()])
      expectFailure(thrown(action), 'HandleError', 'ERR_HANDLE_MOVED');
    await tx.send(1);
    expect(await outcomes.recv()).toMatchObject({ ok: true, value: 2 });
    expect(keep.tryRecv()).toEqual({ ok: false, reason: 'empty' });
  });

  it('a codec of the jobs is used', async () => {
    const [tx, jobs] = bounded<number>(4, { codec: codecs.int32 });
    const echo = pool<number, number>('echo', { jobs });
    void feed(tx, [1, -2, 3]);
    expect(values(await allOf(echo.results))).toEqual([-2, 1, 3]);
  });

  it('a failing job gives an outcome with the error and the job as it was sent', async () => {
    const [tx, jobs] = channel<unknown>(4);
    const spoiled = pool<unknown, unknown>('spoil', { jobs });
    const job = { list: [1, 2, 3], text: 'as sent', same: undefined as unknown };
    job.same = job;
    void feed(tx, [job]);
    const [outcome, ...rest] = await allOf(spoiled.results);
    expect(rest).toEqual([]);
    expect(outcome).toMatchObject({ ok: false, error: { name: 'Error', message: 'spoilt' }, attempt: 1 });
    expect((outcome as { job: unknown }).job).toEqual(job);
  });

  const failures: [string, object][] = [
    ['error', { name: 'TypeError', message: 'no good', code: 'E_NO_GOOD', cause: { message: 'deeper', cause: 'deepest' } }],
    ['class', { name: 'Special', message: 'special' }],
    ['extras', { name: 'Error', message: 'with extras', code: 'E_EXTRAS' }],
    ['rejects', { name: 'Error', message: 'rejected', code: 'E_REJECTED' }],
    ['function', { name: 'DataCloneError', code: 'ERR_DATA_CLONE' }],
    ['text', { name: 'Error', cause: 'just text' }],
    ['undefined', { name: 'Error', cause: undefined }],
    ['unprintable', { name: 'Error' }],
  ];

  it('every kind of failure is an Error in its outcome, and other jobs are done', async () => {
    const [tx, jobs] = channel<string>(4);
    const failing = pool<string, string>('fail', { jobs });
    void feed(
      tx,
      failures.flatMap(([kind]) => [kind, 'fine']),
    );
    const outcomes = await allOf(failing.results);
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(failures.length);
    for (const [kind, expected] of failures) {
      const outcome = outcomes.find((each) => !each.ok && each.job === kind) as { error: Error };
      expect(outcome.error).toMatchObject(expected);
      expect(Object.prototype.toString.call(outcome.error)).toBe('[object Error]');
    }
  });

  it('the job of a failed outcome has its handles, dropped', async () => {
    const [tx, jobs] = channel<unknown>(4);
    const [inner, seen] = channel<number>();
    const spoiled = pool<unknown, unknown>('spoil', { jobs });
    void feed(tx, [{ list: [1], inner }]);
    const [outcome] = await allOf(spoiled.results);
    const { job } = outcome as unknown as { job: { inner: Sender<number>; list: number[] } };
    expect(job.list).toEqual([1]);
    expect(job.inner).toBeInstanceOf(Sender);
    expectFailure(
      thrown(() => job.inner.trySend(1)),
      'HandleError',
      'ERR_HANDLE_DROPPED',
    );
    expect(seen.isDisconnected).toBe(true);
  });

  it('workers wait while there is no room for outcomes, and lose none', async () => {
    const [tx, jobs] = channel<number>();
    const [results, outcomes] = channel<JobOutcome<number, number>>(1);
    pool<number, number>('double', { jobs, results, threads: 3 });
    await feed(tx, range(100));
    await until(() => outcomes.isFull);
    await turns(5);
    expect(values(await allOf(outcomes))).toEqual(range(100).map((n) => 2 * n));
  });

  it('run is refused', async () => {
    const [, jobs] = channel<number>(1);
    expectInvalid(await rejection(pool<number, number>('double', { jobs }).run(1)), 'TypeError');
  });
});

describe('sharing', () => {
  it('two pools and a plain receiver pull from one channel', async () => {
    const [tx, jobs] = channel<number>(4);
    const [results, outcomes] = channel<JobOutcome<number, number>>(16);
    pool<number, number>('double', { jobs: jobs.clone(), results: results.clone() });
    pool<number, number>('laterDouble', { jobs: jobs.clone(), results });
    const mine: number[] = [];
    tx.sendSync(0);
    const first = await outcomes.recv(); // the workers have begun
    void feed(tx, range(399, 1));
    const reading = (async () => {
      for await (const job of jobs) {
        mine.push(2 * job);
        await turns(1);
      }
    })();
    const theirs = values([first, ...(await allOf(outcomes))]);
    await reading;
    expect([...mine, ...theirs].sort((a, b) => a - b)).toEqual(range(400).map((n) => 2 * n));
    expect(mine.length).toBeGreaterThan(0);
  });

  it('nothing is taken by a worker that is busy', async () => {
    const { job, begins, open } = gated();
    const [tx, jobs] = channel<HeldJob>();
    const keep = own(jobs.clone());
    const held = pool<HeldJob, number>('held', { jobs });
    tx.sendManySync(range(5).map(job));
    await Promise.all([begins.recv(), begins.recv()]);
    await turns(10);
    expect([keep.length, begins.length]).toEqual([3, 0]);
    open(5);
    tx.drop();
    keep.drop();
    expect(values((await allOf(held.results)) as never)).toEqual([0, 1, 2, 3, 4]);
  });

  it('pools in a row: the results of one are the jobs of the next', async () => {
    type First = JobOutcome<number, number>;
    const [tx, jobs] = channel<number>(4);
    const [results, between] = channel<First>(4);
    pool<number, number>('double', { jobs, results });
    const second = pool<First, First>('echo', { jobs: between });
    void feed(tx, range(100));
    const outcomes = await allOf(second.results);
    expect(values(outcomes.map((outcome) => (outcome as { value: First }).value))).toEqual(range(100).map((n) => 2 * n));
  });
});

describe('the end', () => {
  it('when the senders are gone and the channel is drained, the pool finishes by itself', async () => {
    const [tx, jobs] = channel<number>();
    const doubles = pool<number, number>('double', { jobs });
    tx.sendManySync([1, 2, 3]);
    tx.drop();
    expect(values(await allOf(doubles.results))).toEqual([2, 4, 6]);
    await doubles.close();
    expect(doubles.results!.senderCount).toBe(0);
  });

  it('close() stops pulling, finishes what was pulled, and leaves the rest to others', async () => {
    const { job, begins, open } = gated();
    const [tx, jobs] = channel<HeldJob>();
    const keep = own(jobs.clone());
    const held = pool<HeldJob, number>('held', { jobs });
    tx.sendManySync(range(5).map(job));
    await Promise.all([begins.recv(), begins.recv()]);
    const closing = held.close();
    expect(await isPending(closing)).toBe(true);
    open(5);
    expect(values((await allOf(held.results)) as never)).toEqual([0, 1]);
    await closing;
    expect([tx.isDisconnected, tx.receiverCount, keep.length]).toEqual([false, 1, 3]);
    tx.sendSync(job(5));
    expect(keep.length).toBe(4);
    keep.drop(); // discards the rest, and with it the handles in it
    expect(begins.senderCount).toBe(1);
  });

  it('close() of a pool that waits for jobs ends at once, and senders see it go', async () => {
    const [tx, jobs] = channel<number>(1);
    const doubles = pool<number, number>('double', { jobs });
    tx.sendSync(1);
    expect(await doubles.results!.recv()).toMatchObject({ value: 2 });
    await doubles.close();
    expect(tx.isDisconnected).toBe(true);
    expect(await allOf(doubles.results)).toEqual([]);
  });

  it('close() of a pool whose workers have not begun ends', async () => {
    const [tx, jobs] = channel<number>(1);
    await pool<number, number>('double', { jobs }).close();
    expect(tx.isDisconnected).toBe(true);
  });

  it('close() while the outcomes find no room waits for a reader', async () => {
    const [tx, jobs] = channel<number>();
    const [results, outcomes] = channel<JobOutcome<number, number>>(1);
    const doubles = pool<number, number>('double', { jobs, results });
    tx.sendManySync(range(10));
    await until(() => outcomes.isFull);
    const closing = doubles.close();
    expect(await isPending(closing)).toBe(true);
    const got = values(await allOf(outcomes));
    await closing;
    expect(got.length).toBeGreaterThanOrEqual(1);
    expect(got.length).toBeLessThanOrEqual(4);
  });

  it('destroy() reports what was pulled; what was not stays in the channel', async () => {
    const { job, begins } = gated();
    const [tx, jobs] = channel<HeldJob>();
    const keep = own(jobs.clone());
    const held = pool<HeldJob, number>('held', { jobs });
    tx.sendManySync(range(5).map(job));
    const begun = await Promise.all([begins.recv(), begins.recv()]);
    await held.destroy();
    const outcomes = await allOf(held.results);
    expect(outcomes).toHaveLength(2);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ ok: false, attempt: 1, error: { name: 'PoolError', code: 'ERR_WORKER_DIED' } });
      const { job: back } = outcome as unknown as { job: HeldJob };
      expect(begun).toContain(back.id);
      expectFailure(
        thrown(() => back.begun.trySend(1)),
        'HandleError',
        'ERR_HANDLE_DROPPED',
      );
    }
    expect(keep.length).toBe(3);
  });

  it('destroy() does not wait for somebody to read its reports', async () => {
    const { job, begins } = gated();
    const [tx, jobs] = channel<HeldJob>();
    const [results, outcomes] = channel<JobOutcome<HeldJob, number>>(1);
    const held = pool<HeldJob, number>('held', { jobs, results: results.clone(), threads: 3 });
    results.sendSync('in the way' as never);
    results.drop();
    tx.sendManySync(range(3).map(job));
    await Promise.all(range(3).map(() => begins.recv()));
    await held.destroy();
    const [first, ...outcome] = await allOf(outcomes);
    expect(first).toBe('in the way');
    expect(outcome.map(({ ok }) => ok)).toEqual([false, false, false]);
  });

  it('if nobody wants results any more, the pool stops, and its senders see it go', async () => {
    const [tx, jobs] = channel<number>(1);
    const doubles = pool<number, number>('double', { jobs });
    tx.sendSync(1);
    await doubles.results!.recv();
    doubles.results!.drop();
    const error = await rejection(tx.sendMany(range(1000)));
    expectFailure(error, 'SendError', 'ERR_DISCONNECTED');
    await doubles.close();
  });

  it('a second pool can use what the first one left', async () => {
    const [tx, jobs] = channel<number>();
    const keep = own(jobs.clone());
    const first = pool<number, number>('double', { jobs });
    tx.sendSync(1);
    await first.results!.recv();
    await first.close();
    tx.sendManySync(range(10));
    tx.drop();
    const second = pool<number, number>('double', { jobs: keep });
    expect(values(await allOf(second.results))).toEqual(range(10).map((n) => 2 * n));
  });
});

describe('without a reader', () => {
  it('the outcomes stay until there is one', async () => {
    const [tx, jobs] = channel<number>();
    const doubles: WorkerPool<number, number> = pool<number, number>('double', { jobs });
    tx.sendManySync(range(20));
    tx.drop();
    await until(() => doubles.results!.length === 20);
    expect(values(await allOf(doubles.results))).toEqual(range(20).map((n) => 2 * n));
  });
});

it('jobs may come from a clock', async () => {
  const clock = tick(5);
  const ticks = pool<number, number>('echo', { jobs: clock });
  const got = values([await ticks.results!.recv(), await ticks.results!.recv(), await ticks.results!.recv()]);
  expect(new Set(got).size).toBe(3);
  await ticks.close();
});

it('the main thread takes no part: a busy one holds up nothing', async () => {
  const [tx, jobs] = unbounded<number>();
  const [results, outcomes] = channel<JobOutcome<number, number>>();
  pool<number, number>('double', { jobs, results });
  tx.sendSync(0);
  await outcomes.recv(); // the workers have begun
  tx.sendManySync(range(1000));
  tx.drop();
  const got: number[] = [];
  for (const outcome of outcomes) {
    // blocks this thread
    got.push((outcome as { value: number }).value);
    if (got.length === 1000) break;
  }
  expect(got.sort((a, b) => a - b)).toEqual(range(1000).map((n) => 2 * n));
});

it('a pool over a file that is not there fails every job', async () => {
  const [tx, jobs] = channel<number>();
  const failing = poolOf<number, number>('not-there.mjs', { jobs });
  tx.sendManySync(range(10));
  tx.drop();
  const outcomes = await allOf(failing.results);
  expect(outcomes.map((outcome) => (outcome as { job: number }).job).sort()).toEqual(range(10));
  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({
      ok: false,
      error: { code: 'ERR_MODULE_NOT_FOUND', message: expect.stringContaining('not-there.mjs') as string },
    });
  }
  expect(inspect().channels.length).toBeGreaterThan(0);
});
