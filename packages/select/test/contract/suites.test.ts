/**
 * Behaviours that crossbeam's suites (select, select_macro, never, golang) test and that the other files do not, for tasks of one
 * thread. With threads: test/threads.
 */
import { inspect, now, type Receiver, type Sender } from '@beamline/core';
import { after, never, recv, Select, select, selectSync, send, tick, trySelect } from '@beamline/select';
import { randomFrom } from '../../../core/test/support/random';
import { isPending, range, turns } from '../../../core/test/support/turns';
import { bench } from '../support/bench';

const { make, channels, own } = bench();

/** Receives in every form; undefined at the end. */
const receives: Record<string, (rx: Receiver<number>) => Promise<number | undefined>> = {
  recv: (rx) => rx.recv().catch(() => undefined),
  select: async (rx) => valueOf(await select({ rx })),
  'select of several': async (rx) => valueOf(await select({ rx, off: own(never()) })),
  Select: async (rx) => {
    const set = new Select();
    set.recv(rx);
    return valueOf((await set.select()) as { ok: boolean; value?: number });
  },
  'select without waiting': async (rx) => {
    for (;;) {
      const event = trySelect({ rx });
      if (event !== undefined) return valueOf(event);
      await turns(1);
    }
  },
};
const sends: Record<string, (tx: Sender<number>, value: number) => Promise<unknown>> = {
  send: (tx, value) => tx.send(value),
  select: (tx, value) => select({ out: send(tx, value) }),
  'select with a function': (tx, value) => select({ out: send(tx, () => value), off: own(never()) }),
  Select: (tx, value) => {
    const set = new Select();
    set.send(tx, value);
    return set.select();
  },
  'select without waiting': async (tx, value) => {
    while (trySelect({ out: send(tx, value) }) === undefined) await turns(1);
  },
};

function valueOf(event: { ok: boolean; value?: number }): number | undefined {
  return event.ok ? event.value : undefined;
}

/** Over a rendezvous, what only tries meets neither what only tries nor a function that waits. */
const unseen = ['select without waiting', 'select with a function'];
const pairsOver = (capacity: number) =>
  Object.keys(receives).flatMap((receive) =>
    Object.keys(sends)
      .filter((how) => capacity > 0 || receive !== 'select without waiting' || !unseen.includes(how))
      .map((how) => [how, receive] as const),
  );

// golang: select7, ken/chan
describe.each([0, 1, 10])('with a buffer of %i', (capacity) => {
  it.each(pairsOver(capacity))('%s meets %s', async (how, receive) => {
    const [tx, rx] = make<number>(capacity);
    const sending = (async () => {
      for (const n of range(30)) await sends[how]!(tx, n);
      tx.drop();
    })();
    const seen: number[] = [];
    for (let n = await receives[receive]!(rx); n !== undefined; n = await receives[receive]!(rx)) seen.push(n);
    await sending;
    expect(seen).toEqual(range(30));
  });
});

it('select-sends of 0 to 1000 over four rendezvous arrive once each (golang: doubleselect)', async () => {
  const { txs, rxs } = channels<number>(4, 0);
  const sending = (async () => {
    for (const n of range(1000)) await select(txs.map((tx) => send(tx, n)));
    for (const tx of txs) tx.close();
  })();
  const seen: number[] = [];
  await Promise.all(
    rxs.map(async (rx) => {
      for await (const n of rx) seen.push(n);
    }),
  );
  await sending;
  expect(seen.sort((a, b) => a - b)).toEqual(range(1000));
});

it('the functions of sends are called exactly as often as their cases are selected (golang: select)', async () => {
  const [tx, rx] = make<number>(1);
  const [off] = make<number>(0);
  let calls = 0;
  const f = (): number => ++calls;
  expect(trySelect({ out: send(tx, f), off: send(off, f) })).toMatchObject({ key: 'out' });
  expect(trySelect({ out: send(tx, f), off: send(off, f) })).toBeUndefined();
  rx.recvSync();
  expect(await select({ never: own(never()), out: send(tx, f) })).toMatchObject({ key: 'out' });
  expect(selectSync([send(off, f), rx])).toMatchObject({ key: 1, value: 2 });
  expect(calls).toBe(2);
});

it('a select that leaves a channel strands nobody else who waits there (golang: select6)', async () => {
  const { txs, rxs } = channels<number>(3, 0);
  const sentinel = rxs[0]!.recv();
  const selected = [select([rxs[0]!, rxs[1]!]), select([rxs[0]!, rxs[2]!])];
  const last = rxs[0]!.recv();
  await turns();
  txs[1]!.sendSync(1);
  txs[2]!.sendSync(2);
  await Promise.all(selected);
  txs[0]!.sendSync(3);
  txs[0]!.sendSync(4);
  expect([await sentinel, await last]).toEqual([3, 4]);
});

it.each([0, 10])(
  'sends and receives of one channel in one select, beside another that does so (golang: self_select, %i)',
  async (capacity) => {
    const [tx, rx] = make<number>(capacity);
    const task = async (id: number): Promise<{ sent: number; received: number; own: number }> => {
      const counts = { sent: 0, received: 0, own: 0 };
      for (let i = 0; i < 500; i++) {
        const event = await select(i % 2 === 0 ? { out: send(tx, id), in: rx } : { in: recv(rx), out: send(tx, () => id) });
        if (event.key === 'out') counts.sent++;
        else {
          counts.received++;
          if (event.ok && event.value === id) counts.own++;
        }
      }
      return counts;
    };
    const [a, b] = await Promise.all([task(1), task(2)]);
    expect(a.sent + b.sent).toBe(a.received + b.received + rx.length);
    if (capacity === 0) expect([a.own, b.own]).toEqual([0, 0]);
  },
);

it('direct and selecting senders and receivers over four channels, all at once (golang: select_stress)', async () => {
  const n = 300;
  const pairs = [0, 0, 2, 3].map((capacity) => make<number>(capacity));
  const received = [0, 0, 0, 0];
  const selectSends = async (): Promise<void> => {
    const left = [n, n, n, n];
    while (left.some((count) => count > 0)) {
      const { key } = await select(pairs.map(([tx], i) => (left[i]! > 0 ? send(tx, () => i) : own(never()))));
      left[key]!--;
    }
  };
  const selectReceives = async (): Promise<void> => {
    const left = [n, n, n, n];
    while (left.some((count) => count > 0)) {
      const event = await select(pairs.map(([, rx], i) => (left[i]! > 0 ? rx : own(never<number>()))));
      left[event.key]!--;
      if (event.ok && event.value === event.key) received[event.key]!++;
    }
  };
  const direct = pairs.flatMap(([tx, rx], i) => [
    (async () => {
      for (let k = 0; k < n; k++) await tx.send(i);
    })(),
    (async () => {
      for (let k = 0; k < n; k++) if ((await rx.recv()) === i) received[i]!++;
    })(),
  ]);
  await Promise.all([...direct, selectSends(), selectReceives()]);
  expect(received).toEqual([2 * n, 2 * n, 2 * n, 2 * n]);
});

it('of two sends of one channel each is done often enough (golang: pseudo_random_send)', async () => {
  for (const capacity of [0, 1]) {
    const [tx, rx] = make<number>(capacity);
    let ones = 0;
    const receiving = (async () => {
      for (let i = 0; i < 1000; i++) ones += await rx.recv();
    })();
    for (let i = 0; i < 1000; i++) await select([send(tx, 0), send(tx, () => 1)]);
    await receiving;
    expect(Math.min(ones, 1000 - ones)).toBeGreaterThan(100);
  }
});

it('a select over many cases of one channel leaves later wake-ups to whom they belong (golang: select_duplicate_channel)', async () => {
  const { txs, rxs } = channels<number>(4, 0);
  const first = select([rxs[0]!, rxs[0]!, rxs[0]!, rxs[3]!]);
  await turns();
  const others = [rxs[0]!.recv(), rxs[1]!.recv()];
  await turns();
  txs[3]!.sendSync(7);
  expect(await first).toEqual({ key: 3, ok: true, value: 7 });
  txs[0]!.sendSync(8);
  txs[1]!.sendSync(9);
  expect(await Promise.all(others)).toEqual([8, 9]);
});

it('a ready case is never missed while the other is closed (golang: nonblock_select_race)', async () => {
  for (let i = 0; i < 500; i++) {
    const [tx, rx] = make<number>(1);
    const [gone, goneRx] = make<number>(1);
    tx.sendSync(1);
    const closing = Promise.resolve().then(() => gone.close());
    expect(trySelect([rx, goneRx])).toBeDefined();
    await closing;
    expect(trySelect([rx, goneRx])).toBeDefined();
    for (const handle of [tx, rx, gone, goneRx]) handle.drop();
  }
});

it('rendezvous chained through selects keep their order (golang: synch_fifo)', async () => {
  const { txs, rxs } = channels<number>(20, 0);
  const order: number[] = [];
  const links = range(19).map(async (i) => {
    await select([rxs[i]!]);
    order.push(i);
    await select([send(txs[i + 1]!, i)]);
  });
  await select([send(txs[0]!, -1)]);
  expect(await select([rxs[19]!])).toMatchObject({ value: 18 });
  await Promise.all(links);
  expect(order).toEqual(range(19));
});

it('channels through channels, by selects at both ends (select.rs: channel_through_channel)', async () => {
  for (const capacity of [0, 1, 2]) {
    type Link = Receiver<unknown>;
    const [first, rx] = make<unknown>(capacity);
    const sending = (async () => {
      let tx: Sender<unknown> = first;
      for (let depth = 0; depth < 50; depth++) {
        const [nextTx, nextRx] = make<unknown>(capacity);
        await select([send(tx, () => nextRx)]);
        tx = nextTx;
      }
    })();
    let at: Link = rx;
    for (let depth = 0; depth < 50; depth++) {
      const event = await select([at, own(never())]);
      if (!event.ok) throw new Error('disconnected');
      at = own(event.value as Link);
    }
    await sending;
    expect(at.isEmpty).toBe(true);
  }
});

it('what is there comes before what is gone (select.rs: preflight1 to 3)', () => {
  const [tx, rx] = make<number>(Infinity);
  const set = new Select();
  const index = set.recv(rx);
  tx.sendSync(1);
  expect(set.trySelect()).toEqual({ index, ok: true, value: 1 });
  tx.sendSync(2);
  tx.drop();
  expect(set.tryReady()).toBe(index);
  expect(set.selectSync()).toEqual({ index, ok: true, value: 2 });
  expect(set.selectSync()).toEqual({ index, ok: false, reason: 'disconnected' });
});

it('clones that come and go wake nobody (select.rs: cloning1 and 2)', async () => {
  const { txs, rxs } = channels<number>(2, 0);
  const set = new Select();
  for (const rx of rxs) set.recv(rx);
  const selected = set.select();
  for (const handle of [...txs, ...rxs]) handle.clone().drop();
  expect(await isPending(selected)).toBe(true);
  txs[1]!.sendSync(1);
  expect(await selected).toMatchObject({ index: 1 });
});

it('a receiver or never, a ticker until it has ticked often enough (never.rs: optional, tick_n)', async () => {
  const [tx, rx] = make<number>();
  tx.sendSync(1);
  for (const on of [true, false]) expect(trySelect([on ? rx : own(never<number>())]) !== undefined).toBe(on);
  const beat = own(tick(1));
  const off = own(never<number>());
  let ticks = 0;
  const start = now();
  for (;;) {
    const event = await select({ beat: ticks < 10 ? beat : off, end: own(after(40)) });
    if (event.key === 'end') break;
    ticks++;
  }
  expect(ticks).toBe(10);
  expect(now() - start).toBeGreaterThanOrEqual(50);
});

it('order of each sender is kept through selects that mix values and functions (select.rs: stress_mixed)', async () => {
  const random = randomFrom(99);
  const { txs, rxs } = channels<number>(2, 3);
  const sending = (async () => {
    for (const n of range(1000)) await select([send(txs[0]!, random(2) === 0 ? n : () => n)]);
  })();
  const relaying = (async () => {
    for (let i = 0; i < 1000; i++) await select([send(txs[1]!, i)]);
  })();
  const seen: number[][] = [[], []];
  for (let i = 0; i < 2000; i++) {
    const event = await select(rxs);
    if (event.ok) seen[event.key]!.push(event.value);
  }
  await Promise.all([sending, relaying]);
  expect(seen).toEqual([range(1000), range(1000)]);
});

it('a hundred tasks in a chain, each of which selects (golang: goroutines)', async () => {
  const pairs = channels<number>(101, 0);
  const relays = range(100).map(async (i) => {
    const event = await select([pairs.rxs[i]!]);
    if (event.ok) await select([send(pairs.txs[i + 1]!, event.value + 1)]);
  });
  const sent = pairs.txs[0]!.send(0);
  expect(await pairs.rxs[100]!.recv()).toBe(100);
  await Promise.all([sent, ...relays]);
});

it('a hundred thousand sends through a select with a dummy use no more memory than one (golang: select2)', () => {
  const [tx, rx] = make<number>(1);
  const dummy = own(never());
  const used = inspect().memory.used;
  for (const i of range(100_000)) {
    expect(trySelect({ out: send(tx, i), dummy })?.key).toBe('out');
    rx.recvSync();
  }
  expect(inspect().memory.used).toBe(used);
});

it.each([0, 10])(
  'selects that send and receive on one channel with a buffer of %i never deadlock, nor meet themselves (golang: test_self_select)',
  async (capacity) => {
    const [tx, rx] = make<number>(capacity);
    const counts = await Promise.all(
      [0, 1].map(async (me) => {
        let received = 0;
        for (let i = 0; i < 500; i++) {
          const event = await select({ out: send(tx, me), in: rx });
          if (event.key !== 'in' || !event.ok) continue;
          if (capacity === 0) expect(event.value).toBe(1 - me);
          received++;
        }
        return received;
      }),
    );
    const left = [...rx.tryIter()].length;
    expect(counts[0]! + counts[1]! + left).toBe(1000 - counts[0]! - counts[1]!);
  },
);

it('the ticker with the shorter period wins, in either order (tick.rs: recv_race)', async () => {
  for (const order of [0, 1]) {
    const tickers = (order === 0 ? [5, 500] : [500, 5]).map((period) => own(tick(period)));
    for (let i = 0; i < 3; i++) expect((await select(tickers)).key).toBe(order);
  }
});
