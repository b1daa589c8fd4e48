/**
 * What waiting costs, counted instead of timed: atomic operations of a wake-up, platform timers, slices, looks at other handles.
 */
import { EventEmitter } from 'node:events';
import { bounded, type Receiver, type Sender } from '@beamline/core';
import { HANDLE } from '@beamline/core/internal';
import { after, fromEvent, Select, select, tick } from '@beamline/select';
import { rejection } from '../../../core/test/support/failure';
import { range, turns } from '../../../core/test/support/turns';
import { bench } from '../support/bench';

/** `holdsSlices`: those of this thread pass without a look. No wake-up depends on one (parking.ts, K5), and when one falls is chance. */
const mockCounts = { atomics: 0, timers: 0, mostTimers: 0, pulses: 0, holdsSlices: false };

jest.mock('../../../core/src/platform/atomics', () => {
  const actual = jest.requireActual<Record<string, unknown>>('../../../core/src/platform/atomics');
  return Object.fromEntries(
    Object.entries(actual).map(([name, each]) => {
      if (typeof each !== 'function') return [name, each];
      const counted = (...args: unknown[]): unknown => {
        mockCounts.atomics++;
        return (each as (...given: unknown[]) => unknown)(...args);
      };
      return [name, counted];
    }),
  );
});

jest.mock('../../../core/src/platform/clock', () => {
  const actual = jest.requireActual<typeof import('../../../core/src/platform/clock')>('../../../core/src/platform/clock');
  return {
    ...actual,
    timer(ms: number, callback: () => void) {
      mockCounts.mostTimers = Math.max(mockCounts.mostTimers, ++mockCounts.timers);
      let isOver = false;
      const end = (): void => {
        if (!isOver) mockCounts.timers--;
        isOver = true;
      };
      const timer = actual.timer(ms, () => (end(), callback()));
      return { cancel: () => (end(), timer.cancel()) };
    },
    pulse(ms: number, callback: () => void) {
      mockCounts.pulses++;
      const pulse = actual.pulse(ms, () => mockCounts.holdsSlices || callback());
      return { ...pulse, stop: () => (mockCounts.pulses--, pulse.stop()) };
    },
  };
});

const { own, make } = bench();

afterEach(() => {
  mockCounts.holdsSlices = false;
});

function atomicsOf(action: () => unknown): number {
  const before = mockCounts.atomics;
  action();
  return mockCounts.atomics - before;
}

/** So many channels, one of which is sent to. */
function watched(count: number): { tx: Sender<number>; rxs: Receiver<number>[]; end: () => void } {
  const pairs = range(count).map(() => bounded<number>(4));
  const [tx] = pairs[count >> 1]!;
  return { tx, rxs: pairs.map(([, rx]) => rx), end: () => pairs.forEach((pair) => pair.forEach((handle) => handle.drop())) };
}

/** Until the event loop has parked: it polls for mail for some turns first. */
const parked = (): Promise<void> => turns(20);

const MANY = 10_000;

describe('waking somebody who watches 10,000 channels is the same to the waker as if it were one', () => {
  const waits: Record<string, (rxs: Receiver<number>[]) => Promise<unknown>> = {
    select: (rxs) => select(rxs),
    'a Select': (rxs) => {
      const set = new Select();
      for (const rx of rxs) set.recv(rx);
      return set.select().finally(() => set.clear());
    },
    'the ready of a Select': (rxs) => {
      const set = new Select();
      for (const rx of rxs) set.recv(rx);
      return set.ready().finally(() => set.clear());
    },
  };

  it.each(Object.keys(waits))('%s', async (how) => {
    const costs: number[] = [];
    for (const count of [1, MANY]) {
      const { tx, rxs, end } = watched(count);
      const waiting = waits[how]!(rxs);
      await parked();
      costs.push(atomicsOf(() => tx.trySend(1)));
      await waiting;
      end();
    }
    expect(costs[0]).toBe(costs[1]);
    expect(costs[0]).toBeLessThan(20);
  });
});

it('a call of a Select that watches 10,000 channels, its sleep and its wake-up, cost the same as if it were one', async () => {
  mockCounts.holdsSlices = true;
  const costs: number[] = [];
  for (const count of [1, MANY]) {
    const { tx, rxs, end } = watched(count);
    const set = new Select();
    for (const rx of rxs) set.recv(rx);
    const first = set.select();
    tx.trySend(0);
    await first;
    let worst = 0;
    for (let i = 0; i < 10; i++) {
      const before = mockCounts.atomics;
      const waiting = set.select();
      await parked();
      tx.trySend(i);
      await waiting;
      await parked();
      worst = Math.max(worst, mockCounts.atomics - before);
    }
    costs.push(worst);
    set.clear();
    end();
  }
  expect(costs[1]!).toBeLessThan(costs[0]! + 50);
});

it('a select that is made for one call costs in proportion to its cases, with a small constant', async () => {
  mockCounts.holdsSlices = true;
  const costs: number[] = [];
  for (const count of [1000, 2000, 4000]) {
    const { tx, rxs, end } = watched(count);
    const before = mockCounts.atomics;
    const waiting = select(rxs);
    await parked();
    tx.trySend(1);
    await waiting;
    costs.push((mockCounts.atomics - before) / count);
    end();
  }
  expect(Math.max(...costs)).toBeLessThan(40);
  expect(costs[2]! / costs[0]!).toBeLessThan(1.1);
});

it('all waits of a thread share one platform timer', async () => {
  const [tx, rx] = make<number>(1);
  const [full] = make<number>(1);
  full.sendSync(0);
  mockCounts.mostTimers = mockCounts.timers;
  const timers = range(20).map((i) => own(after(20 + ((7 * i) % 20))));
  const beat = own(tick(15, { policy: 'skip' }));
  const set = new Select();
  for (const timer of timers.slice(10)) set.recv(timer);
  const ended = await Promise.all([
    ...range(50).map((i) => rejection(rx.recv({ timeout: 30 - (i % 25) }))),
    ...range(50).map((i) => rejection(full.send(i, { timeout: 5 + (i % 25) }))),
    ...timers.slice(0, 10).map((timer) => timer.recv()),
    ...range(10).map(() => select([rx, beat], { timeout: 400 })),
    set.select(),
  ]);
  expect(ended).toHaveLength(121);
  expect(mockCounts.mostTimers).toBe(1);
  expect(tx.isDisconnected).toBe(false);
});

it('a timer that nobody reads has neither a platform timer nor a slice', async () => {
  await idle();
  const timers = [after(5), tick(1), tick(1, { policy: 'skip' }), tick(1, { policy: 'burst' })].map(own);
  const set = new Select();
  for (const timer of timers) set.recv(timer);
  await turns();
  expect([mockCounts.timers, mockCounts.pulses]).toEqual([0, 0]);
  set.clear();
});

it('a source that nobody reads costs nothing: no timer, no slice, no look at it when other handles go', async () => {
  await idle();
  const target = new EventEmitter();
  const sources = range(1000).map(() => fromEvent(target, 'x'));
  await parked();
  expect([mockCounts.timers, mockCounts.pulses]).toEqual([0, 0]);
  const [tx, rx] = make<number>(0);
  const state = Object.getPrototypeOf(tx[HANDLE]) as { isUsedBy: () => boolean };
  const looks = jest.spyOn(state, 'isUsedBy');
  tx.drop();
  rx.drop();
  expect(looks).not.toHaveBeenCalled();
  for (const source of sources) source.drop();
  expect(looks.mock.calls.length).toBeLessThanOrEqual(sources.length);
  looks.mockRestore();
  expect(target.listenerCount('x')).toBe(0);
  await turns(); // their senders go a turn later
});

it('what waits beside sources has its slices, and they end with it', async () => {
  await idle();
  const target = new EventEmitter();
  const source = fromEvent(target, 'x');
  const [tx, rx] = make<number>(1);
  const received = rx.recv();
  expect(mockCounts.pulses).toBe(1);
  tx.trySend(1);
  expect(await received).toBe(1);
  const event = source.recv();
  target.emit('x', 2);
  expect(await event).toBe(2);
  await idle();
  source.drop();
  await turns();
});

/** A slice that is not needed any more ends by itself. */
async function idle(): Promise<void> {
  const end = Date.now() + 5000;
  while (mockCounts.pulses > 0 && Date.now() < end) await turns(1);
  expect(mockCounts.pulses).toBe(0);
}
