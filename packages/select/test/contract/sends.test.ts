/**
 * api.md §5: cases that send. A value is copied when the select is called; a function is called once, when its case is selected, while
 * room or a partner is reserved for what it makes.
 */
import { inspect, open, type HandleToken, type Receiver, type Sender } from '@beamline/core';
import { after, never, recv, select, selectSync, send, trySelect } from '@beamline/select';
import { expectFailure, rejection, thrown, type Failure } from '../../../core/test/support/failure';
import { randomFrom } from '../../../core/test/support/random';
import { isPending, range, turns } from '../../../core/test/support/turns';
import { formNames, forms } from '../support/bench';
import { outletFlavors, outlets, type OutletFlavor } from '../support/sends';

const { make, channels, own, outlet } = outlets();

const FULL = { ok: false, reason: 'full' };
const EMPTY = { ok: false, reason: 'empty' };

/** A function that counts its calls. */
function counted<T>(make: () => T): (() => T) & { calls: number } {
  const thunk = (): T => {
    thunk.calls++;
    return make();
  };
  thunk.calls = 0;
  return thunk;
}

const buffered = outletFlavors.filter((flavor) => flavor !== 'rendezvous');
const capacities: Partial<Record<OutletFlavor, number>> = { 'bounded(1)': 1, 'bounded(3)': 3, 'oneshot()': 1 };

describe.each(formNames)('%s', (form) => {
  const choose = forms[form];
  const failing = (action: () => Promise<unknown>): Promise<Failure> => rejection(Promise.resolve().then(action));

  describe.each(outletFlavors)('over %s', (flavor) => {
    it('sends a value, and says no more than that it has', async () => {
      const { tx, received } = await outlet<object>(flavor);
      const value = { n: 1 };
      const selected = choose({ out: send(tx, value) });
      value.n = 2; // it was copied when select was called
      expect(await selected).toEqual({ key: 'out', ok: true });
      expect(await received()).toEqual({ n: 1 });
    });

    it('calls the function once, and sends what it makes', async () => {
      const { tx, received } = await outlet<string>(flavor);
      const thunk = counted(() => 'made');
      expect(await choose([own(never()), send(tx, thunk)])).toEqual({ key: 1, ok: true });
      expect(thunk.calls).toBe(1);
      expect(await received()).toBe('made');
    });

    it('does not call the function of a case that is not selected', async () => {
      const { tx, rx } = await outlet<string>(flavor);
      const [other, otherRx] = make<string>();
      other.sendSync('first');
      const thunk = counted(() => 'made');
      expect(await choose([otherRx, send(tx, thunk)], { biased: true })).toEqual({ key: 0, ok: true, value: 'first' });
      expect(thunk.calls).toBe(0);
      expect(rx.length).toBe(0);
    });

    it('fails with what the function throws, and nothing has happened', async () => {
      const { tx, received, room } = await outlet<string>(flavor);
      const mine = new Error('mine');
      const thunk = counted((): string => {
        throw mine;
      });
      expect(await failing(() => choose([send(tx, thunk)]))).toBe(mine);
      expect(thunk.calls).toBe(1);
      expect(tx.length).toBe(0);
      if (flavor !== 'rendezvous') expect(room()).toBe(capacities[flavor] ?? Infinity);
      expect(await choose([send(tx, 'next')])).toEqual({ key: 0, ok: true });
      expect(await received()).toBe('next');
    });

    it.each<[string, () => unknown]>([
      ['a promise', () => Promise.resolve(1)],
      ['a function', () => () => 1],
      ['a symbol', () => Symbol('s')],
      ['an object with a function inside', () => ({ deep: [{ f: () => 1 }] })],
    ])('refuses %s from the function, and nothing has happened', async (_, makeOne) => {
      const { tx, received, room } = await outlet<unknown>(flavor);
      const thunk = counted(makeOne);
      expectFailure(await failing(() => choose([send(tx, thunk)])), 'DataCloneError', 'ERR_DATA_CLONE');
      expect(thunk.calls).toBe(1);
      if (flavor !== 'rendezvous') expect(room()).toBe(capacities[flavor] ?? Infinity);
      expect(tx.trySend('next')).toEqual({ ok: true });
      expect(await received()).toBe('next');
    });

    it('refuses a value that cannot be cloned before anything is tried', async () => {
      const { tx, received } = await outlet<unknown>(flavor);
      const [other, otherRx] = make<string>();
      other.sendSync('stays');
      const cases = [otherRx, send(tx, { f: Symbol('s') })] as const;
      expectFailure(await failing(() => choose(cases, { biased: true })), 'DataCloneError', 'ERR_DATA_CLONE');
      expect(otherRx.length).toBe(1);
      expect(tx.trySend('next')).toEqual({ ok: true });
      expect(await received()).toBe('next');
    });

    it('when the function drops its sender, fails, and has sent nothing', async () => {
      const { tx, received } = await outlet<string>(flavor);
      const thunk = (): string => (tx.drop(), 'made');
      expectFailure(await failing(() => choose([send(tx, thunk)])), 'HandleError', 'ERR_HANDLE_DROPPED');
      expectFailure(await rejection(received()), 'RecvError', 'ERR_DISCONNECTED');
    });

    it('when the function transfers its sender, fails, and the sender is whole where it went', async () => {
      const { tx, received } = await outlet<string>(flavor);
      let token: HandleToken<Sender<string>> | undefined;
      const thunk = (): string => ((token = tx.transfer()), 'made');
      expectFailure(await failing(() => choose([send(tx, thunk)])), 'HandleError', 'ERR_HANDLE_MOVED');
      const moved = own(open(token!));
      expect(moved.trySend('from there')).toEqual({ ok: true });
      expect(await received()).toBe('from there');
    });

    it('when the function closes the channel, hands its value back', async () => {
      const { tx, received } = await outlet<object>(flavor);
      const value = { n: 1 };
      const event = await choose([send(tx, () => (tx.close(), value))]);
      if (event.ok) expect(await received()).toEqual(value);
      else {
        expect(event).toEqual({ key: 0, ok: false, reason: 'disconnected', value });
        expect(event.value).toBe(value);
        expectFailure(await rejection(received()), 'RecvError', 'ERR_DISCONNECTED');
      }
    });

    it('when the function drops the receiver, the message is handed back or was received, never both or neither', async () => {
      const { tx, rx, received } = await outlet<object>(flavor);
      const value = { n: 1 };
      const event = await choose([send(tx, () => (rx.drop(), value))]);
      if (flavor === 'rendezvous') {
        const result = await received().catch((error: Failure) => error.code);
        expect(result).toEqual(event.ok ? value : 'ERR_HANDLE_DROPPED');
      } else expect(event.ok).toBe(false);
      if (!event.ok) expect(event.value).toBe(value);
      expect(tx.isDisconnected).toBe(true);
    });

    it('hands back the very value, or what the function makes, if disconnected', async () => {
      for (const how of ['drop', 'close'] as const) {
        const { tx, rx } = await outlet<object>(flavor);
        rx[how]();
        const value = { n: 1 };
        const plain = await choose({ out: send(tx, value) });
        expect(plain).toEqual({ key: 'out', ok: false, reason: 'disconnected', value });
        expect(!plain.ok && plain.value).toBe(value);
        const thunk = counted(() => value);
        const lazy = await choose({ out: send(tx, thunk) });
        expect(!lazy.ok && lazy.value).toBe(value);
        expect(thunk.calls).toBe(1);
      }
    });

    it('fails with what the function of a disconnected send throws', async () => {
      const { tx, rx } = await outlet<object>(flavor);
      rx.drop();
      const mine = new Error('mine');
      expect(await failing(() => choose([send(tx, () => { throw mine; })]))).toBe(mine); // prettier-ignore
    });

    it('carries handles from values and functions', async () => {
      for (const how of ['value', 'function']) {
        const { tx, received } = await outlet<{ reply: Sender<number> }>(flavor);
        const [reply, replied] = make<number>();
        await choose([send(tx, how === 'value' ? { reply } : () => ({ reply }))]);
        expectFailure(thrown(() => reply.trySend(1)), 'HandleError', 'ERR_HANDLE_MOVED'); // prettier-ignore
        const arrived = own((await received()).reply);
        arrived.sendSync(7);
        expect(replied.recvSync()).toBe(7);
      }
    });

    it('gives the handles back that a function put into what cannot be cloned', async () => {
      const { tx, received } = await outlet<unknown>(flavor);
      const [reply] = make<number>();
      await failing(() => choose([send(tx, () => ({ reply, bad: Symbol('s') }))]));
      expect(reply.trySend(1)).toEqual({ ok: true });
      tx.trySend('next');
      expect(await received()).toBe('next');
    });

    it('gives the handles of a disconnected send back', async () => {
      const { tx, rx } = await outlet<{ reply: Sender<number> }>(flavor);
      rx.drop();
      const [reply] = make<number>();
      for (const value of [{ reply }, () => ({ reply })]) {
        expect(await choose([send(tx, value)])).toMatchObject({ ok: false });
        expect(reply.trySend(1)).toEqual({ ok: true });
      }
    });
  });

  describe.each(buffered)('while the function runs, over %s', (flavor) => {
    it('its room is taken, and nothing is there yet', async () => {
      const { tx, rx } = await outlet<number>(flavor);
      const capacity = capacities[flavor];
      const seen: unknown[] = [];
      const thunk = (): number => {
        seen.push(tx.length, rx.length, rx.isEmpty, rx.tryRecv());
        seen.push(thrown(() => rx.recvSync({ timeout: 0 })).code);
        seen.push(trySelect([rx]));
        return 1;
      };
      expect(await choose([send(tx, thunk)])).toMatchObject({ ok: true });
      expect(seen).toEqual([0, 0, true, EMPTY, 'ERR_TIMEOUT', undefined]);
      expect(rx.length).toBe(1);
      if (flavor === 'oneshot()') return expect(tx.trySend(2)).toMatchObject({ ok: false });
      let more = 0;
      while (more < 10 && tx.trySend(2).ok) more++;
      expect(more).toBe(capacity === undefined ? 10 : capacity - 1);
    });

    it('the rest of the room is for others, and what they send arrives too', async () => {
      const { tx, rx } = await outlet<number>(flavor);
      const capacity = capacities[flavor] ?? 10;
      let others = 0;
      const thunk = (): number => {
        while (others < 10 && tx.trySend(others).ok) others++;
        return 100;
      };
      expect(await choose([send(tx, thunk)])).toMatchObject({ ok: true });
      expect(others).toBe(capacity === 10 ? 10 : capacity - 1);
      const all = range(others + 1).map(() => rx.recvSync());
      expect(all.sort((a, b) => a - b)).toEqual([...range(others), 100]);
      expect(rx.tryRecv()).not.toMatchObject({ ok: true });
    });

    it('a select inside it sends on the same channel if there is room, by a function too', async () => {
      const { tx, rx } = await outlet<string>(flavor);
      const inner = counted(() => 'inner');
      let event: unknown;
      const thunk = counted(() => ((event = trySelect([send(tx, inner)])), 'outer'));
      expect(await choose([send(tx, thunk)])).toMatchObject({ ok: true });
      const had = flavor === 'bounded(3)' || flavor === 'unbounded()';
      if (flavor !== 'oneshot()') expect(event).toEqual(had ? { key: 0, ok: true } : undefined);
      expect(thunk.calls).toBe(1);
      expect([...rx.tryIter()].sort()).toEqual(had ? ['inner', 'outer'] : ['outer']);
    });

    it('functions within functions that fail at the bottom leave the room of all of them', async () => {
      const { tx, room } = await outlet<string>(flavor);
      const mine = new Error('mine');
      const nested = (depth: number) => (): string => {
        if (depth === 0) throw mine;
        trySelect([send(tx, nested(depth - 1))]);
        throw mine;
      };
      expect(await failing(() => choose([send(tx, nested(2))]))).toBe(mine);
      expect(room()).toBe(capacities[flavor] ?? Infinity);
    });

    it('a send that waits for room gets what a failing function gives back', async () => {
      if (flavor === 'unbounded()' || flavor === 'oneshot()') return;
      const { tx, rx } = await outlet<string>(flavor);
      for (let i = 1; i < capacities[flavor]!; i++) tx.sendSync('before');
      let waiting: Promise<void> | undefined;
      const mine = new Error('mine');
      const thunk = (): string => {
        waiting = tx.send('waited');
        throw mine;
      };
      expect(await failing(() => choose([send(tx, thunk)]))).toBe(mine);
      await waiting;
      expect([...rx.tryIter()].at(-1)).toBe('waited');
    });
  });

  it('takes what is there in the function of a full channel once there is room, the older first', async () => {
    const [tx, rx] = make<number>(3);
    tx.sendManySync([1, 2]);
    const taken: number[] = [];
    const event = await choose([send(tx, () => (taken.push(rx.recvSync()), 3))]);
    expect(event).toMatchObject({ ok: true });
    expect(taken).toEqual([1]);
    expect([...rx.tryIter()]).toEqual([2, 3]);
  });

  it('one of the cases with room sends, and the others send nothing', async () => {
    const { txs, rxs } = channels<number>(5, 1);
    const thunks = txs.map((_, i) => counted(() => i));
    for (const left of [5, 4, 3, 2, 1]) {
      const event = await choose(txs.map((tx, i) => send(tx, thunks[i]!)));
      expect(event.ok).toBe(true);
      expect(rxs.filter((rx) => rx.isEmpty)).toHaveLength(left - 1);
      expect(thunks[event.key]!.calls).toBe(1);
    }
    expect(rxs.map((rx) => rx.recvSync())).toEqual(range(5));
  });

  it('takes sends and receives alike, each in its turn', async () => {
    const [tx, rx] = make<number>(4);
    const sums = { in: 0, out: 0 };
    for (let i = 0; i < 400; i++) {
      const event = await choose({ in: rx, out: send(tx, i) });
      expect(event.ok).toBe(true);
      sums[event.key]++;
      expect(rx.length).toBe(sums.out - sums.in);
    }
    expect(sums.in).toBeGreaterThan(50);
  });

  it('one channel may be in several sending cases; one of them sends', async () => {
    const [tx, rx] = make<number>(1);
    const clone = own(tx.clone());
    const keys = new Set<number>();
    for (let i = 0; i < 100; i++) {
      const { key } = await choose([send(tx, 0), send(clone, () => 1), send(tx, () => 2), send(clone, 3)]);
      expect(rx.recvSync()).toBe(key);
      expect(rx.tryRecv()).toEqual(EMPTY);
      keys.add(key);
    }
    expect([...keys].sort()).toEqual([0, 1, 2, 3]);
  });

  it('biased takes the first send in order that has room', async () => {
    const { txs, rxs } = channels<number>(3, 2);
    const keys: number[] = [];
    for (let i = 0; i < 6; i++) keys.push((await choose(txs.map((tx) => send(tx, () => i)), { biased: true })).key); // prettier-ignore
    expect(keys).toEqual([0, 0, 1, 1, 2, 2]);
    expect(rxs.map((rx) => [...rx.tryIter()])).toEqual([[0, 1], [2, 3], [4, 5]]); // prettier-ignore
  });

  it('a dropped or moved sender fails it, and no function is called', async () => {
    const { txs } = channels<unknown>(3);
    const thunk = counted(() => 1);
    txs[1]!.drop();
    expectFailure(await failing(() => choose([send(txs[0]!, thunk), send(txs[1]!, thunk)])), 'HandleError', 'ERR_HANDLE_DROPPED'); // prettier-ignore
    txs[0]!.sendSync(txs[2]!);
    expectFailure(await failing(() => choose([send(txs[0]!, thunk), send(txs[2]!, thunk)])), 'HandleError', 'ERR_HANDLE_MOVED'); // prettier-ignore
    expect(thunk.calls).toBe(0);
  });
});

describe('handles in a value to be sent', () => {
  it('are moved while the select waits, and back when another case was selected', async () => {
    const [tx] = make<unknown>(0);
    const [other, otherRx] = make<number>();
    const [inner, innerRx] = make<number>();
    const selected = select([send(tx, { inner }), otherRx]);
    expect(await isPending(selected)).toBe(true);
    expectFailure(thrown(() => inner.trySend(1)), 'HandleError', 'ERR_HANDLE_MOVED'); // prettier-ignore
    other.sendSync(5);
    expect(await selected).toMatchObject({ key: 1, value: 5 });
    inner.sendSync(2);
    expect(innerRx.recvSync()).toBe(2);
  });

  it.each<[string, (tx: Sender<unknown>, value: unknown) => Promise<unknown>]>([
    ['a timeout of select', (tx, value) => rejection(select([send(tx, value)], { timeout: 2 }))],
    ['a timeout of selectSync', async (tx, value) => thrown(() => selectSync([send(tx, value)], { timeout: 2 }))],
    ['a trySelect in vain', async (tx, value) => expect(trySelect([send(tx, value)])).toBeUndefined()],
    [
      'an abort',
      async (tx, value) => {
        const controller = new AbortController();
        const ended = rejection(select([send(tx, value)], { signal: controller.signal }));
        await turns();
        controller.abort();
        await ended;
      },
    ],
    ['a signal that is aborted', (tx, value) => rejection(select([send(tx, value)], { signal: AbortSignal.abort() }))],
    ['a case that is refused', async (tx, value) => thrown(() => selectSync([send(tx, value), undefined as never]))],
    ['another value that is refused', async (tx, value) => thrown(() => selectSync([send(tx, value), send(tx, Symbol('s'))]))],
    ['the same handle in another case', async (tx, value) => thrown(() => selectSync([send(tx, value), send(tx, value)]))],
    [
      'a drop of the sender meanwhile',
      async (tx, value) => {
        const clone = tx.clone();
        const ended = rejection(select([send(clone, value)]));
        await turns();
        clone.drop();
        await ended;
      },
    ],
  ])('are back after %s', async (_, fail) => {
    for (const capacity of [0, 1]) {
      const [tx, rx] = make<unknown>(capacity);
      if (capacity === 1) tx.sendSync('full');
      const [inner, innerRx] = make<number>();
      await fail(tx, { deep: [inner] });
      expect(inner.trySend(4)).toEqual({ ok: true });
      expect(innerRx.tryRecv()).toEqual({ ok: true, value: 4 });
      expect([...rx.tryIter()]).toEqual(capacity === 1 ? ['full'] : []);
    }
  });

  it('may be the sender itself', async () => {
    const [tx, rx] = make<unknown>(1);
    await select([send(tx, { tx })]);
    expectFailure(thrown(() => tx.trySend(1)), 'HandleError', 'ERR_HANDLE_MOVED'); // prettier-ignore
    const { tx: back } = rx.recvSync() as { tx: Sender<unknown> };
    own(back).sendSync(3);
    expect(rx.recvSync()).toBe(3);
  });
});

describe('a select that waits to send', () => {
  it.each([1, 3])('sends when there is room on bounded(%i), and calls its function only then', async (capacity) => {
    const { txs, rxs } = channels<number>(3, capacity);
    for (const tx of txs) for (let i = 0; i < capacity; i++) tx.sendSync(-1);
    for (const i of [1, 0, 2]) {
      const thunk = counted(() => i);
      const selected = select(txs.map((tx) => send(tx, thunk)));
      expect(await isPending(selected)).toBe(true);
      expect(thunk.calls).toBe(0);
      rxs[i]!.recvSync();
      expect(await selected).toEqual({ key: i, ok: true });
      expect(thunk.calls).toBe(1);
      expect([...rxs[i]!.tryIter()]).toEqual([...Array<number>(capacity - 1).fill(-1), i]);
      for (let n = 0; n < capacity; n++) txs[i]!.sendSync(-1);
      expect(txs[i]!.trySend(9)).toEqual(FULL);
    }
  });

  it.each<[string, (rx: Receiver<number>) => unknown]>([
    ['tryRecv', (rx) => (rx.tryRecv() as { value: number }).value],
    ['recvSync', (rx) => rx.recvSync()],
    ['recv', (rx) => rx.recv()],
    ['recvMany', async (rx) => (await rx.recvMany(4))[0]],
    ['select', async (rx) => ((await select([rx])) as { value: number }).value],
    ['selectSync', (rx) => (selectSync([rx]) as { value: number }).value],
    ['trySelect', (rx) => (trySelect([rx]) as { value: number }).value],
  ])('is a partner for %s on a rendezvous with its value', async (_, receive) => {
    const { txs, rxs } = channels<number>(3, 0);
    const selected = select(txs.map((tx) => send(tx, 5)));
    expect(await isPending(selected)).toBe(true);
    expect(await receive(rxs[1]!)).toBe(5);
    expect(await selected).toEqual({ key: 1, ok: true });
    for (const rx of rxs) expect(rx.tryRecv()).toEqual(EMPTY);
  });

  it.each<[string, (rx: Receiver<number>) => Promise<unknown>]>([
    ['recv', (rx) => rx.recv()],
    ['recvMany', async (rx) => (await rx.recvMany(4))[0]],
    ['select', async (rx) => ((await select([rx])) as { value: number }).value],
  ])('is a partner for %s on a rendezvous with what its function makes, which tryRecv does not see', async (_, receive) => {
    const { txs, rxs } = channels<number>(3, 0);
    const thunk = counted(() => 5);
    const selected = select(txs.map((tx) => send(tx, thunk)));
    expect(await isPending(selected)).toBe(true);
    expect(rxs[1]!.tryRecv()).toEqual(EMPTY);
    expect(await receive(rxs[1]!)).toBe(5);
    expect(await selected).toEqual({ key: 1, ok: true });
    expect(thunk.calls).toBe(1);
    for (const rx of rxs) expect(rx.tryRecv()).toEqual(EMPTY);
  });

  it('is told of a disconnection, with its value, or what its function makes', async () => {
    for (const capacity of [0, 1]) {
      for (const how of ['drop', 'close'] as const) {
        const { txs, rxs } = channels<object>(2, capacity);
        if (capacity === 1) for (const tx of txs) tx.sendSync({ n: 0 });
        const value = { n: 1 };
        const thunk = counted(() => value);
        const selected = select([send(txs[0]!, value), send(txs[1]!, thunk)]);
        expect(await isPending(selected)).toBe(true);
        rxs[1]![how]();
        const event = await selected;
        expect(event).toMatchObject({ key: 1, ok: false, reason: 'disconnected' });
        expect(!event.ok && event.value).toBe(value);
        expect(thunk.calls).toBe(1);
      }
    }
  });

  it('takes a partner’s abort and timeout only after its function', async () => {
    for (const how of ['abort', 'timeout']) {
      const [tx, rx] = make<string>(0);
      const controller = new AbortController();
      const received = how === 'abort' ? rx.recv({ signal: controller.signal }) : rx.recv({ timeout: 5 });
      await turns();
      const thunk = (): string => {
        controller.abort();
        const end = performance.now() + 10;
        while (performance.now() < end);
        return 'in time';
      };
      // The time may have run out before: then there is nobody.
      const event = trySelect([send(tx, thunk)]);
      if (event === undefined) expectFailure(await rejection(received), 'TimeoutError', 'ERR_TIMEOUT');
      else expect(await received).toBe('in time');
      if (how === 'abort') expect(event).toBeDefined();
    }
  });

  it('a partner whose function fails waits on, and its abort takes effect', async () => {
    const [tx, rx] = make<string>(0);
    const controller = new AbortController();
    const received = rejection(rx.recv({ signal: controller.signal }));
    await turns();
    const mine = new Error('mine');
    expect(thrown(() => trySelect([send(tx, () => { controller.abort('later'); throw mine; })]))).toBe(mine); // prettier-ignore
    expect(await received).toBe('later');
    expect(tx.trySend('nobody')).toEqual(FULL);
  });

  it('gives way to a timer, and its function is not called', async () => {
    const [tx, rx] = make<number>(0);
    const thunk = counted(() => 1);
    expect(await select({ out: send(tx, thunk), late: own(after(2)) })).toMatchObject({ key: 'late' });
    expect(thunk.calls).toBe(0);
    expect(rx.tryRecv()).toEqual(EMPTY);
  });

  it('rejects with what its function throws when it is woken, and wakes the next for the room', async () => {
    const [tx, rx] = make<string>(1);
    tx.sendSync('full');
    const mine = new Error('mine');
    const selected = rejection(select([send(tx, () => { throw mine; })])); // prettier-ignore
    await turns();
    const next = tx.send('next');
    await turns();
    expect(rx.recvSync()).toBe('full');
    expect(await selected).toBe(mine);
    await next;
    expect(rx.recvSync()).toBe('next');
  });

  it('rejects with what its function throws when a partner comes, which waits on', async () => {
    const [tx, rx] = make<string>(0);
    const mine = new Error('mine');
    const selected = rejection(select([send(tx, () => { throw mine; })])); // prettier-ignore
    await turns();
    const received = rx.recv();
    expect(await selected).toBe(mine);
    expect(await isPending(received)).toBe(true);
    expect(tx.trySend('next')).toEqual({ ok: true });
    expect(await received).toBe('next');
  });

  it('leaves no memory in use, however it ends', async () => {
    const [tx, rx] = make<unknown>(0);
    const [full, drain] = make<unknown>(1);
    full.sendSync(0);
    const big = { text: 'x'.repeat(3000) };
    const round = async (): Promise<void> => {
      const controller = new AbortController();
      const ended = [
        select([send(tx, big), send(full, big)], { timeout: 1 }).catch(() => 0),
        select([send(tx, () => big), send(full, big)], { signal: controller.signal }).catch(() => 0),
        select([send(full, () => big), send(tx, big), send(tx, () => big)], { signal: controller.signal }).catch(() => 0),
      ];
      await turns();
      rx.tryRecv();
      await rx.recv({ timeout: 1 }).catch(() => 0);
      controller.abort();
      await Promise.all(ended);
      while (drain.length > 1) drain.recvSync();
    };
    await round();
    const before = inspect().memory.used;
    for (let i = 0; i < 20; i++) await round();
    expect(inspect().memory.used).toBeLessThanOrEqual(before);
  });
});

describe('both ends in selects', () => {
  it.each(['values', 'functions'])('one select never meets itself (%s)', async (how) => {
    const [tx, rx] = make<number>(0);
    const cases = () => ({ out: send(tx, how === 'values' ? 1 : () => 1), in: rx, again: send(tx, 2), more: recv(rx) });
    expect(trySelect(cases())).toBeUndefined();
    expectFailure(thrown(() => selectSync(cases(), { timeout: 2 })), 'TimeoutError', 'ERR_TIMEOUT'); // prettier-ignore
    const selected = select(cases());
    expect(await isPending(selected)).toBe(true);
    tx.sendSync(9);
    expect(await selected).toMatchObject({ ok: true, value: 9 });
  });

  it.each([
    ['a value with a receive', false, false],
    ['a function with a receive', true, false],
    ['a receive with a value', false, true],
    ['a receive with a function', true, true],
  ])('two selects of one thread meet: %s', async (_, lazy, receiverFirst) => {
    const { txs, rxs } = channels<number>(3, 0);
    const thunk = counted(() => 7);
    const sending = (): Promise<{ key: number }> => select(txs.map((tx) => send(tx, lazy ? thunk : 7)));
    const receiving = (): Promise<{ key: number }> => select(rxs);
    const first = receiverFirst ? receiving() : sending();
    await turns();
    const second = receiverFirst ? sending() : receiving();
    const [a, b] = await Promise.all([first, second]);
    expect(a.key).toBe(b.key);
    expect(receiverFirst ? a : b).toEqual({ key: a.key, ok: true, value: 7 });
    expect(receiverFirst ? b : a).toEqual({ key: a.key, ok: true });
    expect(thunk.calls).toBe(lazy ? 1 : 0);
  });

  it('two selects that offer to each other both ways meet one way', async () => {
    for (const lazy of [0, 1, 2, 3]) {
      const [ab, abRx] = make<string>(0);
      const [ba, baRx] = make<string>(0);
      const thunks = [counted(() => 'from a'), counted(() => 'from b')];
      const a = select({ out: send(ab, lazy & 1 ? thunks[0]! : 'from a'), in: baRx });
      const b = select({ out: send(ba, lazy & 2 ? thunks[1]! : 'from b'), in: abRx });
      const [left, right] = await Promise.all([a, b]);
      expect(left.key === right.key).toBe(false);
      expect(left.key === 'out' ? right : left).toMatchObject({ value: left.key === 'out' ? 'from a' : 'from b' });
      expect(thunks[0]!.calls + thunks[1]!.calls).toBeLessThanOrEqual(1);
    }
  });

  it('many selects that send or receive on one rendezvous pair up perfectly', async () => {
    for (const lazy of [false, true]) {
      const [tx, rx] = make<number>(0);
      const events = await Promise.all(
        range(44).map((i) => select({ out: send(tx, lazy ? () => i : i), in: rx }).then((event) => ({ i, event }))),
      );
      const received = events.flatMap(({ i, event }) => {
        if (event.key !== 'in' || !event.ok) return [];
        expect(event.value).not.toBe(i);
        return [event.value];
      });
      const sent = events.filter(({ event }) => event.key === 'out').map(({ i }) => i);
      expect(received.sort((a, b) => a - b)).toEqual(sent.sort((a, b) => a - b));
      expect(sent).toHaveLength(22);
    }
  });

  it('…and with one more sender, nobody is left', async () => {
    const [tx, rx] = make<number>(0);
    const selects = range(55).map((i) => select({ out: send(tx, i), in: rx }));
    const extra = tx.send(-1);
    const events = await Promise.all(selects);
    await extra;
    expect(events.filter(({ key }) => key === 'in')).toHaveLength(28);
  });

  it('over a buffer a select may send what its next one receives', async () => {
    const [tx, rx] = make<number>(1);
    const keys = [];
    for (let i = 0; i < 6; i++) keys.push((await select({ out: send(tx, i), in: rx })).key);
    expect(keys).toEqual(['out', 'in', 'out', 'in', 'out', 'in']);
  });

  it('a function may receive, from its own channel too', async () => {
    const [tx, rx] = make<number>(0);
    const [source, sourceRx] = make<number>(1);
    source.sendSync(41);
    const received = rx.recv();
    await turns();
    expect(await select([send(tx, () => sourceRx.recvSync() + 1)])).toMatchObject({ ok: true });
    expect(await received).toBe(42);
    const waiting = rx.recv();
    await turns();
    const others: Promise<void>[] = [];
    const relay = (): number => {
      others.push(tx.send(1));
      return rx.recvSync() + 1; // from `others`, as the receive that waits is reserved
    };
    expect(await select([send(tx, relay)])).toMatchObject({ ok: true });
    expect(await waiting).toBe(2);
    await Promise.all(others);
  });
});

it.each(range(30, 1))('selects that send and receive, in any interleaving, pair up once each (seed %i)', async (seed) => {
  const random = randomFrom(seed * 7919);
  const meet = channels<number>(3, 0);
  const buffers = channels<number>(2, 2);
  const list = channels<number>(1, Infinity);
  const txs = [...meet.txs, ...buffers.txs, ...list.txs];
  const rxs = [...meet.rxs, ...buffers.rxs, ...list.rxs];
  list.txs[0]!.sendSync(-1); // the block that a list keeps comes with its first message
  list.rxs[0]!.recvSync();
  const before = inspect().memory.used;
  const accepted: number[] = [];
  const delivered: number[] = [];
  const made = new Map<number, number>();
  const settled: Promise<unknown>[] = [];
  const controllers: AbortController[] = [];
  let next = 0;
  const limits = () => {
    if (random(3) > 0) return random(3) === 0 ? { timeout: random(3) / 2 } : {};
    const controller = new AbortController();
    controllers.push(controller);
    return { signal: controller.signal };
  };
  /** Cases, and by key which message each would send. */
  const cases = () => {
    const messages: (number | undefined)[] = [];
    const list = range(1 + random(5)).map(() => {
      if (random(2) === 0) {
        messages.push(undefined);
        return rxs[random(rxs.length)]!;
      }
      const n = next++;
      messages.push(n);
      const lazy = random(2) === 0;
      const fails = lazy && random(6) === 0;
      const thunk = (): number => {
        made.set(n, (made.get(n) ?? 0) + 1);
        if (random(4) === 0) take(trySelect([rxs[random(rxs.length)]!]));
        if (random(6) === 0) controllers[random(controllers.length)]?.abort();
        if (fails) throw new Error('by chance');
        return n;
      };
      return send(txs[random(txs.length)]!, lazy ? thunk : n);
    });
    const took = (event: { key: number; ok: boolean; value?: unknown } | undefined): void => {
      if (event === undefined || !event.ok) return;
      const message = messages[event.key];
      if (message === undefined) delivered.push(event.value as number);
      else accepted.push(message);
    };
    return [list, took] as const;
  };
  const take = (event: { ok: boolean; value?: number } | undefined): void => {
    if (event?.ok) delivered.push(event.value!);
  };
  for (let step = 0; step < 150; step++) {
    const n = next;
    switch (random(8)) {
      case 0:
        next++;
        settled.push(txs[random(6)]!.send(n, limits()).then(() => accepted.push(n), () => undefined)); // prettier-ignore
        break;
      case 1:
        settled.push(rxs[random(6)]!.recv(limits()).then((value) => delivered.push(value), () => undefined)); // prettier-ignore
        break;
      case 2:
      case 3:
      case 4: {
        const [list, took] = cases();
        settled.push(select(list, { ...limits(), biased: random(2) === 0 }).then(took, () => undefined));
        break;
      }
      case 5: {
        const [list, took] = cases();
        try {
          took(random(2) === 0 ? trySelect(list) : selectSync(list, { timeout: random(2) / 10 }));
        } catch {
          // a function failed by chance, or the time ran out
        }
        break;
      }
      case 6:
        controllers[random(controllers.length)]?.abort();
        break;
      default:
        await turns(random(3));
    }
  }
  for (const tx of txs) tx.close();
  await Promise.all(settled);
  for (const rx of rxs) delivered.push(...rx.tryIter());
  const sorted = (values: number[]): number[] => [...values].sort((a, b) => a - b);
  expect(delivered.length).toBeGreaterThan(10);
  expect(sorted(delivered)).toEqual(sorted(accepted));
  expect(Math.max(0, ...made.values())).toBeLessThanOrEqual(1);
  expect(inspect().memory.used).toBeLessThanOrEqual(before);
});

it('a plain receive and a select over the same channel both get on', async () => {
  const [tx, rx] = make<number>(0);
  const mine: Receiver<number> = own(rx.clone());
  const counts = { plain: 0, select: 0 };
  const plain = (async () => {
    for await (const _ of rx) counts.plain++;
  })();
  const selecting = (async () => {
    while ((await select([mine])).ok) counts.select++;
  })();
  for (let i = 0; i < 2000; i++) await select([send(tx, i)]);
  tx.close();
  await Promise.all([plain, selecting]);
  expect(counts.plain + counts.select).toBe(2000);
  expect(Math.min(counts.plain, counts.select)).toBeGreaterThan(400);
});
