/** api.md §5: `ready` over rendezvous channels. Who asks is told of partners, is none, and sees only who can be met by a try. */
import { type Receiver, type Sender } from '@beamline/core';
import { HANDLE } from '@beamline/core/internal';
import { Select, select, send } from '@beamline/select';
import { isPending, range, turns } from '../../../core/test/support/turns';
import { bench } from '../support/bench';

const { make, channels } = bench();
const EMPTY = { ok: false, reason: 'empty' };

/** Sets that ask about one side of a rendezvous each. */
function asking(tx: Sender<number>, rx: Receiver<number>): { senders: Select; receivers: Select } {
  const [senders, receivers] = [new Select(), new Select()];
  senders.recv(rx);
  receivers.send(tx, 7);
  return { senders, receivers };
}

/** A test that fails leaves it behind: then its rejection is nobody's business. */
function pending<R>(promise: Promise<R>): Promise<R> {
  promise.catch(() => undefined);
  return promise;
}

describe('two that only ask, one at each end', () => {
  it.each(['sender first', 'receiver first'])('are no partners of each other (%s)', async (order) => {
    const [tx, rx] = make<number>(0);
    const { senders, receivers } = asking(tx, rx);
    const both = order === 'sender first' ? [senders, receivers] : [receivers, senders];
    const [first, second] = both.map((set) => pending(set.ready({ timeout: 60_000 }))) as [Promise<number>, Promise<number>];
    expect(await isPending(first)).toBe(true);
    expect(await isPending(second)).toBe(true);
    expect(rx.tryRecv()).toEqual(EMPTY);
    expect(tx.trySend(1)).toEqual({ ok: false, reason: 'full' });
    const sent = tx.send(3);
    expect(await (order === 'sender first' ? first : second)).toBe(0);
    expect(await isPending(order === 'sender first' ? second : first)).toBe(true);
    const received = await rx.recv();
    expect(received).toBe(3);
    await sent;
    const taken = rx.recv();
    expect(await (order === 'sender first' ? second : first)).toBe(0);
    expect(tx.trySend(4)).toEqual({ ok: true });
    expect(await taken).toBe(4);
  });

  it('leave each other alone while nobody comes', async () => {
    const [tx, rx] = make<number>(0);
    const { channel } = tx[HANDLE] as unknown as { channel: { isStill: () => boolean; link: () => boolean } };
    const { senders, receivers } = asking(tx, rx);
    const asked = [senders, receivers].map((set) => pending(set.ready({ timeout: 60_000 })));
    const thunk = pending(select([send(tx, () => 1)], { timeout: 60_000 }));
    await turns(30);
    const looks = [jest.spyOn(channel, 'isStill'), jest.spyOn(channel, 'link')];
    await turns(300);
    // A few looks at most, where a slice ended; if they told each other, there would be one or more at every turn.
    for (const look of looks) expect(look.mock.calls.length).toBeLessThan(30);
    const received = rx.recv();
    expect(await thunk).toMatchObject({ ok: true });
    expect(await received).toBe(1);
    rx.close();
    await Promise.all(asked);
  });

  it('do not make tryReady, trySelect or a select that waits busy', () => {
    const [tx, rx] = make<number>(0);
    const [other, otherRx] = make<number>(0);
    const { senders, receivers } = asking(tx, rx);
    const asked = [senders, receivers].map((set) => pending(set.ready({ timeout: 60_000 })));
    const set = new Select();
    set.recv(rx);
    set.send(tx, 1);
    set.recv(otherRx);
    set.send(other, 1);
    expect(set.tryReady()).toBeUndefined();
    expect(set.trySelect()).toBeUndefined();
    tx.close();
    return Promise.all(asked);
  });
});

it.each([
  ['a value', 5, true],
  ['a function', () => 5, false],
])('a select that waits to send %s: ready names it if a try would receive', async (_, value, isReady) => {
  const [tx, rx] = make<number>(0);
  const sent = pending(select([send(tx, value)]));
  await turns();
  const set = new Select();
  set.recv(rx);
  expect(set.tryReady()).toBe(isReady ? 0 : undefined);
  const asked = pending(set.ready({ timeout: 60_000 }));
  expect(await isPending(asked)).toBe(!isReady);
  if (!isReady) rx.close();
  expect(await asked).toBe(0);
  if (isReady) expect(rx.tryRecv()).toEqual({ ok: true, value: 5 });
  expect(await sent).toMatchObject({ ok: isReady });
});

it('ready, then try, over and over, meets everybody who can be met', async () => {
  const { txs, rxs } = channels<number>(3, 0);
  const set = new Select();
  const byIndex = new Map(rxs.map((rx) => [set.recv(rx), rx]));
  const sent = range(60).map((i) => (i % 2 === 0 ? txs[i % 3]!.send(i) : select([send(txs[i % 3]!, i)])));
  const received: number[] = [];
  let vain = 0;
  while (received.length < sent.length) {
    const result = byIndex.get(await set.ready())!.tryRecv();
    if (result.ok) received.push(result.value);
    else vain++;
  }
  await Promise.all(sent);
  expect(received.sort((a, b) => a - b)).toEqual(range(60));
  expect(vain).toBe(0);
});

it.each(['select', 'ready'] as const)(
  '%s that waits offers, and asks about, all its cases after one was removed or added',
  async (form) => {
    const { txs, rxs } = channels<number>(3, 0);
    const set = new Select();
    const [first, second] = [set.recv(rxs[0]!), set.recv(rxs[1]!)];
    const wait = async () => (form === 'select' ? (await set.select({ timeout: 60_000 })).index : set.ready({ timeout: 60_000 }));
    const left = wait();
    await turns();
    set.remove(first);
    const sent = txs[1]!.send(1);
    expect(await left).toBe(second);
    if (form === 'ready') expect(rxs[1]!.tryRecv()).toEqual({ ok: true, value: 1 });
    await sent;
    const added = wait();
    await turns();
    const third = set.recv(rxs[2]!);
    const later = txs[2]!.send(2);
    expect(await added).toBe(third);
    if (form === 'ready') expect(rxs[2]!.tryRecv()).toEqual({ ok: true, value: 2 });
    await later;
  },
);
