/** api.md §2.4, §5: receivers of a broadcast as cases. Each reads for itself; one that fell behind says so, once. */
import { bounded, broadcast, type BroadcastReceiver, type BroadcastSender } from '@beamline/core';
import {
  after,
  type BroadcastRecvCase,
  never,
  recv,
  Select,
  select,
  selectEach,
  type Selected,
  selectSync,
  trySelect,
} from '@beamline/select';
import { expectTypeOf } from 'expect-type';
import { isPending, turns } from '../../../core/test/support/turns';
import { bench, formNames, forms } from '../support/bench';

const { make, own } = bench();

function makeBroadcast<T>(capacity: number): [BroadcastSender<T>, BroadcastReceiver<T>] {
  const [tx, rx] = broadcast<T>(capacity);
  return [own(tx), own(rx)];
}

describe.each(formNames)('%s', (form) => {
  const choose = forms[form];

  it.each([
    ['bare', (rx: BroadcastReceiver<string>) => rx],
    ['as recv(rx)', (rx: BroadcastReceiver<string>) => recv(rx)],
  ])('gives the next message of a receiver, %s', async (_, caseOf) => {
    const [tx, rx] = makeBroadcast<string>(4);
    const [other, quiet] = make<string>(1);
    tx.send('one');
    tx.send('two');
    expect(await choose([quiet, caseOf(rx)] as never)).toEqual({ key: 1, ok: true, value: 'one' });
    expect(await choose([quiet, caseOf(rx)] as never)).toEqual({ key: 1, ok: true, value: 'two' });
    other.trySend('three');
    expect(await choose([quiet, caseOf(rx)] as never)).toEqual({ key: 0, ok: true, value: 'three' });
  });

  it('a case that does not win has had nothing done to it', async () => {
    const [tx, rx] = makeBroadcast<number>(2);
    const [filling, full] = make<number>(1);
    for (let i = 0; i < 5; i++) tx.send(i);
    filling.sendSync(7);
    const event = await choose([full, rx] as never, { biased: true });
    expect(event).toEqual({ key: 0, ok: true, value: 7 });
    expect(rx.tryRecv()).toEqual({ ok: false, reason: 'lagged', missed: 3 });
  });

  it('says that a receiver fell behind, and by how much, once; before disconnection', async () => {
    const [tx, rx] = makeBroadcast<number>(2);
    for (let i = 0; i < 5; i++) tx.send(i);
    tx.drop();
    const cases = { news: rx, off: own(never()) };
    const events: unknown[] = [];
    for (let i = 0; i < 4; i++) events.push(await choose(cases as never));
    expect(events).toEqual([
      { key: 'news', ok: false, reason: 'lagged', missed: 3 },
      { key: 'news', ok: true, value: 3 },
      { key: 'news', ok: true, value: 4 },
      { key: 'news', ok: false, reason: 'disconnected' },
    ]);
  });

  it('several receivers of one channel are cases of their own', async () => {
    const [tx, first] = makeBroadcast<number>(2);
    const second = own(first.clone());
    tx.send(1);
    const chosenKey = async (): Promise<unknown> => ((await choose([first, second] as never)) as { key: unknown }).key;
    const keys = [await chosenKey(), await chosenKey()];
    expect(keys.sort()).toEqual([0, 1]);
    expect(trySelect([first, second])).toBeUndefined();
  });
});

it('waits for a message, which concerns every select of the thread', async () => {
  const [tx, rx] = makeBroadcast<string>(2);
  const receivers = [rx, own(rx.clone()), own(rx.clone())];
  const waiting = receivers.map((each) => select([each, own(after(60_000))]));
  const plain = own(rx.clone()).recv();
  await turns();
  tx.send('to all');
  for (const event of await Promise.all(waiting)) expect(event).toEqual({ key: 0, ok: true, value: 'to all' });
  expect(await plain).toBe('to all');
});

it('that has waited is told of lag and of the end, too', async () => {
  const [tx, rx] = makeBroadcast<number>(1);
  const lagging = select({ rx });
  await turns();
  for (let i = 0; i < 3; i++) tx.send(i);
  expect(await lagging).toEqual({ key: 'rx', ok: false, reason: 'lagged', missed: 2 });
  expect(selectSync({ rx })).toMatchObject({ value: 2 });
  const ending = select({ rx });
  expect(await isPending(ending)).toBe(true);
  tx.drop();
  expect(await ending).toEqual({ key: 'rx', ok: false, reason: 'disconnected' });
});

it('loses and doubles nothing when another case wins, again and again', async () => {
  const [tx, rx] = makeBroadcast<number>(64);
  const [other, jobs] = make<number>(64);
  const seen: number[] = [];
  let taken = 0;
  const reading = (async () => {
    while (seen.length < 300 || taken < 300) {
      const event = await select({ rx, jobs });
      if (!event.ok) throw new Error(event.reason);
      if (event.key === 'rx') seen.push(event.value);
      else taken++;
    }
  })();
  for (let i = 0; i < 300; i++) {
    tx.send(i);
    await other.send(i);
    if (i % 5 === 0) await turns(1);
  }
  await reading;
  expect(seen).toEqual(Array.from({ length: 300 }, (_, i) => i));
});

it('a select without waiting finds what is always in one of them', () => {
  const [tx, rx] = makeBroadcast<number>(1);
  const [, quiet] = make<number>(1);
  for (let i = 0; i < 100; i++) {
    expect(trySelect([quiet, rx])).toBeUndefined();
    tx.send(i);
    expect(trySelect([quiet, rx])).toEqual({ key: 1, ok: true, value: i });
  }
});

it('selectEach reports lag, and keeps the case until the channel has ended', async () => {
  const [tx, rx] = makeBroadcast<number>(1);
  for (let i = 0; i < 3; i++) tx.send(i);
  tx.drop();
  const events = [];
  for await (const event of selectEach({ rx })) events.push(event);
  expect(events).toEqual([
    { key: 'rx', ok: false, reason: 'lagged', missed: 2 },
    { key: 'rx', ok: true, value: 2 },
    { key: 'rx', ok: false, reason: 'disconnected' },
  ]);
});

it('a Select tells lag, messages and the end; it is ready only for who has something to read', async () => {
  const [tx, rx] = makeBroadcast<number>(1);
  const second = own(rx.clone());
  using set = new Select({ biased: true });
  const first = set.recv(rx);
  tx.send(0);
  second.recvSync();
  const other = set.recv(second);
  expect(set.tryReady()).toBe(first);
  tx.send(1);
  expect([await set.select(), await set.select(), await set.select()]).toEqual([
    { index: first, ok: false, reason: 'lagged', missed: 1 },
    { index: first, ok: true, value: 1 },
    { index: other, ok: true, value: 1 },
  ]);
  set.remove(first);
  expect(set.tryReady()).toBeUndefined();
  const ready = set.ready();
  expect(await isPending(ready)).toBe(true);
  tx.send(2);
  expect(await ready).toBe(other);
  expect(set.trySelect()).toEqual({ index: other, ok: true, value: 2 });
  tx.drop();
  expect(set.selectSync()).toEqual({ index: other, ok: false, reason: 'disconnected' });
});

it('dropping a receiver that is a case ends the select', async () => {
  const [, rx] = makeBroadcast<number>(1);
  const waiting = select([rx, own(never())]);
  await turns();
  rx.drop();
  await expect(waiting).rejects.toMatchObject({ code: 'ERR_HANDLE_DROPPED' });
});

it('a sender of a broadcast is no case', async () => {
  const [tx] = makeBroadcast<number>(1);
  await expect(select([tx as never])).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' });
  expect(() => recv(tx as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }));
});

it('its events are a union of their own', () => {
  type News = { readonly key: 'news'; readonly ok: true; readonly value: string } | { readonly key: 'news'; readonly ok: false; readonly reason: 'disconnected' } | { readonly key: 'news'; readonly ok: false; readonly reason: 'lagged'; readonly missed: number }; // prettier-ignore
  expectTypeOf<Selected<{ news: BroadcastReceiver<string> }>>().toEqualTypeOf<News>();
  expectTypeOf<Selected<{ news: BroadcastRecvCase<string> }>>().toEqualTypeOf<News>();
  const [, rx] = makeBroadcast<string>(1);
  expectTypeOf(recv(rx)).toEqualTypeOf<BroadcastRecvCase<string>>();
  const [tx, jobs] = bounded<number>(1);
  own(tx);
  tx.trySend(1);
  const event = selectSync({ jobs: own(jobs), news: rx });
  if (event.key === 'news' && !event.ok && event.reason === 'lagged') expectTypeOf(event.missed).toEqualTypeOf<number>();
  expect(event).toEqual({ key: 'jobs', ok: true, value: 1 });
});
