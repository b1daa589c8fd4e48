/**
 * What the compiler knows of a select. Checked by `npm run typecheck`; the calls are made here too, so that what the types say can be
 * said of what happens.
 */
import { EventEmitter } from 'node:events';
import { bounded, unbounded, type Receiver, type Sender } from '@beamline/core';
import {
  after,
  at,
  fromAbortSignal,
  fromEvent,
  fromSignal,
  never,
  recv,
  select,
  selectSync,
  tick,
  trySelect,
  type Case,
  type Cases,
  type CasesOf,
  type RecvCase,
  type Selected,
  type SelectOptions,
} from '@beamline/select';
import { expectTypeOf } from 'expect-type';
import { bench } from '../support/bench';

const { own } = bench();

interface Job {
  readonly id: number;
}

type Got<K, T> = { readonly key: K; readonly ok: true; readonly value: T };
type Gone<K> = { readonly key: K; readonly ok: false; readonly reason: 'disconnected' };
type Ev<K, T> = Got<K, T> | Gone<K>;

function jobs(): Receiver<Job> {
  const [tx, rx] = bounded<Job>(1);
  own(tx).sendSync({ id: 1 });
  return own(rx);
}

function texts(): Receiver<string> {
  const [tx, rx] = unbounded<string>();
  own(tx).sendSync('text');
  return own(rx);
}

describe('an object of cases', () => {
  it('gives a union that key tells apart', async () => {
    const event = await select({ job: jobs(), text: texts() });
    expectTypeOf(event).toEqualTypeOf<Ev<'job', Job> | Ev<'text', string>>();
    switch (event.key) {
      case 'job':
        if (event.ok) expectTypeOf(event.value).toEqualTypeOf<Job>();
        else expectTypeOf(event.reason).toEqualTypeOf<'disconnected'>();
        break;
      case 'text':
        expectTypeOf(event).toEqualTypeOf<Ev<'text', string>>();
        break;
    }
    // @ts-expect-error no such case
    expect(event.key === 'other').toBe(false);
    // @ts-expect-error only an event that is ok has a value
    void event.value;
  });

  it('may mix bare receivers, recv, timers and never', async () => {
    const event = selectSync({ job: recv(jobs()), beat: own(tick(1000)), late: own(after(1000)), off: own(never()) });
    expectTypeOf(event).toEqualTypeOf<Ev<'job', Job> | Ev<'beat', number> | Ev<'late', number>>();
    expect(event.key).toBe('job');
  });

  it('whose names are numbers has them as text', () => {
    const event = selectSync({ 7: jobs() });
    expectTypeOf(event).toEqualTypeOf<Ev<'7', Job>>();
    expect(event.key).toBe('7');
  });

  it('may be typed by an interface, or a type', () => {
    interface Inbox {
      job: Receiver<Job>;
      readonly text: RecvCase<string>;
    }
    const inbox: Inbox = { job: jobs(), text: recv(texts()) };
    expectTypeOf(selectSync(inbox)).toEqualTypeOf<Ev<'job', Job> | Ev<'text', string>>();
    const each: Record<string, Receiver<Job>> = { a: jobs() };
    expectTypeOf(selectSync(each)).toEqualTypeOf<Ev<string, Job>>();
  });

  it('in a class, read only', () => {
    class Actor {
      readonly cases = { job: jobs(), off: own(never()) } as const;
      next(): Ev<'job', Job> {
        return selectSync(this.cases);
      }
    }
    expect(new Actor().next()).toMatchObject({ key: 'job' });
  });
});

describe('an array of cases', () => {
  it('given as it is, has literal indices', async () => {
    const event = await select([jobs(), texts()]);
    expectTypeOf(event).toEqualTypeOf<Ev<0, Job> | Ev<1, string>>();
    if (event.key === 1 && event.ok) expectTypeOf(event.value).toEqualTypeOf<string>();
  });

  it('of a tuple type has literal indices', () => {
    const cases: [Receiver<Job>, RecvCase<string>, Receiver<never>] = [jobs(), recv(texts()), own(never())];
    expectTypeOf(selectSync(cases)).toEqualTypeOf<Ev<0, Job> | Ev<1, string>>();
    const readonly = [jobs(), texts()] as const;
    expectTypeOf(selectSync(readonly)).toEqualTypeOf<Ev<0, Job> | Ev<1, string>>();
  });

  it('of unknown length has number', () => {
    const cases: Receiver<Job>[] = [jobs()];
    expectTypeOf(selectSync(cases)).toEqualTypeOf<Ev<number, Job>>();
    const mixed: readonly (Receiver<Job> | RecvCase<string>)[] = [jobs(), recv(texts())];
    expectTypeOf(selectSync(mixed)).toEqualTypeOf<Ev<number, Job> | Ev<number, string>>();
  });
});

it('a receiver of never adds nothing to the union', () => {
  expectTypeOf<Selected<{ off: Receiver<never> }>>().toEqualTypeOf<never>();
  expectTypeOf<Selected<[Receiver<never>, Receiver<Job>]>>().toEqualTypeOf<Ev<1, Job>>();
  expectTypeOf(own(never())).toEqualTypeOf<Receiver<never>>();
  expectTypeOf(own(never<string>())).toEqualTypeOf<Receiver<string>>();
  const enabled = Math.random() < 2;
  const event = selectSync({ job: enabled ? jobs() : own(never()) });
  expectTypeOf(event).toEqualTypeOf<Ev<'job', Job>>();
});

it('unions of messages stay whole', () => {
  const [tx, rx] = bounded<{ kind: 'a' } | { kind: 'b'; n: number } | undefined>(1);
  own(rx);
  own(tx).sendSync(undefined);
  const event = selectSync({ rx });
  expectTypeOf(event).toEqualTypeOf<Ev<'rx', { kind: 'a' } | { kind: 'b'; n: number } | undefined>>();
  const [untyped, any] = bounded(1);
  own(any);
  own(untyped).sendSync(5);
  expectTypeOf(selectSync([any])).toEqualTypeOf<Ev<0, unknown>>();
});

it('the three forms', () => {
  const cases = { job: jobs() };
  expectTypeOf(trySelect(cases)).toEqualTypeOf<Ev<'job', Job> | undefined>();
  expectTypeOf(selectSync<typeof cases>).returns.toEqualTypeOf<Ev<'job', Job>>();
  expectTypeOf(select<typeof cases>).returns.toEqualTypeOf<Promise<Ev<'job', Job>>>();
});

it('a function over any cases passes on what they are', () => {
  async function logged<const C extends CasesOf<C>>(cases: C, options?: SelectOptions): Promise<Selected<C>> {
    return select(cases, options);
  }
  expectTypeOf(logged<{ job: Receiver<Job> }>).returns.resolves.toEqualTypeOf<Ev<'job', Job>>();
  function any(cases: Cases): void {
    expectTypeOf(trySelect(cases)).not.toBeAny();
  }
  any([jobs()]);
  any({ job: jobs(), off: own(never()) });
});

it('options', () => {
  const { signal } = new AbortController();
  const cases = { job: jobs() };
  void (() => select(cases, { timeout: 5, deadline: 5, signal, biased: true }));
  void (() => selectSync(cases, { timeout: 5, deadline: 5, biased: false }));
  void (() => trySelect(cases, { biased: true }));
  // @ts-expect-error a blocked thread sees no abort
  void (() => selectSync(cases, { signal }));
  // @ts-expect-error what does not wait has no limit
  void (() => trySelect(cases, { timeout: 5 }));
  // @ts-expect-error no such option
  void (() => select(cases, { fair: true }));
  expect(cases.job.length).toBe(1);
});

it('what is no case is refused', () => {
  const [tx, rx] = bounded<Job>(1);
  own(tx);
  own(rx);
  const maybe: Receiver<Job> | undefined = Math.random() < 2 ? rx : undefined;
  // @ts-expect-error undefined is no case
  void (() => select({ maybe }));
  const optional: { job?: Receiver<Job> } = {};
  // @ts-expect-error nor is one that may be absent, as it may be undefined where the compiler is less strict
  void (() => select(optional));
  // @ts-expect-error undefined is no case
  void (() => select({ rx, off: undefined }));
  // @ts-expect-error null is no case
  void (() => select([rx, null]));
  // @ts-expect-error a sender is no case
  void (() => select({ tx }));
  // @ts-expect-error a receiver is a case, not cases
  void (() => select(rx));
  // @ts-expect-error a promise is no case
  void (() => select({ later: rx.recv() }));
  // @ts-expect-error text is no list of cases
  void (() => select('rx'));
  // @ts-expect-error recv is of receivers
  void (() => recv(tx));
  // @ts-expect-error a token is no case
  void (() => select({ token: rx.transfer() }));
  expect(rx.isEmpty).toBe(true);
});

it('cases, and receivers as cases', () => {
  expectTypeOf<Receiver<Job>>().toExtend<Case>();
  expectTypeOf<RecvCase<Job>>().toExtend<Case>();
  expectTypeOf<Receiver<never>>().toExtend<Case>();
  expectTypeOf<Sender<Job>>().not.toExtend<Case>();
  expectTypeOf(recv(jobs())).toEqualTypeOf<RecvCase<Job>>();
  expectTypeOf<RecvCase<Job>>().toExtend<RecvCase<unknown>>();
  expectTypeOf<RecvCase<unknown>>().not.toExtend<RecvCase<Job>>();
});

it('timers are receivers of instants', () => {
  const timers = [after(5), at(5), tick(5, { policy: 'delay' })];
  expectTypeOf(timers).toEqualTypeOf<Receiver<number>[]>();
  for (const timer of timers) timer.drop();
  // @ts-expect-error no such policy
  expect(() => tick(5, { policy: 'fast' })).toThrow('policy');
});

it('sources are receivers of what their events give', () => {
  const [emitter, target] = [new EventEmitter(), new EventTarget()];
  const signals = fromSignal('SIGINT', 'SIGTERM');
  expectTypeOf(signals).toEqualTypeOf<Receiver<'SIGINT' | 'SIGTERM'>>();
  const events = [
    fromEvent(emitter, 'x'),
    fromEvent(target, 'x'),
    fromEvent(emitter, Symbol('x'), { map: (...all: unknown[]): unknown => all.length }),
  ];
  expectTypeOf(events).toEqualTypeOf<Receiver<unknown>[]>();
  const lengths = fromEvent(emitter, 'x', { map: (text: string, times: number) => text.length * times });
  expectTypeOf(lengths).toEqualTypeOf<Receiver<number>>();
  const typed = fromEvent<Job>(emitter, 'x');
  expectTypeOf(typed).toEqualTypeOf<Receiver<Job>>();
  const aborted = fromAbortSignal(new AbortController().signal);
  expectTypeOf(aborted).toEqualTypeOf<Receiver<unknown>>();
  // @ts-expect-error no such signal
  expect(() => fromSignal('SIGNOT')).toThrow('signals');
  // @ts-expect-error nothing that can be listened to
  expect(() => fromEvent({}, 'x')).toThrow('target');
  for (const receiver of [signals, ...events, lengths, typed, aborted]) receiver.drop();
  expect(emitter.eventNames()).toEqual([]);
});
