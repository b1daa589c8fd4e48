/** api.md §2.4: `oneshot`. What crossbeam's bounded(1) and tokio's oneshot promise of one message, for handles that may be cloned. */
import { bounded, codecs, inspect, oneshot, open, type Receiver, type Sender } from '@beamline/core';
import { expectFailure, expectInvalid, rejection, thrown } from '../support/failure';
import { isPending, turns } from '../support/turns';

const SENT = { ok: true };
const GONE = { ok: false, reason: 'disconnected' };

let owned: { drop(): void }[] = [];

function make<T = unknown>(options?: Parameters<typeof oneshot<T>>[0]): [Sender<T>, Receiver<T>] {
  const pair = oneshot<T>(options);
  owned.push(...pair);
  return pair;
}

afterEach(() => {
  for (const handle of owned) handle.drop();
  owned = [];
  expect(inspect().channels).toEqual([]);
});

describe('the one message', () => {
  it.each([['a number', 7] as const, ['a long text', 'x'.repeat(500)] as const, ['undefined', undefined] as const])(
    'arrives, in all three forms: %s',
    async (_, value) => {
      for (const receive of [
        (rx: Receiver<unknown>) => rx.recv(),
        (rx: Receiver<unknown>) => rx.recvSync(),
        (rx: Receiver<unknown>) => (rx.tryRecv() as { value: unknown }).value,
      ]) {
        const [tx, rx] = make();
        expect(tx.trySend(value)).toEqual(SENT);
        expect(await receive(rx)).toEqual(value);
      }
    },
  );

  it('comes before disconnection, which is for good', async () => {
    const [tx, rx] = make<string>();
    tx.sendSync('only');
    tx.drop();
    expect(rx.length).toBe(1);
    expect(await rx.recv()).toBe('only');
    for (let again = 0; again < 3; again++) {
      expect(rx.tryRecv()).toEqual(GONE);
      expectFailure(await rejection(rx.recv()), 'RecvError', 'ERR_DISCONNECTED');
    }
  });

  it('wakes who waits for it, and tells all others that none will come', async () => {
    const [tx, rx] = make<string>();
    const clone = rx.clone();
    owned.push(clone);
    const first = rx.recv();
    const second = rejection(clone.recv());
    await turns();
    await tx.send('only');
    expect(await first).toBe('only');
    expectFailure(await second, 'RecvError', 'ERR_DISCONNECTED');
  });

  it('goes to one of the clones', () => {
    const [tx, rx] = make<string>();
    const clone = rx.clone();
    owned.push(clone);
    tx.sendSync('only');
    expect(clone.tryRecv()).toEqual({ ok: true, value: 'only' });
    expect(rx.tryRecv()).toEqual(GONE);
  });
});

describe('a second send', () => {
  it('fails as disconnected, before and after the first was received, and hands the value back', async () => {
    const [tx, rx] = make<object>();
    const clone = tx.clone();
    owned.push(clone);
    tx.sendSync({ first: true });
    for (const moment of ['before', 'after']) {
      const second = { moment };
      expect(tx.trySend(second)).toEqual(GONE);
      for (const error of [
        await rejection(tx.send(second)),
        thrown(() => clone.sendSync(second)),
        await rejection(clone.send(second, { timeout: 60_000 })),
      ]) {
        expectFailure(error, 'SendError', 'ERR_DISCONNECTED');
        expect(error.value).toBe(second);
      }
      if (moment === 'before') expect(await rx.recv()).toEqual({ first: true });
    }
    expect(rx.tryRecv()).toEqual(GONE);
  });

  it('never waits', async () => {
    const [tx] = make<number>();
    tx.sendSync(1);
    expect(await isPending(tx.send(2))).toBe(false);
  });

  it('gives the handles in its message back', () => {
    const [tx] = make<unknown>();
    const [inner, other] = bounded<number>(1);
    owned.push(inner, other);
    tx.sendSync(0);
    expect(tx.trySend({ inner })).toEqual(GONE);
    expect(inner.trySend(1)).toEqual(SENT);
  });

  it('in a batch: the first is accepted, the rest is refused', async () => {
    const [tx, rx] = make<number>();
    expect(tx.trySendMany([1, 2, 3])).toEqual({ ok: false, reason: 'disconnected', count: 1 });
    expect(rx.tryRecvMany(5)).toEqual({ ok: true, value: [1] });

    const [tx2, rx2] = make<number>();
    const error = await rejection(tx2.sendMany([1, 2, 3]));
    expectFailure(error, 'SendError', 'ERR_DISCONNECTED');
    expect(error.value).toEqual([2, 3]);
    expect([...rx2]).toEqual([1]);

    const [tx3] = make<number>();
    let closed = false;
    function* source(): Generator<number> {
      try {
        for (let i = 1; ; i++) yield i;
      } finally {
        closed = true;
      }
    }
    const failure = thrown(() => tx3.sendManySync(source()));
    expect(failure.value).toEqual([2]);
    expect(closed).toBe(true);

    const [tx4, rx4] = make<number>();
    expect(tx4.trySendMany([1])).toEqual({ ok: true, count: 1 });
    expect(await tx4.sendMany([])).toBe(0);
    expect(rx4.recvSync()).toBe(1);
  });
});

describe('without a message', () => {
  it('the last sender that is dropped disconnects, and wakes who waits', async () => {
    const [tx, rx] = make<number>();
    const clone = tx.clone();
    const waiting = rejection(rx.recv());
    tx.drop();
    expect(rx.tryRecv()).toEqual({ ok: false, reason: 'empty' });
    clone.drop();
    expectFailure(await waiting, 'RecvError', 'ERR_DISCONNECTED');
    expect(rx.tryRecv()).toEqual(GONE);
  });

  it('close() fails the send, also of who sends first', () => {
    const [tx, rx] = make<number>();
    rx.close();
    expect(tx.trySend(1)).toEqual(GONE);
    expect(rx.tryRecv()).toEqual(GONE);
  });

  it('a receiver that is dropped fails the send with its value', async () => {
    const [tx, rx] = make<object>();
    const value = {};
    rx.drop();
    expect((await rejection(tx.send(value))).value).toBe(value);
    expect(tx.isDisconnected).toBe(true);
  });

  it('a receive times out, and the message still comes', async () => {
    const [tx, rx] = make<number>();
    expectFailure(await rejection(rx.recv({ timeout: 1 })), 'TimeoutError', 'ERR_TIMEOUT');
    tx.sendSync(1);
    expect(await rx.recv({ timeout: 0 })).toBe(1);
  });
});

describe('what is left over', () => {
  it('a message that nobody received is discarded with the last receiver, and the handles in it are dropped', () => {
    const [tx, rx] = make<unknown>();
    const [inner, other] = bounded<number>(1);
    owned.push(inner, other);
    tx.sendSync({ inner, text: 'y'.repeat(10_000) });
    const used = inspect().memory.used;
    rx.drop();
    expect(other.isDisconnected).toBe(true);
    expect(used - inspect().memory.used).toBeGreaterThanOrEqual(10_000);
  });

  it('tells what it is', () => {
    const [tx, rx] = make<number>({ name: 'answer' });
    expect(inspect().channels).toMatchObject([
      { name: 'answer', kind: 'oneshot', capacity: 1, length: 0, closed: false, sent: 0 },
    ]);
    expect([tx.capacity, tx.length, tx.isFull, tx.isDisconnected]).toEqual([1, 0, false, false]);
    tx.sendSync(1);
    expect([tx.capacity, tx.length, tx.isFull, tx.isDisconnected]).toEqual([1, 1, true, true]);
    expect(inspect().channels).toMatchObject([{ length: 1, closed: true, sent: 1, received: 0 }]);
    const custom = Symbol.for('nodejs.util.inspect.custom');
    expect((tx as unknown as Record<symbol, () => string>)[custom]!()).toBe(
      `Sender<oneshot> { "answer" #${String(tx.id)}, length 1/1, senders 1, receivers 1, disconnected }`,
    );
    expect(rx.recvSync()).toBe(1);
  });

  it('travels in tokens and messages, before and after its send', () => {
    const [tx, rx] = make<number>({ codec: codecs.float64 });
    const opened = open(tx.transfer());
    owned.push(opened);
    opened.sendSync(0.5);
    const [carrier, carried] = bounded<Receiver<number>>(1);
    owned.push(carrier, carried);
    carrier.sendSync(rx);
    const arrived = carried.recvSync();
    owned.push(arrived);
    expect(arrived.recvSync()).toBe(0.5);
    expect(arrived.tryRecv()).toEqual(GONE);
  });

  it('thousands of them leave the heap where it was', () => {
    const round = (): void => {
      const [tx, rx] = oneshot<number>();
      tx.sendSync(1);
      rx.drop();
      tx.drop();
    };
    for (let i = 0; i < 1000; i++) round();
    const before = inspect().memory;
    for (let i = 0; i < 50_000; i++) round();
    expect(inspect().memory).toEqual(before);
  });

  it.each([
    ['text', 'x'],
    ['a codec that is none', { codec: {} }],
    ['a name that is a number', { name: 5 }],
  ])('bad options are refused: %s', (_, options) => expectInvalid(thrown(() => oneshot(options as never))));
});
