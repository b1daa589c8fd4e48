/** Errors have literal names and stable codes, and are recognised without `instanceof` (api.md §7). */
import { inspect } from 'node:util';
import { createContext, runInContext } from 'node:vm';
import { ERROR } from '../../src/brand.js';
import { codecs } from '../../src/codec/codecs.js';
import * as errors from '../../src/errors.js';

const all = [
  [new errors.SendError('m', 1), 'SendError', 'ERR_DISCONNECTED'],
  [new errors.RecvError('m'), 'RecvError', 'ERR_DISCONNECTED'],
  [new errors.TimeoutError('m'), 'TimeoutError', 'ERR_TIMEOUT'],
  [new errors.LaggedError('m', 3), 'LaggedError', 'ERR_LAGGED'],
  [new errors.HandleError('m', 'ERR_HANDLE_DROPPED'), 'HandleError', 'ERR_HANDLE_DROPPED'],
  [new errors.HandleError('m', 'ERR_HANDLE_MOVED'), 'HandleError', 'ERR_HANDLE_MOVED'],
  [new errors.DataCloneError('m'), 'DataCloneError', 'ERR_DATA_CLONE'],
  [new errors.CodecError('m'), 'CodecError', 'ERR_CODEC_MISMATCH'],
  [new errors.SelectError('m'), 'SelectError', 'ERR_SELECT_EMPTY'],
  [new errors.MemoryError('m'), 'MemoryError', 'ERR_OUT_OF_MEMORY'],
  [new errors.PoolError('m', 'ERR_WORKER_DIED'), 'PoolError', 'ERR_WORKER_DIED'],
  [new errors.PoolError('m', 'ERR_POOL_CLOSED'), 'PoolError', 'ERR_POOL_CLOSED'],
  [new errors.ThreadError('m', 'ERR_THREAD_EXITED', 3), 'ThreadError', 'ERR_THREAD_EXITED'],
  [new errors.ThreadError('m', 'ERR_CANNOT_BLOCK'), 'ThreadError', 'ERR_CANNOT_BLOCK'],
] as const;

/** Another install of the same version in the same process. */
function otherCopy(): typeof errors {
  let copy: typeof errors | undefined;
  jest.isolateModules(() => {
    copy = jest.requireActual<typeof errors>('../../src/errors.js');
  });
  return copy!;
}

describe.each(all)('%s', (error, name, code) => {
  it('has its name and code', () => {
    expect([error.name, error.code, error.message]).toEqual([name, code, 'm']);
    expect(Object.keys(error)).toContain('code');
    expect(Object.keys(error)).not.toContain('name');
  });

  it('is an Error, a ChannelError, and of its own class only', () => {
    expect(error).toBeInstanceOf(Error);
    expect(error).toBeInstanceOf(errors.ChannelError);
    const classes = Object.entries(errors).filter(([key, value]) => key.endsWith('Error') && typeof value === 'function');
    const matching = classes.filter(([, value]) => error instanceof (value as typeof errors.SendError)).map(([key]) => key);
    expect(matching.sort()).toEqual(['ChannelError', name].sort());
  });

  it('is recognised as an error of this library', () => {
    expect(errors.isChannelError(error)).toBe(true);
    expect(error[ERROR as never]).toBe(true);
  });

  it('says what it is in its stack trace and when it is printed', () => {
    expect(error.stack?.startsWith(`${name}: m\n`)).toBe(true);
    expect(inspect(error)).toContain(`code: '${code}'`);
  });

  it('is recognised after it went through a message', () => {
    const arrived = codecs.any.decode<Error & { code: string }>(codecs.any.encode(error));
    expect([arrived.name, arrived.code, arrived.message, arrived.stack]).toEqual([name, code, 'm', error.stack]);
    expect(errors.isChannelError(arrived)).toBe(true);
  });

  it('is an instance of the classes of another copy of the library', () => {
    const copy = otherCopy();
    expect(copy.ChannelError).not.toBe(errors.ChannelError);
    expect(error instanceof copy.ChannelError).toBe(true);
    expect(error instanceof copy[name]).toBe(true);
    expect(error instanceof (name === 'RecvError' ? copy.SendError : copy.RecvError)).toBe(false);
    expect(copy.isChannelError(error)).toBe(true);
  });
});

it('a send hands back the very value, which is not printed with the error', () => {
  const value = { secret: 'password' };
  const error = new errors.SendError('m', value);
  expect(error.value).toBe(value);
  expect(inspect(error)).not.toContain('password');
  expect(new errors.TimeoutError('m', true, value).value).toBe(value);
});

it('a timed-out send of undefined has a value, a timed-out receive has none', () => {
  expect('value' in new errors.TimeoutError('m', true, undefined)).toBe(true);
  expect('value' in new errors.TimeoutError('m')).toBe(false);
});

it('other details stand on the error', () => {
  expect(new errors.LaggedError('m', 7).missed).toBe(7);
  expect(new errors.ThreadError('m', 'ERR_THREAD_EXITED', 3).exitCode).toBe(3);
  expect(new errors.ThreadError('m', 'ERR_CANNOT_BLOCK').exitCode).toBeUndefined();
});

it('a cause is kept by all of them', () => {
  const cause = new Error('cause');
  const causes = [
    new errors.SendError('m', 1, { cause }),
    new errors.RecvError('m', { cause }),
    new errors.TimeoutError('m', false, undefined, { cause }),
    new errors.LaggedError('m', 1, { cause }),
    new errors.HandleError('m', 'ERR_HANDLE_MOVED', { cause }),
    new errors.DataCloneError('m', { cause }),
    new errors.CodecError('m', { cause }),
    new errors.SelectError('m', { cause }),
    new errors.MemoryError('m', { cause }),
    new errors.PoolError('m', 'ERR_WORKER_DIED', { cause }),
    new errors.ThreadError('m', 'ERR_THREAD_EXITED', 1, { cause }),
    errors.invalidRange('m', { cause }),
    errors.invalidType('m', { cause }),
  ].map((error) => error.cause);
  expect(causes.every((found) => found === cause)).toBe(true);
  expect('cause' in new errors.RecvError('m')).toBe(false);
});

describe('a wrong argument', () => {
  it('is one of the built-in errors with a code', () => {
    const range = errors.invalidRange('out of range');
    const type = errors.invalidType('of another type');
    expect(range).toBeInstanceOf(RangeError);
    expect(type).toBeInstanceOf(TypeError);
    expect([range.name, range.code, type.name, type.code]).toEqual([
      'RangeError',
      'ERR_INVALID_ARGUMENT',
      'TypeError',
      'ERR_INVALID_ARGUMENT',
    ]);
    expect([range, type].map(errors.isChannelError)).toEqual([true, true]);
    expect(range).not.toBeInstanceOf(errors.ChannelError);
  });
});

describe('classes derived by a user', () => {
  class MySendError extends errors.SendError<number> {}
  const mine = new MySendError('m', 1);

  it('are instances of what they derive from', () => {
    expect(mine).toBeInstanceOf(MySendError);
    expect(mine).toBeInstanceOf(errors.SendError);
    expect(mine).toBeInstanceOf(errors.ChannelError);
    expect(errors.isChannelError(mine)).toBe(true);
  });

  it('do not claim the errors of the library', () => {
    expect(new errors.SendError('m', 1)).not.toBeInstanceOf(MySendError);
  });
});

describe('isChannelError', () => {
  it('tells errors of other realms by name and code', () => {
    const foreign: unknown = runInContext(
      `Object.assign(new Error('m'), { name: 'RecvError', code: 'ERR_DISCONNECTED' })`,
      createContext(),
    );
    const range: unknown = runInContext(`Object.assign(new RangeError('m'), { code: 'ERR_INVALID_ARGUMENT' })`, createContext());
    expect([foreign, range].map(errors.isChannelError)).toEqual([true, true]);
  });

  it.each<readonly [string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a string', 'ERR_TIMEOUT'],
    ['a function', () => 1],
    ['an ordinary error', new Error('m')],
    ['a code without the name', Object.assign(new Error('m'), { code: 'ERR_TIMEOUT' })],
    ['a name without the code', Object.assign(new Error('m'), { name: 'TimeoutError' })],
    ['a name with the code of another', Object.assign(new Error('m'), { name: 'TimeoutError', code: 'ERR_LAGGED' })],
    ['a timeout of the platform', new DOMException('m', 'TimeoutError')],
    ["Node's own argument errors", Object.assign(new TypeError('m'), { code: 'ERR_INVALID_ARG_TYPE' })],
    ['a name that every object has', Object.assign(new Error('m'), { name: 'constructor', code: 'ERR_TIMEOUT' })],
  ])('is false for %s', (_, value) => {
    expect(errors.isChannelError(value)).toBe(false);
    expect(value instanceof errors.ChannelError).toBe(false);
    expect(value instanceof errors.TimeoutError).toBe(false);
  });

  it('narrows to the errors of the library', () => {
    const error: unknown = new errors.LaggedError('m', 2);
    if (!errors.isChannelError(error)) throw error;
    switch (error.code) {
      case 'ERR_LAGGED':
        expect(error.missed satisfies number).toBe(2);
        break;
      case 'ERR_INVALID_ARGUMENT':
        error satisfies RangeError | TypeError;
        break;
      case 'ERR_DISCONNECTED':
        error satisfies errors.SendError | errors.RecvError;
        break;
      default:
        error.name satisfies string;
    }
  });
});

describe('describe prints', () => {
  class Named {}
  const fail = (): never => {
    throw new Error('called');
  };
  it.each<readonly [unknown, string]>([
    [undefined, 'undefined'],
    [null, 'null'],
    [true, 'true'],
    [5, '5'],
    [-0, '-0'],
    [NaN, 'NaN'],
    [Infinity, 'Infinity'],
    [10n, '10n'],
    [2n ** 5000n, 'a bigint of more than 64 bits'],
    ['text', '"text"'],
    ['line\nbreak', '"line\\nbreak"'],
    ['x'.repeat(1000), `"${'x'.repeat(40)}…"`],
    [Symbol('secret'), 'a symbol'],
    [fail, 'a function'],
    [class {}, 'a function'],
    [{}, 'an object'],
    [Object.create(null), 'an object'],
    [[1, 2, 3], 'an array of length 3'],
    [new Named(), 'an instance of Named'],
    [new Map(), 'an instance of Map'],
    [new Proxy({}, { get: fail, getPrototypeOf: fail, ownKeys: fail, has: fail, getOwnPropertyDescriptor: fail }), 'a proxy'],
    [new Proxy([], {}), 'a proxy'],
    [Object.create(new Proxy({}, { getOwnPropertyDescriptor: fail })), 'an object'],
    [
      Object.create({
        get constructor() {
          return fail();
        },
      }),
      'an object',
    ],
    [Object.create({ constructor: new Proxy(Named, { getOwnPropertyDescriptor: fail, get: fail }) }), 'an object'],
    [
      {
        get [Symbol.toStringTag]() {
          return fail();
        },
        toString: fail,
        toJSON: fail,
        [Symbol.toPrimitive]: fail,
      },
      'an object',
    ],
  ])('%#', (value, expected) => {
    expect(errors.describe(value)).toBe(expected);
  });
});
