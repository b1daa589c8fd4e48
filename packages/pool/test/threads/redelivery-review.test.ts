/** What could go wrong with redelivery: deaths, closes, aborts and disconnections that meet a job on its way to another worker. */
import { bounded, unbounded, type Receiver } from '@beamline/core';
import type { JobOutcome } from '@beamline/pool';
import { expectFailure, rejection } from '../../../core/test/support/failure';
import { range, until } from '../../../core/test/support/turns';
import { allOf, pools, type Options } from '../support/pools';

const { poolOf, channel, own } = pools();

const reviewed = <Job, Result>(name: string, options: Options<Job, Result> = {}) =>
  poolOf<Job, Result>('review.mjs', { name, maxAttempts: 2, ...options });

function memory() {
  const words = new Int32Array(new SharedArrayBuffer(8));
  return {
    piscina: { workerData: { words } },
    here: () => Atomics.load(words, 1),
    open: () => {
      Atomics.store(words, 0, 1);
      Atomics.notify(words, 0);
    },
  };
}

describe('while a job waits for another worker', () => {
  interface Waiting {
    dies: number;
  }

  /** Workers that begin after the first job wait until they are let in (workers/attempts.mjs). */
  function waitingRoom() {
    const words = new Int32Array(new SharedArrayBuffer(20));
    const letIn = () => {
      Atomics.store(words, 4, 1);
      Atomics.notify(words, 4);
    };
    const make = (options: Options<Waiting, { attempt: number }> = {}) =>
      poolOf<Waiting, { attempt: number }>('attempts.mjs', {
        maxAttempts: 3,
        threads: 1,
        piscina: { workerData: { words } },
        ...options,
      });
    return { make, letIn };
  }

  it('close() waits for it', async () => {
    const { make, letIn } = waitingRoom();
    const pool = make();
    const run = pool.run({ dies: 1 });
    await until(() => pool.stats().retried === 1);
    const closing = pool.close();
    letIn();
    expect(await run).toMatchObject({ attempt: 2 });
    await closing;
  });

  it('destroy() fails it', async () => {
    const { make } = waitingRoom();
    const pool = make();
    const failing = rejection(pool.run({ dies: 1 }));
    await until(() => pool.stats().retried === 1);
    await pool.destroy();
    expectFailure(await failing, 'PoolError', 'ERR_WORKER_DIED');
    expect(pool.stats()).toMatchObject({ completed: 0, failed: 1, queued: 0, running: 0 });
  });

  it('destroy() reports it, if it is a shared one', async () => {
    const { make } = waitingRoom();
    const [tx, jobs] = channel<Waiting>();
    const pool = make({ jobs });
    tx.sendSync({ dies: 1 });
    tx.sendSync({ dies: 0 });
    await until(() => pool.stats().retried === 1);
    await pool.destroy();
    const outcomes = await allOf(pool.results);
    expect(outcomes).toMatchObject([{ ok: false, job: { dies: 1 }, attempt: 1, error: { code: 'ERR_WORKER_DIED' } }]);
    expect(pool.stats()).toMatchObject({ completed: 0, failed: 1, queued: 0, running: 0 });
  });

  it('the last sender of its channel may go', async () => {
    const { make, letIn } = waitingRoom();
    const [tx, jobs] = channel<Waiting>();
    const pool = make({ jobs });
    tx.sendSync({ dies: 1 });
    await until(() => pool.stats().retried === 1);
    tx.drop();
    letIn();
    expect(await allOf(pool.results)).toMatchObject([{ ok: true, attempt: 2 }]);
    await pool.close();
  });

  it.each(['before', 'after'])('nobody may want its outcome any more: dropped %s the next worker begins', async (when) => {
    const { make, letIn } = waitingRoom();
    const [tx, jobs] = channel<Waiting>();
    const pool = make({ jobs });
    tx.sendSync({ dies: 1 });
    await until(() => pool.stats().retried === 1);
    if (when === 'after') letIn();
    pool.results!.drop();
    letIn();
    tx.drop();
    await pool.close();
    expect(pool.stats()).toMatchObject({ queued: 0, running: 0 });
  });
});

describe('a job that is delivered again', () => {
  it.each([
    ['undefined', undefined],
    ['null', null],
    ['a negative zero', -0],
    ['a large bigint', 2n ** 70n],
    ['a short text', '漢字'],
    ['a text', 'a text that is longer than a slot'],
    ['bytes', new Uint8Array(100_000).fill(9)],
    ['an object', new Map([[{ a: 1 }, new Set([1n])]])],
    ['an error', new RangeError('an error')],
  ])('arrives as it was sent: %s', async (_, job: unknown) => {
    const arrived = await reviewed('once', { threads: 1 }).run(job);
    expect(arrived).toEqual(job);
  });

  it('is told when its run is aborted', async () => {
    const { here, piscina } = memory();
    const pool = reviewed<number, void>('stoppable', { threads: 1, piscina });
    const controller = new AbortController();
    const failing = rejection(pool.run(1, { signal: controller.signal }));
    await until(() => here() === 1);
    controller.abort(new Error('enough'));
    expect((await failing).message).toBe('enough');
    await until(() => here() === 2);
    await pool.close();
  });

  it('is delivered with all the others that its worker had in progress', async () => {
    const { piscina } = memory();
    const of = 8;
    const pool = reviewed<{ n: number; of: number }, number>('together', { threads: 1, concurrency: of, piscina });
    expect(await Promise.all(range(of).map((n) => pool.run({ n, of })))).toEqual(range(of));
    expect(pool.stats()).toMatchObject({ completed: of, failed: 0, retried: of });
  });

  it('goes through the rendezvous that it came from only once', async () => {
    const [tx, jobs] = channel<number>(0);
    const [out, results] = bounded<JobOutcome<number, number>>(0);
    own(results);
    const pool = reviewed<number, number>('once', { jobs, results: out, concurrency: 2, maxAttempts: 100 });
    const sending = tx.sendMany(range(10)).then(() => tx.drop());
    const outcomes = await allOf(results);
    await sending;
    expect(outcomes.map((outcome) => outcome.ok && outcome.value).sort((a, b) => Number(a) - Number(b))).toEqual(range(10));
    expect(outcomes.every(({ attempt }) => attempt >= 2)).toBe(true);
    await pool.close();
  });

  it('was done but not answered, as there was no room: the answer that comes is the only one', async () => {
    const { here, open, piscina } = memory();
    const [tx, jobs] = channel<number>();
    const [out, results] = channel<JobOutcome<number, { n: number; attempt: number }>>(1);
    const pool = reviewed<number, { n: number; attempt: number }>('gated', { jobs, results: out, threads: 1, piscina });
    tx.sendManySync([1, 2]);
    tx.drop();
    await until(() => here() === 2 && results.isFull);
    open();
    await until(() => pool.stats().retried === 1);
    const outcomes = await allOf(results);
    expect(outcomes).toMatchObject([
      { ok: true, value: { n: 1 }, attempt: 1 },
      { ok: true, value: { n: 2 }, attempt: 2 },
    ]);
    await pool.close();
  });
});

it('a job whose worker dies right after it has one outcome', async () => {
  const [tx, jobs] = channel<number>(3);
  const pool = reviewed<number, number>('afterwards', { jobs, threads: 3, maxAttempts: 100 });
  void tx.sendMany(range(12)).then(() => tx.drop());
  const outcomes = await allOf(pool.results);
  expect(outcomes.map((outcome) => (outcome.ok ? outcome.value : -1)).sort((a, b) => a - b)).toEqual(range(12));
  await pool.close();
});

it('jobs that kill every worker, in several pools on one channel, cost nobody else anything', async () => {
  const [tx, jobs] = channel<number>(2);
  const [out, results] = unbounded<JobOutcome<number, { n: number; attempt: number }>>();
  own(results);
  const both = range(2).map(() =>
    reviewed<number, { n: number; attempt: number }>('poison', { jobs: jobs.clone(), results: out.clone(), maxAttempts: 3 }),
  );
  jobs.drop();
  out.drop();
  void tx.sendMany(range(80)).then(() => tx.drop());
  const outcomes = await allOf(results);
  const seen = outcomes.map((outcome) => ({
    n: outcome.ok ? outcome.value.n : outcome.job,
    ok: outcome.ok,
    attempt: outcome.attempt,
  }));
  expect(seen.sort((a, b) => a.n - b.n)).toEqual(range(80).map((n) => ({ n, ok: n % 20 !== 0, attempt: n % 20 === 0 ? 3 : 1 })));
  await Promise.all(both.map((pool) => pool.close()));
  const stats = both.map((pool) => pool.stats());
  expect(stats.reduce((sum, { retried }) => sum + retried, 0)).toBe(8);
});

it('outcomes of one pool that are the jobs of another have one outcome each', async () => {
  const [tx, jobs] = channel<number>(4);
  const first = reviewed<number, number>('once', { jobs });
  type Outcome = JobOutcome<number, number>;
  const second = reviewed<Outcome, Outcome>('once', { jobs: first.results as Receiver<Outcome> });
  void tx.sendMany(range(8)).then(() => tx.drop());
  const outcomes = await allOf(second.results);
  const numbers = outcomes.map((outcome) => (outcome.ok && outcome.value.ok ? outcome.value.value : -1));
  expect(numbers.sort((a, b) => a - b)).toEqual(range(8));
  await Promise.all([first.close(), second.close()]);
});

it('destroy() with nobody reading loses no report', async () => {
  const { here, piscina } = memory();
  const [tx, jobs] = channel<number>();
  const [out, results] = channel<JobOutcome<number, void>>(1);
  const pool = reviewed<number, void>('endless', { jobs, results: out, threads: 2, concurrency: 3, piscina });
  tx.sendManySync(range(6));
  await until(() => here() === 6);
  await pool.destroy();
  const outcomes = await allOf(results);
  expect(outcomes.map((outcome) => (outcome.ok ? -1 : outcome.job)).sort((a, b) => a - b)).toEqual(range(6));
});

describe('an outcome that somebody takes from a rendezvous while its worker is busy, and then dies, is counted', () => {
  async function taken() {
    const { here, open, piscina } = memory();
    const [tx, jobs] = channel<number>();
    const [out, results] = channel<JobOutcome<number, number>>(0);
    const pool = reviewed<number, number>('blocking', { jobs, results: out, threads: 1, concurrency: 2, piscina });
    tx.sendManySync([1, 2]);
    tx.drop();
    await until(() => here() === 1);
    expect(results.recvSync({ timeout: 10_000 })).toMatchObject({ ok: true, value: 1, attempt: 1 });
    return { pool, results, open };
  }

  it('of process.exit', async () => {
    const { pool, results, open } = await taken();
    open();
    expect(await allOf(results)).toMatchObject([{ ok: true, value: 2, attempt: 2 }]);
    await pool.close();
    expect(pool.stats()).toMatchObject({ completed: 2, failed: 0, running: 0 });
  });

  it('of terminate', async () => {
    const { pool, results } = await taken();
    await pool.destroy();
    expect(await allOf(results)).toMatchObject([{ ok: false, job: 2, attempt: 1 }]);
    expect(pool.stats()).toMatchObject({ completed: 1, failed: 1, running: 0 });
  });
});
