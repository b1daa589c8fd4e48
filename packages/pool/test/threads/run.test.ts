/** api.md §6: `run`. On the build, with real workers; what kills them is in deaths.test.ts. */
import { getEventListeners } from 'node:events';
import { now, type Sender } from '@beamline/core';
import { WorkerPool, type JobContext } from '@beamline/pool';
import { expectFailure, expectInvalid, rejection, thrown, type Failure } from '../../../core/test/support/failure';
import { isPending, later, range, turns, until } from '../../../core/test/support/turns';
import { pools, type HeldJob } from '../support/pools';

const { pool, channel, gated } = pools();

describe('a result', () => {
  const results: [string, unknown][] = [
    ['a number', 42],
    ['-0', -0],
    ['undefined', undefined],
    ['null', null],
    ['text', 'naïve 通道'],
    ['a long text', 'x'.repeat(100_000)],
    ['a bigint', 10n ** 30n],
    ['an object', { a: [1, { b: new Map([['k', new Set([1n])]]) }], d: new Date(0) }],
    ['bytes', new Uint8Array([1, 2, 3])],
    ['an error as a value', new RangeError('a value, not a failure')],
  ];

  it.each(results)('is what the handler gives: %s', async (_, value) => {
    expect(await pool('echo').run(value)).toEqual(value);
  });

  it('is that of its own job, whatever the order in which they are done', async () => {
    for (const name of ['double', 'laterDouble']) {
      const doubles = pool<number, number>(name, { threads: 3 });
      expect(await Promise.all(range(500).map((n) => doubles.run(n)))).toEqual(range(500).map((n) => 2 * n));
      await doubles.close();
    }
  });

  it('of nothing is undefined', async () => {
    expect(await pool('nothing').run(1)).toBeUndefined();
  });

  it('that is marked with Piscina.move arrives', async () => {
    const moved = new WorkerPool({ filename: require.resolve('./workers/piscina-move.mjs'), threads: 1 });
    expect(await moved.run(3)).toEqual(new Uint8Array([0, 1, 2]));
    await moved.close();
  });
});

describe('workers', () => {
  it('are as many as asked for, and share the jobs', async () => {
    const { job, begins, open } = gated();
    const held = pool<HeldJob, number>('held', { threads: 3 });
    const runs = range(3).map((id) => held.run(job(id)));
    // All three are in progress at once, so they are on three threads.
    expect((await Promise.all([begins.recv(), begins.recv(), begins.recv()])).sort()).toEqual([0, 1, 2]);
    open(3);
    expect(await Promise.all(runs)).toEqual([0, 1, 2]);
  });

  it('take one job at a time', async () => {
    const { job, begins, open } = gated();
    const held = pool<HeldJob, number>('held', { threads: 1 });
    const runs = range(2).map((id) => held.run(job(id)));
    expect(await begins.recv()).toBe(0);
    await turns(20);
    expect(begins.isEmpty).toBe(true);
    open(2);
    expect(await Promise.all(runs)).toEqual([0, 1]);
  });

  it('tell handlers where they are', async () => {
    const { worker, attempt, aborted, threadId } = (await pool('context').run(1)) as JobContext & {
      aborted: boolean;
      threadId: number;
    };
    expect([attempt, aborted]).toEqual([1, false]);
    expect(worker).toBe(threadId);
    expect(worker).toBeGreaterThan(0);
  });

  it('get the options for Piscina', async () => {
    const words = new Int32Array(new SharedArrayBuffer(8));
    const busy = pool<number, number>('busy', { piscina: { workerData: { words }, env: {} } });
    const run = busy.run(5);
    await until(() => Atomics.load(words, 0) === 1);
    Atomics.store(words, 1, 1);
    Atomics.notify(words, 1);
    expect(await run).toBe(5);
  });
});

describe('a failure', () => {
  const failures: [string, object][] = [
    ['error', { name: 'TypeError', message: 'no good', code: 'E_NO_GOOD', cause: { message: 'deeper', cause: 'deepest' } }],
    ['class', { name: 'Special', message: 'special' }],
    ['aggregate', { name: 'AggregateError', message: 'several', errors: [{ message: 'one' }, { message: 'two' }] }],
    ['extras', { name: 'Error', message: 'with extras', code: 'E_EXTRAS' }],
    ['rejects', { name: 'Error', message: 'rejected', code: 'E_REJECTED' }],
    ['function', { name: 'DataCloneError', code: 'ERR_DATA_CLONE' }],
    ['deep function', { name: 'DataCloneError', code: 'ERR_DATA_CLONE' }],
    ['port', { name: 'DataCloneError', code: 'ERR_DATA_CLONE' }],
    ['unprintable', { name: 'Error', message: expect.stringContaining('no error') as string }],
  ];

  it.each(failures)('arrives as it was: %s', async (kind, expected) => {
    const failing = pool<string, unknown>('fail');
    const error = await rejection(failing.run(kind));
    expect(error).toMatchObject(expected);
    expect(await failing.run('no failure')).toBe('no failure');
  });

  it('has the stack of where it was thrown', async () => {
    expect((await rejection(pool<string, unknown>('fail').run('error'))).stack).toContain('handlers.mjs');
  });

  it.each([
    ['text', 'just text'],
    ['undefined', undefined],
  ])('may be no error at all: %s', async (kind, value) => {
    expect(await rejection(pool<string, unknown>('fail').run(kind))).toBe(value);
  });

  it('is that of its own job only', async () => {
    const failing = pool<unknown, unknown>('fail');
    const settled = await Promise.allSettled(range(100).map((n) => failing.run(n % 10 === 3 ? 'error' : n)));
    expect(settled.map(({ status }) => status === 'fulfilled')).toEqual(range(100).map((n) => n % 10 !== 3));
  });

  it('of a job that cannot cross threads comes before anything happens', async () => {
    const echo = pool<unknown, unknown>('echo');
    expectFailure(await rejection(echo.run({ f: () => 1 })), 'DataCloneError', 'ERR_DATA_CLONE');
    expect(await echo.run(1)).toBe(1);
  });
});

describe('handles in jobs', () => {
  it('move to the worker', async () => {
    const { job, begins, open } = gated();
    const one = job(1);
    const run = pool<HeldJob, number>('held').run(one);
    expectFailure(
      thrown(() => one.begun.trySend(1)),
      'HandleError',
      'ERR_HANDLE_MOVED',
    );
    expect(await begins.recv()).toBe(1);
    open(1);
    expect(await run).toBe(1);
    await until(() => begins.senderCount === 1);
  });

  it('are dropped when the job fails', async () => {
    const [inner, seen] = channel<number>();
    const error = await rejection(pool('spoil').run({ inner, list: [1] })); // the handler does not drop it
    expect(error.message).toBe('spoilt');
    await until(() => seen.isDisconnected);
  });
});

describe('capacity', () => {
  it('run waits while so many jobs are queued', async () => {
    const { job, begins, open } = gated();
    const held = pool<HeldJob, number>('held', { threads: 1, capacity: 1 });
    const runs = [held.run(job(0))];
    expect(await begins.recv()).toBe(0);
    runs.push(held.run(job(1))); // queued
    const third = job(2);
    runs.push(held.run(third)); // waits for room
    await turns(10);
    expect(await isPending(runs[2]!)).toBe(true);
    open(3);
    expect(await Promise.all(runs)).toEqual([0, 1, 2]);
  });

  it.each([1, 2, 16])('of %d passes any number of jobs', async (capacity) => {
    const doubles = pool<number, number>('double', { capacity });
    expect(await Promise.all(range(1000).map((n) => doubles.run(n)))).toEqual(range(1000).map((n) => 2 * n));
  });
});

describe('a limit', () => {
  it('a signal that is aborted already rejects before anything is tried', async () => {
    const reason = new Error('before');
    const echo = pool('echo');
    expect(await rejection(echo.run(1, { signal: AbortSignal.abort(reason) }))).toBe(reason);
  });

  it('a job that has not started is cancelled: it never runs', async () => {
    const { job, begins, open } = gated();
    const held = pool<HeldJob, number>('held', { threads: 1 });
    const first = held.run(job(0));
    expect(await begins.recv()).toBe(0);
    const controller = new AbortController();
    const second = rejection(held.run(job(1), { signal: controller.signal }));
    const third = held.run(job(2));
    const reason = new Error('not needed any more');
    controller.abort(reason);
    expect(await second).toBe(reason);
    open(3);
    expect(await Promise.all([first, third])).toEqual([0, 2]);
    expect([...begins.tryIter()]).toEqual([2]);
    // What the cancelled job carried was dropped: only this test has a sender now.
    await until(() => begins.senderCount === 1);
  });

  it('a job that waits for room is taken back: its handles are usable again', async () => {
    const { job, begins, open } = gated();
    const held = pool<HeldJob, number>('held', { threads: 1, capacity: 1 });
    const runs = [held.run(job(0))];
    expect(await begins.recv()).toBe(0);
    runs.push(held.run(job(1)));
    const third = job(2);
    const controller = new AbortController();
    const waiting = rejection(held.run(third, { signal: controller.signal }));
    controller.abort(new Error('taken back'));
    expect((await waiting).message).toBe('taken back');
    third.begun.sendSync(99);
    expect(await begins.recv()).toBe(99);
    third.begun.drop();
    third.gate.drop();
    open(2);
    expect(await Promise.all(runs)).toEqual([0, 1]);
  });

  it('a job that has started is told through its signal, and its worker lives on', async () => {
    const { begins, open, job } = gated();
    const [told, tells] = channel<string>();
    const held = pool<HeldJob & { told: Sender<string> }, boolean>('heldSignal', { threads: 1 });
    const controller = new AbortController();
    const run = rejection(held.run({ ...job(1), told: told.clone() }, { signal: controller.signal }));
    expect(await begins.recv()).toBe(1);
    controller.abort(new Error('enough'));
    expect((await run).message).toBe('enough');
    expect(await tells.recv()).toBe('enough');
    open(1);
    const again = held.run({ ...job(2), told: told.clone() });
    open(1);
    expect(await again).toBe(false);
  });

  it('a reason that cannot cross threads still aborts the job', async () => {
    const { begins, open, job } = gated();
    const [told, tells] = channel<string>();
    const held = pool<HeldJob & { told: Sender<string> }, boolean>('heldSignal', { threads: 1 });
    const controller = new AbortController();
    const run = rejection(held.run({ ...job(1), told: told.clone() }, { signal: controller.signal }));
    await begins.recv();
    const reason = (): void => undefined;
    controller.abort(reason);
    expect(await run).toBe(reason);
    expect(await tells.recv()).toBe('This operation was aborted');
    open(1);
  });

  it.each<[string, () => object]>([
    ['timeout', () => ({ timeout: 20 })],
    ['deadline', () => ({ deadline: now() + 20 })],
  ])('%s: TimeoutError with the job, and the job is cancelled', async (_, options) => {
    const { job, begins, open } = gated();
    const held = pool<HeldJob, number>('held', { threads: 1 });
    const first = held.run(job(0));
    expect(await begins.recv()).toBe(0);
    const late = job(1);
    const start = now();
    const error = (await rejection(held.run(late, options()))) as Failure;
    expectFailure(error, 'TimeoutError', 'ERR_TIMEOUT');
    expect(error.value).toBe(late);
    expect(now() - start).toBeGreaterThanOrEqual(19);
    open(2);
    const third = held.run(job(2));
    expect(await Promise.all([first, third])).toEqual([0, 2]);
    expect([...begins.tryIter()]).toEqual([2]);
  });

  it('that does not come changes nothing', async () => {
    const controller = new AbortController();
    const doubles = pool<number, number>('double');
    const options = { timeout: 20_000, signal: controller.signal };
    expect(await Promise.all(range(100).map((n) => doubles.run(n, options)))).toEqual(range(100).map((n) => 2 * n));
    controller.abort();
    await later(1);
    expect(await doubles.run(1)).toBe(2);
  });

  it('a signal carries one listener for all runs, removed with the last', async () => {
    const { job, begins, open } = gated();
    const held = pool<HeldJob, number>('held');
    const { signal } = new AbortController();
    const runs = range(50).map((id) => held.run(job(id), { signal }));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await begins.recv();
    open(50);
    await Promise.all(runs);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('a signal that cannot be listened to fails its job only', async () => {
    const signal = {
      aborted: false,
      addEventListener: () => {
        throw new Error('not listening');
      },
      removeEventListener: () => undefined,
    };
    const doubles = pool<number, number>('double');
    expect((await rejection(doubles.run(1, { signal: signal as never }))).message).toBe('not listening');
    expect(await doubles.run(2)).toBe(4);
    await doubles.close();
    expect(doubles.stats()).toMatchObject({ queued: 0, running: 0 });
  });

  it.each([{ timeout: -1 }, { timeout: NaN }, { deadline: 'x' }, { signal: 1 }, 5])(
    'that is none is refused: %j',
    async (options) => {
      expectInvalid(await rejection(pool('echo').run(1, options as never)));
    },
  );
});

describe('close()', () => {
  it('does and delivers every accepted job; run is refused from then on', async () => {
    const doubles = pool<number, number>('laterDouble');
    const runs = range(200).map((n) => doubles.run(n));
    const closing = doubles.close();
    expectFailure(await rejection(doubles.run(1)), 'PoolError', 'ERR_POOL_CLOSED');
    await closing;
    expect(await Promise.all(runs)).toEqual(range(200).map((n) => 2 * n));
    expectFailure(await rejection(doubles.run(1)), 'PoolError', 'ERR_POOL_CLOSED');
  });

  it('may be called by what encodes a job, which is refused then', async () => {
    const echo = pool<unknown, unknown>('echo');
    let closing: Promise<void> | undefined;
    const job = {
      get late() {
        closing = echo.close();
        return 1;
      },
    };
    expectFailure(await rejection(echo.run(job)), 'PoolError', 'ERR_POOL_CLOSED');
    await closing;
  });

  it('refuses the jobs that were waiting for room', async () => {
    const { job, begins, open } = gated();
    const held = pool<HeldJob, number>('held', { threads: 1, capacity: 1 });
    const runs = [held.run(job(0))];
    expect(await begins.recv()).toBe(0);
    runs.push(held.run(job(1)));
    const third = job(2);
    const refused = rejection(held.run(third));
    const closing = held.close();
    expectFailure(await refused, 'PoolError', 'ERR_POOL_CLOSED');
    third.begun.drop(); // usable again
    third.gate.drop();
    open(2);
    expect(await Promise.all(runs)).toEqual([0, 1]);
    await closing;
  });

  it('is idempotent, and waits for what is in progress each time', async () => {
    const { job, begins, open } = gated();
    const held = pool<HeldJob, number>('held');
    const run = held.run(job(1));
    await begins.recv();
    const closings = [held.close(), held.close(), held[Symbol.asyncDispose]()];
    expect(await isPending(Promise.race(closings))).toBe(true);
    open(1);
    await Promise.all(closings);
    expect(await run).toBe(1);
    await held.close();
    await held.destroy();
  });

  it('of an unused pool ends', async () => {
    await pool('echo', { threads: 3 }).close();
  });

  it('comes with `await using`', async () => {
    let run: Promise<unknown>;
    {
      await using doubles = pool<number, number>('laterDouble');
      run = doubles.run(21);
    }
    expect(await run).toBe(42);
  });
});

describe('destroy()', () => {
  it('reports every job that is not done, wherever it is', async () => {
    const { job, begins } = gated();
    const held = pool<HeldJob, number>('held', { capacity: 2 });
    const jobs = range(7).map(job);
    const runs = jobs.slice(0, 6).map((each) => rejection(held.run(each))); // 2 in progress, 2 queued, 2 waiting for room
    await Promise.all([begins.recv(), begins.recv()]);
    await held.destroy();
    for (const error of await Promise.all(runs)) expectFailure(error, 'PoolError', 'ERR_WORKER_DIED');
    expectFailure(await rejection(held.run(jobs[6]!)), 'PoolError', 'ERR_POOL_CLOSED');
    // What was not accepted is usable again; what was is gone with the job.
    expect(begins.senderCount).toBe(1 + 3);
    for (const { begun, gate } of jobs) [begun, gate].forEach((handle) => handle.drop());
    expect(begins.senderCount).toBe(1);
  });

  it('ends a close that takes too long', async () => {
    const { job, begins } = gated();
    const held = pool<HeldJob, number>('held');
    const run = rejection(held.run(job(1)));
    await begins.recv();
    const closing = held.close();
    await Promise.all([held.destroy(), held.destroy()]);
    await closing;
    expectFailure(await run, 'PoolError', 'ERR_WORKER_DIED');
  });

  it('of a pool whose workers have not begun ends', async () => {
    const echo = pool('echo');
    const run = rejection(echo.run(1));
    await echo.destroy();
    expectFailure(await run, 'PoolError', 'ERR_WORKER_DIED');
  });
});

describe('the event loop', () => {
  it('of a worker turns while there are jobs, of handlers without promises, too', async () => {
    const beating = pool<number, number>('beat', { threads: 1 });
    const beats = await Promise.all(range(100).map(() => beating.run(2)));
    expect(beats.at(-1)! - beats[0]!).toBeGreaterThan(10);
  });

  it('of the caller is not held up by a blocked worker, and destroy() ends that', async () => {
    const words = new Int32Array(new SharedArrayBuffer(8));
    const busy = pool<number, number>('busy', { piscina: { workerData: { words } } });
    const run = rejection(busy.run(1));
    await until(() => Atomics.load(words, 0) === 1);
    await busy.destroy();
    expectFailure(await run, 'PoolError', 'ERR_WORKER_DIED');
  });
});

describe('workers that die', () => {
  it('fail their job, and are replaced: also where the library hears nothing of threads (as under jest)', async () => {
    const { job, begins, open } = gated();
    const mortal = pool<HeldJob & { lives?: boolean }, number>('heldExit', { threads: 1 });
    for (let round = 0; round < 3; round++) {
      const dying = rejection(mortal.run(job(round)));
      expect(await begins.recv()).toBe(round);
      open(1);
      const error = await dying;
      expectFailure(error, 'PoolError', 'ERR_WORKER_DIED');
      expect(error.message).toContain('exited with code 1');
    }
    const run = mortal.run({ ...job(9), lives: true });
    open(1);
    expect(await run).toBe(9);
  });

  it('leave a job that was cancelled while it was queued cancelled', async () => {
    const { job, begins, open } = gated();
    const mortal = pool<HeldJob & { lives?: boolean }, number>('heldExit', { threads: 1 });
    const dying = rejection(mortal.run(job(0)));
    expect(await begins.recv()).toBe(0);
    const controller = new AbortController();
    const cancelled = rejection(mortal.run({ ...job(1), lives: true }, { signal: controller.signal }));
    const last = mortal.run({ ...job(2), lives: true });
    controller.abort(new Error('not needed'));
    expect((await cancelled).message).toBe('not needed');
    open(1);
    expectFailure(await dying, 'PoolError', 'ERR_WORKER_DIED');
    open(1);
    expect(await last).toBe(2);
    expect([...begins.tryIter()]).toEqual([2]);
  });

  it('while they are idle are replaced', async () => {
    const mortal = pool<string, number>('dieLater', { threads: 1 });
    const seen = new Set<number>();
    for (let round = 0; round < 4; round++) {
      for (;;) {
        // The worker may still take a job on its way out; that one fails.
        const thread = await mortal.run('now').catch(() => undefined);
        if (thread !== undefined && !seen.has(thread)) break;
      }
      seen.add(await mortal.run('later'));
    }
    expect(seen.size).toBe(4);
  });
});

it('a pool with jobs of its own has no results, and its workers leave the loop of a busy caller alone', async () => {
  const doubles = pool<number, number>('double');
  expect(doubles.results).toBeUndefined();
  let timers = 0;
  const timer = setInterval(() => timers++, 1);
  const end = now() + 100;
  for (let n = 0; now() < end; n++) expect(await doubles.run(n)).toBe(2 * n);
  clearInterval(timer);
  expect(timers).toBeGreaterThan(5);
});

it('WorkerPool.of takes its types from the function', async () => {
  const doubles = WorkerPool.of<(n: number) => Promise<number>>({
    filename: require.resolve('./workers/handlers.mjs'),
    name: 'laterDouble',
    threads: 1,
  });
  const result: number = await doubles.run(4);
  expect(result).toBe(8);
  await doubles.close();
});
