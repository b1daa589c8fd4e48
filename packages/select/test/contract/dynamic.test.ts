/** api.md §5: `Select`, whose cases come and go while it is used. */
import { broadcast, inspect, now, type Receiver, type Sender } from '@beamline/core';
import { after, never, Select, select, send, tick, type SelectedOperation } from '@beamline/select';
import { expectFailure, expectInvalid, rejection, thrown, type Failure } from '../../../core/test/support/failure';
import { randomFrom } from '../../../core/test/support/random';
import { isPending, range, turns } from '../../../core/test/support/turns';
import { bench, flavors } from '../support/bench';

const { make, channels, own } = bench();

const EMPTY = { ok: false, reason: 'empty' };

/** The three forms as one type, for tests in which a case is ready. */
const choices: Record<string, (set: Select) => Promise<SelectedOperation>> = {
  select: (set) => set.select(),
  selectSync: async (set) => set.selectSync(),
  trySelect: async (set) => set.trySelect()!,
};
const looks: Record<string, (set: Select) => Promise<number | undefined>> = {
  ready: (set) => set.ready(),
  readySync: async (set) => set.readySync(),
  tryReady: async (set) => set.tryReady(),
};
/** Every call of a Select that can fail. */
const calls = { ...choices, ...looks };
const waits: Record<string, (set: Select, options: { timeout?: number; deadline?: number }) => Promise<unknown>> = {
  select: (set, options) => set.select(options),
  selectSync: async (set, options) => set.selectSync(options),
  ready: (set, options) => set.ready(options),
  readySync: async (set, options) => set.readySync(options),
};
const names = <T extends object>(record: T): string[] => Object.keys(record);
const failing = (action: () => Promise<unknown>): Promise<Failure> => rejection(Promise.resolve().then(action));

describe('indices', () => {
  it('count from 0, and are never used again', () => {
    const { txs, rxs } = channels<number>(3);
    const set = new Select();
    expect([set.recv(rxs[0]!), set.send(txs[1]!, 1), set.recv(rxs[0]!)]).toEqual([0, 1, 2]);
    set.remove(1);
    set.remove(2);
    expect(set.recv(rxs[1]!)).toBe(3);
    set.clear();
    expect(set.recv(rxs[2]!)).toBe(4);
  });

  it.each([1, 3, -1, 0.5, NaN, Infinity, '0', undefined, null, {}])('refuses to remove %p, which is none', (index) => {
    const { rxs } = channels(2);
    const set = new Select();
    for (const rx of rxs) set.recv(rx);
    set.remove(1);
    expectInvalid(thrown(() => set.remove(index as never))); // prettier-ignore
    expect(set.recv(rxs[1]!)).toBe(2);
  });

  it('a removed one, or one of before clear(), is refused', () => {
    const [, rx] = make();
    const set = new Select();
    set.recv(rx);
    set.remove(0);
    expectInvalid(thrown(() => set.remove(0))); // prettier-ignore
    set.recv(rx);
    set.clear();
    expectInvalid(thrown(() => set.remove(1))); // prettier-ignore
  });

  it('keep their order when others are removed, which a biased Select goes by', () => {
    const { txs, rxs } = channels<number>(6);
    const set = new Select({ biased: true });
    for (const rx of rxs) set.recv(rx);
    for (const tx of txs) tx.sendSync(0);
    set.remove(0);
    set.remove(3);
    expect(range(4).map(() => set.trySelect()!.index)).toEqual([1, 2, 4, 5]);
    expect(set.trySelect()).toBeUndefined();
    for (const tx of txs) tx.sendSync(0);
    set.remove(5);
    const last = set.recv(rxs[0]!);
    expect(range(4).map(() => set.trySelect()!.index)).toEqual([1, 2, 4, last]);
  });
});

describe('what is refused', () => {
  it.each([null, 5, 'biased', true, { biased: 1 }])('the options %p', (options) => {
    expectInvalid(thrown(() => new Select(options as never)), 'TypeError'); // prettier-ignore
  });

  it.each([undefined, null, 5, {}, 'rx', []])('%p for a handle', (given) => {
    const set = new Select();
    expectInvalid(thrown(() => set.recv(given as never)), 'TypeError'); // prettier-ignore
    expectInvalid(thrown(() => set.send(given as never, 1 as never)), 'TypeError'); // prettier-ignore
    expect(set.trySelect()).toBeUndefined();
  });

  it('a sender to receive from, a receiver to send to', () => {
    const [tx, rx] = make();
    const set = new Select();
    expectInvalid(thrown(() => set.recv(tx as never)), 'TypeError'); // prettier-ignore
    expectInvalid(thrown(() => set.send(rx as never, 1 as never)), 'TypeError'); // prettier-ignore
  });

  it('a handle that is gone', () => {
    const [tx, rx] = make<unknown>();
    const set = new Select();
    const gone = rx.clone();
    gone.drop();
    expectFailure(thrown(() => set.recv(gone)), 'HandleError', 'ERR_HANDLE_DROPPED'); // prettier-ignore
    const moved = tx.clone();
    tx.sendSync(moved);
    expectFailure(thrown(() => set.send(moved, 1)), 'HandleError', 'ERR_HANDLE_MOVED'); // prettier-ignore
    expect(set.trySelect()).toBeUndefined();
  });

  it.each(names(waits))('limits that are none, by %s, and nothing is taken', async (name) => {
    const [tx, rx] = make();
    tx.sendSync(1);
    const set = new Select();
    set.recv(rx);
    for (const limits of [{ timeout: NaN }, { timeout: -1 }, { deadline: NaN }]) {
      expectInvalid(await failing(() => waits[name]!(set, limits)), 'RangeError');
    }
    expectInvalid(await failing(() => waits[name]!(set, { timeout: '5' as never })), 'TypeError');
    expect(rx.length).toBe(1);
  });
});

describe('without cases', () => {
  it('nothing is ready', () => {
    const set = new Select();
    expect(set.trySelect()).toBeUndefined();
    expect(set.tryReady()).toBeUndefined();
  });

  it.each(names(waits))('%s fails as empty, or waits for its limit', async (name) => {
    const [, rx] = make();
    const set = new Select();
    for (let round = 0; round < 2; round++) {
      for (const limits of [{}, { timeout: Infinity }, { deadline: Infinity }]) {
        expectFailure(await failing(() => waits[name]!(set, limits)), 'SelectError', 'ERR_SELECT_EMPTY');
      }
      const start = now();
      expectFailure(await failing(() => waits[name]!(set, { timeout: 20 })), 'TimeoutError', 'ERR_TIMEOUT');
      expect(now() - start).toBeGreaterThanOrEqual(20);
      set.remove(set.recv(rx)); // empty again, and the same
    }
  });
});

describe.each(names(choices))('%s', (name) => {
  const choose = choices[name]!;

  it.each(flavors)('completes the case that is ready, whichever it is, over %s', async (_, capacity) => {
    const { txs, rxs } = channels<string>(5, capacity);
    const set = new Select();
    for (const rx of rxs) set.recv(rx);
    for (const i of [0, 4, 2, 1, 3, 3, 0]) {
      txs[i]!.sendSync(`for ${String(i)}`);
      expect(await choose(set)).toEqual({ index: i, ok: true, value: `for ${String(i)}` });
    }
    for (const rx of rxs) expect(rx.tryRecv()).toEqual(EMPTY);
  });

  it('over rendezvous takes from the sender that waits', async () => {
    const { txs, rxs } = channels<number>(5, 0);
    const set = new Select();
    for (const rx of rxs) set.recv(rx);
    for (const i of [0, 4, 2, 2, 1]) {
      const sent = txs[i]!.send(i);
      expect(await choose(set)).toEqual({ index: i, ok: true, value: i });
      await sent;
    }
  });

  it('sends a value as it is at each call, and what its function makes at each call', async () => {
    const [tx, rx] = make<object>(4);
    const [lazyTx, lazyRx] = make<number>(4);
    const value = { n: 1 };
    let calls = 0;
    const set = new Select({ biased: true });
    const plain = set.send(tx, value);
    expect(await choose(set)).toEqual({ index: plain, ok: true });
    value.n = 2;
    expect(await choose(set)).toEqual({ index: plain, ok: true });
    set.remove(plain);
    const lazy = set.send(lazyTx, () => ++calls);
    expect(await choose(set)).toEqual({ index: lazy, ok: true });
    expect(await choose(set)).toEqual({ index: lazy, ok: true });
    expect([...rx.tryIter()]).toEqual([{ n: 1 }, { n: 2 }]);
    expect([...lazyRx.tryIter()]).toEqual([1, 2]);
  });

  it('reports a disconnected case as often as it is asked, until it is removed', async () => {
    const { txs, rxs } = channels<object>(2);
    const set = new Select();
    const gone = set.recv(rxs[0]!);
    txs[0]!.drop();
    for (let i = 0; i < 3; i++) expect(await choose(set)).toEqual({ index: gone, ok: false, reason: 'disconnected' });
    set.remove(gone);
    rxs[1]!.drop();
    const value = { n: 1 };
    const lost = set.send(txs[1]!, value);
    for (let i = 0; i < 3; i++) {
      const event = await choose(set);
      expect(event).toMatchObject({ index: lost, ok: false, reason: 'disconnected' });
      expect('value' in event && event.value).toBe(value);
    }
  });

  it('reports a broadcast receiver that fell behind', async () => {
    const [tx, rx] = broadcast<number>(2);
    own(tx);
    own(rx);
    for (const n of range(5)) tx.send(n);
    const set = new Select();
    const index = set.recv(rx);
    expect(await choose(set)).toEqual({ index, ok: false, reason: 'lagged', missed: 3 });
    expect(await choose(set)).toEqual({ index, ok: true, value: 3 });
  });

  it('the handles of a value move when it is sent, and the next call fails of it', async () => {
    const [tx, rx] = make<unknown>(4);
    const [inner] = make<number>();
    const set = new Select();
    const index = set.send(tx, { inner });
    expect(await choose(set)).toEqual({ index, ok: true });
    expectFailure(await failing(() => choose(set)), 'HandleError', 'ERR_HANDLE_MOVED');
    own((rx.recvSync() as { inner: Sender<number> }).inner);
    expect(rx.isEmpty).toBe(true);
  });

  it('fails with what a function throws, and works on', async () => {
    const [tx, rx] = make<number>(1);
    const mine = new Error('mine');
    let fails = true;
    const set = new Select();
    const index = set.send(tx, () => { if (fails) throw mine; return 5; }); // prettier-ignore
    expect(await failing(() => choose(set))).toBe(mine);
    expect(rx.isEmpty).toBe(true);
    fails = false;
    expect(await choose(set)).toEqual({ index, ok: true });
    expect(rx.tryRecv()).toEqual({ ok: true, value: 5 });
  });

  it('its function may change the Select', async () => {
    const [tx, rx] = make<number>(4);
    const [other, otherRx] = make<number>(4);
    const set = new Select();
    const index = set.send(tx, () => {
      set.remove(index);
      set.recv(otherRx);
      return 1;
    });
    expect(await choose(set)).toEqual({ index, ok: true });
    expect(rx.recvSync()).toBe(1);
    other.sendSync(2);
    expect(await choose(set)).toEqual({ index: index + 1, ok: true, value: 2 });
  });

  it('its function may clear the Select, drop its sender, or call the Select, and it is whole afterwards', async () => {
    const [tx, rx] = make<number>(4);
    const clone = own(tx.clone());
    const set = new Select();
    const first = set.send(tx, () => (set.clear(), 1));
    expect(await choose(set)).toEqual({ index: first, ok: true });
    expect(set.trySelect()).toBeUndefined();
    const inner: unknown[] = [];
    const second = set.send(tx, () => {
      for (const call of [() => set.trySelect(), () => set.tryReady(), () => set.selectSync({ timeout: 0 })]) {
        try {
          inner.push(call());
        } catch (error) {
          inner.push((error as Failure).code);
        }
        set.clear();
      }
      return 2;
    });
    expect(await choose(set)).toEqual({ index: second, ok: true });
    // Each call has sent what it called its function for.
    expect([...rx.tryIter()]).toEqual([1, ...Array<number>(inner.length / 3).fill(2)]);
    set.clear();
    set.send(clone, () => (clone.drop(), 3));
    expectFailure(await failing(() => choose(set)), 'HandleError', 'ERR_HANDLE_DROPPED');
    set.clear();
    const last = set.send(tx, 4);
    expect(await choose(set)).toEqual({ index: last, ok: true });
    expect([...rx.tryIter()]).toEqual([4]);
  });
});

describe.each(names(looks))('%s', (name) => {
  const look = looks[name]!;

  it('gives the index of what is ready, and executes nothing', async () => {
    const { txs, rxs } = channels<number>(3, 1);
    const set = new Select();
    let calls = 0;
    txs[0]!.sendSync(0);
    const full = set.send(txs[0]!, () => ++calls);
    const empty = set.recv(rxs[1]!);
    const message = set.recv(rxs[0]!);
    for (let i = 0; i < 5; i++) expect(await look(set)).toBe(message);
    set.remove(message);
    txs[1]!.sendSync(1);
    for (let i = 0; i < 5; i++) expect(await look(set)).toBe(empty);
    expect(rxs[1]!.recvSync()).toBe(1);
    rxs[0]!.recvSync();
    for (let i = 0; i < 5; i++) expect(await look(set)).toBe(full);
    expect(calls).toBe(0);
    expect(rxs.map(({ length }) => length)).toEqual([0, 0, 0]);
  });

  it('a disconnected case is ready, a timer that is due, a sender and a receive that wait', async () => {
    const set = new Select();
    const [tx, rx] = make<number>(0);
    const out = set.send(tx, 5);
    const receiving = rx.recv();
    await turns();
    expect(await look(set)).toBe(out);
    expect(tx.trySend(1)).toEqual({ ok: true });
    expect(await receiving).toBe(1);
    set.remove(out);
    const into = set.recv(rx);
    const sending = tx.send(6);
    await turns();
    expect(await look(set)).toBe(into);
    expect(rx.tryRecv()).toEqual({ ok: true, value: 6 });
    await sending;
    set.remove(into);
    const beat = set.recv(own(tick(0)));
    expect(await look(set)).toBe(beat);
    set.remove(beat);
    const [gone, goneRx] = make();
    const late = set.recv(goneRx);
    gone.drop();
    expect(await look(set)).toBe(late);
  });

  it('takes each of those that are ready as likely as any other, the first when biased', async () => {
    const { txs, rxs } = channels<number>(3, 1);
    for (const tx of txs) tx.sendSync(0);
    for (const biased of [false, true]) {
      const set = new Select({ biased });
      for (const rx of rxs) set.recv(rx);
      const seen = new Set<number>();
      for (let i = 0; i < 60; i++) seen.add((await look(set))!);
      expect([...seen].sort()).toEqual(biased ? [0] : [0, 1, 2]);
      set.clear();
    }
  });
});

it('tryReady and trySelect find nothing where both ends are in the same Select, over a rendezvous', () => {
  const [tx, rx] = make<number>(0);
  const set = new Select();
  set.send(tx, 1);
  set.recv(rx);
  set.send(tx, () => 2);
  expect(set.tryReady()).toBeUndefined();
  expect(set.trySelect()).toBeUndefined();
  for (const name of ['selectSync', 'readySync'])
    expect(thrown(() => (name === 'readySync' ? set.readySync({ timeout: 2 }) : set.selectSync({ timeout: 2 }))).code).toBe('ERR_TIMEOUT'); // prettier-ignore
});

describe.each(names(calls))('a handle in a Select that is gone, by %s', (name) => {
  const call = calls[name]!;

  it('dropped: fails until it is removed, whatever else is ready', async () => {
    const { txs, rxs } = channels<number>(2);
    const set = new Select();
    set.recv(rxs[0]!);
    const dropped = set.recv(rxs[1]!);
    txs[0]!.sendSync(1);
    rxs[1]!.drop();
    for (let i = 0; i < 3; i++) expectFailure(await failing(() => call(set)), 'HandleError', 'ERR_HANDLE_DROPPED');
    expect(rxs[0]!.length).toBe(1);
    set.remove(dropped);
    expect(await call(set)).toEqual(name in looks ? 0 : { index: 0, ok: true, value: 1 });
  });

  it('a dropped sender likewise, and a clone of it in the same Select does not help', async () => {
    const [tx] = make<number>(1);
    const clone = own(tx.clone());
    const set = new Select();
    const dropped = set.send(clone, 1);
    const live = set.send(tx, 2);
    clone.drop();
    expectFailure(await failing(() => call(set)), 'HandleError', 'ERR_HANDLE_DROPPED');
    set.remove(dropped);
    expect(await call(set)).toEqual(name in looks ? live : { index: live, ok: true });
  });

  it('moved: fails until it is removed; one that comes back from a send that failed works again', async () => {
    const { txs, rxs } = channels<number>(2);
    const [carrier] = make<unknown>(0);
    const set = new Select();
    set.recv(rxs[0]!);
    const moved = set.recv(rxs[1]!);
    expect(set.trySelect()).toBeUndefined();
    const controller = new AbortController();
    const sent = rejection(carrier.send(rxs[1]!, { signal: controller.signal }));
    await turns();
    expectFailure(await failing(() => call(set)), 'HandleError', 'ERR_HANDLE_MOVED');
    txs[1]!.sendSync(5); // while it is away
    controller.abort();
    await sent;
    expect(await call(set)).toEqual(name in looks ? moved : { index: moved, ok: true, value: 5 });
    if (name in looks) rxs[1]!.recvSync();
    txs[1]!.sendSync(6);
    expect(await call(set)).toEqual(name in looks ? moved : { index: moved, ok: true, value: 6 });
  });
});

describe.each(['select', 'ready'] as const)('%s that waits', (name) => {
  const wait = (set: Select, options = {}): Promise<{ index: number }> =>
    name === 'select' ? set.select(options) : set.ready(options).then((index) => ({ index }));
  const indexOf = async (waiting: Promise<{ index: number }>): Promise<number> => (await waiting).index;

  it('is woken by a message, room, a partner, a disconnection, a timer', async () => {
    const [tx, rx] = make<number>(1);
    const [full, drain] = make<number>(1);
    const [meetTx, meetRx] = make<number>(0);
    const [gone, goneRx] = make<number>(1);
    full.sendSync(0);
    const set = new Select();
    const index = { message: set.recv(rx), room: set.send(full, 1), partner: set.recv(meetRx) };
    const event = async (action: () => unknown): Promise<number> => {
      const waiting = wait(set);
      expect(await isPending(waiting)).toBe(true);
      await action();
      return indexOf(waiting);
    };
    expect(await event(() => tx.sendSync(1))).toBe(index.message);
    rx.tryRecv();
    expect(await event(() => drain.recvSync())).toBe(index.room);
    if (name === 'ready') full.sendSync(1);
    const sent: Promise<void>[] = [];
    expect(await event(() => void sent.push(meetTx.send(2)))).toBe(index.partner);
    if (name === 'ready') expect(meetRx.recvSync()).toBe(2);
    await Promise.all(sent);
    const late = set.recv(goneRx);
    expect(await event(() => gone.drop())).toBe(late);
    set.remove(late);
    const timer = own(after(2));
    const timed = set.recv(timer);
    expect(await indexOf(wait(set))).toBe(timed);
    expect(timer.tryRecv().ok).toBe(name === 'ready');
  });

  it('is woken for a send by a receive that waits on a rendezvous', async () => {
    const [tx, rx] = make<number>(0);
    const set = new Select();
    const index = set.send(tx, () => 8);
    const waiting = wait(set);
    expect(await isPending(waiting)).toBe(true);
    const received = rx.recv();
    expect(await indexOf(waiting)).toBe(index);
    if (name === 'ready') expect(tx.trySend(8)).toEqual({ ok: true });
    expect(await received).toBe(8);
  });

  it('sees cases that are added, ready or not, and not those that are removed', async () => {
    for (const how of ['ready', 'later']) {
      const { txs, rxs } = channels<number>(3);
      const set = new Select();
      const first = set.recv(rxs[0]!);
      const waiting = wait(set);
      await turns();
      set.remove(first);
      txs[0]!.sendSync(0);
      if (how === 'ready') txs[1]!.sendSync(1);
      const second = set.recv(rxs[1]!);
      if (how === 'later') {
        expect(await isPending(waiting)).toBe(true);
        txs[1]!.sendSync(1);
      }
      expect(await indexOf(waiting)).toBe(second);
      expect(rxs[0]!.length).toBe(1);
      expect(rxs[1]!.length).toBe(name === 'select' ? 0 : 1);
    }
  });

  it('sees sends and rendezvous that are added and removed', async () => {
    const [tx, rx] = make<number>(0);
    const [buffer, buffered] = make<number>(1);
    const set = new Select();
    const out = set.send(tx, 1);
    const waiting = wait(set);
    await turns();
    set.remove(out);
    expect(rx.tryRecv()).toEqual(EMPTY);
    const into = set.recv(rx);
    set.remove(into);
    expect(tx.trySend(2)).toEqual({ ok: false, reason: 'full' });
    const again = set.recv(rx);
    await turns();
    const room = set.send(buffer, () => 3);
    expect(await indexOf(waiting)).toBe(room);
    expect([...buffered.tryIter()]).toEqual(name === 'select' ? [3] : []);
    set.remove(again);
    expect(tx.trySend(2)).toEqual({ ok: false, reason: 'full' });
  });

  it('goes on over cases added after all were removed', async () => {
    const { txs, rxs } = channels<number>(2);
    const set = new Select();
    set.recv(rxs[0]!);
    const waiting = wait(set, { timeout: 20_000 });
    await turns();
    set.clear();
    await turns();
    const index = set.recv(rxs[1]!);
    txs[1]!.sendSync(1);
    expect(await indexOf(waiting)).toBe(index);
  });

  it('refuses any other call meanwhile, and is not disturbed by it', async () => {
    const { txs, rxs } = channels<number>(2);
    const set = new Select();
    for (const rx of rxs) set.recv(rx);
    const waiting = wait(set);
    await turns();
    for (const call of Object.values(calls)) expectInvalid(await failing(() => call(set)), 'TypeError');
    expect(await isPending(waiting)).toBe(true);
    txs[1]!.sendSync(1);
    expect(await indexOf(waiting)).toBe(1);
  });

  it('rejects when a handle of it is dropped, moved, and works without that one', async () => {
    const { txs, rxs } = channels<number>(3);
    const [carrier] = make<unknown>();
    const set = new Select();
    for (const rx of rxs) set.recv(rx);
    const dropped = rejection(wait(set));
    await turns();
    rxs[0]!.drop();
    expectFailure(await dropped, 'HandleError', 'ERR_HANDLE_DROPPED');
    set.remove(0);
    const moved = rejection(wait(set));
    await turns();
    carrier.sendSync(rxs[1]!);
    expectFailure(await moved, 'HandleError', 'ERR_HANDLE_MOVED');
    set.remove(1);
    const waiting = wait(set);
    await turns();
    txs[2]!.sendSync(2);
    expect(await indexOf(waiting)).toBe(2);
  });

  it('times out, or is aborted, and has taken nothing', async () => {
    for (const capacity of [0, 1]) {
      const { txs, rxs } = channels<number>(2, capacity);
      if (capacity === 1) txs[1]!.sendSync(0);
      const set = new Select();
      set.recv(rxs[0]!);
      set.send(txs[1]!, 1);
      expectFailure(await rejection(wait(set, { timeout: 2 })), 'TimeoutError', 'ERR_TIMEOUT');
      expectFailure(await rejection(wait(set, { deadline: 0 })), 'TimeoutError', 'ERR_TIMEOUT');
      expect(await rejection(wait(set, { signal: AbortSignal.abort('before') }))).toBe('before');
      const controller = new AbortController();
      const aborted = rejection(wait(set, { signal: controller.signal }));
      await turns();
      controller.abort('meanwhile');
      expect(txs[0]!.trySend(1).ok).toBe(capacity === 1);
      expect(await aborted).toBe('meanwhile');
      await turns();
      expect(rxs[0]!.length).toBe(capacity);
      expect([...rxs[1]!.tryIter()]).toEqual(capacity === 1 ? [0] : []);
    }
  });

  it('is listed on each channel while it waits, and nowhere afterwards', async () => {
    const { txs, rxs } = channels<number>(3);
    const set = new Select();
    for (const rx of rxs) set.recv(rx);
    const waiting = wait(set);
    await turns();
    const listed = () => rxs.map(({ id }) => inspect().channels.find((channel) => channel.id === id)?.waiting);
    expect(listed()).toEqual(rxs.map(() => [{ threadId: 0, operation: 'select' }]));
    txs[2]!.sendSync(1);
    await waiting;
    expect(listed()).toEqual([[], [], []]);
  });
});

it('is listed nowhere when it is idle, also when a case on the other side of the same channel was removed', () => {
  const [tx, rx] = make<number>(1);
  const set = new Select();
  set.recv(rx);
  expect(set.trySelect()).toBeUndefined();
  thrown(() => set.selectSync({ timeout: 0 }));
  set.remove(set.send(tx, () => 1));
  expect(inspect().channels.find(({ id }) => id === rx.id)?.waiting).toEqual([]);
});

it('the handles of a value are moved while it waits, and back when another case was completed', async () => {
  const [tx] = make<unknown>(0);
  const [other, otherRx] = make<number>();
  const [inner] = make<number>();
  const set = new Select();
  set.send(tx, { inner });
  set.recv(otherRx);
  for (let i = 0; i < 3; i++) {
    const selected = set.select();
    await turns();
    expectFailure(thrown(() => inner.trySend(1)), 'HandleError', 'ERR_HANDLE_MOVED'); // prettier-ignore
    other.sendSync(i);
    expect(await selected).toMatchObject({ value: i });
    expect(inner.trySend(1)).toEqual({ ok: true });
  }
  set.remove(0);
});

it('a biased Select that was woken takes the first in order', async () => {
  const { txs, rxs } = channels<number>(3);
  const set = new Select({ biased: true });
  for (const rx of rxs) set.recv(rx);
  for (let i = 0; i < 20; i++) {
    const selected = set.select();
    await turns();
    for (const n of [2, 1, 0]) txs[n]!.sendSync(n);
    expect([await selected, set.trySelect(), set.trySelect()].map((event) => event!.index)).toEqual([0, 1, 2]);
  }
});

describe('an idle Select absorbs no wake-up', () => {
  it.each([0, 1, 16, Infinity])('of receives beside it (capacity %p)', async (capacity) => {
    const { txs, rxs } = channels<number>(3, capacity);
    const set = new Select();
    for (const rx of rxs) set.recv(rx);
    const got: number[] = [];
    for (let i = 0; i < 50; i++) {
      if (i % 3 === 0) expect(set.trySelect()).toBeUndefined();
      if (i % 7 === 0) await rejection(set.select({ timeout: 0 }));
      if (i % 11 === 0) await rejection(set.ready({ timeout: 0.1 }));
      const waiting = rxs.map((rx) => rx.recv());
      await turns(1);
      for (const tx of txs) expect(tx.trySend(i)).toEqual({ ok: true });
      got.push(...(await Promise.all(waiting)));
    }
    expect(got).toHaveLength(150);
  });

  it('of sends beside it', async () => {
    const { txs, rxs } = channels<number>(2, 1);
    const set = new Select();
    for (const tx of txs) {
      tx.sendSync(-1);
      set.send(tx, 0);
    }
    for (let i = 0; i < 50; i++) {
      expect(set.trySelect()).toBeUndefined();
      const waiting = txs.map((tx) => tx.send(i));
      await turns(1);
      for (const rx of rxs) rx.recvSync();
      await Promise.all(waiting);
    }
  });

  it('nor of another Select', async () => {
    const { txs, rxs } = channels<number>(3);
    const sets = range(3).map(() => new Select());
    for (const set of sets) for (const rx of rxs) set.recv(rx);
    for (let i = 0; i < 60; i++) {
      const selected = sets[i % 3]!.select();
      if (i % 2 === 0) await turns(1);
      txs[(i * 7) % 3]!.sendSync(i);
      expect(await selected).toMatchObject({ value: i });
    }
  });
});

it('two Selects over the same channels: each message goes to one', async () => {
  const { txs, rxs } = channels<number>(3, 0);
  const sets = range(2).map(() => new Select());
  for (const set of sets) for (const rx of rxs) set.recv(rx);
  const got: unknown[] = [];
  const loops = sets.map(async (set) => {
    for (let open = 3; open > 0;) {
      const event = await set.select();
      if (event.ok) got.push(event.value);
      else {
        open--;
        set.remove(event.index);
      }
    }
  });
  for (const n of range(300)) await txs[n % 3]!.send(n);
  for (const tx of txs) tx.drop();
  await Promise.all(loops);
  expect((got as number[]).sort((a, b) => a - b)).toEqual(range(300));
});

it.each([false, true])('two Selects that offer to each other meet one way (functions: %p)', async (lazy) => {
  const [ab, abRx] = make<number>(0);
  const [ba, baRx] = make<number>(0);
  const [left, right] = [new Select(), new Select()];
  left.send(ab, lazy ? () => 1 : 1);
  left.recv(baRx);
  right.send(ba, lazy ? () => 2 : 2);
  right.recv(abRx);
  const sums = [0, 0];
  for (let i = 0; i < 200; i++) {
    const pair = i % 2 === 0 ? [left, right] : [right, left];
    const events = await Promise.all(pair.map((set) => set.select()));
    expect(events.map(({ index }) => index).sort()).toEqual([0, 1]);
    sums[events[0]!.index]!++;
  }
  expect(sums[0]! + sums[1]!).toBe(200);
});

it('is used twenty thousand times', async () => {
  const { txs, rxs } = channels<number>(2);
  const set = new Select();
  for (const rx of rxs) set.recv(rx);
  for (let i = 0; i < 20_000; i++) {
    txs[i % 2]!.sendSync(i);
    const event = i % 3 === 0 ? set.selectSync() : i % 3 === 1 ? set.trySelect() : await set.select();
    if (event?.index !== i % 2 || !event.ok || event.value !== i) throw new Error(`wrong at ${String(i)}`);
  }
  expect(set.trySelect()).toBeUndefined();
});

describe.each(['clear()', 'using', 'the drop of all handles'])('after %s', (how) => {
  it('nothing is left: no waiting, no memory', async () => {
    const [first] = make<number>();
    const round = async (): Promise<void> => {
      const pairs = [channels<number>(20, 1), channels<number>(20, 0), channels<number>(2, Infinity)];
      const set = new Select();
      for (const { txs, rxs } of pairs) {
        for (const rx of rxs) set.recv(rx);
        for (const tx of txs.slice(0, 1)) {
          tx.trySend(0);
          set.remove(set.send(tx, () => 1));
        }
      }
      const timers = [after(50_000), never()];
      for (const timer of timers) set.recv(timer);
      await rejection(set.select({ timeout: 0 }).then(() => set.select({ timeout: 0 }).then(() => set.select({ timeout: 0 }))));
      await rejection(set.ready({ timeout: 0 }));
      if (how === 'clear()') set.clear();
      if (how === 'using') set[Symbol.dispose]();
      for (const { txs, rxs } of pairs) for (const handle of [...txs, ...rxs]) handle.drop();
      for (const timer of timers) timer.drop();
      if (how !== 'the drop of all handles') expect(set.tryReady()).toBeUndefined();
    };
    await round();
    const before = inspect().memory.used;
    for (let i = 0; i < 10; i++) await round();
    expect(inspect().memory.used).toBeLessThanOrEqual(before);
    expect(first.isDisconnected).toBe(false);
  });
});

it.each(range(20, 1))('cases that come and go in any order, against a model (seed %i)', async (seed) => {
  const random = randomFrom(seed * 31_337);
  const { txs, rxs } = channels<number>(6, 2);
  const queues: number[][] = txs.map(() => []);
  const set = new Select();
  const members = new Map<number, { channel: number; kind: 'recv' | 'send' }>();
  let next = 0;
  let waiting: Promise<SelectedOperation> | undefined;
  const isReady = ({ channel, kind }: { channel: number; kind: string }): boolean =>
    kind === 'recv' ? queues[channel]!.length > 0 : queues[channel]!.length < 2;
  const anyReady = (): boolean => [...members.values()].some(isReady);
  const made: number[] = [];
  const judge = (event: SelectedOperation): void => {
    const member = members.get(event.index)!;
    expect(isReady(member)).toBe(true);
    if (member.kind === 'send') queues[member.channel]!.push(made.pop()!);
    else expect(event).toEqual({ index: event.index, ok: true, value: queues[member.channel]!.shift() });
    expect(made).toEqual([]);
  };
  for (let step = 0; step < 400; step++) {
    const channel = random(6);
    const queue = queues[channel]!;
    switch (random(7)) {
      case 0:
        members.set(set.recv(rxs[channel]!), { channel, kind: 'recv' });
        break;
      case 1:
        if (random(3) === 0) members.set(set.send(txs[channel]!, () => (made.push(next), next++)), { channel, kind: 'send' }); // prettier-ignore
        break;
      case 2:
      case 3: {
        const index = [...members.keys()][random(members.size)];
        if (index === undefined) break;
        set.remove(index);
        members.delete(index);
        break;
      }
      case 4:
        if (queue.length < 2) {
          txs[channel]!.sendSync(next);
          queue.push(next++);
        }
        break;
      case 5:
        expect(rxs[channel]!.tryRecv()).toEqual(queue.length > 0 ? { ok: true, value: queue.shift() } : EMPTY);
        break;
      default:
        if (waiting !== undefined) break;
        if (members.size > 0 && !anyReady() && random(2) === 0) waiting = set.select();
        else {
          const event = set.trySelect();
          expect(event !== undefined).toBe(anyReady());
          if (event !== undefined) judge(event);
        }
    }
    if (waiting !== undefined && anyReady()) {
      judge(await waiting);
      waiting = undefined;
    }
  }
  if (waiting !== undefined) {
    const index = set.recv(rxs[0]!);
    members.set(index, { channel: 0, kind: 'recv' });
    if (!anyReady()) {
      txs[0]!.sendSync(next);
      queues[0]!.push(next++);
    }
    judge(await waiting);
  }
  set.clear();
  expect(rxs.map((rx) => [...rx.tryIter()])).toEqual(queues);
});

it('a select in the function of a Select, and a Select in the function of a select', async () => {
  const [tx, rx] = make<number>(2);
  const [other, otherRx]: [Sender<number>, Receiver<number>] = make<number>(2);
  const set = new Select();
  const index = set.send(tx, () => {
    const event = other.trySend(1).ok && otherRx.tryRecv();
    return event && event.ok ? event.value + 1 : 0;
  });
  expect(await select([send(other, () => set.trySelect()!.index + 10)])).toMatchObject({ ok: true });
  expect([rx.recvSync(), otherRx.recvSync()]).toEqual([2, index + 10]);
});

it('a function that changes the Select, and whose partner goes meanwhile, leaves its message to whoever comes', async () => {
  const [tx, rx] = make<number>(0);
  const [other, otherRx] = make<number>(0);
  const [, addedRx] = make<number>(0);
  const set = new Select();
  const partner = rx.clone();
  const removed = set.recv(otherRx);
  const index = set.send(tx, () => {
    partner.drop();
    set.remove(removed);
    set.recv(addedRx);
    return 5;
  });
  const waiting = set.select();
  await turns();
  const gone = rejection(partner.recv());
  expectFailure(await gone, 'HandleError', 'ERR_HANDLE_DROPPED');
  await turns();
  expect(other.trySend(1)).toEqual({ ok: false, reason: 'full' });
  expect(rx.tryRecv()).toEqual({ ok: true, value: 5 });
  expect(await waiting).toEqual({ index, ok: true });
});
