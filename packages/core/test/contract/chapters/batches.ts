/** api.md §2.1, §2.2: the Many forms are a series of sends and receives. */
import { getEventListeners } from 'node:events';
import { now } from '@beamline/core';
import { expectFailure, rejection, thrown, type Failure } from '../../support/failure';
import { isPending, later, range, turns, until } from '../../support/turns';
import { type Bench, fill, put, several } from '../flavor';

/**
 * A source that can be iterated once and remembers what became of it. By hand: a generator that was never asked for a value ignores
 * `return()`, and whether a source was closed is the question.
 */
function source(values: Iterable<unknown>, failure?: unknown) {
  const from = values[Symbol.iterator]();
  const state = { taken: 0, closed: false, values: undefined as unknown as Iterable<never> };
  const iterator = {
    next(): IteratorResult<never> {
      const { done, value } = from.next();
      if (done === true) {
        state.closed = true;
        if (failure !== undefined) throw failure;
        return { done: true, value: undefined };
      }
      state.taken++;
      return { done: false, value: value as never };
    },
    return(): IteratorResult<never> {
      state.closed = true;
      return { done: true, value: undefined };
    },
    [Symbol.iterator]: () => iterator,
  };
  state.values = iterator;
  return state;
}

/** The same, asynchronous: each value comes a turn of the event loop later. */
function asyncSource(values: Iterable<unknown>, failure?: unknown) {
  const inner = source(values, failure);
  const iterator = inner.values[Symbol.iterator]();
  const asynchronous: AsyncIterableIterator<never> = {
    async next() {
      await turns(1);
      return iterator.next();
    },
    async return() {
      await turns(1);
      return iterator.return!();
    },
    [Symbol.asyncIterator]: () => asynchronous,
  };
  return {
    get taken() {
      return inner.taken;
    },
    get closed() {
      return inner.closed;
    },
    values: asynchronous as AsyncIterable<never>,
  };
}

function* naturals(): Generator<number> {
  for (let i = 0; ; i++) yield i;
}

export function batches({ flavor, make, own }: Bench): void {
  const isBounded = Number.isFinite(flavor.capacity);
  const hasBuffer = flavor.capacity > 0;
  const few = several(flavor, 40);

  if (hasBuffer) {
    it('trySendMany sends all that there is room for', () => {
      const [tx, rx] = make<number>();
      expect(tx.trySendMany(range(few))).toEqual({ ok: true, count: few });
      expect([...rx.tryIter()]).toEqual(range(few));
    });
  }

  it('an empty batch is sent at once', async () => {
    const [tx, rx] = make<number>();
    expect(tx.trySendMany([])).toEqual({ ok: true, count: 0 });
    expect(await tx.sendMany([])).toBe(0);
    expect(tx.sendManySync([])).toBe(0);
    expect(rx.isEmpty).toBe(true);
  });

  it('sendMany waits for room and says how many it sent: all of them', async () => {
    const [tx, rx] = make<number>();
    const total = few * 3 + 1;
    const sent = tx.sendMany(range(total));
    const received: number[] = [];
    while (received.length < total) received.push(await rx.recv());
    expect(await sent).toBe(total);
    expect(received).toEqual(range(total));
  });

  if (hasBuffer) {
    it('sendManySync says how many it sent', () => {
      const [tx, rx] = make<number>();
      expect(tx.sendManySync(range(few))).toBe(few);
      expect(tx.length).toBe(few);
      expect(rx.recvManySync(few)).toEqual(range(few));
    });
  }

  it('batches of several tasks do not mix up their order', async () => {
    const [tx, rx] = make<[string, number]>();
    const batch = (name: string): [string, number][] => range(30).map((i) => [name, i]);
    const sent = Promise.all(['a', 'b', 'c'].map((name) => tx.sendMany(batch(name))));
    const seen: Record<string, number[]> = { a: [], b: [], c: [] };
    for (let i = 0; i < 90; i++) {
      const [name, n] = await rx.recv();
      seen[name]!.push(n);
    }
    expect(await sent).toEqual([30, 30, 30]);
    expect(seen).toEqual({ a: range(30), b: range(30), c: range(30) });
  });

  it.each([
    ['a generator', (n: number) => source(range(n)).values],
    ['a Set', (n: number) => new Set(range(n))],
    ['an async generator', (n: number) => asyncSource(range(n)).values],
    ['a ReadableStream', (n: number) => new ReadableStream({ start: (c) => (range(n).forEach((i) => c.enqueue(i)), c.close()) })],
  ])('sendMany takes its values from %s', async (_, of: (n: number) => unknown) => {
    const [tx, rx] = make<number>();
    const sent = tx.sendMany(of(few + 5) as Iterable<number>);
    const received: number[] = [];
    while (received.length < few + 5) received.push(await rx.recv());
    expect(received).toEqual(range(few + 5));
    expect(await sent).toBe(few + 5);
  });

  if (hasBuffer) {
    it('sendManySync takes its values from any iterable', () => {
      const [tx, rx] = make<number>();
      const values = source(range(few));
      expect(tx.sendManySync(values.values)).toBe(few);
      expect(values.closed).toBe(true);
      expect(rx.recvManySync(few)).toEqual(range(few));
    });
  }

  it('a value is delivered before an async source is asked for the next one', async () => {
    const [tx, rx] = make<string>();
    const [acks, acked] = make<string>();
    async function* conversation() {
      yield 'one';
      expect(await acked.recv()).toBe('got one');
      yield 'two';
      expect(await acked.recv()).toBe('got two');
    }
    const sent = tx.sendMany(conversation());
    for (let i = 0; i < 2; i++) await acks.send(`got ${await rx.recv()}`);
    expect(await sent).toBe(2);
  });

  if (hasBuffer) {
    it('a source that throws ends sendMany with its error, and what it gave before stays sent', async () => {
      for (const make_ of [source, asyncSource]) {
        const [tx, rx] = make<number>();
        const failure = new Error('source is broken');
        const values = make_(range(1), failure);
        expect(await rejection(tx.sendMany(values.values))).toBe(failure);
        expect([...rx.tryIter()]).toEqual([0]);
      }
    });

    it('a source that throws ends sendManySync with its error, and what it gave before stays sent', () => {
      const [tx, rx] = make<number>();
      const failure = new Error('source is broken');
      expect(thrown(() => tx.sendManySync(source(range(1), failure).values))).toBe(failure as Failure);
      expect([...rx.tryIter()]).toEqual([0]);
    });
  }

  it('a source whose return() fails does not hide why the batch ended', async () => {
    const [tx, rx] = make<number>();
    rx.drop();
    const broken = (): Iterable<number> & AsyncIterable<number> => {
      const fail = (): never => {
        throw new Error('return is broken');
      };
      return {
        [Symbol.iterator]: () => ({ next: () => ({ done: false, value: 1 }), return: fail }),
        [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: false, value: 1 }), return: fail }),
      };
    };
    const sync: Iterable<number> = { [Symbol.iterator]: broken()[Symbol.iterator] };
    for (const error of [
      await rejection(tx.sendMany(broken())),
      await rejection(tx.sendMany(sync)),
      thrown(() => tx.sendManySync(sync)),
    ]) {
      expectFailure(error, 'SendError', 'ERR_DISCONNECTED');
    }
  });

  describe('while an async source is silent', () => {
    /** Never gives a value; knows whether it was closed. */
    function silence() {
      const state = { closed: false };
      const iterator = {
        next: () => new Promise<never>(() => undefined),
        return: () => {
          state.closed = true;
          return Promise.resolve({ done: true as const, value: undefined });
        },
        [Symbol.asyncIterator]: () => iterator,
      };
      return Object.assign(state, { values: iterator as AsyncIterable<number> });
    }

    it('an abort ends sendMany and closes the source', async () => {
      const [tx] = make<number>();
      const controller = new AbortController();
      const values = silence();
      const sent = rejection(tx.sendMany(values.values, { signal: controller.signal }));
      await turns();
      controller.abort('enough');
      expect(await sent).toBe('enough');
      await until(() => values.closed);
    });

    it.each(['timeout', 'deadline'])('its %s ends sendMany and closes the source', async (limit) => {
      const [tx] = make<number>();
      const values = silence();
      const sent = rejection(tx.sendMany(values.values, limit === 'timeout' ? { timeout: 10 } : { deadline: now() + 10 }));
      const ended = await Promise.race([sent, later(2000).then(() => new Error('still waiting after two seconds'))]);
      expectFailure(ended, 'TimeoutError', 'ERR_TIMEOUT');
      await until(() => values.closed);
    });

    it('dropping the sender ends sendMany and closes the source', async () => {
      const [tx] = make<number>();
      const values = silence();
      const sent = rejection(tx.sendMany(values.values));
      await turns();
      tx.drop();
      const ended = await Promise.race([sent, later(2000).then(() => new Error('still waiting after two seconds'))]);
      expectFailure(ended, 'HandleError', 'ERR_HANDLE_DROPPED');
      await until(() => values.closed);
    });

    it('a hundred batches on one signal put one listener on it, and none when they are done', async () => {
      const [tx] = make<number>();
      const controller = new AbortController();
      const sent = range(100).map(() => rejection(tx.sendMany(silence().values, { signal: controller.signal })));
      await turns();
      expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
      controller.abort('enough');
      await Promise.all(sent);
      expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    });

    it('a sendMany that ends leaves the messages of its receiver to others', async () => {
      const [tx] = make<number>();
      const [feed, upstream] = make<number>();
      const controller = new AbortController();
      const sent = rejection(tx.sendMany(upstream, { signal: controller.signal }));
      await turns();
      controller.abort('enough');
      expect(await sent).toBe('enough');
      put(feed, 1);
      expect(await upstream.recv({ timeout: 500 })).toBe(1);
    });
  });

  it('a receiver as source is read asynchronously until it disconnects', async () => {
    const [tx, rx] = make<number>();
    const [feed, upstream] = make<number>();
    const sent = tx.sendMany(upstream);
    const received = (async () => {
      const values: number[] = [];
      for await (const value of rx) values.push(value);
      return values;
    })();
    for (const i of range(10)) await feed.send(i);
    feed.drop();
    expect(await sent).toBe(10);
    tx.drop();
    expect(await received).toEqual(range(10));
  });

  describe('when the receivers are gone', () => {
    it('trySendMany says so', () => {
      const [tx, rx] = make<number>();
      rx.drop();
      expect(tx.trySendMany([1, 2])).toEqual({ ok: false, reason: 'disconnected', count: 0 });
    });

    it('an array comes back as its rest', async () => {
      const [tx, rx] = make<object>();
      rx.drop();
      const values = [{ a: 1 }, { b: 2 }];
      for (const error of [await rejection(tx.sendMany(values)), thrown(() => tx.sendManySync(values))]) {
        expectFailure(error, 'SendError', 'ERR_DISCONNECTED');
        expect(error.value).toHaveLength(2);
        expect((error.value as object[])[0]).toBe(values[0]);
        expect((error.value as object[])[1]).toBe(values[1]);
      }
    });

    it('an endless source is closed, and what was taken from it comes back', async () => {
      const [tx, rx] = make<number>();
      rx.drop();
      for (const fail of [
        (s: Iterable<number>) => rejection(tx.sendMany(s)),
        (s: Iterable<number>) => Promise.resolve(thrown(() => tx.sendManySync(s))),
      ]) {
        const values = source(naturals());
        const error = await fail(values.values);
        expectFailure(error, 'SendError', 'ERR_DISCONNECTED');
        expect(values.closed).toBe(true);
        expect(error.value).toEqual(range(values.taken));
      }
    });

    it('an async source is closed, and what was taken from it comes back', async () => {
      const [tx, rx] = make<number>();
      const values = asyncSource(naturals());
      const sent = rejection(tx.sendMany(values.values));
      const received = [await rx.recv(), await rx.recv()];
      expect(received).toEqual([0, 1]);
      rx.drop();
      const error = await sent;
      expectFailure(error, 'SendError', 'ERR_DISCONNECTED');
      await until(() => values.closed);
      const rest = error.value as number[];
      expect(rest.length).toBeGreaterThan(0);
      expect(rest).toEqual(range(rest.length, values.taken - rest.length));
    });
  });

  describe('a value that cannot be cloned in the middle', () => {
    const bad = (): void => undefined;
    if (flavor.capacity >= 2) {
      it('ends every form; what is before it is sent, nothing after it', async () => {
        const values = [1, bad, 3] as unknown as number[];
        const attempts: ((tx: ReturnType<typeof make<number>>[0]) => Failure | Promise<Failure>)[] = [
          (tx) => thrown(() => tx.trySendMany(values)),
          (tx) => thrown(() => tx.sendManySync(values)),
          (tx) => rejection(tx.sendMany(values)),
          (tx) => rejection(tx.sendMany(asyncSource(values).values)),
        ];
        for (const attempt of attempts) {
          const [tx, rx] = make<number>();
          expectFailure(await attempt(tx), 'DataCloneError', 'ERR_DATA_CLONE');
          expect([...rx.tryIter()]).toEqual([1]);
          tx.sendSync(4);
          expect(rx.recvSync()).toBe(4);
        }
      });
    }

    it('closes the source', async () => {
      const [tx, rx] = make<number>();
      for (const values of [source([1, bad, 3]), asyncSource([1, bad, 3])]) {
        const failed = rejection(tx.sendMany(values.values));
        expect(await rx.recv()).toBe(1);
        expectFailure(await failed, 'DataCloneError', 'ERR_DATA_CLONE');
        await until(() => values.closed);
        expect([...rx.tryIter()]).toEqual([]);
      }
    });
  });

  if (isBounded) {
    const { capacity } = flavor;

    it('trySendMany into a channel with less room sends the first ones and says how many', () => {
      const [tx, rx] = make<number>();
      expect(tx.trySendMany(range(capacity + 2))).toEqual({ ok: false, reason: 'full', count: capacity });
      expect([...rx.tryIter()]).toEqual(range(capacity));
      fill(tx);
      expect(tx.trySendMany([1])).toEqual({ ok: false, reason: 'full', count: 0 });
    });

    it('a timeout keeps what was sent and hands back the rest of the array', async () => {
      for (const fail of ['async', 'sync']) {
        const [tx, rx] = make<number>();
        const values = range(capacity + 3);
        const options = { timeout: 3 };
        const error =
          fail === 'async' ? await rejection(tx.sendMany(values, options)) : thrown(() => tx.sendManySync(values, options));
        expectFailure(error, 'TimeoutError', 'ERR_TIMEOUT');
        expect(error.value).toEqual(range(3, capacity));
        expect([...rx.tryIter()]).toEqual(range(capacity));
      }
    });

    if (hasBuffer) {
      it('a timeout closes a generator and hands back what was taken from it and not sent', async () => {
        for (const fail of ['async', 'sync']) {
          const [tx, rx] = make<number>();
          const values = source(naturals());
          const options = { timeout: 3 };
          const error =
            fail === 'async'
              ? await rejection(tx.sendMany(values.values, options))
              : thrown(() => tx.sendManySync(values.values, options));
          expectFailure(error, 'TimeoutError', 'ERR_TIMEOUT');
          expect(values.closed).toBe(true);
          expect([...rx.tryIter()]).toEqual(range(capacity));
          expect(error.value).toEqual(range(values.taken - capacity, capacity));
          expect(values.taken).toBeGreaterThan(capacity);
        }
      });
    }

    it('an abort keeps what was sent, sends nothing more and closes the source', async () => {
      const [tx, rx] = make<number>();
      const controller = new AbortController();
      const values = source(naturals());
      const sent = rejection(tx.sendMany(values.values, { signal: controller.signal }));
      await turns();
      controller.abort('enough');
      expect(await sent).toBe('enough');
      expect(values.closed).toBe(true);
      expect([...rx.tryIter()]).toEqual(range(capacity));
      await turns();
      expect(rx.isEmpty).toBe(true);
    });

    it('the last receiver going away in the middle hands back the rest', async () => {
      const [tx, rx] = make<number>();
      const sent = rejection(tx.sendMany(range(capacity + 4)));
      expect(await rx.recv()).toBe(0);
      await until(() => rx.isFull);
      rx.drop();
      const error = await sent;
      expectFailure(error, 'SendError', 'ERR_DISCONNECTED');
      expect(error.value).toEqual(range(3, capacity + 1));
    });

    it('close() in the middle hands back the rest, and what was sent stays', async () => {
      const [tx, rx] = make<number>();
      const sent = rejection(tx.sendMany(range(capacity + 2)));
      await turns();
      rx.close();
      const error = await sent;
      expectFailure(error, 'SendError', 'ERR_DISCONNECTED');
      expect(error.value).toEqual(range(2, capacity));
      expect([...rx.tryIter()]).toEqual(range(capacity));
    });

    it('dropping the sender in the middle ends sendMany and closes the source', async () => {
      const [tx, rx] = make<number>();
      const other = own(tx.clone());
      const values = source(naturals());
      const sent = rejection(tx.sendMany(values.values));
      await turns();
      tx.drop();
      expectFailure(await sent, 'HandleError', 'ERR_HANDLE_DROPPED');
      expect(values.closed).toBe(true);
      expect([...rx.tryIter()]).toEqual(range(capacity));
      put(other, -1);
      expect(rx.recvSync()).toBe(-1);
    });
  }

  it('tryRecvMany takes up to max of what is there', () => {
    const [tx, rx] = make<number>();
    expect(rx.tryRecvMany(3)).toEqual({ ok: false, reason: 'empty' });
    put(tx, ...range(few));
    const first = Math.min(few, 2);
    expect(rx.tryRecvMany(first)).toEqual({ ok: true, value: range(first) });
    if (few > first) expect(rx.tryRecvMany(1000)).toEqual({ ok: true, value: range(few - first, first) });
    tx.drop();
    expect(rx.tryRecvMany(3)).toEqual({ ok: false, reason: 'disconnected' });
  });

  it('recvMany waits for one message and takes up to max of what is there', async () => {
    const [tx, rx] = make<number>();
    const waiting = rx.recvMany(10);
    expect(await isPending(waiting)).toBe(true);
    put(tx, 0);
    expect(await waiting).toEqual([0]);
    put(tx, ...range(few));
    expect(await rx.recvMany(few)).toEqual(range(few));
    expect(rx.isEmpty).toBe(true);
  });

  it('recvMany takes no more than max and leaves the others in order', async () => {
    const [tx, rx] = make<number>();
    put(tx, ...range(few));
    const received: number[] = [];
    while (received.length < few) {
      const batch = await rx.recvMany(3);
      expect(batch.length).toBe(Math.min(3, few - received.length));
      received.push(...batch);
    }
    expect(received).toEqual(range(few));
  });

  it('recvManySync takes up to max of what is there', () => {
    const [tx, rx] = make<number>();
    put(tx, ...range(few));
    expect(rx.recvManySync(1)).toEqual([0]);
    if (few > 1) expect(rx.recvManySync(1000)).toEqual(range(few - 1, 1));
  });

  it('batches of received messages make room for those who wait to send', async () => {
    const [tx, rx] = make<number>();
    const sent = tx.sendMany(range(few * 3));
    let next = 0;
    while (next < few * 3) for (const value of await rx.recvMany(7)) expect(value).toBe(next++);
    expect(await sent).toBe(few * 3);
  });

  if (hasBuffer) {
    it('a batch receive on an empty and disconnected channel fails', async () => {
      const [tx, rx] = make<number>();
      tx.sendSync(1);
      tx.drop();
      expect(await rx.recvMany(5)).toEqual([1]);
      expectFailure(await rejection(rx.recvMany(5)), 'RecvError', 'ERR_DISCONNECTED');
      expectFailure(
        thrown(() => rx.recvManySync(5)),
        'RecvError',
        'ERR_DISCONNECTED',
      );
    });

    it('batches may hold undefined and null', async () => {
      const [tx, rx] = make<null | undefined>();
      const values = [undefined, null].slice(0, flavor.capacity);
      tx.sendManySync(values);
      expect(await rx.recvMany(5)).toEqual(values);
    });

    it('batches may hold messages of very different sizes', () => {
      const [tx, rx] = make<unknown>();
      const values = [1, 'x'.repeat(3000), null, new Uint8Array(20_000).fill(7), { a: ['b'] }, 'é'.repeat(500)];
      for (let lap = 0; lap < 5; lap++) {
        let from = 0;
        while (from < values.length) {
          const { count } = tx.trySendMany(values.slice(from));
          expect(rx.recvManySync(10)).toEqual(values.slice(from, from + count));
          from += count;
        }
      }
    });
  }
}
