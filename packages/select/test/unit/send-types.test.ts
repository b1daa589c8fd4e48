/** What the compiler knows of sends in a select, of `Select` and of `selectEach`. Checked by `npm run typecheck`, as types.test.ts. */
import { bounded, broadcast, type BroadcastReceiver, type Receiver, type Sender } from '@beamline/core';
import {
  never,
  recv,
  Select,
  select,
  selectEach,
  selectSync,
  send,
  trySelect,
  type BroadcastRecvCase,
  type Case,
  type Lazy,
  type RecvCase,
  type Selected,
  type SelectedOperation,
  type SendCase,
} from '@beamline/select';
import { expectTypeOf } from 'expect-type';
import { bench } from '../support/bench';

const { make, own } = bench();

type Kind = 'a' | 'b';
type Job = { readonly kind: 'start'; readonly id: number } | { readonly kind: 'stop' };
type Gone<K> = { readonly key: K; readonly ok: false; readonly reason: 'disconnected' };
type Got<K, T> = { readonly key: K; readonly ok: true; readonly value: T } | Gone<K>;
type Sent<K, T> = { readonly key: K; readonly ok: true } | (Gone<K> & { readonly value: T });
type Lagged<K> = { readonly key: K; readonly ok: false; readonly reason: 'lagged'; readonly missed: number };

describe('send', () => {
  it('has the type of the messages, whatever the value is', () => {
    const [tx] = make<Kind>();
    expectTypeOf(send(tx, 'a')).toEqualTypeOf<SendCase<Kind>>();
    expectTypeOf(send(tx, () => 'b')).toEqualTypeOf<SendCase<Kind>>();
    const [jobs] = make<Job>();
    expectTypeOf(send(jobs, { kind: 'stop' })).toEqualTypeOf<SendCase<Job>>();
    expectTypeOf(send(jobs, () => ({ kind: 'start', id: 1 }))).toEqualTypeOf<SendCase<Job>>();
    const [untyped] = make();
    expectTypeOf(send(untyped, 5)).toEqualTypeOf<SendCase<unknown>>();
    const [maybe] = make<number | undefined>();
    expectTypeOf(send(maybe, undefined)).toEqualTypeOf<SendCase<number | undefined>>();
    expectTypeOf<Lazy<Sender<Kind>>>().toEqualTypeOf<Kind | (() => Kind)>();
    expectTypeOf<SendCase<Kind>>().toExtend<Case>();
  });

  it('refuses what is no such message', () => {
    const [tx, rx] = make<Kind>();
    // @ts-expect-error no such message
    void (() => send(tx, 'c'));
    // @ts-expect-error nor may a function make one
    void (() => send(tx, () => 'c'));
    // @ts-expect-error a function takes no argument
    void (() => send(tx, (given: number) => (given > 0 ? 'a' : 'b')));
    // @ts-expect-error a promise is no message
    void (() => send(tx, async () => 'a' as const));
    // @ts-expect-error sends go to senders
    void (() => send(rx, 'a'));
    // @ts-expect-error a value or a function is needed
    void (() => send(tx));
    expect(tx.isEmpty).toBe(true);
  });
});

describe('a select with sends', () => {
  it('an event of a send has a value only if it failed', async () => {
    const [tx] = make<Kind>();
    const event = await select({ out: send(tx, () => 'a') });
    expectTypeOf(event).toEqualTypeOf<Sent<'out', Kind>>();
    if (event.ok) {
      // @ts-expect-error it was sent
      void event.value;
    } else {
      expectTypeOf(event.value).toEqualTypeOf<Kind>();
      expectTypeOf(event.reason).toEqualTypeOf<'disconnected'>();
    }
    expect(event.key).toBe('out');
  });

  it('sends, receives, broadcasts and never, told apart by key', () => {
    const [tx] = make<Job>();
    const [, rx] = make<string>();
    const [news, heard] = broadcast<number>(2);
    own(news);
    own(heard);
    const event = selectSync({ out: send(tx, { kind: 'stop' }), text: rx, heard, again: recv(heard), off: own(never()) });
    expectTypeOf(event).toEqualTypeOf<
      Sent<'out', Job> | Got<'text', string> | Got<'heard', number> | Lagged<'heard'> | Got<'again', number> | Lagged<'again'>
    >();
    if (event.key === 'text' && event.ok) expectTypeOf(event.value).toEqualTypeOf<string>();
    if (event.key === 'heard' && !event.ok && event.reason === 'lagged') expectTypeOf(event.missed).toEqualTypeOf<number>();
    if (event.key === 'out' && !event.ok) expectTypeOf(event.value).toEqualTypeOf<Job>();
    // @ts-expect-error never is no event
    expect(event.key === 'off').toBe(false);
  });

  it('tuples, arrays and interfaces', () => {
    const [tx] = make<Kind>(4);
    const [, rx] = make<string>();
    const tuple = trySelect([send(tx, 'a'), rx, own(never())]);
    expectTypeOf(tuple).toEqualTypeOf<Sent<0, Kind> | Got<1, string> | undefined>();
    const many: SendCase<Kind>[] = [send(tx, 'a'), send(tx, () => 'b')];
    expectTypeOf(selectSync(many)).toEqualTypeOf<Sent<number, Kind>>();
    const mixed: (SendCase<Kind> | Receiver<string>)[] = [send(tx, 'a'), rx];
    expectTypeOf(selectSync(mixed)).toEqualTypeOf<Sent<number, Kind> | Got<number, string>>();
    interface Wishes {
      readonly out: SendCase<Kind>;
      in: RecvCase<string>;
    }
    const wishes: Wishes = { out: send(tx, 'a'), in: recv(rx) };
    expectTypeOf(selectSync(wishes)).toEqualTypeOf<Sent<'out', Kind> | Got<'in', string>>();
    expectTypeOf<Selected<{ off: Receiver<never>; out: SendCase<Kind> }>>().toEqualTypeOf<Sent<'out', Kind>>();
    expect(tx.length).toBe(4);
  });

  it('a case that is switched off may be a send or never', () => {
    const [tx] = make<Kind>();
    const isOn = Math.random() < 2;
    const event = selectSync({ out: isOn ? send(tx, 'a') : own(never()) });
    expectTypeOf(event).toEqualTypeOf<Sent<'out', Kind>>();
    expect(event.ok).toBe(true);
  });
});

it('selectEach gives the same events', () => {
  const [tx, rx] = bounded<Kind>(1);
  own(tx);
  own(rx);
  const cases = { in: rx, out: send(tx, 'a') };
  const events = selectEach(cases, { timeout: 1, deadline: 5, signal: new AbortController().signal, biased: true });
  expectTypeOf(events).toEqualTypeOf<AsyncIterableIterator<Got<'in', Kind> | Sent<'out', Kind>>>();
  expectTypeOf(selectEach([rx])).toEqualTypeOf<AsyncIterableIterator<Got<0, Kind>>>();
  // @ts-expect-error no such option
  void (() => selectEach(cases, { fair: true }));
  // @ts-expect-error undefined is no case
  void (() => selectEach({ rx: undefined }));
  expect(rx.isEmpty).toBe(true);
});

it('Select', () => {
  const [tx, rx] = make<Kind>();
  const [news, heard] = broadcast<number>(2);
  own(news);
  own(heard);
  const set = new Select({ biased: true });
  expectTypeOf(set).toExtend<Disposable>();
  expectTypeOf(set.recv(rx)).toEqualTypeOf<number>();
  expectTypeOf(set.recv(heard)).toEqualTypeOf<number>();
  expectTypeOf(set.send(tx, 'a')).toEqualTypeOf<number>();
  expectTypeOf(set.send(tx, () => 'b')).toEqualTypeOf<number>();
  // @ts-expect-error no such message
  void (() => set.send(tx, 'c'));
  // @ts-expect-error a sender is received from by nobody
  void (() => set.recv(tx));
  expectTypeOf(set.trySelect()).toEqualTypeOf<SelectedOperation | undefined>();
  expectTypeOf(set.tryReady()).toEqualTypeOf<number | undefined>();
  expectTypeOf(set.select).returns.toEqualTypeOf<Promise<SelectedOperation>>();
  expectTypeOf(set.selectSync).returns.toEqualTypeOf<SelectedOperation>();
  expectTypeOf(set.ready).returns.toEqualTypeOf<Promise<number>>();
  expectTypeOf(set.readySync).returns.toEqualTypeOf<number>();
  // @ts-expect-error a blocked thread sees no abort
  void (() => set.selectSync({ signal: new AbortController().signal }));
  const event = set.selectSync();
  if (!event.ok && event.reason === 'lagged') expectTypeOf(event.missed).toEqualTypeOf<number>();
  else expectTypeOf(event.value).toEqualTypeOf<unknown>();
  expectTypeOf<BroadcastRecvCase<number>>().toExtend<Case>();
  expectTypeOf<BroadcastReceiver<number>>().toExtend<Case>();
  set.clear();
  expect(event.ok).toBe(true);
});
