/** api.md §1: `timeout`, `deadline`, and "try first, then look at the clock". */
import { now, type Receiver, type Sender, type WaitSyncOptions } from '@beamline/core';
import { expectFailure, rejection, thrown, type Failure } from '../../support/failure';
import { isPending, later, range, turns } from '../../support/turns';
import { type Bench, fill, put } from '../flavor';

type Limited = Record<string, (options: WaitSyncOptions) => Promise<Failure>>;

/** Every receive that can wait, each as "what does it fail with under these options". */
const receives = (rx: Receiver<number>): Limited => ({
  recv: (options) => rejection(rx.recv(options)),
  recvSync: (options) => Promise.resolve(thrown(() => rx.recvSync(options))),
  recvMany: (options) => rejection(rx.recvMany(3, options)),
  recvManySync: (options) => Promise.resolve(thrown(() => rx.recvManySync(3, options))),
});

const sends = (tx: Sender<number>): Limited => ({
  send: (options) => rejection(tx.send(-1, options)),
  sendSync: (options) => Promise.resolve(thrown(() => tx.sendSync(-1, options))),
  sendMany: (options) => rejection(tx.sendMany([-1, -2], options)),
  sendManySync: (options) => Promise.resolve(thrown(() => tx.sendManySync([-1, -2], options))),
});

export function time({ flavor, make }: Bench): void {
  const isBounded = Number.isFinite(flavor.capacity);
  const expired: [string, () => WaitSyncOptions][] = [
    ['timeout 0', () => ({ timeout: 0 })],
    ['a deadline that has passed', () => ({ deadline: now() - 1000 })],
    ['a deadline of this very instant', () => ({ deadline: now() })],
  ];

  describe.each(expired)('with %s', (_, options) => {
    it('a receive that can complete does', async () => {
      const [tx, rx] = make<number>();
      put(tx, 1);
      expect(await rx.recv(options())).toBe(1);
      put(tx, 2);
      expect(rx.recvSync(options())).toBe(2);
      put(tx, 3);
      expect(await rx.recvMany(5, options())).toEqual([3]);
      put(tx, 4);
      expect(rx.recvManySync(5, options())).toEqual([4]);
    });

    it('a send that can complete does', async () => {
      const [tx, rx] = make<number>();
      // Where there is no buffer, a send can complete when somebody waits for it.
      const receive = async (): Promise<() => Promise<number>> => {
        const received = flavor.capacity === 0 ? rx.recv() : undefined;
        await turns();
        return () => received ?? rx.recv();
      };
      let received = await receive();
      await tx.send(1, options());
      expect(await received()).toBe(1);
      received = await receive();
      tx.sendSync(2, options());
      expect(await received()).toBe(2);
      received = await receive();
      expect(await tx.sendMany([3], options())).toBe(1);
      expect(await received()).toBe(3);
      received = await receive();
      expect(tx.sendManySync([4], options())).toBe(1);
      expect(await received()).toBe(4);
    });

    it.each(['recv', 'recvSync', 'recvMany', 'recvManySync'])('%s on an empty channel times out', async (form) => {
      const [, rx] = make<number>();
      expectFailure(await receives(rx)[form]!(options()), 'TimeoutError', 'ERR_TIMEOUT');
    });

    if (isBounded) {
      it.each(['send', 'sendSync', 'sendMany', 'sendManySync'])('%s on a full channel times out', async (form) => {
        const [tx, rx] = make<number>();
        fill(tx);
        expectFailure(await sends(tx)[form]!(options()), 'TimeoutError', 'ERR_TIMEOUT');
        expect([...rx.tryIter()]).toEqual(range(flavor.capacity));
      });
    }

    it('disconnection is reported, not time', async () => {
      const [tx, rx] = make<number>();
      tx.drop();
      expectFailure(await rejection(rx.recv(options())), 'RecvError', 'ERR_DISCONNECTED');
      expectFailure(
        thrown(() => rx.recvSync(options())),
        'RecvError',
        'ERR_DISCONNECTED',
      );
    });
  });

  it.each(['recv', 'recvSync', 'recvMany', 'recvManySync'])('%s never times out early', async (form) => {
    const [, rx] = make<number>();
    for (const ms of [0.5, 1, 1.5, 3.25, 10, 25]) {
      const start = now();
      expectFailure(await receives(rx)[form]!({ timeout: ms }), 'TimeoutError', 'ERR_TIMEOUT');
      expect(now() - start).toBeGreaterThanOrEqual(ms);
    }
    for (const ms of [0.5, 2, 10.25]) {
      const deadline = now() + ms;
      expectFailure(await receives(rx)[form]!({ deadline }), 'TimeoutError', 'ERR_TIMEOUT');
      expect(now()).toBeGreaterThanOrEqual(deadline);
    }
  });

  it('the sooner of timeout and deadline wins', async () => {
    const [, rx] = make<number>();
    const start = now();
    expectFailure(await rejection(rx.recv({ timeout: 10, deadline: start + 60_000 })), 'TimeoutError', 'ERR_TIMEOUT');
    expectFailure(await rejection(rx.recv({ timeout: 60_000, deadline: now() + 10 })), 'TimeoutError', 'ERR_TIMEOUT');
    expectFailure(
      thrown(() => rx.recvSync({ timeout: 10, deadline: now() + 60_000 })),
      'TimeoutError',
      'ERR_TIMEOUT',
    );
    expectFailure(
      thrown(() => rx.recvSync({ timeout: 60_000, deadline: now() + 10 })),
      'TimeoutError',
      'ERR_TIMEOUT',
    );
    expect(now() - start).toBeLessThan(10_000);
  });

  it.each([
    ['Infinity', { timeout: Infinity }],
    ['Infinity for the deadline', { deadline: Infinity }],
    ['undefined', { timeout: undefined as never, deadline: undefined as never }],
    ['more than timers can count', { timeout: 2 ** 31 + 5 }],
    ['a million years', { timeout: 3e16 }],
  ])('a time limit of %s waits', async (_, options: WaitSyncOptions) => {
    const [tx, rx] = make<number>();
    const received = rx.recv(options);
    await later(5);
    expect(await isPending(received)).toBe(true);
    put(tx, 7);
    expect(await received).toBe(7);
  });

  it('a receive that times out has taken nothing', async () => {
    const [tx, rx] = make<number>();
    expectFailure(await rejection(rx.recv({ timeout: 2 })), 'TimeoutError', 'ERR_TIMEOUT');
    expectFailure(
      thrown(() => rx.recvSync({ timeout: 2 })),
      'TimeoutError',
      'ERR_TIMEOUT',
    );
    put(tx, 1);
    await turns();
    expect(rx.tryRecv()).toEqual({ ok: true, value: 1 });
  });

  it('a receive that timed out leaves the next message to the one that still waits', async () => {
    const [tx, rx] = make<number>();
    const first = rejection(rx.recv({ timeout: 5 }));
    const second = rx.recv();
    expectFailure(await first, 'TimeoutError', 'ERR_TIMEOUT');
    put(tx, 1);
    expect(await second).toBe(1);
  });

  it('a message that comes in time cancels the time limit', async () => {
    const [tx, rx] = make<number>();
    const received = rx.recv({ timeout: 15 });
    put(tx, 1);
    expect(await received).toBe(1);
    await later(20);
    put(tx, 2);
    expect(rx.tryRecv()).toEqual({ ok: true, value: 2 });
  });

  it('many time limits end each at its own time', async () => {
    const [, rx] = make<number>();
    const start = now();
    const ends = await Promise.all(
      [12, 4, 8, 16].map(async (timeout) => {
        await rejection(rx.recv({ timeout }));
        return [timeout, now() - start] as const;
      }),
    );
    for (const [timeout, elapsed] of ends) expect(elapsed).toBeGreaterThanOrEqual(timeout);
  });

  if (isBounded) {
    it.each(['send', 'sendSync', 'sendMany', 'sendManySync'])('%s never times out early', async (form) => {
      const [tx] = make<number>();
      fill(tx);
      for (const ms of [0.5, 2.5, 10]) {
        const start = now();
        expectFailure(await sends(tx)[form]!({ timeout: ms }), 'TimeoutError', 'ERR_TIMEOUT');
        expect(now() - start).toBeGreaterThanOrEqual(ms);
      }
    });

    it('a send that times out hands back the very value and has sent nothing', async () => {
      const [tx, rx] = make<object>();
      for (let i = 0; i < flavor.capacity; i++) put(tx, { i });
      const value = { mine: true };
      expect((await rejection(tx.send(value, { timeout: 2 }))).value).toBe(value);
      expect(thrown(() => tx.sendSync(value, { timeout: 2 })).value).toBe(value);
      expect([...rx.tryIter()]).toEqual(range(flavor.capacity).map((i) => ({ i })));
    });

    it('a send that timed out leaves the next room to the one that still waits', async () => {
      const [tx, rx] = make<number>();
      const count = fill(tx);
      const first = rejection(tx.send(-1, { timeout: 5 }));
      const second = tx.send(count);
      expectFailure(await first, 'TimeoutError', 'ERR_TIMEOUT');
      expect(rx.recvSync()).toBe(0);
      await second;
      expect([...rx.tryIter()]).toEqual(range(count, 1));
    });

    it('a send with a time limit completes when room comes in time', async () => {
      const [tx, rx] = make<number>();
      const count = fill(tx);
      const sent = tx.send(count, { timeout: 5000 });
      await turns();
      expect(rx.recvSync()).toBe(0);
      await sent;
      expect([...rx.tryIter()]).toEqual(range(count, 1));
    });
  }

  it('fake timers that a test installs later do not affect it', async () => {
    const [tx, rx] = make<number>();
    const start = performance.now();
    jest.useFakeTimers();
    try {
      const before = now();
      expectFailure(await rejection(rx.recv({ timeout: 5 })), 'TimeoutError', 'ERR_TIMEOUT');
      expectFailure(
        thrown(() => rx.recvSync({ timeout: 5 })),
        'TimeoutError',
        'ERR_TIMEOUT',
      );
      expect(now() - before).toBeGreaterThanOrEqual(10);
      const received = rx.recv();
      put(tx, 1);
      expect(await received).toBe(1);
      jest.setSystemTime(0);
      jest.advanceTimersByTime(1e9);
      expect(now() - before).toBeLessThan(60_000);
    } finally {
      jest.useRealTimers();
    }
    expect(performance.now() - start).toBeGreaterThanOrEqual(10);
  });
}
