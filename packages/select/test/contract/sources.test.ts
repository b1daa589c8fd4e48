/**
 * api.md §5.2: events and aborts as receivers. Signals, warnings and uncaught exceptions need a process of their own: they are in
 * test/threads/sources.test.ts.
 */
import { EventEmitter, getEventListeners } from 'node:events';
import { explain, inspect, type Receiver } from '@beamline/core';
import { fromAbortSignal, fromEvent, fromSignal, never, Select, select, selectSync, trySelect } from '@beamline/select';
import { expectFailure, expectInvalid, rejection, thrown } from '../../../core/test/support/failure';
import { isPending, range, turns, until } from '../../../core/test/support/turns';
import { bench } from '../support/bench';

let sources: Receiver<unknown>[] = [];

/** A source that is dropped after the test. */
function source<T>(receiver: Receiver<T>): Receiver<T> {
  sources.push(receiver);
  return receiver;
}

// Before the bench looks for channels that are left: the sender of a source goes once its receivers have.
afterEach(async () => {
  for (const receiver of sources) receiver.drop();
  sources = [];
  await turns();
});

const { make, own } = bench();
const empty = { ok: false, reason: 'empty' };
const gone = { ok: false, reason: 'disconnected' };

class Temperature extends Event {
  readonly unit = { name: 'kelvin' };
  readonly convert = (): number => this.degrees - 273;
  constructor(readonly degrees: number) {
    super('temperature');
  }
}

describe('fromEvent of an emitter', () => {
  it('gives the first argument of each event since the call, in order, whenever it is read', async () => {
    const door = new EventEmitter();
    door.emit('ring', 'too early');
    const rings = source(fromEvent(door, 'ring'));
    for (const who of range(100)) door.emit('ring', who, 'twice');
    expect(rings.length).toBe(100);
    expect(rings.capacity).toBe(Infinity);
    expect([...rings.tryIter()]).toEqual(range(100));
    const next = rings.recv();
    expect(await isPending(next)).toBe(true);
    door.emit('ring', { deep: [1, new Map([['a', 1n]])] });
    expect(await next).toEqual({ deep: [1, new Map([['a', 1n]])] });
    door.emit('ring');
    expect(rings.tryRecv()).toEqual({ ok: true, value: undefined });
    expect(rings.tryRecv()).toEqual(empty);
  });

  it('takes symbols and odd names for events', () => {
    const door = new EventEmitter();
    const knock = Symbol('knock');
    for (const event of [knock, '', '__proto__', 'constructor']) {
      const events = source(fromEvent(door, event));
      door.emit(event, event.toString());
      expect(events.tryRecv()).toEqual({ ok: true, value: event.toString() });
    }
  });

  it('gives what map makes of all arguments', () => {
    const door = new EventEmitter();
    const rings = source(fromEvent(door, 'ring', { map: (...all: unknown[]) => all.length }));
    door.emit('ring', 1, 2, 3);
    door.emit('ring');
    expect([...rings.tryIter()]).toEqual([3, 0]);
  });

  it('gives each event to one of the clones, and to each of two sources', () => {
    const door = new EventEmitter();
    const first = source(fromEvent<number>(door, 'ring'));
    const second = source(fromEvent<number>(door, 'ring'));
    const clone = source(first.clone());
    for (const i of range(10)) door.emit('ring', i);
    expect([first.recvSync(), clone.recvSync(), ...first.tryIter()]).toEqual(range(10));
    expect(clone.tryRecv()).toEqual(empty);
    expect([...second.tryIter()]).toEqual(range(10));
  });

  it('has one listener for all sources of an event, which goes with the last clone of the last source', () => {
    const door = new EventEmitter();
    const receivers = range(50).map(() => fromEvent(door, 'ring'));
    const clones = receivers.map((receiver) => receiver.clone());
    expect(door.listenerCount('ring')).toBe(1);
    for (const receiver of [...receivers, ...clones.slice(1)]) receiver.drop();
    expect(door.listenerCount('ring')).toBe(1);
    clones[0]!.drop();
    expect(door.listenerCount('ring')).toBe(0);
    const again = source(fromEvent(door, 'ring'));
    door.emit('ring', 'again');
    expect(again.recvSync()).toBe('again');
  });

  it('listens until the receiver is gone that a message carried away', async () => {
    const door = new EventEmitter();
    const [tx, rx] = make<Receiver<string>>();
    tx.sendSync(fromEvent<string>(door, 'ring'));
    door.emit('ring', 'on its way');
    const rings = rx.recvSync();
    expect(rings.recvSync()).toBe('on its way');
    tx.sendSync(rings);
    tx.close();
    expect(door.listenerCount('ring')).toBe(1);
    rx.drop(); // discards the message, and the receiver in it
    await until(() => door.listenerCount('ring') === 0);
  });

  it('closed, stops listening, and what had come stays there', async () => {
    const door = new EventEmitter();
    const rings = source(fromEvent(door, 'ring'));
    door.emit('ring', 'before');
    rings.close();
    door.emit('ring', 'after');
    await until(() => door.listenerCount('ring') === 0);
    expect(rings.recvSync()).toBe('before');
    expect(rings.tryRecv()).toEqual(gone);
  });

  it('listens again if somebody had removed all listeners', () => {
    const door = new EventEmitter();
    source(fromEvent(door, 'ring'));
    door.removeAllListeners();
    const rings = source(fromEvent(door, 'ring'));
    door.emit('ring', 1);
    expect(rings.recvSync()).toBe(1);
    expect(door.listenerCount('ring')).toBe(1);
  });

  it('is a case of every select', async () => {
    const door = new EventEmitter();
    const rings = source(fromEvent<number>(door, 'ring'));
    const off = own(never());
    expect(trySelect({ rings, off })).toBeUndefined();
    const pending = select({ rings, off });
    expect(await isPending(pending)).toBe(true);
    door.emit('ring', 1);
    expect(await pending).toEqual({ key: 'rings', ok: true, value: 1 });
    door.emit('ring', 2);
    expect(selectSync([off, rings])).toEqual({ key: 1, ok: true, value: 2 });
  });

  it('lets map come back to the source: emit, read, drop it', () => {
    const door = new EventEmitter();
    const inner: unknown[] = [];
    const rings: Receiver<number> = source(
      fromEvent<number>(door, 'ring', {
        map: (left: number) => {
          if (left > 0) door.emit('ring', left - 1);
          const seen = rings.tryRecv();
          if (seen.ok) inner.push(seen.value);
          if (left === 9) rings.drop();
          return left;
        },
      }),
    );
    door.emit('ring', 3);
    expect([inner, [...rings.tryIter()]]).toEqual([[0, 1, 2], [3]]);
    door.emit('ring', 9);
    expect(door.listenerCount('ring')).toBe(0);
    door.emit('ring', 1);
  });

  it('leaves nothing behind when the target refuses to be listened to', async () => {
    const refusal = new RangeError('not today');
    const target = Object.assign(new EventEmitter(), {
      on: () => {
        throw refusal;
      },
    });
    expect(thrown(() => fromEvent(target, 'ring'))).toBe(refusal);
    await until(() => !inspect().channels.some(({ name }) => name?.startsWith('fromEvent')));
  });

  it('shows in inspect what it is, with nobody waiting to send, and no deadlock for who waits for it', async () => {
    const door = new EventEmitter();
    const rings = source(fromEvent(door, 'ring'));
    const view = () => inspect().channels.find(({ id }) => id === rings.id);
    expect(view()).toMatchObject({ kind: 'list', name: 'fromEvent(ring)', capacity: null, waiting: [], sent: 0 });
    expect(Object.keys(view()!)).not.toContain('isSource');
    const waits = rings.recv();
    await turns();
    expect(view()!.waiting).toMatchObject([{ operation: 'recv' }]);
    expect(explain(rings)).not.toContain('deadlock');
    const set = new Select(); // watches it between its calls, too
    set.recv(rings);
    expect(set.trySelect()).toBeUndefined();
    expect(explain(rings)).not.toContain('deadlock');
    set.clear();
    door.emit('ring', 1);
    await waits;
  });
});

describe('fromEvent of an event target', () => {
  it('gives the detail of a CustomEvent', () => {
    const target = new EventTarget();
    const events = source(fromEvent(target, 'x'));
    target.dispatchEvent(new CustomEvent('x', { detail: { id: 7 } }));
    target.dispatchEvent(new CustomEvent('x'));
    expect([...events.tryIter()]).toEqual([{ id: 7 }, null]);
  });

  it('gives the own properties that can be cloned of another event', () => {
    const target = new EventTarget();
    const events = source(fromEvent(target, 'temperature'));
    target.dispatchEvent(new Temperature(300));
    target.dispatchEvent(new Event('temperature'));
    expect([...events.tryIter()]).toEqual([{ degrees: 300, unit: { name: 'kelvin' } }, {}]);
  });

  it('gives map the event', () => {
    const target = new EventTarget();
    const events = source(fromEvent(target, 'temperature', { map: (event: Temperature) => event.convert() }));
    target.dispatchEvent(new Temperature(280));
    expect(events.recvSync()).toBe(7);
  });

  it('has one listener, which goes with the last receiver', () => {
    const target = new EventTarget();
    const receivers = range(20).map(() => fromEvent(target, 'x'));
    expect(getEventListeners(target, 'x')).toHaveLength(1);
    target.dispatchEvent(new CustomEvent('x', { detail: 1 }));
    for (const receiver of receivers) {
      expect([...receiver.tryIter()]).toEqual([1]);
      receiver.drop();
    }
    expect(getEventListeners(target, 'x')).toHaveLength(0);
  });

  it('of a MessagePort gives the data, as its listeners get it', async () => {
    const { port1, port2 } = new MessageChannel();
    const messages = source(fromEvent(port1 as unknown as EventTarget, 'message'));
    port2.postMessage({ hello: 1 });
    expect(await messages.recv()).toEqual({ hello: 1 });
    port1.close();
  });
});

it('a target of one’s own may call with anything, at any time, and say anything of its listeners', () => {
  const listeners: ((event?: unknown) => void)[] = [];
  const target = {
    addEventListener(_: string, listener: (event?: unknown) => void) {
      listeners.push(listener);
      listener('at once');
    },
    removeEventListener: () => listeners[0]?.('too late'),
    listeners: () => ({ includes: 5 }),
  };
  const events = source(fromEvent(target as unknown as EventTarget, 'x'));
  for (const event of [undefined, null, 5, { own: 1 }, { detail: 2 }]) listeners[0]!(event);
  expect([...events.tryIter()]).toEqual(['at once', undefined, null, 5, { own: 1 }, 2]);
  events.drop();
});

describe('fromAbortSignal', () => {
  it('gives the reason once, when the signal is aborted, and disconnects', async () => {
    const controller = new AbortController();
    const aborted = source(fromAbortSignal(controller.signal));
    const clone = source(aborted.clone());
    expect(aborted.tryRecv()).toEqual(empty);
    const pending = select({ aborted });
    expect(await isPending(pending)).toBe(true);
    controller.abort({ why: 'enough' });
    expect(await pending).toEqual({ key: 'aborted', ok: true, value: { why: 'enough' } });
    expect(clone.tryRecv()).toEqual(gone);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it('gives the reason at once of a signal that is aborted already', () => {
    const aborted = source(fromAbortSignal(AbortSignal.abort('before')));
    expect(aborted.tryRecv()).toEqual({ ok: true, value: 'before' });
    expect(aborted.tryRecv()).toEqual(gone);
  });

  it('gives a DOMException for the reason that nobody named, and of a timeout', async () => {
    const [plain, timedOut] = [AbortSignal.abort(), AbortSignal.timeout(1)].map((signal) => source(fromAbortSignal(signal)));
    expect(await plain!.recv()).toMatchObject({ name: 'AbortError' });
    expect(await timedOut!.recv()).toMatchObject({ name: 'TimeoutError' });
  });

  it('tells of an abort whose reason cannot be cloned', () => {
    const controller = new AbortController();
    const aborted = source(fromAbortSignal(controller.signal));
    controller.abort(() => 'a function');
    expect(aborted.recvSync()).toMatchObject({ name: 'DataCloneError' });
    expect(aborted.tryRecv()).toEqual(gone);
  });

  it('tells of an abort whose reason cannot be read, and ends', () => {
    let abort = (): void => undefined;
    const signal = {
      aborted: false,
      get reason() {
        throw new RangeError('no reason');
      },
      addEventListener: (_: string, listener: () => void) => (abort = listener),
      removeEventListener: () => undefined,
    };
    const aborted = source(fromAbortSignal(signal as unknown as AbortSignal));
    abort();
    abort();
    expect(aborted.recvSync()).toMatchObject({ name: 'RangeError', message: 'no reason' });
    expect(aborted.tryRecv()).toEqual(gone);
  });

  it('dropped before, removes its listener', () => {
    const { signal } = new AbortController();
    const receivers = range(3).map(() => fromAbortSignal(signal));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    for (const receiver of receivers) receiver.drop();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('dropped while a receive waits, ends that', async () => {
    const aborted = fromAbortSignal(new AbortController().signal);
    const waits = aborted.recv();
    await turns();
    aborted.drop();
    expectFailure(await rejection(waits), 'HandleError', 'ERR_HANDLE_DROPPED');
  });
});

describe('what is no target, signal or name is refused:', () => {
  it.each([undefined, null, 5, 'emitter', {}, [], () => 1, { on: 1, off: 2 }, { on: () => 1 }])('target %p', (target) => {
    expectInvalid(
      thrown(() => fromEvent(target as never, 'x')),
      'TypeError',
    );
  });

  it.each([undefined, null, 5, {}, ['x']])('event %p', (event) => {
    expectInvalid(
      thrown(() => fromEvent(new EventEmitter(), event as never)),
      'TypeError',
    );
  });

  it('a symbol as an event of an EventTarget', () => {
    expectInvalid(
      thrown(() => fromEvent(new EventTarget(), Symbol('x'))),
      'TypeError',
    );
  });

  it.each([null, 5, 'map', { map: 5 }, { map: 'x' }, { map: null }])('options %p', (options) => {
    expectInvalid(
      thrown(() => fromEvent(new EventEmitter(), 'x', options as never)),
      'TypeError',
    );
  });

  it.each([undefined, null, 5, {}, new EventTarget(), new EventEmitter(), new AbortController()])('abort signal %p', (signal) => {
    expectInvalid(
      thrown(() => fromAbortSignal(signal as never)),
      'TypeError',
    );
  });

  it.each(['SIGNOT', 'sigint', '', 'toString', 'SIGKILL', 'SIGSTOP'])('signal %p', (signal) => {
    expectInvalid(
      thrown(() => fromSignal('SIGINT', signal as never)),
      'RangeError',
    );
  });

  it.each([undefined, null, 2, {}, ['SIGINT']])('signal %p, of another type', (signal) => {
    expectInvalid(
      thrown(() => fromSignal(signal as never)),
      'TypeError',
    );
  });

  it('no signal at all', () => {
    expectInvalid(thrown(fromSignal), 'RangeError');
    expect(process.listenerCount('SIGINT')).toBe(0);
  });
});
