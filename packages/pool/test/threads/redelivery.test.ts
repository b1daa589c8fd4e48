/** api.md §6: `maxAttempts`. On the build, with real workers; killed at random instants they are in deaths.test.ts. */
import { codecs, bounded, type Receiver } from '@beamline/core';
import type { JobOutcome } from '@beamline/pool';
import { expectFailure, rejection } from '../../../core/test/support/failure';
import { range, turns, until } from '../../../core/test/support/turns';
import { allOf, pools, type Options } from '../support/pools';

const { poolOf, channel, own } = pools();

interface Dying {
  dies?: number;
  how?: string;
  [more: string]: unknown;
}

interface Lived {
  job: unknown;
  attempt: number;
  worker: number;
}

const attempts = <Job = Dying>(options: Options<Job, Lived> = {}) =>
  poolOf<Job, Lived>('attempts.mjs', { maxAttempts: 3, ...options });

/** Shared words for the handlers (workers/attempts.mjs), and the options that pass them on. */
function shared(length = 3) {
  const words = new Int32Array(new SharedArrayBuffer(4 * length));
  return {
    words,
    piscina: { workerData: { words } },
    calls: () => Atomics.load(words, 0),
    waiting: () => Atomics.load(words, 2),
    open: () => {
      Atomics.store(words, 1, 1);
      Atomics.notify(words, 1);
    },
  };
}

describe('a job of run whose worker dies', () => {
  it.each(['exit', 'timer', 'rejection'])('is delivered again, as it was sent: %s', async (how) => {
    const pool = attempts({ threads: 1 });
    const job = { dies: 2, how, list: [1, { deep: new Map([['k', 1n]]) }], text: 'x'.repeat(5000) };
    const { job: seen, attempt, worker } = await pool.run(job);
    expect([seen, attempt]).toEqual([job, 3]);
    expect(worker).toBeGreaterThan(0);
    expect(pool.stats()).toMatchObject({ completed: 1, failed: 0, retried: 2, queued: 0, running: 0 });
  });

  it('fails after the last attempt, and says so; other jobs are done', async () => {
    const pool = attempts({ threads: 2 });
    const failing = rejection(pool.run({ dies: 3 }));
    const others = await Promise.all(range(20).map((n) => pool.run({ dies: 0, n })));
    expect(others.map(({ job }) => (job as Dying).n)).toEqual(range(20));
    const error = await failing;
    expectFailure(error, 'PoolError', 'ERR_WORKER_DIED');
    expect(error.message).toContain('exited with code 3, in attempt 3 of 3');
    expect(pool.stats()).toMatchObject({ completed: 20, failed: 1, retried: 2 });
  });

  it('may be a number, which no codec has touched', async () => {
    expect(await attempts<number>({ threads: 1 }).run(-0)).toMatchObject({ job: -0, attempt: 2 });
  });

  it('is delivered once if it carries handles, and its error says so', async () => {
    const { calls, piscina } = shared();
    const [inner, seen] = channel<number>();
    const pool = attempts<unknown>({ piscina });
    const error = await rejection(pool.run({ dies: 1, inner }));
    expectFailure(error, 'PoolError', 'ERR_WORKER_DIED');
    expect(error.message).toContain('handles');
    expect(calls()).toBe(1);
    await until(() => seen.isDisconnected);
  });

  it('is not delivered again if nobody wants it any more', async () => {
    const { calls, waiting, open, piscina } = shared();
    const pool = poolOf<number, number>('attempts.mjs', { name: 'gated', maxAttempts: 3, threads: 1, piscina });
    const controller = new AbortController();
    const given = rejection(pool.run(1, { signal: controller.signal }));
    await until(() => waiting() === 1);
    controller.abort(new Error('not needed'));
    expect((await given).message).toBe('not needed');
    open();
    expect(await pool.run(2)).toBe(2);
    expect(calls()).toBe(3); // once for the first, twice for the second
    expect(pool.stats().retried).toBe(1);
  });

  it('is not delivered again if it is given up on its way to the next worker', async () => {
    const { calls, words, piscina } = shared(5);
    const pool = attempts({ threads: 1, piscina });
    const controller = new AbortController();
    const given = rejection(pool.run({ dies: 1 }, { signal: controller.signal }));
    await until(() => pool.stats().retried === 1);
    expect(pool.stats().queued).toBe(1);
    controller.abort(new Error('not needed'));
    Atomics.store(words, 4, 1); // now the next worker may begin
    Atomics.notify(words, 4);
    expect((await given).message).toBe('not needed');
    expect(await pool.run({ dies: 0 })).toMatchObject({ attempt: 1 });
    expect(calls()).toBe(2);
    await pool.close();
    expect(pool.stats()).toMatchObject({ completed: 1, failed: 0, queued: 0 });
  });

  it('is done before close() resolves, which refuses new jobs only', async () => {
    const pool = attempts({ threads: 2 });
    const runs = range(12).map((n) => pool.run({ dies: n % 3, n }));
    await pool.close();
    const settled = await Promise.all(runs);
    expect(settled.map(({ attempt }) => attempt)).toEqual(range(12).map((n) => (n % 3) + 1));
    expect(pool.stats()).toMatchObject({ completed: 12, failed: 0, retried: 12, running: 0, queued: 0, workers: [] });
  });

  it('is reported by destroy()', async () => {
    const { waiting, piscina } = shared();
    const pool = poolOf<number, number>('attempts.mjs', { name: 'gated', maxAttempts: 3, threads: 1, piscina });
    const runs = range(3).map((n) => rejection(pool.run(n)));
    await until(() => waiting() === 1);
    await pool.destroy();
    for (const error of await Promise.all(runs)) expectFailure(error, 'PoolError', 'ERR_WORKER_DIED');
    expect(pool.stats()).toMatchObject({ completed: 0, failed: 3, retried: 0 });
  });
});

describe('a shared job whose worker dies', () => {
  it.each([
    ['a ring', 4],
    ['a list', undefined],
    ['a rendezvous', 0],
  ])('is delivered again, and its one outcome says how often: %s', async (_, capacity) => {
    const [tx, jobs] = channel<Dying>(capacity);
    const pool = attempts({ jobs, threads: 2 });
    const sent = range(12).map((n) => ({ dies: n % 4, n }));
    void tx.sendMany(sent).then(() => tx.drop());
    const outcomes = await allOf(pool.results);
    const found = outcomes.map((outcome) => ({
      n: ((outcome.ok ? outcome.value.job : outcome.job) as Dying).n as number,
      ok: outcome.ok,
      attempt: outcome.attempt,
      isRight: outcome.ok ? outcome.value.worker === outcome.worker : outcome.worker > 0 && outcome.durationMs === 0,
    }));
    found.sort((a, b) => a.n - b.n);
    const expected = sent.map(({ n, dies }) => ({ n, ok: dies < 3, attempt: Math.min(dies + 1, 3), isRight: true }));
    expect(found).toEqual(expected);
    await pool.close();
    expect(pool.stats()).toMatchObject({ completed: 9, failed: 3, retried: 15, running: 0 });
  });

  it('goes through the codec of its channel, and comes back as it was sent', async () => {
    const [tx, jobs] = bounded<number>(4, { codec: codecs.int32 });
    const pool = attempts<number>({ jobs, threads: 1, maxAttempts: 2 });
    tx.sendManySync([7, -7]);
    tx.drop();
    const outcomes = await allOf(pool.results);
    expect(outcomes.map((outcome) => outcome.ok && outcome.value.job).sort()).toEqual([-7, 7]);
  });

  it('with handles is delivered once; its outcome has it with the handles dropped', async () => {
    const [tx, jobs] = channel<unknown>(4);
    const [inner] = channel<number>();
    const pool = attempts<unknown>({ jobs, threads: 1 });
    tx.sendSync({ dies: 1, text: 'kept', inner });
    tx.drop();
    const outcomes = await allOf(pool.results);
    expect(outcomes).toMatchObject([
      { ok: false, attempt: 1, job: { dies: 1, text: 'kept' }, error: { code: 'ERR_WORKER_DIED' } },
    ]);
  });

  it('is finished by close(), which pulls no other', async () => {
    const { waiting, open, piscina } = shared();
    const [tx, jobs] = channel<number>();
    const keep = own(jobs.clone());
    const pool = poolOf<number, number>('attempts.mjs', { name: 'gated', maxAttempts: 2, threads: 1, piscina, jobs });
    tx.sendManySync([1, 2]);
    await until(() => waiting() === 1);
    const closing = pool.close();
    await turns(10);
    open();
    expect(await allOf(pool.results)).toMatchObject([{ ok: true, value: 2, attempt: 2 }]);
    await closing;
    expect(keep.tryRecv()).toEqual({ ok: true, value: 2 });
  });

  it('is finished after the last sender has gone', async () => {
    const { waiting, open, piscina } = shared();
    const [tx, jobs] = channel<number>();
    const pool = poolOf<number, number>('attempts.mjs', { name: 'gated', maxAttempts: 2, threads: 3, piscina, jobs });
    tx.sendManySync([1, 2, 3]);
    tx.drop();
    await until(() => waiting() === 3);
    open();
    expect(await allOf(pool.results)).toMatchObject(range(3).map(() => ({ ok: true, value: 2, attempt: 2 })));
    await pool.close();
  });

  it('has its outcome also if no worker can be started any more', async () => {
    const { piscina } = shared(4);
    const [tx, jobs] = channel<number>();
    const pool = poolOf<number, number>('attempts.mjs', { name: 'last', maxAttempts: 2, threads: 1, piscina, jobs });
    tx.sendSync(5);
    const outcomes: JobOutcome<number, number>[] = await allOf(pool.results as Receiver<JobOutcome<number, number>>);
    expect(outcomes).toMatchObject([{ ok: false, job: 5, attempt: 1, error: { code: 'ERR_WORKER_DIED' } }]);
    expect((await rejection(pool.close())).message).toContain('exited with code: 4');
    expect(pool.stats()).toMatchObject({ completed: 0, failed: 1, retried: 1 });
  });
});
