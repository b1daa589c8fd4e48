/** api.md §5: `selectEach`, one event after another. */
import { broadcast, inspect, now } from '@beamline/core';
import { after, never, recv, selectEach, send, tick } from '@beamline/select';
import { expectFailure, expectInvalid, rejection, thrown } from '../../../core/test/support/failure';
import { isPending, range, turns } from '../../../core/test/support/turns';
import { bench, flavors } from '../support/bench';

const { make, channels, own } = bench();

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;

describe.each([...flavors, ['bounded(0)', 0] as [string, number]])('over %s', (_, capacity) => {
  it('gives every message once, in the order of each channel, then each end, and ends', async () => {
    const { txs, rxs } = channels<number>(3, capacity);
    const sending = txs.map(async (tx, i) => {
      for (const n of range(50)) await tx.send(n * 3 + i);
      tx.drop();
    });
    const seen: number[][] = [[], [], []];
    const ends: number[] = [];
    for await (const event of selectEach(rxs)) {
      if (event.ok) seen[event.key]!.push(event.value);
      else ends.push(event.key);
    }
    await Promise.all(sending);
    expect(seen).toEqual([0, 1, 2].map((i) => range(50).map((n) => n * 3 + i)));
    expect(ends.sort()).toEqual([0, 1, 2]);
  });

  it('leaving the loop loses nothing and drops nothing, and it can be begun anew', async () => {
    const { txs, rxs } = channels<number>(2, capacity);
    const sending = (async () => {
      for (const n of range(40)) await txs[n % 2]!.send(n);
      for (const tx of txs) tx.drop();
    })();
    const seen: number[] = [];
    for (let ended = false; !ended;) {
      ended = true;
      for await (const event of selectEach({ a: rxs[0]!, b: recv(rxs[1]!) })) {
        if (!event.ok) continue;
        seen.push(event.value);
        ended = false;
        break;
      }
    }
    await sending;
    expect(seen.sort((a, b) => a - b)).toEqual(range(40));
    expect(rxs.map(({ receiverCount }) => receiverCount)).toEqual([1, 1]);
  });
});

it('names its cases as select does', async () => {
  const [tx, rx] = make<string>();
  tx.sendManySync(['a', 'b']);
  tx.drop();
  const events = [];
  for await (const event of selectEach({ mine: rx })) events.push(event);
  expect(events).toEqual([
    { key: 'mine', ok: true, value: 'a' },
    { key: 'mine', ok: true, value: 'b' },
    { key: 'mine', ok: false, reason: 'disconnected' },
  ]);
});

it('without cases ends at once', async () => {
  for (const cases of [[], {}]) {
    const events: unknown[] = [];
    for await (const event of selectEach(cases)) events.push(event);
    expect(events).toEqual([]);
  }
});

it('reports a broadcast receiver that fell behind, and keeps it', async () => {
  const [tx, rx] = broadcast<number>(2);
  own(tx);
  own(rx);
  for (const n of range(5)) tx.send(n);
  tx.drop();
  const events = [];
  for await (const event of selectEach({ rx })) events.push(event);
  expect(events).toEqual([
    { key: 'rx', ok: false, reason: 'lagged', missed: 3 },
    { key: 'rx', ok: true, value: 3 },
    { key: 'rx', ok: true, value: 4 },
    { key: 'rx', ok: false, reason: 'disconnected' },
  ]);
});

it('sends again and again, by value and by function', async () => {
  const [tx, rx] = make<number>(3);
  const [lazy, lazyRx] = make<number>(3);
  let made = 0;
  for await (const event of selectEach([send(tx, 7), send(lazy, () => made++)])) {
    expect(event.ok).toBe(true);
    if (tx.isFull && lazy.isFull) break;
  }
  expect([...rx.tryIter()]).toEqual([7, 7, 7]);
  expect([...lazyRx.tryIter()]).toEqual([0, 1, 2]);
});

it('ends of a send are reported with the value', async () => {
  const [tx, rx] = make<object>(1);
  rx.drop();
  const value = { n: 1 };
  for await (const event of selectEach({ out: send(tx, value) })) {
    expect(event).toEqual({ key: 'out', ok: false, reason: 'disconnected', value });
    break;
  }
});

it('biased takes the first in order, each time', async () => {
  const { txs, rxs } = channels<number>(3);
  for (const tx of txs) tx.sendManySync([1, 2, 3]);
  const keys: number[] = [];
  for await (const event of selectEach(rxs, { biased: true })) {
    keys.push(event.key);
    if (keys.length === 9) break;
  }
  expect(keys).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2]);
});

it('a timeout is for each event, a deadline for all of them', async () => {
  const start = now();
  const beat = own(tick(10));
  const seen: number[] = [];
  const byDeadline = (async () => {
    for await (const event of selectEach({ beat }, { timeout: 20_000, deadline: start + 80 }))
      seen.push(event.ok ? event.value : 0);
  })();
  expect(codeOf(await rejection(byDeadline))).toBe('ERR_TIMEOUT');
  expect(now()).toBeGreaterThanOrEqual(start + 80);
  expect(seen.length).toBeGreaterThan(0);
  const [tx, rx] = make<number>();
  for (const n of range(3)) tx.sendSync(n);
  const got: number[] = [];
  const last = { at: 0 };
  const byTimeout = (async () => {
    for await (const event of selectEach([rx], { timeout: 30 })) {
      got.push(event.ok ? event.value : -1);
      await new Promise((resolve) => setTimeout(resolve, 12)); // in sum more than the timeout
      last.at = now();
    }
  })();
  expect(codeOf(await rejection(byTimeout))).toBe('ERR_TIMEOUT');
  expect(got).toEqual([0, 1, 2]);
  expect(now() - last.at).toBeGreaterThanOrEqual(30);
});

it('is ended by a signal, with its reason, and has taken nothing more', async () => {
  const { txs, rxs } = channels<number>(2);
  const controller = new AbortController();
  const events = selectEach(rxs, { signal: controller.signal });
  const first = events.next();
  txs[0]!.sendSync(1);
  expect(await first).toMatchObject({ value: { value: 1 } });
  const second = rejection(events.next());
  await turns();
  controller.abort('why');
  txs[1]!.sendSync(2);
  expect(await second).toBe('why');
  expect(rxs[1]!.length).toBe(1);
  expect(await events.next()).toEqual({ done: true, value: undefined });
});

it('a dropped handle ends it with an error', async () => {
  const { rxs } = channels<number>(2);
  const events = selectEach(rxs);
  const pending = rejection(events.next());
  await turns();
  rxs[1]!.drop();
  expectFailure(await pending, 'HandleError', 'ERR_HANDLE_DROPPED');
  expect(await events.next()).toEqual({ done: true, value: undefined });
});

it('what a function throws is what the loop throws, and nothing is left', async () => {
  const [tx] = make<number>(1);
  const mine = new Error('mine');
  const events = selectEach([send(tx, () => { throw mine; })]); // prettier-ignore
  expect(await rejection(events.next())).toBe(mine);
  expect(tx.length).toBe(0);
  expect(tx.trySend(1)).toEqual({ ok: true });
});

it('refuses what select refuses', () => {
  const [, rx] = make();
  for (const cases of [undefined, null, 5, rx, [undefined], { off: null }]) {
    expectInvalid(thrown(() => selectEach(cases as never)), 'TypeError'); // prettier-ignore
  }
  expectInvalid(thrown(() => selectEach([rx], { timeout: -1 })), 'RangeError'); // prettier-ignore
  expectInvalid(thrown(() => selectEach([rx], { biased: 1 as never })), 'TypeError'); // prettier-ignore
});

it('several next() at once are answered in order; return() ends them, and takes nothing', async () => {
  const { txs, rxs } = channels<number>(2);
  const events = selectEach(rxs);
  const nexts = range(3).map(() => events.next());
  await turns();
  txs[0]!.sendSync(1);
  expect(await nexts[0]).toMatchObject({ done: false, value: { key: 0, value: 1 } });
  txs[1]!.sendSync(2);
  expect(await nexts[1]).toMatchObject({ done: false, value: { key: 1, value: 2 } });
  expect(await isPending(nexts[2]!)).toBe(true);
  const returned = events.return!();
  await turns();
  txs[0]!.sendSync(3);
  await returned;
  expect(await nexts[2]).toMatchObject({ done: true });
  expect(rxs[0]!.length).toBe(1);
});

it('leaving while nothing is pending, or before it has begun, leaves nothing', async () => {
  const { rxs } = channels<number>(3, 0);
  const idle = selectEach(rxs);
  await idle.return!();
  expect(await idle.next()).toMatchObject({ done: true });
  const before = inspect().memory.used;
  for (let i = 0; i < 20; i++) {
    const timer = after(0);
    const off = never();
    for await (const event of selectEach([...rxs, timer, off])) {
      expect(event.key).toBe(3);
      break;
    }
    for (const handle of [timer, off]) handle.drop();
  }
  expect(inspect().memory.used).toBeLessThanOrEqual(before);
});

it('an idle loop absorbs no wake-up: a plain receive beside it gets every message', async () => {
  const { txs, rxs } = channels<number>(2);
  const events = selectEach(rxs);
  const first = events.next();
  await turns();
  txs[0]!.sendSync(0);
  await first;
  for (let i = 0; i < 30; i++) {
    const waiting = rxs.map((rx) => rx.recv());
    await turns(1);
    for (const tx of txs) tx.sendSync(i);
    expect(await Promise.all(waiting)).toEqual([i, i]);
  }
  await events.return!();
});

it('lets timers run, however much there is', async () => {
  const [tx, rx] = make<number>();
  tx.sendSync(0);
  let fired = 0;
  const timer = setInterval(() => void fired++, 1);
  const end = performance.now() + 5000;
  for await (const _ of selectEach([rx])) {
    if (fired >= 5 || performance.now() > end) break;
    tx.sendSync(0);
  }
  clearInterval(timer);
  expect(fired).toBeGreaterThanOrEqual(5);
});
