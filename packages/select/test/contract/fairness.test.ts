/**
 * api.md §5: among ready cases the choice is uniformly random. Judged by chi-square over many choices, with limits that a fair select
 * exceeds once in 1e9 runs.
 */
import { after, Select, select, send, tick, trySelect } from '@beamline/select';
import { turns } from '../../../core/test/support/turns';
import { bench } from '../support/bench';

const CHOICES = 100_000;
/** Where the chi-square distribution leaves 1e-9, by degrees of freedom. */
const LIMIT: Readonly<Record<number, number>> = { 1: 37.33, 2: 41.45, 3: 44.84, 4: 47.88, 9: 60.67 };

const { make, channels, own } = bench();

/** Fails unless each of `keys` came up about equally often, and no other key at all. */
function expectUniform(chosen: readonly number[], keys: readonly number[]): void {
  const total = chosen.reduce((sum, count) => sum + count, 0);
  const expected = total / keys.length;
  const chiSquare = keys.reduce((sum, key) => sum + (chosen[key]! - expected) ** 2 / expected, 0);
  expect(keys.reduce((sum, key) => sum + chosen[key]!, 0)).toBe(total);
  expect(chiSquare).toBeLessThan(LIMIT[keys.length - 1]!);
}

it.each([
  ['two neighbours of ten', [4, 5]],
  ['the first and the last of ten', [0, 9]],
  ['all of ten', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
])('%s with messages', (_, keys) => {
  const { txs, rxs } = channels<number>(10, 4);
  for (const key of keys) txs[key]!.sendSync(key);
  const chosen = Array<number>(10).fill(0);
  for (let i = 0; i < CHOICES; i++) {
    const { key } = trySelect(rxs)!;
    chosen[key]!++;
    txs[key]!.trySend(i);
  }
  expectUniform(chosen, keys);
});

it('two of ten that are disconnected', () => {
  const { txs, rxs } = channels<number>(10);
  for (const key of [3, 8]) txs[key]!.drop();
  const chosen = Array<number>(10).fill(0);
  for (let i = 0; i < CHOICES; i++) chosen[trySelect(rxs)!.key]!++;
  expectUniform(chosen, [3, 8]);
});

it('a message, a timer and a disconnection', () => {
  const [tx, rx] = make<number>(Infinity);
  const [gone, disconnected] = make();
  gone.drop();
  const cases = [rx, own(tick(0)), disconnected] as const;
  tx.sendSync(0);
  const chosen = [0, 0, 0];
  for (let i = 0; i < CHOICES; i++) {
    const event = trySelect(cases)!;
    chosen[event.key]!++;
    if (event.key === 0) tx.sendSync(i);
  }
  expectUniform(chosen, [0, 1, 2]);
});

it('cases of one channel', () => {
  const [tx, rx] = make<number>();
  const chosen = [0, 0, 0];
  for (let i = 0; i < CHOICES; i++) {
    tx.trySend(i);
    chosen[trySelect([rx, rx, rx])!.key]!++;
  }
  expectUniform(chosen, [0, 1, 2]);
});

it('one of each: a bounded channel, an unbounded one, after and tick (select.rs: fairness1)', () => {
  const [bounded, boundedRx] = make<number>(1);
  const [unbounded, unboundedRx] = make<number>(Infinity);
  const beat = own(tick(0));
  bounded.sendSync(0);
  unbounded.sendSync(0);
  const chosen = [0, 0, 0, 0];
  for (let i = 0; i < 10_000; i++) {
    const late = after(0);
    const { key } = trySelect([boundedRx, unboundedRx, late, beat])!;
    chosen[key]!++;
    [bounded, unbounded][key]?.trySend(i);
    late.drop();
  }
  expectUniform(chosen, [0, 1, 2, 3]);
});

it.each([
  ['after', () => after(0)],
  ['tick', () => tick(0)],
])('five cases of one timer (%s: fairness_duplicates)', (_, makeTimer) => {
  const chosen = [0, 0, 0, 0, 0];
  for (let i = 0; i < 5000; i++) {
    const timer = makeTimer();
    chosen[trySelect([timer, timer, timer, timer, timer])!.key]!++;
    timer.drop();
  }
  expectUniform(chosen, [0, 1, 2, 3, 4]);
});

it('two that are due at the same instant', () => {
  const chosen = [0, 0];
  for (let i = 0; i < 5000; i++) {
    const timers = [after(0), after(0)];
    chosen[trySelect(timers)!.key]!++;
    for (const timer of timers) timer.drop();
  }
  expectUniform(chosen, [0, 1]);
});

it('two of ten that became ready while it slept', async () => {
  const { txs, rxs } = channels<number>(10);
  const chosen = Array<number>(10).fill(0);
  for (let i = 0; i < 5000; i++) {
    const selected = select(rxs);
    if (i % 100 === 0) await turns(1);
    txs[7]!.trySend(i); // always in this order, so that the first to wake it is always the same
    txs[2]!.trySend(i);
    const { key } = await selected;
    chosen[key]!++;
    rxs[9 - key]!.tryRecv();
  }
  expectUniform(chosen, [2, 7]);
}, 60_000);

it('two of ten sends that have room, by value and by function', () => {
  const { txs, rxs } = channels<number>(10, 1);
  for (const [key, tx] of txs.entries()) if (key !== 3 && key !== 6) tx.sendSync(0);
  const cases = txs.map((tx, key) => send(tx, key % 2 === 0 ? () => key : key));
  const chosen = Array<number>(10).fill(0);
  for (let i = 0; i < CHOICES; i++) {
    const { key } = trySelect(cases)!;
    chosen[key]!++;
    rxs[key]!.tryRecv();
  }
  expectUniform(chosen, [3, 6]);
});

it.each(['trySelect', 'tryReady'] as const)('two of ten cases of a Select that stays (%s)', (form) => {
  const { txs, rxs } = channels<number>(10);
  const set = new Select();
  for (const rx of rxs) set.recv(rx);
  for (const key of [1, 8]) txs[key]!.sendSync(0);
  const chosen = Array<number>(10).fill(0);
  for (let i = 0; i < CHOICES; i++) {
    const key = form === 'tryReady' ? set.tryReady()! : set.trySelect()!.index;
    chosen[key]!++;
    if (form === 'trySelect') txs[key]!.trySend(i);
  }
  expectUniform(chosen, [1, 8]);
});

it('all cases of a Select: sends, receives, two of one channel', () => {
  const [tx, rx] = make<number>(2);
  const [other, otherRx] = make<number>(2);
  const set = new Select();
  set.recv(rx);
  set.send(other, 1);
  set.recv(rx);
  tx.sendSync(0);
  const chosen = [0, 0, 0];
  for (let i = 0; i < CHOICES / 4; i++) {
    const { index } = set.trySelect()!;
    chosen[index]!++;
    if (index === 1) otherRx.tryRecv();
    else tx.trySend(i);
  }
  expectUniform(chosen, [0, 1, 2]);
});

it('two of ten that became ready while a Select slept', async () => {
  const { txs, rxs } = channels<number>(10);
  const set = new Select();
  for (const rx of rxs) set.recv(rx);
  const chosen = Array<number>(10).fill(0);
  for (let i = 0; i < 5000; i++) {
    const selected = set.select();
    if (i % 100 === 0) await turns(1);
    txs[7]!.trySend(i);
    txs[2]!.trySend(i);
    const { index } = await selected;
    chosen[index]!++;
    rxs[9 - index]!.tryRecv();
  }
  expectUniform(chosen, [2, 7]);
}, 60_000);

describe('of the cases that a waiting select has on one rendezvous, whoever comes meets each as likely', () => {
  const COUNT = 3000;

  it.each(['select', 'Select'])('two sends of values, two receives (%s)', async (form) => {
    const [tx, rx] = make<number>(0);
    const sends = [0, 0];
    const receives = [0, 0];
    for (let i = 0; i < COUNT; i++) {
      const sending = form === 'select' ? select([send(tx, 0), send(tx, 1)]).then(({ key }) => key) : choose((set) => [set.send(tx, 0), set.send(tx, 1)]); // prettier-ignore
      const value = rx.tryRecv();
      sends[await sending]!++;
      expect(value).toMatchObject({ ok: true });
      const receiving =
        form === 'select' ? select([rx, rx]).then(({ key }) => key) : choose((set) => [set.recv(rx), set.recv(rx)]);
      expect(tx.trySend(i)).toEqual({ ok: true });
      receives[await receiving]!++;
    }
    expectUniform(sends, [0, 1]);
    expectUniform(receives, [0, 1]);
  });

  it('two sends of what a function makes', async () => {
    const [tx, rx] = make<number>(0);
    const chosen = [0, 0];
    for (let i = 0; i < COUNT; i++) {
      const sending = select([send(tx, () => 0), send(tx, () => 1)]);
      await rx.recv();
      chosen[(await sending).key]!++;
    }
    expectUniform(chosen, [0, 1]);
  });

  it('biased takes the first in order', async () => {
    const [tx, rx] = make<number>(0);
    for (let i = 0; i < 50; i++) {
      const sending = select([send(tx, 0), send(tx, 1), send(tx, 2)], { biased: true });
      expect(rx.tryRecv()).toEqual({ ok: true, value: 0 });
      expect((await sending).key).toBe(0);
    }
  });

  it('a value and a function, for a receive that waits already', async () => {
    const [tx, rx] = make<number>(0);
    const chosen = [0, 0];
    for (let i = 0; i < COUNT; i++) {
      const received = rx.recv();
      chosen[trySelect([send(tx, 0), send(tx, () => 1)])!.key]!++;
      await received;
    }
    expectUniform(chosen, [0, 1]);
  });

  it('a value and a function, for a receive that comes later: that takes what is there, the value', async () => {
    const [tx, rx] = make<number>(0);
    for (let i = 0; i < 50; i++) {
      const sending = select([send(tx, () => 1), send(tx, 0)]);
      expect(await rx.recv()).toBe(0);
      expect((await sending).key).toBe(1);
    }
  });

  async function choose(add: (set: Select) => number[]): Promise<number> {
    const set = new Select();
    const indices = add(set);
    return indices.indexOf((await set.select().finally(() => set.clear())).index);
  }
});
