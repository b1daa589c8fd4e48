/** What does not depend on a flavor: constructors, clock, errors, configuration, the runtime's snapshot. */
import {
  bounded,
  ChannelError,
  configure,
  HandleError,
  inspect,
  isChannelError,
  now,
  open,
  RecvError,
  SendError,
  spawn,
  TimeoutError,
  unbounded,
} from '@beamline/core';
import { expectFailure, expectInvalid, rejection, thrown } from '../support/failure';
import { later } from '../support/turns';

describe('constructors', () => {
  it.each([-1, -0.5, 1.5, NaN, Infinity, -Infinity, 2 ** 53, 2 ** 40, '3', null, undefined, {}, 3n, true])(
    'bounded refuses the capacity %p with a RangeError',
    (capacity) => {
      expectInvalid(
        thrown(() => bounded(capacity as never)),
        'RangeError',
      );
    },
  );

  it.each([
    ['text', 'jobs'],
    ['a number', 5],
    ['a codec that is none', { codec: {} }],
    ['a codec without decode', { codec: { name: 'x', encode: () => new Uint8Array() } }],
    ['a codec without a name', { codec: { encode: () => new Uint8Array(), decode: () => 1 } }],
    ['a codec that is text', { codec: 'utf8' }],
    ['a name that is a number', { name: 5 }],
    ['a name that is an object', { name: {} }],
  ])('options: %s are refused', (_, options) => {
    expectInvalid(thrown(() => bounded(1, options as never)));
    expectInvalid(thrown(() => unbounded(options as never)));
  });

  it('undefined options are as none', () => {
    for (const pair of [bounded(1, undefined), unbounded(undefined), unbounded({})]) for (const handle of pair) handle.drop();
  });

  it('a large ring holds exactly what it says', () => {
    const [tx, rx] = bounded<number>(100_000);
    let count = 0;
    while (tx.trySend(count).ok) count++;
    expect(count).toBe(100_000);
    expect(tx.length).toBe(100_000);
    tx.drop();
    let next = 0;
    for (const value of rx) if (value !== next++) break;
    expect(next).toBe(100_000);
    rx.drop();
  });

  it('channels of different flavors are never the same', () => {
    const pairs = [bounded(1), bounded(1), bounded(2), unbounded(), unbounded()];
    for (const [i, [tx]] of pairs.entries()) for (const [j, [, rx]] of pairs.entries()) expect(tx.sameChannel(rx)).toBe(i === j);
    for (const handle of pairs.flat()) handle.drop();
  });
});

describe('now()', () => {
  it('is monotonic and counts milliseconds', async () => {
    const start = now();
    const real = process.hrtime.bigint();
    let last = start;
    for (let i = 0; i < 1000; i++) {
      const next = now();
      expect(next).toBeGreaterThanOrEqual(last);
      last = next;
    }
    await later(20);
    const elapsed = Number(process.hrtime.bigint() - real) / 1e6;
    expect(now() - start).toBeGreaterThan(15);
    expect(Math.abs(now() - start - elapsed)).toBeLessThan(5);
  });

  it('has fractions of a millisecond', () => {
    const samples = Array.from({ length: 200 }, now);
    expect(samples.some((sample) => !Number.isInteger(sample))).toBe(true);
  });
});

describe('errors', () => {
  it('each is a ChannelError with a literal name and code', async () => {
    const [tx, rx] = bounded<number>(1);
    const timeout = await rejection(rx.recv({ timeout: 0 }));
    expectFailure(timeout, 'TimeoutError', 'ERR_TIMEOUT');
    expect(timeout).toBeInstanceOf(TimeoutError);
    tx.drop();
    const recv = await rejection(rx.recv());
    expect(recv).toBeInstanceOf(RecvError);
    rx.drop();
    const dropped = await rejection(rx.recv());
    expect(dropped).toBeInstanceOf(HandleError);
    const [tx2, rx2] = unbounded<number>();
    rx2.drop();
    const send = await rejection(tx2.send(1));
    expect(send).toBeInstanceOf(SendError);
    tx2.drop();
    for (const error of [timeout, recv, dropped, send]) {
      expect(error).toBeInstanceOf(ChannelError);
      expect(error).toBeInstanceOf(Error);
      expect(isChannelError(error)).toBe(true);
      expect(error.stack).toContain(error.name);
      expect(error.stack).toContain('surface.test');
    }
  });

  it('an invalid argument is a RangeError or TypeError with a code', () => {
    const error = thrown(() => bounded(-1));
    expect(error).toBeInstanceOf(RangeError);
    expect(error).not.toBeInstanceOf(ChannelError);
    expect(isChannelError(error)).toBe(true);
    expect(error.message).toContain('-1');
  });

  it.each([
    ['an Error', new Error('x')],
    ['an error with a code of another', Object.assign(new Error('x'), { name: 'TimeoutError', code: 'ETIMEDOUT' })],
    ['an object', { name: 'TimeoutError', code: 'ERR_TIMEOUT' }],
    ['null', null],
    ['undefined', undefined],
    ['text', 'ERR_TIMEOUT'],
  ])('isChannelError says no to %s', (_, value) => {
    expect(isChannelError(value)).toBe(false);
  });

  it('errors keep name, code and message when they are sent', () => {
    const [tx, rx] = unbounded<unknown>();
    const error = thrown(() => rx.recvSync({ timeout: 0 }));
    tx.sendSync(error);
    const arrived = rx.recvSync() as Error;
    expect(arrived).toMatchObject({ name: 'TimeoutError', code: 'ERR_TIMEOUT', message: error.message });
    expect(Object.prototype.toString.call(arrived)).toBe('[object Error]');
    tx.drop();
    rx.drop();
  });
});

describe('configure()', () => {
  it('after the first channel is refused, unless nothing would change', () => {
    const [tx, rx] = unbounded();
    const { limit } = inspect().memory;
    expectInvalid(thrown(() => configure({ maxMemory: 64 * 1024 * 1024 })));
    expectInvalid(thrown(() => configure({ debug: process.env.BEAMLINE_DEBUG !== '1' })));
    expect(() => configure({})).not.toThrow();
    expect(() => configure({ maxMemory: limit })).not.toThrow();
    expect(() => configure({ debug: process.env.BEAMLINE_DEBUG === '1' })).not.toThrow();
    expect(inspect().memory.limit).toBe(limit);
    tx.drop();
    rx.drop();
  });

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['a number', 5],
    ['a negative limit', { maxMemory: -1 }],
    ['a limit of zero', { maxMemory: 0 }],
    ['a limit that is NaN', { maxMemory: NaN }],
    ['a limit that is text', { maxMemory: '1GB' }],
    ['a limit that no machine has', { maxMemory: 2 ** 60 }],
    ['debug that is text', { debug: 'yes' }],
  ])('%s is refused', (_, options) => {
    expectInvalid(thrown(() => configure(options as never)));
  });
});

describe('inspect()', () => {
  it('tells about channels, threads and memory, in plain data', () => {
    const [tx, rx] = bounded(1);
    const snapshot = inspect();
    expect(Object.keys(snapshot).sort()).toEqual(['channels', 'memory', 'threads']);
    expect(snapshot.threads.length).toBeGreaterThan(0);
    for (const thread of snapshot.threads) expect(Number.isInteger(thread.threadId)).toBe(true);
    const { used, reserved, limit } = snapshot.memory;
    for (const bytes of [used, reserved, limit]) expect(Number.isInteger(bytes)).toBe(true);
    expect(used).toBeGreaterThan(0);
    expect(reserved).toBeGreaterThanOrEqual(used);
    expect(limit).toBeGreaterThanOrEqual(reserved);
    expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
    tx.drop();
    rx.drop();
  });

  it('memory in use follows what is buffered', () => {
    const [tx, rx] = unbounded<Uint8Array>();
    const before = inspect().memory.used;
    for (let i = 0; i < 10; i++) tx.sendSync(new Uint8Array(1_000_000));
    expect(inspect().memory.used - before).toBeGreaterThanOrEqual(10_000_000);
    for (let i = 0; i < 10; i++) rx.recvSync();
    expect(inspect().memory.used - before).toBeLessThan(1_000_000);
    tx.drop();
    rx.drop();
  });
});

describe('spawn() and open()', () => {
  it.each([undefined, null, 5, {}, ''])('spawn refuses the module %p', (module) => {
    expectInvalid(thrown(() => spawn(module as never)));
  });

  it('open refuses options that are none', () => {
    const [tx, rx] = unbounded();
    const token = tx.transfer();
    expectInvalid(thrown(() => open(token, 5 as never)));
    expectInvalid(thrown(() => open(token, { codec: 5 } as never)));
    open(token).drop();
    rx.drop();
  });
});
