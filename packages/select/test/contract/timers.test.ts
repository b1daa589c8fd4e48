/**
 * api.md §5.1: after, at, tick and never as receivers. What a timer promises about time is "never early"; that it is not late is not
 * tested, except by waiting for it. `passes(ms)` lets time go by without the event loop, so that nothing else happens meanwhile.
 */
import { bounded, inspect, now, open, type Receiver } from '@beamline/core';
import { after, at, never, select, selectSync, tick, trySelect } from '@beamline/select';
import { expectFailure, rejection, thrown } from '../../../core/test/support/failure';
import { isPending, range, turns } from '../../../core/test/support/turns';
import { bench } from '../support/bench';

const { make, own } = bench();
const HOUR = 3_600_000;

function passes(ms: number): void {
  const end = now() + ms;
  while (now() < end);
}

/**
 * What `look` saw before a timer of `ms` was due. On a busy machine a thread may stand still for longer than that, so it looks again, at
 * a longer timer, until it was in time.
 */
async function inTime<T>(
  ms: number,
  make: (ms: number) => Receiver<number>,
  look: (rx: Receiver<number>) => T,
): Promise<[Receiver<number>, Awaited<T>]> {
  for (let wait = ms; ; wait *= 2) {
    const due = now() + wait;
    const rx = own(make(wait));
    const seen = await look(rx);
    if (now() < due) return [rx, seen];
  }
}

const empty = { ok: false, reason: 'empty' };
const receives: Readonly<Record<string, (rx: Receiver<number>) => Promise<number>>> = {
  tryRecv: async (rx) => {
    for (;;) {
      const result = rx.tryRecv();
      if (result.ok) return result.value;
      await turns(1);
    }
  },
  recv: (rx) => rx.recv(),
  recvSync: async (rx) => rx.recvSync(),
  'recv with a timeout': (rx) => rx.recv({ timeout: HOUR }),
  recvMany: async (rx) => (await rx.recvMany(9))[0]!,
  recvManySync: async (rx) => rx.recvManySync(9)[0]!,
  'for await': async (rx) => {
    for await (const instant of rx) return instant;
    throw new Error('the loop ended');
  },
  'for of': async (rx) => {
    for (const instant of rx) return instant;
    throw new Error('the loop ended');
  },
  tryIter: async (rx) => {
    for (;;) {
      for (const instant of rx.tryIter()) return instant;
      await turns(1);
    }
  },
  select: async (rx) => {
    const event = await select({ rx });
    return event.ok ? event.value : NaN;
  },
  selectSync: async (rx) => {
    const event = selectSync([rx]);
    return event.ok ? event.value : NaN;
  },
  trySelect: async (rx) => {
    for (;;) {
      const event = trySelect([rx]);
      if (event?.ok === true) return event.value;
      await turns(1);
    }
  },
};

/** Receives that end before there is anything: what they fail with. */
async function giveUp(rx: Receiver<number>): Promise<unknown[]> {
  const name = (error: unknown): unknown => (error as Error).name;
  const blocking = ((): unknown => {
    try {
      return rx.recvSync({ timeout: 1 });
    } catch (error) {
      return name(error);
    }
  })();
  const controller = new AbortController();
  const limited = rx.recv({ timeout: 1 }).catch(name);
  const aborted = rx.recv({ signal: controller.signal }).catch((reason: unknown) => reason);
  await turns();
  controller.abort('enough');
  return [blocking, await limited, await aborted];
}

describe.each(Object.keys(receives))('received by %s,', (form) => {
  const receive = receives[form]!;

  it('after gives the instant that was asked for, not before it, once', async () => {
    for (const ms of [0, 0.3, 1, 7.5, 20]) {
      const earliest = now() + ms;
      const rx = own(after(ms));
      const latest = now() + ms;
      const instant = await receive(rx);
      expect(now()).toBeGreaterThanOrEqual(instant);
      expect(instant).toBeGreaterThanOrEqual(earliest);
      expect(instant).toBeLessThanOrEqual(latest);
      expect(rx.tryRecv()).toEqual(empty);
    }
  });

  it('at gives its very instant, not before it', async () => {
    for (const instant of [now() - 1000, now(), now() + 5.25, 0]) {
      const rx = own(at(instant));
      expect(await receive(rx)).toBe(instant);
      expect(now()).toBeGreaterThanOrEqual(instant);
      expect(rx.tryRecv()).toEqual(empty);
    }
  });

  it('tick gives one instant per period, each a full period after the receive before', async () => {
    const period = 6;
    let earliest = now() + period;
    const rx = own(tick(period));
    for (let i = 0; i < 5; i++) {
      const instant = await receive(rx);
      expect(now()).toBeGreaterThanOrEqual(instant);
      expect(instant).toBeGreaterThanOrEqual(earliest);
      earliest = instant + period;
    }
  });
});

describe('after', () => {
  it('has length 0 before, 1 when due, 0 again when taken; capacity 1; never disconnects', async () => {
    const look = (rx: Receiver<number>) => [rx.length, rx.isEmpty, rx.isFull, rx.capacity, rx.isDisconnected, rx.senderCount];
    const [rx, before] = await inTime(8, after, look);
    expect(before).toEqual([0, true, false, 1, false, 0]);
    while (rx.isEmpty);
    expect(look(rx)).toEqual([1, false, true, 1, false, 0]);
    expect(rx.tryRecv().ok).toBe(true);
    expect(look(rx)).toEqual([0, true, false, 1, false, 0]);
    rx.close();
    expect(look(rx)).toEqual([0, true, false, 1, false, 0]);
    expect(rx.tryRecv()).toEqual(empty);
  });

  it('once fired, receives on it and its clones wait', async () => {
    const rx = own(after(0));
    const clone = own(rx.clone());
    expect(rx.recvSync()).toBeLessThanOrEqual(now());
    expectFailure(
      thrown(() => clone.recvSync({ timeout: 20 })),
      'TimeoutError',
      'ERR_TIMEOUT',
    );
    expectFailure(await rejection(rx.recv({ timeout: 20 })), 'TimeoutError', 'ERR_TIMEOUT');
    expect(trySelect([rx, clone])).toBeUndefined();
    const waits = clone.recv();
    expect(await isPending(waits)).toBe(true);
    clone.drop();
    expectFailure(await rejection(waits), 'HandleError', 'ERR_HANDLE_DROPPED');
  });

  it('fires once among many that wait for it', async () => {
    const rx = own(after(10));
    const clones = range(20).map(() => own(rx.clone()));
    const waiting = clones.map((clone) => clone.recv({ timeout: 30 }).catch(() => undefined));
    const selects = clones.map((clone) => select([clone], { timeout: 30 }).catch(() => undefined));
    const results = await Promise.all<unknown>([...waiting, ...selects]);
    expect(results.filter((result) => result !== undefined)).toHaveLength(1);
  });

  it('a receive that times out, or is aborted, takes nothing', async () => {
    const [rx, failures] = await inTime(15, after, giveUp);
    expect(failures).toEqual(['TimeoutError', 'TimeoutError', 'enough']);
    expect(await rx.recv()).toBeLessThanOrEqual(now());
  });

  it('the sooner of two wins, in either order', async () => {
    for (const order of [0, 1]) {
      const soon = own(after(5));
      const late = own(after(HOUR));
      expect((await select(order === 0 ? [soon, late] : [late, soon])).key).toBe(order);
      expect(selectSync({ soon: own(after(3)), late }).key).toBe('soon');
    }
  });

  it('a message wins over a timer that is not due, and nothing over after(0)', () => {
    const [tx, rx] = make<number>();
    tx.sendSync(1);
    const late = own(after(HOUR));
    expect(trySelect({ rx, late })).toEqual({ key: 'rx', ok: true, value: 1 });
    expect(trySelect({ rx, late })).toBeUndefined();
    expect(trySelect({ rx, soon: own(after(0)) })?.key).toBe('soon');
  });

  it('counts what was received', () => {
    const rx = own(after(0));
    const counts = () => inspect().channels.find(({ id }) => id === rx.id);
    expect(counts()).toMatchObject({ kind: 'at', capacity: 1, length: 1, closed: false, received: 0, senders: [] });
    rx.recvSync();
    expect(counts()).toMatchObject({ kind: 'at', length: 0, closed: false, received: 1 });
  });
});

describe('tick', () => {
  it('a late receive gives the missed instant, once, and the next is a full period after it', () => {
    const period = 10;
    const start = now();
    const rx = own(tick(period));
    const made = now();
    passes(4.5 * period);
    const before = now();
    const late = rx.recvSync();
    const received = now();
    expect(late).toBeGreaterThanOrEqual(start + period);
    expect(late).toBeLessThanOrEqual(made + period);
    const next = rx.recvSync();
    expect(next).toBeGreaterThanOrEqual(before + period);
    expect(next).toBeLessThanOrEqual(received + period);
    expect(now()).toBeGreaterThanOrEqual(next);
  });

  it('has length 0, then 1 when due, however late; capacity 1; never disconnects', async () => {
    const look = (rx: Receiver<number>) => [rx.length, rx.isEmpty, rx.isFull, rx.capacity, rx.isDisconnected];
    const [rx, before] = await inTime(6, tick, look);
    expect(before).toEqual([0, true, false, 1, false]);
    while (rx.isEmpty);
    passes(20);
    expect(look(rx)).toEqual([1, false, true, 1, false]);
    rx.close();
    expect(rx.tryRecv().ok).toBe(true);
    expect(rx.isDisconnected).toBe(false);
  });

  it('a receive that times out or is aborted takes no tick, and waits for none', async () => {
    let [before, after_, period] = [0, 0, 0];
    const make_ = (ms: number) => {
      [before, period] = [now(), ms];
      const rx = tick(ms);
      after_ = now();
      return rx;
    };
    const [rx, failures] = await inTime(15, make_, giveUp);
    expect(failures).toEqual(['TimeoutError', 'TimeoutError', 'enough']);
    const first = await rx.recv(); // had one been taken, it would be a period later
    expect(first).toBeGreaterThanOrEqual(before + period);
    expect(first).toBeLessThanOrEqual(after_ + period);
  });

  it('gives each tick to one of its clones', async () => {
    const rx = own(tick(4));
    const instants: number[] = [];
    const take = async (clone: Receiver<number>): Promise<void> => {
      while (instants.length < 12) instants.push(await clone.recv());
    };
    await Promise.all(range(3).map(() => take(own(rx.clone()))));
    expect(new Set(instants).size).toBe(instants.length);
    const sorted = [...instants].sort((a, b) => a - b);
    for (let i = 1; i < sorted.length; i++) expect(sorted[i]! - sorted[i - 1]!).toBeGreaterThanOrEqual(4);
  });

  it('with period 0 always has a tick, and never goes back', () => {
    const rx = own(tick(0));
    let last = 0;
    for (let i = 0; i < 1000; i++) {
      const instant = rx.recvSync();
      expect(instant).toBeGreaterThanOrEqual(last);
      expect(now()).toBeGreaterThanOrEqual(instant);
      expect(rx.length).toBe(1);
      last = instant;
    }
    expect(inspect().channels.find(({ id }) => id === rx.id)).toMatchObject({ kind: 'tick', received: 1000, sent: 1000 });
  });

  it('with period 0 can be dropped', () => {
    const rx = tick(0);
    const clone = rx.clone();
    rx.drop();
    expect(clone.tryRecv().ok).toBe(true);
    clone.drop();
    expect(inspect().channels.some(({ kind }) => kind === 'tick')).toBe(false);
  });

  it('a ticker in a select beside messages loses no message', async () => {
    const [tx, rx] = make<number>();
    const beat = own(tick(1));
    const received: number[] = [];
    let beats = 0;
    const sending = (async () => {
      for (let i = 0; i < 500; i++) {
        await tx.send(i);
        if (i % 25 === 0) await turns(1);
      }
      tx.drop();
    })();
    for (;;) {
      const event = await select({ rx, beat });
      if (!event.ok) break;
      if (event.key === 'rx') received.push(event.value);
      else beats++;
    }
    await sending;
    expect(received).toEqual(range(500));
    expect(beats).toBeGreaterThanOrEqual(0);
  });

  it('swapped for never, ticks no more', () => {
    let rx: Receiver<number> = own(tick(1));
    let ticks = 0;
    for (;;) {
      try {
        selectSync([rx], { timeout: ticks < 10 ? HOUR : 10 });
      } catch (error) {
        expectFailure(error, 'TimeoutError', 'ERR_TIMEOUT');
        break;
      }
      if (++ticks === 10) rx = own(never<number>());
    }
    expect(ticks).toBe(10);
  });

  it('goes on counting past where positions wrap', () => {
    const rx = own(tick(0));
    const wrap = 2 ** 21;
    for (let i = 0; i < wrap + 10; i++) rx.tryRecv();
    expect(inspect().channels.find(({ id }) => id === rx.id)?.received).toBe(wrap + 10);
    expect(rx.length).toBe(1);
  });
});

describe('tick that skips', () => {
  it('gives a late receive one late tick, and the next of the grid after it', () => {
    const period = 8;
    const before = now();
    const rx = own(tick(period, { policy: 'skip' }));
    const first = rx.recvSync();
    expect(first).toBeGreaterThanOrEqual(before + period);
    let latest = now();
    for (const pause of [3.5, 0, 1, 6.2, 0]) {
      passes(pause * period);
      const seen = now();
      const late = rx.recvSync();
      const received = now();
      expect(received).toBeGreaterThanOrEqual(late);
      expect(isOnGrid(late - first, period)).toBe(true);
      if (seen >= latest + period) expect(late).toBeLessThanOrEqual(seen); // it was owed: nothing was waited for
      const next = rx.recvSync();
      latest = now();
      expect(isOnGrid(next - first, period)).toBe(true);
      expect(next).toBeGreaterThan(seen);
      expect(next).toBeLessThanOrEqual(received + period);
    }
  });

  it('keeps a grid of fractions for thousands of ticks without drift', () => {
    const period = 0.037;
    const rx = own(tick(period, { policy: 'skip' }));
    const first = rx.recvSync();
    for (let i = 0; i < 2000; i++) {
      const instant = rx.recvSync();
      expect(now()).toBeGreaterThanOrEqual(instant);
      expect(isOnGrid(instant - first, period)).toBe(true);
    }
  });

  it('never gives a tick twice, and goes on where the grid is finer than the clock', () => {
    for (const period of [0.001, 1e-9, Number.MIN_VALUE]) {
      const rx = own(tick(period, { policy: 'skip' }));
      let last = 0;
      for (let i = 0; i < 200; i++) {
        const instant = rx.recvSync({ timeout: HOUR });
        expect(now()).toBeGreaterThanOrEqual(instant);
        expect(instant).toBeGreaterThanOrEqual(last);
        last = instant;
      }
    }
  });
});

describe('tick that bursts', () => {
  it('delivers every tick at its instant on the grid, however late', () => {
    const period = 2;
    const rx = own(tick(period, { policy: 'burst' }));
    const instants = [rx.recvSync()];
    passes(20.5 * period);
    while (instants.length <= 20) {
      const owed = rx.tryRecv();
      if (!owed.ok) throw new Error(`${instants.length} ticks instead of 21 were delivered`);
      instants.push(owed.value);
    }
    while (instants.length < 25) instants.push(rx.recvSync());
    expect(instants.map((instant) => instant - instants[0]!)).toEqual(range(25).map((i) => i * period));
    expect(now()).toBeGreaterThanOrEqual(instants[24]!);
  });

  it('has length 1, and is full with capacity 1, for as long as a tick is owed', () => {
    const rx = own(tick(5, { policy: 'burst' }));
    passes(52);
    for (let owed = 0; owed < 10; owed++) {
      expect([rx.length, rx.isEmpty, rx.isFull, rx.capacity]).toEqual([1, false, true, 1]);
      expect(rx.tryRecv().ok).toBe(true);
    }
    expect(inspect().channels.find(({ id }) => id === rx.id)).toMatchObject({ kind: 'tick', capacity: 1, received: 10 });
  });

  it('gives a batch what is owed', () => {
    const rx = own(tick(5, { policy: 'burst' }));
    passes(52);
    const owed = rx.recvManySync(10);
    expect(owed.map((instant) => instant - owed[0]!)).toEqual(range(10).map((i) => i * 5));
  });

  it('wakes everybody who waits when several are owed', async () => {
    const rx = own(tick(10, { policy: 'burst' }));
    const waiting = range(5).map(() => own(rx.clone()).recv());
    await turns();
    passes(55);
    const instants = (await Promise.all(waiting)).sort((a, b) => a - b);
    expect(instants.map((instant) => instant - instants[0]!)).toEqual([0, 10, 20, 30, 40]);
  });

  it('does not add up rounding errors', () => {
    const period = 0.0001; // less than half of what the clock resolves: added up, it would never get on
    const rx = own(tick(period, { policy: 'burst' }));
    const first = rx.recvSync();
    const ticks = 100_000;
    let last = first;
    for (let i = 0; i < ticks; i++) last = rx.recvSync();
    expect(Math.abs(last - first - ticks * period)).toBeLessThan(0.001);
    expect(now()).toBeGreaterThanOrEqual(last);
  });

  it('goes on counting past where positions wrap', () => {
    const rx = own(tick(1e-5, { policy: 'burst' }));
    const first = rx.recvSync();
    const wrap = 2 ** 21;
    let last = 0;
    for (let i = 0; i < wrap + 10; i++) last = rx.recvSync();
    expect(Math.abs(last - first - (wrap + 10) * 1e-5)).toBeLessThan(0.001);
  });
});

describe.each(['delay', 'skip', 'burst'] as const)('tick with the policy %s', (policy) => {
  it('with period 0 always has a tick, and never goes back', () => {
    const rx = own(tick(0, { policy }));
    let last = 0;
    for (let i = 0; i < 100; i++) {
      const instant = rx.recvSync();
      expect(instant).toBeGreaterThanOrEqual(last);
      expect(now()).toBeGreaterThanOrEqual(instant);
      last = instant;
    }
    expect(rx.length).toBe(1);
  });

  it('gives the first after one period, and none to a receive that is given up', async () => {
    const [rx, failures] = await inTime(15, (ms) => tick(ms, { policy }), giveUp);
    expect(failures).toEqual(['TimeoutError', 'TimeoutError', 'enough']);
    const counts = inspect().channels.find(({ id }) => id === rx.id);
    expect(counts).toMatchObject({ received: 0 });
    expect(await rx.recv()).toBeLessThanOrEqual(now());
  });

  it('keeps its policy on its way through a message', async () => {
    const [tx, rx] = make<Receiver<number>>();
    const start = now();
    tx.sendSync(tick(5, { policy }));
    const beat = own(rx.recvSync());
    const made = now();
    passes(33);
    const instants = [beat.recvSync(), beat.recvSync()];
    const received = now();
    expect(instants[0]).toBeGreaterThanOrEqual(start + 5);
    expect(instants[0]).toBeLessThanOrEqual(made + 5);
    const gap = instants[1]! - instants[0]!;
    if (policy === 'burst') expect(gap).toBe(5);
    else expect(instants[1]).toBeGreaterThan(made + 33);
    if (policy === 'skip') expect(isOnGrid(gap, 5)).toBe(true);
    expect(received).toBeGreaterThanOrEqual(instants[1]!);
  });
});

/** Whether a difference is a whole number of periods, but for the rounding of the two instants. */
function isOnGrid(difference: number, period: number): boolean {
  return Math.abs(difference - Math.round(difference / period) * period) < 2 ** -11;
}

describe('never', () => {
  it('is empty and full, with capacity 0, and never disconnects', () => {
    const rx = own(never());
    const looks = () => [rx.length, rx.isEmpty, rx.isFull, rx.capacity, rx.isDisconnected, rx.senderCount];
    expect(looks()).toEqual([0, true, true, 0, false, 0]);
    rx.close();
    expect(looks()).toEqual([0, true, true, 0, false, 0]);
    expect(rx.tryRecv()).toEqual(empty);
    expect(rx.tryRecvMany(5)).toEqual(empty);
    expect([...rx.tryIter()]).toEqual([]);
    expect(inspect().channels.find(({ id }) => id === rx.id)).toMatchObject({
      kind: 'never',
      capacity: 0,
      length: 0,
      closed: false,
    });
  });

  it('only lets time pass', async () => {
    const rx = own(never());
    for (const ms of [0, 3, 12.5]) {
      const start = now();
      expectFailure(await rejection(rx.recv({ timeout: ms })), 'TimeoutError', 'ERR_TIMEOUT');
      expectFailure(
        thrown(() => rx.recvSync({ timeout: ms })),
        'TimeoutError',
        'ERR_TIMEOUT',
      );
      expect(now() - start).toBeGreaterThanOrEqual(2 * ms);
    }
  });

  it('is one channel, wherever it is made', () => {
    const rx = own(never());
    const [, other] = make();
    expect(rx.sameChannel(own(never<string>()))).toBe(true);
    expect(rx.sameChannel(own(rx.clone()))).toBe(true);
    expect(rx.sameChannel(other)).toBe(false);
    expect(rx.sameChannel(own(after(1)))).toBe(false);
  });

  it('dropped by one, goes on for others', () => {
    const rx = never();
    const kept = own(never());
    rx.drop();
    expect(kept.tryRecv()).toEqual(empty);
    expect(kept.isDisconnected).toBe(false);
  });

  it('stands for a case that is switched off', async () => {
    const [tx, rx] = make<number>();
    const off = own(never<number>());
    const run = (enabled: boolean, ms: number) => select({ maybe: enabled ? rx : off, late: own(after(ms)) });
    tx.sendSync(1);
    expect((await run(false, 2)).key).toBe('late');
    expect(await run(true, HOUR)).toMatchObject({ key: 'maybe', value: 1 });
  });

  it.each([
    ['after(Infinity)', () => after(Infinity)],
    ['at(Infinity)', () => at(Infinity)],
    ['tick(Infinity)', () => tick(Infinity)],
  ])('is what %s gives', (_, makeOne) => {
    const rx = own(makeOne());
    expect(rx.tryRecv()).toEqual(empty);
    expect(rx.capacity).toBe(0);
    expect(rx.sameChannel(own(never()))).toBe(true);
  });
});

describe.each([
  ['after', (ms = 12) => after(ms)],
  ['at', (ms = 12) => at(now() + ms)],
  ['tick', (ms = 12) => tick(ms)],
  ['tick that skips', (ms = 12) => tick(ms, { policy: 'skip' })],
  ['tick that bursts', (ms = 12) => tick(ms, { policy: 'burst' })],
])('%s', (_, makeOne) => {
  it('travels in a message and by token, and keeps its time', async () => {
    const [tx, rx] = make<{ timer: Receiver<number> }>();
    const earliest = now() + 12;
    const timer = own(makeOne());
    const clone = own(timer.clone());
    tx.sendSync({ timer });
    expectFailure(
      thrown(() => timer.tryRecv()),
      'HandleError',
      'ERR_HANDLE_MOVED',
    );
    const arrived = own(rx.recvSync().timer);
    expect(arrived.sameChannel(clone)).toBe(true);
    const opened = own(open(arrived.transfer()));
    expect(opened.sameChannel(clone)).toBe(true);
    const instant = await opened.recv();
    expect(instant).toBeGreaterThanOrEqual(earliest);
    const next = clone.tryRecv();
    if (next.ok) expect(next.value).toBeGreaterThanOrEqual(instant + 12); // a tick, on a busy machine
  });

  it('dropped while a receive waits on it, ends that', async () => {
    const timer = makeOne(HOUR);
    const received = timer.recv();
    await turns();
    timer.drop();
    timer.drop();
    expectFailure(await rejection(received), 'HandleError', 'ERR_HANDLE_DROPPED');
    expectFailure(
      thrown(() => timer.tryRecv()),
      'HandleError',
      'ERR_HANDLE_DROPPED',
    );
  });

  it('unread, is nothing but memory, given back with the last clone', () => {
    const used = inspect().memory.used;
    const timers = range(100).map(() => makeOne());
    const clones = timers.map((timer) => timer.clone());
    for (const timer of timers) timer.drop();
    for (const clone of clones) clone.drop();
    const [tx, rx] = bounded(1); // brings the magazines to a state that does not depend on what ran before
    tx.drop();
    rx.drop();
    expect(inspect().memory.used - used).toBeLessThan(64 * 1024);
  });

  it('a late reader gets it at once, with the instant that was meant', () => {
    const start = now();
    const timer = own(makeOne());
    const made = now();
    passes(20);
    const instant = timer.recvSync({ timeout: 0 });
    expect(instant).toBeGreaterThanOrEqual(start + 12);
    expect(instant).toBeLessThanOrEqual(made + 12);
  });
});
