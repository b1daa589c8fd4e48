/**
 * api.md §5 over channels without a buffer: a case is ready when a sender waits, and a select that waits is a partner like any receiver.
 * Which case of it is taken is decided once, and the others have had nothing done to them.
 */
import { bounded, inspect, type Receiver, type Sender } from '@beamline/core';
import { after, never, recv, select, selectSync, tick, trySelect } from '@beamline/select';
import { expectFailure, rejection, thrown } from '../../../core/test/support/failure';
import { randomFrom } from '../../../core/test/support/random';
import { isPending, range, turns } from '../../../core/test/support/turns';
import { bench, formNames, forms } from '../support/bench';

const { make, channels, own } = bench();

const FULL = { ok: false, reason: 'full' };
const EMPTY = { ok: false, reason: 'empty' };

describe.each(formNames)('%s', (form) => {
  const choose = forms[form];

  it('takes from the sender that waits, whichever it is', async () => {
    const { txs, rxs } = channels<string>(5, 0);
    for (const i of [0, 4, 2, 1, 3]) {
      const sent = txs[i]!.send(`for ${String(i)}`);
      expect(await choose(rxs)).toEqual({ key: i, ok: true, value: `for ${String(i)}` });
      await sent;
    }
    for (const rx of rxs) expect(rx.tryRecv()).toEqual(EMPTY);
  });

  it('the senders of the other cases go on waiting, and are told nothing', async () => {
    const { txs, rxs } = channels<number>(4, 0);
    const sent = txs.map((tx, i) => tx.send(i));
    await turns();
    const { key } = await choose(rxs);
    await sent[key];
    for (const i of range(4)) if (i !== key) expect(await isPending(sent[i]!)).toBe(true);
    for (const i of range(4)) if (i !== key) expect(rxs[i]!.recvSync()).toBe(i);
    await Promise.all(sent);
  });

  it('takes each of those that wait as likely as any other', async () => {
    const { txs, rxs } = channels<number>(3, 0);
    const sent = txs.map((tx, i) => tx.send(i));
    const chosen = [0, 0, 0];
    for (let i = 0; i < 3000; i++) {
      const { key } = await choose(rxs);
      chosen[key]!++;
      sent.push(txs[key]!.send(key));
    }
    for (const rx of rxs) rx.recvSync();
    await Promise.all(sent);
    // Chi-square with two degrees of freedom, which a fair choice exceeds once in 1e9 runs.
    expect(chosen.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)).toBeLessThan(41.45);
  });

  it('takes the first in order when biased', async () => {
    const { txs, rxs } = channels<number>(3, 0);
    const sent = [2, 1, 0].map((i) => txs[i]!.send(i));
    await turns();
    for (const i of range(3)) expect(await choose(rxs, { biased: true })).toEqual({ key: i, ok: true, value: i });
    await Promise.all(sent);
  });

  it('takes from buffers, from senders that wait and from timers alike', async () => {
    const [tx, rx] = make<string>(0);
    const [buffer, buffered] = make<string>(1);
    const beat = own(tick(0));
    const sent = tx.send('met');
    buffer.sendSync('buffered');
    const seen = new Set<unknown>();
    for (let i = 0; i < 60; i++) {
      const event = await choose({ rx, buffered, beat });
      seen.add(event.key === 'beat' ? 'beat' : event.ok && event.value);
    }
    await sent;
    expect(seen).toEqual(new Set(['met', 'buffered', 'beat']));
  });

  it('a disconnected case is ready', async () => {
    const { txs, rxs } = channels<number>(2, 0);
    txs[1]!.drop();
    expect(await choose(rxs)).toEqual({ key: 1, ok: false, reason: 'disconnected' });
    rxs[0]!.close();
    expect(await choose({ closed: rxs[0]! })).toEqual({ key: 'closed', ok: false, reason: 'disconnected' });
  });

  it('one channel may be in several cases', async () => {
    const [tx, rx] = make<number>(0);
    const clone = own(rx.clone());
    const keys = new Set<number>();
    for (let i = 0; i < 100; i++) {
      const sent = tx.send(i);
      const event = await choose([rx, clone, rx, recv(clone)]);
      expect(event).toMatchObject({ ok: true, value: i });
      keys.add(event.key);
      await sent;
    }
    expect([...keys].sort()).toEqual([0, 1, 2, 3]);
  });

  it('the handles in a message arrive', async () => {
    const [tx, rx] = make<{ reply: Sender<number> }>(0);
    const [reply, replied] = make<number>();
    const sent = tx.send({ reply });
    const event = await choose([own(never()), rx]);
    if (event.key !== 1 || !event.ok) throw new Error('not what was sent');
    own(event.value.reply).sendSync(4);
    expect(replied.recvSync()).toBe(4);
    await sent;
  });
});

describe('a select that waits', () => {
  const sends: Record<string, (tx: Sender<number>, value: number) => unknown> = {
    trySend: (tx, value) => expect(tx.trySend(value)).toEqual({ ok: true }),
    sendSync: (tx, value) => tx.sendSync(value),
    send: (tx, value) => tx.send(value),
    trySendMany: (tx, value) => expect(tx.trySendMany([value, -1])).toEqual({ ok: false, reason: 'full', count: 1 }),
    sendManySync: (tx, value) => tx.sendManySync([value]),
  };

  it.each(Object.keys(sends))('is a partner for %s, on any of its channels', async (how) => {
    const { txs, rxs } = channels<number>(4, 0);
    for (const i of [2, 0, 3, 1]) {
      const selected = select(rxs);
      expect(await isPending(selected)).toBe(true);
      await sends[how]!(txs[i]!, i);
      expect(await selected).toEqual({ key: i, ok: true, value: i });
    }
  });

  it('is taken up once: who comes to another of its channels finds nobody', async () => {
    const { txs, rxs } = channels<number>(3, 0);
    const selected = select([...rxs, rxs[0]!]);
    await turns();
    expect(txs[1]!.trySend(1)).toEqual({ ok: true });
    for (const tx of txs) expect(tx.trySend(2)).toEqual(FULL);
    expect(await selected).toEqual({ key: 1, ok: true, value: 1 });
    for (const tx of txs) expect(tx.trySend(3)).toEqual(FULL);
  });

  it('takes a meeting or a buffered message that come together, one of them', async () => {
    for (const order of ['meeting first', 'message first']) {
      const [tx, rx] = make<string>(0);
      const [buffer, buffered] = make<string>(1);
      const selected = select({ rx, buffered });
      await turns();
      if (order === 'message first') buffer.sendSync('buffered');
      const met = tx.trySend('met').ok;
      if (order === 'meeting first') buffer.sendSync('buffered');
      const { key } = await selected;
      expect(key).toBe(met ? 'rx' : 'buffered');
      expect(buffered.length).toBe(met ? 1 : 0);
    }
  });

  it('is nobody’s partner any more after a timeout, an abort, a timer, a drop', async () => {
    const { txs, rxs } = channels<number>(3, 0);
    const check = (): void => {
      for (const tx of txs) expect(tx.trySend(1)).toEqual(tx.isDisconnected ? { ok: false, reason: 'disconnected' } : FULL);
    };
    expectFailure(await rejection(select(rxs, { timeout: 2 })), 'TimeoutError', 'ERR_TIMEOUT');
    check();
    expectFailure(await rejection(select(rxs, { timeout: 0 })), 'TimeoutError', 'ERR_TIMEOUT');
    check();
    const controller = new AbortController();
    const aborted = rejection(select(rxs, { signal: controller.signal }));
    await turns();
    controller.abort('enough');
    expect(await aborted).toBe('enough');
    check();
    expect(await select({ a: rxs[0]!, timer: own(after(2)), b: rxs[1]! })).toMatchObject({ key: 'timer' });
    check();
    expectFailure(
      thrown(() => selectSync(rxs, { timeout: 2 })),
      'TimeoutError',
      'ERR_TIMEOUT',
    );
    check();
    expect(trySelect(rxs)).toBeUndefined();
    check();
    const dropped = rejection(select(rxs));
    await turns();
    rxs[1]!.drop();
    expectFailure(await dropped, 'HandleError', 'ERR_HANDLE_DROPPED');
    check();
  });

  it('an abort in the tick in which a sender came is too late', async () => {
    const { txs, rxs } = channels<number>(2, 0);
    const controller = new AbortController();
    const selected = select(rxs, { signal: controller.signal });
    await turns();
    txs[1]!.sendSync(5);
    controller.abort();
    expect(await selected).toEqual({ key: 1, ok: true, value: 5 });
  });

  it('is told of a disconnection', async () => {
    const { txs, rxs } = channels<number>(3, 0);
    const dropped = select(rxs);
    await turns();
    txs[1]!.drop();
    expect(await dropped).toEqual({ key: 1, ok: false, reason: 'disconnected' });
    const closed = select([rxs[0]!, rxs[2]!]);
    await turns();
    txs[2]!.close();
    expect(await closed).toEqual({ key: 1, ok: false, reason: 'disconnected' });
    expect(txs[0]!.trySend(1)).toEqual(FULL);
  });

  it('competes with another over the same channels: each message goes to one', async () => {
    const { txs, rxs } = channels<number>(2, 0);
    const first = select(rxs);
    const second = select([...rxs].reverse());
    await turns();
    txs[0]!.sendSync(1);
    txs[1]!.sendSync(2);
    expect(await first).toEqual({ key: 0, ok: true, value: 1 });
    expect(await second).toEqual({ key: 0, ok: true, value: 2 });
    expect(txs[0]!.trySend(3)).toEqual(FULL);
  });

  it('competes with plain receives: first come first served', async () => {
    const [tx, rx] = make<number>(0);
    const [, idle] = make(0);
    const first = rx.recv();
    const selected = select({ idle, rx });
    const last = rx.recvMany(3);
    await turns();
    for (const i of range(3)) expect(tx.trySend(i)).toEqual({ ok: true });
    expect([await first, await selected, await last]).toEqual([0, { key: 'rx', ok: true, value: 1 }, [2]]);
  });

  it('a message that cannot be read fails the select, and the send has been done', async () => {
    const failure = new Error('cannot decode');
    const codec = {
      name: 'test/unreadable',
      encode: () => new Uint8Array(3),
      decode: () => {
        throw failure;
      },
    };
    const [tx, rx] = bounded<number>(0, { codec });
    own(tx);
    own(rx);
    const [other, idle] = make<number>(0);
    const tells = (error: Error): void => expect([error, error.cause]).toContain(failure);
    const selected = rejection(select({ idle, rx }));
    await turns();
    await tx.send(1);
    tells(await selected);
    const sent = tx.send(2);
    tells(thrown(() => selectSync({ idle, rx })));
    await sent;
    expect(other.trySend(1)).toEqual(FULL);
  });

  it('over two hundred channels', async () => {
    const { txs, rxs } = channels<number>(200, 0);
    for (const i of [199, 0, 77]) {
      const selected = select(rxs);
      await turns();
      expect(txs[i]!.trySend(i)).toEqual({ ok: true });
      expect(await selected).toEqual({ key: i, ok: true, value: i });
    }
  });

  it('leaves no memory in use, however it ends', async () => {
    const { txs, rxs } = channels<unknown>(3, 0);
    const round = async (): Promise<void> => {
      const controller = new AbortController();
      const timer = after(0);
      const ended = [
        select(rxs, { timeout: 1 }).catch(() => 0),
        select(rxs, { signal: controller.signal }).catch(() => 0),
        select({ rx: rxs[0]!, timer }),
        select([rxs[0]!, rxs[0]!], { signal: controller.signal }).catch(() => 0),
      ];
      await turns();
      const sent = txs[0]!.send({ text: 'x'.repeat(300) });
      await Promise.all([sent, ended[2]]);
      controller.abort();
      await Promise.all(ended);
      timer.drop();
    };
    await round();
    const before = inspect().memory.used;
    for (let i = 0; i < 20; i++) await round();
    expect(inspect().memory.used).toBeLessThanOrEqual(before);
  });
});

describe('selectSync', () => {
  it('meets a send that the same thread has pending, and leaves the others', async () => {
    const { txs, rxs } = channels<number>(3, 0);
    const sent = txs.map((tx, i) => tx.send(i));
    const { key } = selectSync(rxs);
    const others = range(3).filter((i) => i !== key);
    for (const i of others) expect(rxs[i]!.recvSync()).toBe(i);
    await Promise.all(sent);
  });

  it('does not take up what receives of the same thread wait for on its channels', async () => {
    const { txs, rxs } = channels<number>(2, 0);
    const received = rxs[0]!.recv();
    await turns();
    thrown(() => selectSync(rxs, { timeout: 2 }));
    txs[0]!.sendSync(9);
    expect(await received).toBe(9);
  });
});

it.each(range(20, 1))('selects, receives and senders in any interleaving meet once each (seed %i)', async (seed) => {
  const random = randomFrom(seed * 104_729);
  const { txs, rxs } = channels<number>(3, 0);
  const [buffer, buffered] = make<number>(2);
  const before = inspect().memory.used;
  const accepted: number[] = [];
  const delivered: number[] = [];
  const settled: Promise<unknown>[] = [];
  const controllers: AbortController[] = [];
  let next = 0;
  const limits = () => {
    if (random(3) > 0) return random(3) === 0 ? { timeout: random(3) / 2 } : {};
    const controller = new AbortController();
    controllers.push(controller);
    return { signal: controller.signal };
  };
  const cases = (): Receiver<number>[] => range(1 + random(4)).map(() => [...rxs, buffered][random(4)]!);
  const take = (event: { ok: boolean; value?: number } | undefined): void => {
    if (event?.ok) delivered.push(event.value!);
  };
  for (let step = 0; step < 200; step++) {
    const n = next;
    switch (random(8)) {
      case 0:
      case 1:
        next++;
        settled.push(txs[random(3)]!.send(n, limits()).then(() => accepted.push(n), () => undefined)); // prettier-ignore
        break;
      case 2:
      case 3:
        settled.push(select(cases(), limits()).then(take, () => undefined)); // prettier-ignore
        break;
      case 4:
        settled.push(rxs[random(3)]!.recv(limits()).then((value) => delivered.push(value), () => undefined)); // prettier-ignore
        break;
      case 5:
        next++;
        if ((random(4) === 0 ? buffer : txs[random(3)]!).trySend(n).ok) accepted.push(n);
        break;
      case 6:
        take(trySelect(cases()));
        if (random(4) === 0) controllers[random(controllers.length)]?.abort();
        break;
      default:
        await turns(random(3));
    }
  }
  for (const handle of [...txs, buffer]) handle.close();
  await Promise.all(settled);
  delivered.push(...buffered.tryIter());
  expect(delivered.length).toBeGreaterThan(10);
  const sorted = (values: number[]): number[] => [...values].sort((a, b) => a - b);
  expect(sorted(delivered)).toEqual(sorted(accepted));
  expect(inspect().memory.used).toBeLessThanOrEqual(before);
});
