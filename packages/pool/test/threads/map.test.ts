/** api.md §6: `map`. On the build, with real workers. */
import { getEventListeners } from 'node:events';
import { inspect, type Sender } from '@beamline/core';
import type { Progress } from '@beamline/pool';
import { expectFailure, expectInvalid, rejection, thrown } from '../../../core/test/support/failure';
import { isPending, range, turns, until } from '../../../core/test/support/turns';
import { pools, allOf, type HeldJob } from '../support/pools';

const { pool, channel, own, gatedApart: gated } = pools();

/** A source that says what becomes of it. */
function watched<T>(jobs: Iterable<T>, onReturn: () => unknown = () => undefined) {
  const seen = { taken: 0, returned: 0 };
  const source: Iterable<T> = {
    [Symbol.iterator]() {
      const inner = jobs[Symbol.iterator]();
      return {
        next: () => {
          const step = inner.next();
          if (!step.done) seen.taken++;
          return step;
        },
        return: () => {
          seen.returned++;
          onReturn();
          return { done: true, value: undefined };
        },
      };
    },
  };
  return { source, seen };
}

async function* later<T>(jobs: Iterable<T>): AsyncGenerator<T> {
  for (const job of jobs) {
    await turns(1);
    yield job;
  }
}

const sorted = (numbers: number[]) => numbers.sort((a, b) => a - b);

describe('the results', () => {
  it.each([
    ['an array', () => range(300)],
    ['a Set', () => new Set(range(300))],
    ['a generator', () => range(300)[Symbol.iterator]()],
    ['an async generator', () => later(range(300))],
  ])('are those of the jobs of %s, each once', async (_, source) => {
    const doubles = pool<number, number>('laterDouble');
    expect(sorted(await allOf(doubles.map(source())))).toEqual(range(300).map((n) => 2 * n));
  });

  it.each([
    ['an array', () => range(300)],
    ['an async generator', () => later(range(300))],
  ])('come in the order of the jobs of %s if that is wanted', async (_, source) => {
    const doubles = pool<number, number>('laterDouble', { threads: 3, concurrency: 3 });
    expect(await allOf(doubles.map(source(), { ordered: true }))).toEqual(range(300).map((n) => 2 * n));
  });

  it('come as they are done, or wait for those before', async () => {
    for (const ordered of [false, true]) {
      const { job, begins, open } = gated();
      const held = pool<HeldJob, number>('held', { threads: 2 });
      const results = held.map(range(2).map(job), { ordered });
      const first = results.next();
      await Promise.all([begins.recv(), begins.recv()]);
      open(1);
      if (ordered) {
        await until(() => held.stats().completed === 1);
        expect(await isPending(first)).toBe(true);
      } else expect(await first).toEqual({ done: false, value: 1 });
      open(0);
      expect(await allOf(results)).toEqual(ordered ? [1] : [0]);
      if (ordered) expect(await first).toEqual({ done: false, value: 0 });
    }
  });

  it('may be undefined, or asked for several at a time', async () => {
    expect(await allOf(pool('nothing').map([1, 2]))).toEqual([undefined, undefined]);
    const results = pool<number, number>('double').map(range(3), { ordered: true });
    const steps = await Promise.all(range(5).map(() => results.next()));
    expect(steps.map(({ value }) => value as unknown)).toEqual([0, 2, 4, undefined, undefined]);
    expect(steps.map(({ done }) => done)).toEqual([false, false, false, true, true]);
  });

  it('of nothing are none', async () => {
    expect(await allOf(pool('double').map([]))).toEqual([]);
    expect(await allOf(pool('double').map(later([])))).toEqual([]);
  });

  it('of two at a time, and of run beside them, do not mix', async () => {
    const doubles = pool<number, number>('laterDouble', { capacity: 8 });
    const [a, b, ...runs] = await Promise.all([
      allOf(doubles.map(range(100), { ordered: true })),
      allOf(doubles.map(range(100, 1000), { ordered: true })),
      ...range(20).map((n) => doubles.run(-n)),
    ]);
    expect(a).toEqual(range(100).map((n) => 2 * n));
    expect(b).toEqual(range(100, 1000).map((n) => 2 * n));
    expect(runs).toEqual(range(20).map((n) => -2 * n));
  });
});

describe('the source', () => {
  it('is not touched before the first result is asked for', async () => {
    const { source, seen } = watched(range(3));
    const results = pool<number, number>('double').map(source);
    await turns(5);
    expect(seen.taken).toBe(0);
    await results.return?.();
    expect(seen).toEqual({ taken: 0, returned: 0 });
  });

  it.each([
    [{ capacity: 4 }, 4],
    [{ capacity: 1000 }, 64],
    [{ capacity: 1000, concurrency: 20 }, 80],
  ])('is read no further ahead than the window: %j', async (options, window) => {
    const { source, seen } = watched(range(1000));
    const results = pool<number, number>('double', options).map(source);
    await results.next();
    await turns(20);
    expect(seen.taken).toBeLessThanOrEqual(window + 1);
    for (let i = 0; i < 10; i++) await results.next();
    await until(() => seen.taken === window + 11);
    await turns(20);
    expect(seen.taken).toBe(window + 11);
    await results.return?.();
  });

  it('that throws ends it: the results before it are given, jobs that have not started are not done', async () => {
    function* failing() {
      yield 1;
      throw new RangeError('no more');
    }
    const results = pool<number, number>('double', { capacity: 1 }).map(failing());
    expect(await results.next()).toEqual({ done: false, value: 2 });
    expect((await rejection(results.next())).message).toBe('no more');
    expect(await results.next()).toEqual({ done: true, value: undefined });
    async function* failingLater() {
      yield* failing();
    }
    expect((await rejection(allOf(pool<number, number>('double').map(failingLater())))).message).toBe('no more');
  });

  const broken: [string, unknown][] = [
    ['gives nothing', { next: () => undefined }],
    ['has no next', {}],
    [
      'throws at once',
      {
        next: () => {
          throw new Error('at once');
        },
      },
    ],
    [
      'throws in a getter',
      {
        next: () => ({
          done: false,
          get value() {
            throw new Error('in a getter');
          },
        }),
      },
    ],
  ];

  it.each(broken)('that %s ends it', async (_, iterator) => {
    const doubles = pool<number, number>('double');
    await rejection(doubles.map({ [Symbol.iterator]: () => iterator } as never).next());
    await rejection(doubles.map({ [Symbol.asyncIterator]: () => iterator } as never).next());
    await rejection(
      doubles
        .map({
          [Symbol.iterator]: () => {
            throw new Error('no iterator');
          },
        } as never)
        .next(),
    );
    expect(await doubles.run(4)).toBe(8);
  });

  it('with a job that cannot cross threads ends it', async () => {
    const { source, seen } = watched<unknown>([1, () => 2, ...range(200)]);
    expectFailure(await rejection(allOf(pool<unknown, unknown>('echo').map(source))), 'DataCloneError', 'ERR_DATA_CLONE');
    expect(seen.returned).toBe(1);
  });

  it('may be a receiver, which is dropped when it is disconnected', async () => {
    const [tx, jobs] = channel<number>(4);
    void tx.sendMany(range(100)).then(() => tx.drop());
    const doubles = pool<number, number>('double');
    expect(sorted(await allOf(doubles.map(jobs)))).toEqual(range(100).map((n) => 2 * n));
    expectFailure(
      thrown(() => jobs.tryRecv()),
      'HandleError',
      'ERR_HANDLE_DROPPED',
    );
    expectFailure(
      thrown(() => doubles.map(jobs)),
      'HandleError',
      'ERR_HANDLE_DROPPED',
    );
  });

  it('that is a receiver loses no more than was taken when the loop is left, also while it waits for a job', async () => {
    const [tx, jobs] = channel<number>();
    const keep = own(jobs.clone());
    tx.sendSync(1);
    const doubles = pool<number, number>('double');
    for await (const result of doubles.map(jobs)) {
      expect(result).toBe(2);
      break;
    }
    expect(tx.receiverCount).toBe(1);
    tx.sendManySync([5, 6]);
    expect([...keep.tryIter()]).toEqual([5, 6]);
  });
});

describe('the first error', () => {
  it('ends it: what has not started is cancelled, what has is told, the source is closed', async () => {
    const { job, begins } = gated();
    const [told, tells] = channel<string>();
    const { source, seen } = watched(range(1000));
    function* jobs() {
      for (const id of source) yield id === 1 ? ({ id } as never) : { ...job(id), told: told.clone() };
    }
    const held = pool<HeldJob & { told: Sender<string> }, boolean>('heldSignal', { threads: 2, capacity: 8 });
    const results = held.map(jobs());
    const error = await rejection(allOf(results)); // the second job has no `begun`
    expect(error).toMatchObject({ name: 'TypeError' });
    expect(await begins.recv()).toBe(1);
    expect(await tells.recv()).toBe(error.message);
    expect(seen.returned).toBe(1);
    expect(seen.taken).toBeLessThanOrEqual(9);
    await held.destroy();
    expect([...begins.tryIter()].length).toBeLessThanOrEqual(1);
  });

  it('comes behind the results that were there', async () => {
    const failing = pool<unknown, unknown>('fail', { threads: 1 });
    const results = failing.map(['a', 'b', 'error', 'c'], { ordered: true });
    expect([await results.next(), await results.next()].map(({ value }) => value as unknown)).toEqual(['a', 'b']);
    expect(await rejection(results.next())).toMatchObject({ code: 'E_NO_GOOD' });
    expect(await results.next()).toEqual({ done: true, value: undefined });
  });

  it('reaches all who ask: one is rejected, the others are at the end', async () => {
    const failing = pool<unknown, unknown>('fail', { threads: 1 });
    const results = failing.map(['error']);
    const settled = await Promise.allSettled([results.next(), results.next(), results.next()]);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  });
});

describe('leaving the loop', () => {
  it('closes the source, and cancels the jobs under way', async () => {
    const { source, seen } = watched(range(1000));
    const doubles = pool<number, number>('laterDouble', { capacity: 8 });
    for await (const result of doubles.map(source)) {
      expect(result % 2).toBe(0);
      break;
    }
    expect(seen.returned).toBe(1);
    const { taken } = seen;
    await turns(20);
    expect(seen.taken).toBe(taken);
    expect(await doubles.run(1)).toBe(2);
  });

  it('gives what the source throws on the way out', async () => {
    const { source } = watched(range(200), () => {
      throw new Error('stuck');
    });
    const results = pool<number, number>('double').map(source);
    await results.next();
    expect((await rejection(results.return!())).message).toBe('stuck');
    expect(await results.next()).toEqual({ done: true, value: undefined });
  });

  it('does not wait for a source that is just asked for a job', async () => {
    async function* endless() {
      yield 1;
      await new Promise(() => undefined);
    }
    const results = pool<number, number>('double').map(endless());
    expect(await results.next()).toMatchObject({ value: 2 });
    const waits = results.next();
    expect(await results.return!()).toEqual({ done: true, value: undefined });
    expect(await waits).toEqual({ done: true, value: undefined });
  });

  it('may happen in the source itself, or in onProgress', async () => {
    const doubles = pool<number, number>('double');
    let results: AsyncIterableIterator<number> | undefined = undefined;
    const { source, seen } = watched(
      (function* () {
        yield 1;
        void results!.return!();
        yield 2;
      })(),
    );
    results = doubles.map(source);
    expect(await allOf(results)).toEqual([]);
    expect(seen).toEqual({ taken: 2, returned: 1 });
    const again: AsyncIterableIterator<number> = doubles.map(range(100), { onProgress: () => void again.return!() });
    expect(await allOf(again)).toEqual([]);
  });
});

describe('a signal', () => {
  it('ends it with its reason, and is let go of', async () => {
    const controller = new AbortController();
    const { source, seen } = watched(range(1000));
    const results = pool<number, number>('double', { capacity: 8 }).map(source, { signal: controller.signal });
    await results.next();
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
    controller.abort(new Error('enough'));
    const rest = rejection(allOf(results));
    expect((await rest).message).toBe('enough');
    expect(seen.returned).toBe(1);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it('is let go of at the end, too', async () => {
    const { signal } = new AbortController();
    await allOf(pool<number, number>('double').map(range(10), { signal }));
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('that is aborted already leaves the source alone', async () => {
    const { source, seen } = watched(range(3));
    const results = pool<number, number>('double').map(source, { signal: AbortSignal.abort(new Error('before')) });
    expect((await rejection(results.next())).message).toBe('before');
    expect(seen).toEqual({ taken: 0, returned: 0 });
  });
});

describe('onProgress', () => {
  it('is told after each job, with the total if there is one', async () => {
    const doubles = pool<number, number>('double');
    for (const [source, total] of [
      [range(20), 20],
      [new Set(range(20)), 20],
      [new Float64Array(20), 20],
      [range(20).values(), undefined],
    ] as const) {
      const seen: Progress[] = [];
      await allOf(doubles.map(source as Iterable<number>, { onProgress: (progress) => seen.push(progress) }));
      expect(seen.map(({ done }) => done)).toEqual(range(20, 1));
      for (const progress of seen) expect([progress.failed, progress.total, progress.elapsedMs >= 0]).toEqual([0, total, true]);
      expect('total' in seen[0]!).toBe(total !== undefined);
    }
  });

  it('is told of the failure that ends it', async () => {
    const seen: Progress[] = [];
    const failing = pool<unknown, unknown>('fail', { threads: 1 });
    await rejection(allOf(failing.map(['a', 'error'], { ordered: true, onProgress: (progress) => seen.push(progress) })));
    expect(seen.map(({ done, failed }) => [done, failed])).toEqual([
      [1, 0],
      [1, 1],
    ]);
  });

  it('that throws ends it, behind the result', async () => {
    const { source, seen } = watched(range(100));
    const results = pool<number, number>('double', { capacity: 1 }).map(source, {
      onProgress: () => {
        throw new Error('no bar');
      },
    });
    expect(await results.next()).toEqual({ done: false, value: 0 });
    expect((await rejection(results.next())).message).toBe('no bar');
    expect(seen.returned).toBe(1);
  });
});

describe('what cannot be', () => {
  it.each([undefined, null, 5, {}, () => 1])('jobs: %p is refused at once', (jobs) => {
    expectInvalid(
      thrown(() => pool('echo').map(jobs as never)),
      'TypeError',
    );
  });

  it.each([null, 5, { ordered: 1 }, { onProgress: 1 }, { signal: 1 }])('options: %j are refused at once', (options) => {
    expectInvalid(
      thrown(() => pool('echo').map([1], options as never)),
      'TypeError',
    );
  });

  it('of a sender is refused at once', () => {
    const [tx] = channel<number>();
    expectInvalid(
      thrown(() => pool('echo').map(tx as never)),
      'TypeError',
    );
  });

  it('of a pool with a shared receiver is refused, and leaves the source alone', async () => {
    const [, jobs] = channel<number>(1);
    const [, mine] = channel<number>(1);
    expectInvalid(await rejection(pool<number, number>('double', { jobs }).map(mine).next()), 'TypeError');
    expect(mine.tryRecv()).toEqual({ ok: false, reason: 'empty' });
  });

  it('of a pool that is closed is refused, and leaves the source alone', async () => {
    const { source, seen } = watched(range(3));
    const closed = pool<number, number>('double');
    await closed.close();
    expectFailure(await rejection(closed.map(source).next()), 'PoolError', 'ERR_POOL_CLOSED');
    expect(seen.taken).toBe(0);
  });

  it('of a pool that is closed on the way: what was accepted is done, then it rejects', async () => {
    const { source, seen } = watched(range(100));
    const doubles = pool<number, number>('double', { capacity: 4, threads: 1 });
    const results = doubles.map(source, { ordered: true });
    expect(await results.next()).toMatchObject({ value: 0 });
    await doubles.close();
    const rest: number[] = [];
    const error = await rejection(
      (async () => {
        for await (const each of results) rest.push(each);
      })(),
    );
    expectFailure(error, 'PoolError', 'ERR_POOL_CLOSED');
    expect(rest).toEqual(range(rest.length, 1).map((n) => 2 * n));
    expect(seen.returned).toBe(1);
  });

  it('of a pool that is destroyed on the way rejects', async () => {
    const { job, begins } = gated();
    const held = pool<HeldJob, number>('held');
    const failed = rejection(allOf(held.map(range(5).map(job))));
    await begins.recv();
    await held.destroy();
    expectFailure(await failed, 'PoolError', 'ERR_WORKER_DIED');
    expect(inspect().channels.length).toBeGreaterThan(0);
  });
});
