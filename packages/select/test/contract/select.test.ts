/** api.md §5: what select, selectSync and trySelect promise, over receives. */
import { open, type Receiver } from '@beamline/core';
import { never, recv, select, selectSync, trySelect } from '@beamline/select';
import { isPending, range, turns } from '../../../core/test/support/turns';
import { bench, flavors, formNames, forms } from '../support/bench';

const { make, channels, own } = bench();

describe.each(formNames)('%s', (form) => {
  const choose = forms[form];

  describe.each(flavors)('over %s', (_, capacity) => {
    it('gives the message of the case that is ready, whichever it is', async () => {
      const { txs, rxs } = channels<string>(5, capacity);
      for (const i of [0, 4, 2, 1, 3]) {
        txs[i]!.sendSync(`for ${i}`);
        expect(await choose(rxs)).toEqual({ key: i, ok: true, value: `for ${i}` });
      }
      for (const rx of rxs) expect(rx.tryRecv()).toEqual({ ok: false, reason: 'empty' });
    });

    it('takes one message from one case, and nothing from the others', async () => {
      const { txs, rxs } = channels<number>(4, capacity);
      txs.forEach((tx, i) => tx.sendSync(i));
      const left = new Set(range(4));
      for (let round = 0; round < 4; round++) {
        const event = await choose(rxs);
        expect(event).toEqual({ key: event.key, ok: true, value: event.key });
        expect(left.delete(event.key)).toBe(true);
        expect(rxs.filter(({ length }) => length === 1)).toHaveLength(3 - round);
      }
    });

    it('keeps the order of each channel', async () => {
      const { txs, rxs } = channels<number>(2, capacity);
      const seen: number[][] = [[], []];
      const next = [0, 0];
      for (let i = 0; i < 200; i++) {
        for (const side of [0, 1]) if (txs[side]!.trySend(next[side]!).ok) next[side]!++;
        const event = await choose(rxs);
        if (event.ok) seen[event.key]!.push(event.value);
      }
      for (const messages of seen) expect(messages).toEqual(range(messages.length));
      expect(seen[0]!.length + seen[1]!.length).toBe(200);
    });

    it('takes buffered messages before it reports a disconnection', async () => {
      const [tx, rx] = make<number>(capacity);
      tx.sendSync(1);
      tx.drop();
      expect(await choose([rx])).toEqual({ key: 0, ok: true, value: 1 });
      expect(await choose([rx])).toEqual({ key: 0, ok: false, reason: 'disconnected' });
      expect(await choose({ gone: rx })).toEqual({ key: 'gone', ok: false, reason: 'disconnected' });
    });

    it('a closed channel is drained, then disconnected', async () => {
      const [tx, rx] = make<number>(capacity);
      tx.sendSync(1);
      rx.close();
      expect(await choose([rx, own(never())])).toMatchObject({ ok: true, value: 1 });
      expect(await choose([rx])).toMatchObject({ ok: false });
    });
  });

  it('names the case: index of an array, name of an object', async () => {
    const [tx, rx] = make<string>();
    tx.sendManySync(['a', 'b', 'c', 'd']);
    const [, other] = make();
    expect(await choose([other, rx])).toEqual({ key: 1, ok: true, value: 'a' });
    expect(await choose({ other, mine: rx })).toEqual({ key: 'mine', ok: true, value: 'b' });
    expect(await choose({ '7': rx, other })).toEqual({ key: '7', ok: true, value: 'c' });
    expect(await choose({ '': rx })).toEqual({ key: '', ok: true, value: 'd' });
  });

  it('a case is a receiver or recv(receiver), one beside the other', async () => {
    const { txs, rxs } = channels<number>(2);
    txs[1]!.sendSync(5);
    expect(await choose([rxs[0]!, recv(rxs[1]!)])).toEqual({ key: 1, ok: true, value: 5 });
    txs[0]!.sendSync(6);
    expect(await choose({ a: recv(rxs[0]!), b: rxs[1]! })).toEqual({ key: 'a', ok: true, value: 6 });
  });

  it('only own enumerable names with text are cases', async () => {
    const [tx, rx] = make<number>();
    tx.sendSync(1);
    const cases = Object.create({ inherited: 'no case' }) as { mine: Receiver<number> };
    cases.mine = rx;
    Object.defineProperty(cases, 'hidden', { value: 'no case', enumerable: false });
    Object.defineProperty(cases, Symbol('s'), { value: 'no case', enumerable: true });
    expect(await choose(cases)).toEqual({ key: 'mine', ok: true, value: 1 });
  });

  it('undefined, null, NaN and -0 are messages like others', async () => {
    const [tx, rx] = make();
    for (const value of [undefined, null, NaN, -0, false, '']) {
      tx.sendSync(value);
      const event = await choose({ rx });
      expect(event).toEqual({ key: 'rx', ok: true, value });
      expect(Object.is(event.ok && event.value, value)).toBe(true);
    }
  });

  it('one channel may be in several cases, as clones or as itself', async () => {
    const [tx, rx] = make<number>();
    const clone = own(rx.clone());
    const keys = new Set<number>();
    for (let i = 0; i < 200; i++) {
      tx.sendSync(i);
      const event = await choose([rx, clone, rx, recv(clone)]);
      expect(event).toMatchObject({ ok: true, value: i });
      keys.add(event.key);
    }
    expect([...keys].sort()).toEqual([0, 1, 2, 3]);
  });

  it('a disconnected case is as ready as one with a message', async () => {
    const [tx, rx] = make<number>();
    const [gone, other] = make();
    gone.drop();
    const reasons = new Set<boolean>();
    for (let i = 0; i < 100; i++) {
      tx.trySend(i);
      reasons.add((await choose({ rx, other })).ok);
    }
    expect(reasons.size).toBe(2);
  });

  it('takes the first ready case in order when biased', async () => {
    const { txs, rxs } = channels<number>(3, Infinity);
    for (let i = 0; i < 20; i++) for (const tx of txs) tx.sendSync(i);
    const keys: number[] = [];
    for (let i = 0; i < 60; i++) keys.push((await choose(rxs, { biased: true })).key);
    expect(keys).toEqual([...Array(20).fill(0), ...Array(20).fill(1), ...Array(20).fill(2)]);
  });

  it('the order of an object is that of its keys: integer-like names first', async () => {
    const { txs, rxs } = channels<number>(3);
    for (const tx of txs) tx.sendSync(0);
    const cases = { b: rxs[0]!, a: rxs[1]!, '1': rxs[2]! };
    const keys: string[] = [];
    for (let i = 0; i < 3; i++) keys.push((await choose(cases, { biased: true })).key);
    expect(keys).toEqual(['1', 'b', 'a']);
  });

  it('hands on receivers that came in messages', async () => {
    const [outer, outerRx] = make<Receiver<string>>();
    const [tx, rx] = make<string>();
    outer.sendSync(rx);
    const event = await choose([outerRx]);
    if (!event.ok) throw new Error('disconnected');
    const inner = own(event.value);
    tx.sendSync('through');
    expect(await choose([outerRx, inner])).toEqual({ key: 1, ok: true, value: 'through' });
  });

  it('works on a receiver that moved by token', async () => {
    const [tx, rx] = make<number>();
    const moved = own(open(rx.transfer()));
    tx.sendSync(3);
    expect(await choose([moved])).toMatchObject({ value: 3 });
  });

  it('a hundred cases', async () => {
    const { txs, rxs } = channels<number>(100, 1);
    for (const i of [99, 0, 50]) {
      txs[i]!.sendSync(i);
      expect(await choose(rxs)).toEqual({ key: i, ok: true, value: i });
    }
  });
});

describe('trySelect', () => {
  it('gives undefined when nothing is ready, and has done nothing', () => {
    const [tx, rx] = make<number>();
    expect(trySelect([rx])).toBeUndefined();
    expect(trySelect({ rx, n: own(never()) })).toBeUndefined();
    tx.sendSync(1);
    expect(rx.tryRecv()).toEqual({ ok: true, value: 1 });
  });

  it('gives undefined for no cases', () => {
    expect(trySelect([])).toBeUndefined();
    expect(trySelect({})).toBeUndefined();
  });
});

describe.each(flavors)('a select that waits, over %s', (_, capacity) => {
  it('is woken by a send to any of its channels', async () => {
    const { txs, rxs } = channels<number>(4, capacity);
    for (const i of [2, 0, 3, 1]) {
      const selected = select(rxs);
      expect(await isPending(selected)).toBe(true);
      txs[i]!.sendSync(10 + i);
      expect(await selected).toEqual({ key: i, ok: true, value: 10 + i });
    }
  });

  it('is woken by disconnection and by close', async () => {
    const { txs, rxs } = channels<number>(3, capacity);
    const dropped = select(rxs);
    expect(await isPending(dropped)).toBe(true);
    txs[1]!.drop();
    expect(await dropped).toEqual({ key: 1, ok: false, reason: 'disconnected' });
    const closed = select([rxs[0]!, rxs[2]!]);
    expect(await isPending(closed)).toBe(true);
    rxs[2]!.close();
    expect(await closed).toEqual({ key: 1, ok: false, reason: 'disconnected' });
  });

  it('is not woken by clones of senders that come and go', async () => {
    const [tx, rx] = make<number>(capacity);
    const [, other] = make(capacity);
    const selected = select([other, rx]);
    for (let i = 0; i < 20; i++) {
      tx.clone().drop();
      rx.clone().drop();
      await turns(1);
    }
    expect(await isPending(selected)).toBe(true);
    tx.sendSync(1);
    expect(await selected).toEqual({ key: 1, ok: true, value: 1 });
  });

  it('takes from the first in order when biased, though another woke it', async () => {
    const { txs, rxs } = channels<number>(3, capacity);
    for (let i = 0; i < 20; i++) {
      const selected = select(rxs, { biased: true });
      await turns();
      txs[2]!.sendSync(2);
      txs[1]!.sendSync(1);
      txs[0]!.sendSync(0);
      expect(await selected).toEqual({ key: 0, ok: true, value: 0 });
      expect([rxs[1]!.recvSync(), rxs[2]!.recvSync()]).toEqual([1, 2]);
    }
  });

  it('leaves what it does not take to others that wait', async () => {
    const { txs, rxs } = channels<number>(2, capacity);
    const selected = select(rxs);
    const waiting = rxs.map((rx) => rx.recv());
    await turns();
    for (const tx of txs) tx.sendSync(0);
    const { key } = await selected;
    expect(await waiting[1 - key]).toBe(0);
    txs[key]!.sendSync(1);
    expect(await waiting[key]).toBe(1);
  });

  it('many selects over the same channels: every message goes to exactly one', async () => {
    const { txs, rxs } = channels<number>(3, capacity);
    const events = range(90).map(() => select(rxs));
    await turns();
    for (let i = 0; i < 90; i++) {
      while (!txs[i % 3]!.trySend(i).ok) await turns(1);
    }
    const values = (await Promise.all(events)).map((event) => event.ok && event.value);
    expect(values.sort((a, b) => Number(a) - Number(b))).toEqual(range(90));
    for (const rx of rxs) expect(rx.isEmpty).toBe(true);
  });

  it('selects and plain receives share a channel: every message goes to exactly one', async () => {
    const [tx, rx] = make<number>(capacity);
    const [, idle] = make(capacity);
    const received: number[] = [];
    const mine = own(rx.clone());
    const loop = async (): Promise<void> => {
      for await (const value of rx) received.push(value);
    };
    const selects = async (): Promise<void> => {
      for (let event = await select({ idle, mine }); event.ok; event = await select({ idle, mine }))
        received.push(event.value as number);
    };
    const ended = [loop(), selects()];
    for (let i = 0; i < 300; i++) await tx.send(i);
    tx.drop();
    await Promise.all(ended);
    expect(received.sort((a, b) => a - b)).toEqual(range(300));
  });
});

describe('a select that completes at once', () => {
  it('completes before anything else of its thread can run', async () => {
    const { txs, rxs } = channels<number>(2);
    txs[1]!.sendSync(1);
    const selected = select(rxs);
    expect(rxs[1]!.isEmpty).toBe(true);
    expect(await selected).toMatchObject({ key: 1 });
  });

  it('lets timers run, however many there are in a row', async () => {
    const [tx, rx] = make<number>();
    const [, idle] = make();
    let fired = 0;
    const timer = setInterval(() => void fired++, 1);
    const end = performance.now() + 5000;
    while (fired < 5 && performance.now() < end) {
      tx.trySend(1);
      await select([idle, rx]);
    }
    clearInterval(timer);
    expect(fired).toBeGreaterThanOrEqual(5);
  });
});

describe('selectSync', () => {
  it('lets operations of its thread that are pending go on afterwards', async () => {
    const { txs, rxs } = channels<number>(2);
    const waiting = rxs[0]!.recv();
    await turns();
    txs[1]!.sendSync(1);
    expect(selectSync([rxs[1]!])).toMatchObject({ value: 1 });
    txs[0]!.sendSync(0);
    expect(await waiting).toBe(0);
  });

  it('nested in the handling of another', () => {
    const { txs, rxs } = channels<number>(4);
    txs.forEach((tx, i) => tx.sendSync(i));
    const taken: unknown[] = [];
    const down = (depth: number): void => {
      if (depth === 4) return;
      const event = selectSync([rxs[depth]!]);
      taken.push(event.ok && event.value);
      down(depth + 1);
    };
    down(0);
    expect(taken).toEqual([0, 1, 2, 3]);
  });
});
