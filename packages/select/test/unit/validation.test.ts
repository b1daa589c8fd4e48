/** What select and the timers refuse, and how they say so: what was attempted, which rule forbids it, what was received. */
import { now, open } from '@beamline/core';
import { HANDLE } from '@beamline/core/internal';
import { after, at, recv, select, selectSync, tick, trySelect } from '@beamline/select';
import { expectInvalid, rejection, thrown, type Failure } from '../../../core/test/support/failure';
import { bench, formNames } from '../support/bench';

const { make, own } = bench();

/** A token, opened and dropped after the test. */
function tokenOf(): object {
  const [, rx] = make();
  const token = rx.clone().transfer();
  own({ drop: () => open(token).drop() });
  return token;
}

/** Each form as "what does it fail with". */
const failures: Readonly<Record<(typeof formNames)[number], (cases: unknown, options?: object) => Promise<Failure>>> = {
  select: (cases, options) => rejection(select(cases as never, options)),
  selectSync: async (cases, options) => thrown(() => selectSync(cases as never, options)),
  trySelect: async (cases, options) => thrown(() => trySelect(cases as never, options)),
};

describe.each(formNames)('%s', (form) => {
  const fails = failures[form];

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['a number', 5],
    ['text', 'rx'],
    ['a function', () => []],
    ['a symbol', Symbol('cases')],
  ])('refuses %s for cases', async (_, cases) => {
    const error = await fails(cases);
    expectInvalid(error, 'TypeError');
    expect(error.message).toMatch(new RegExp(`^cannot ${form}: cases must be .*, received `));
  });

  it('refuses a receiver for cases, and says what to give', async () => {
    const [, rx] = make();
    const error = await fails(rx);
    expectInvalid(error, 'TypeError');
    expect(error.message).toContain('an object or an array of cases');
  });

  it.each([
    ['undefined', () => undefined, 'undefined'],
    ['null', () => null, 'null'],
    ['a number', () => 7, '7'],
    ['a plain object', () => ({}), 'an object'],
    ['a sender', () => make()[0], 'an instance of Sender'],
    ['a token', () => tokenOf(), 'an object'],
    ['a receive without a receiver', () => ({ kind: 'recv' }), 'undefined'],
    ['a receive of a sender', () => ({ kind: 'recv', rx: make()[0] }), 'an instance of Sender'],
    ['something that calls itself a receive', () => ({ kind: 'recv', rx: { length: 1 } }), 'an object'],
    ['a promise', () => Promise.resolve(), 'an instance of Promise'],
  ])('refuses %s for a case, and names the case', async (_, given, received) => {
    const [tx, rx] = make<number>();
    tx.sendSync(1);
    const bad = given();
    for (const [cases, key] of [
      [[rx, bad], '1'],
      [{ rx, bad }, '"bad"'],
    ] as const) {
      const error = await fails(cases);
      expectInvalid(error, 'TypeError');
      expect(error.message).toContain(`cannot ${form}: case ${key} must be a receiver`);
      expect(error.message).toContain(`received ${received}`);
    }
    expect(rx.length).toBe(1);
  });

  it('says what to give for a case that is switched off', async () => {
    for (const off of [undefined, null]) expect((await fails([off])).message).toContain('never()');
  });

  it('refuses holes', async () => {
    const [, rx] = make();
    // eslint-disable-next-line no-sparse-arrays -- holes are the subject
    expectInvalid(await fails([rx, , rx]), 'TypeError');
  });

  it('refuses a receiver of a copy of the library with another memory layout, naming both', async () => {
    const [, rx] = make();
    const foreign = Object.create(Object.getPrototypeOf(rx) as object) as object;
    Object.defineProperty(foreign, HANDLE, { value: { layout: 999, side: 1 } });
    const error = await fails([foreign]);
    expectInvalid(error, 'TypeError');
    expect(error.message).toMatch(/layout \d+.*layout 999/);
  });

  it.each([null, 5, 'biased', true])('refuses the options %p', async (options) => {
    const [, rx] = make();
    expectInvalid(await fails([rx], options as never), 'TypeError');
  });

  it.each([null, 0, 1, 'yes', {}])('refuses %p for biased', async (biased) => {
    const [, rx] = make();
    const error = await fails([rx], { biased });
    expectInvalid(error, 'TypeError');
    expect(error.message).toContain('biased must be a boolean');
  });

  it('lets a getter of the cases throw', async () => {
    const cases = {
      get rx() {
        throw new Error('mine');
      },
    };
    expect((await fails(cases)).message).toBe('mine');
  });

  if (form !== 'trySelect') {
    it.each([
      [{ timeout: NaN }, 'RangeError'],
      [{ timeout: -1 }, 'RangeError'],
      [{ deadline: NaN }, 'RangeError'],
      [{ deadline: -1 }, 'RangeError'],
      [{ timeout: '5' }, 'TypeError'],
      [{ timeout: null }, 'TypeError'],
      [{ deadline: 5n }, 'TypeError'],
    ] as const)('refuses the limit %p', async (options, name) => {
      const [tx, rx] = make<number>();
      tx.sendSync(1);
      expectInvalid(await fails([rx], options), name);
      expect(rx.length).toBe(1);
    });
  }
});

it('select refuses a signal that is none', async () => {
  const [, rx] = make();
  for (const signal of [null, {}, 'abort', new AbortController()]) {
    expectInvalid(await rejection(select([rx], { signal: signal as never })), 'TypeError');
  }
});

it.each([undefined, null, 5, {}, 'rx', [], { kind: 'recv' }])('recv refuses %p', (given) => {
  const error = thrown(() => recv(given as never));
  expectInvalid(error, 'TypeError');
  expect(error.message).toContain('recv takes a receiver, received');
});

it('recv refuses a sender', () => {
  const [tx] = make();
  expectInvalid(
    thrown(() => recv(tx as never)),
    'TypeError',
  );
});

describe.each([
  ['after', (ms: never) => after(ms)],
  ['at', (ms: never) => at(ms)],
  ['tick', (ms: never) => tick(ms)],
])('%s', (name, makeOne) => {
  it.each([NaN, -1, -0.001, -Infinity])('refuses %p as out of range', (ms) => {
    const error = thrown(() => makeOne(ms as never));
    expectInvalid(error, 'RangeError');
    expect(error.message).toMatch(new RegExp(`^cannot make ${name}: .* must not be negative or NaN, received ${ms}`));
  });

  it.each([undefined, null, '5', 5n, {}, [], true, new Date(5)])('refuses %p as no number', (ms) => {
    expectInvalid(
      thrown(() => makeOne(ms as never)),
      'TypeError',
    );
  });

  it('takes fractions, -0 and the largest number', () => {
    for (const ms of [0.1, -0, Number.MAX_VALUE, Number.MIN_VALUE, now()]) own(makeOne(ms as never));
  });
});

describe('tick', () => {
  it('takes the policies delay, skip and burst, or none', () => {
    const policies = ['delay', 'skip', 'burst', undefined].map((policy) => ({ policy }));
    for (const options of [undefined, {}, ...policies]) expect(own(tick(5, options as never)).capacity).toBe(1);
  });

  it.each(['Delay', '', 'fast'])('refuses the policy %p, which nobody knows', (policy) => {
    expectInvalid(
      thrown(() => tick(5, { policy: policy as 'skip' })),
      'RangeError',
    );
  });

  it.each([null, 5, {}, true])('refuses the policy %p', (policy) => {
    expectInvalid(
      thrown(() => tick(5, { policy: policy as never })),
      'TypeError',
    );
  });

  it.each([null, 5, 'skip', true])('refuses the options %p', (options) => {
    expectInvalid(
      thrown(() => tick(5, options as never)),
      'TypeError',
    );
  });
});
