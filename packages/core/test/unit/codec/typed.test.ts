/** Typed codecs carry one kind of value and refuse all else before anything is sent. */
import { runInNewContext } from 'node:vm';
import { builtInCodec, codecs, resolveCodec, type Codec } from '../../../src/codec/codecs.js';
import { FIRST_BODY_TAG, Outgoing } from '../../../src/codec/wire.js';
import { carry, errorOf, load, post } from './support.js';

const wire = (codec: unknown): ReturnType<typeof resolveCodec> => resolveCodec(codec as Codec<unknown>);
const others = [
  undefined,
  null,
  true,
  1.5,
  5n,
  'text',
  {},
  [],
  new Uint8Array(1),
  new Uint16Array(1),
  new ArrayBuffer(1),
  () => 1,
  Symbol('s'),
  NaN,
  -0,
  2 ** 31,
];

function refused(codec: unknown, accepted: (value: unknown) => boolean): void {
  for (const value of others.filter((other) => !accepted(other))) {
    const error = errorOf(() => post(value, wire(codec)));
    expect([error.name, error.code]).toEqual(['TypeError', 'ERR_INVALID_ARGUMENT']);
    expect(error.message).toMatch(/^cannot send value: .*, received .+/);
  }
}

describe('float64', () => {
  it.each([0, -0, 1, -1.5, NaN, Infinity, -Infinity, 5e-324, 2 ** 53])('carries %p in the slot', (value) => {
    expect(Object.is(carry(value, wire(codecs.float64)), value)).toBe(true);
    expect(post(value, wire(codecs.float64)).tag).toBeLessThan(FIRST_BODY_TAG);
  });
  it('refuses all else', () => refused(codecs.float64, (value) => typeof value === 'number'));
  it('refuses boxed numbers', () =>
    expect(errorOf(() => post(Object(1), wire(codecs.float64))).code).toBe('ERR_INVALID_ARGUMENT'));
});

describe('int32', () => {
  it.each([0, 1, -1, 2 ** 31 - 1, -(2 ** 31)])('carries %p in the slot', (value) => {
    expect(Object.is(carry(value, wire(codecs.int32)), value)).toBe(true);
    expect(post(value, wire(codecs.int32)).tag).toBeLessThan(FIRST_BODY_TAG);
  });
  it('refuses all else, -0 too', () => refused(codecs.int32, () => false));
  it.each([2 ** 31, -(2 ** 31) - 1, 0.5, NaN, Infinity, 2 ** 40])('refuses %p and says why', (value) => {
    expect(errorOf(() => post(value, wire(codecs.int32))).message).toBe(
      `cannot send value: the int32 codec takes integers from -2147483648 to 2147483647, received ${value}`,
    );
  });
});

describe('utf8', () => {
  it.each(['', 'a', 'text', 'é'.repeat(100), '日本語', '\ud800', 'x'.repeat(70_000)])('carries text', (value) => {
    expect(carry(value, wire(codecs.utf8)) === value).toBe(true);
  });
  it('refuses all else', () => refused(codecs.utf8, (value) => typeof value === 'string'));
});

describe('bytes', () => {
  it('carries a Uint8Array of any realm and a Buffer, as a Uint8Array of its own', () => {
    const foreign = runInNewContext('new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 9])') as Uint8Array;
    for (const value of [
      foreign,
      Buffer.from('a buffer of bytes'),
      new Uint8Array(3),
      new (class Sub extends Uint8Array {})(20),
    ]) {
      const result = carry(value, wire(codecs.bytes));
      expect(Object.getPrototypeOf(result)).toBe(Uint8Array.prototype);
      expect([...result]).toEqual([...value]);
      expect(result.buffer.byteLength).toBe(value.length);
    }
  });
  it('refuses all else', () => refused(codecs.bytes, (value) => value instanceof Uint8Array));
  it('refuses shared memory', () => {
    expect(errorOf(() => post(new Uint8Array(new SharedArrayBuffer(9)), wire(codecs.bytes))).code).toBe('ERR_DATA_CLONE');
  });
});

describe('json', () => {
  it('carries what JSON carries, as JSON does', () => {
    const value = { a: [1, null, 'é日'], u: undefined, d: new Date(0), n: NaN, ['__proto__']: 1, t: { toJSON: () => 'made' } };
    expect(carry<unknown>(value, wire(codecs.json))).toEqual(JSON.parse(JSON.stringify(value)));
  });
  it.each<readonly [string, unknown]>([
    ['undefined', undefined],
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
  ])('refuses %s', (_, value) => {
    expect(errorOf(() => post(value, wire(codecs.json))).code).toBe('ERR_INVALID_ARGUMENT');
  });
  it('refuses what JSON.stringify fails on, and keeps its error as the cause', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    const thrown = new Error('mine');
    for (const value of [
      cycle,
      { b: 5n },
      {
        toJSON() {
          throw thrown;
        },
      },
    ]) {
      const error = errorOf(() => post(value, wire(codecs.json)));
      expect([error.name, error.code]).toEqual(['TypeError', 'ERR_INVALID_ARGUMENT']);
      expect(error.cause).toBeDefined();
    }
    expect(
      errorOf(() =>
        post(
          {
            toJSON() {
              throw thrown;
            },
          },
          wire(codecs.json),
        ),
      ).cause,
    ).toBe(thrown);
  });
});

describe('a message of another codec', () => {
  it.each(['float64', 'int32', 'utf8', 'bytes', 'json'] as const)('is an error for %s', (name) => {
    const input = post([1, 2, 3]);
    expect(errorOf(() => builtInCodec(name)!.decode(input)).name).toBe('DataCloneError');
  });
});

describe('a custom codec', () => {
  const point: Codec<{ x: number; y: number }> = {
    name: 'point',
    encode: ({ x, y }) => new Uint8Array(Float64Array.of(x, y).buffer),
    decode: (bytes) => {
      const [x, y] = new Float64Array(bytes.buffer) as unknown as [number, number];
      return { x, y };
    },
  };

  it('carries what it encodes', () => {
    expect(carry({ x: 1.5, y: -2 }, wire(point))).toEqual({ x: 1.5, y: -2 });
  });

  it('is named apart from the built-in ones', () => {
    expect(wire({ ...point, name: 'json' }).name).toBe('custom:json');
    expect(builtInCodec('custom:json')).toBeUndefined();
  });

  it.each([0, 1, 8, 9, 100_000])('hands decode %i bytes that are its own', (length) => {
    const kept: Uint8Array[] = [];
    const codec: Codec<number> = {
      name: 'keep',
      encode: (size) => new Uint8Array(size).fill(3),
      decode: (bytes) => kept.push(bytes),
    };
    const input = post(length, wire(codec));
    wire(codec).decode(input);
    wire(codec).decode(input);
    input.bytes.fill(0);
    expect(
      kept.map((bytes) => [bytes.length, bytes.every((byte) => byte === 3), bytes.byteOffset, bytes.buffer.byteLength]),
    ).toEqual([
      [length, true, 0, length],
      [length, true, 0, length],
    ]);
    expect(Object.prototype.toString.call(kept[0].buffer)).toBe('[object ArrayBuffer]');
  });

  it('may return a Buffer, memory that it uses again, or a Uint8Array of another realm', () => {
    const again = Buffer.alloc(20);
    const foreign = runInNewContext('new Uint8Array(12).fill(5)') as Uint8Array;
    const codec: Codec<number> = {
      name: 'again',
      encode: (n) => (n === 0 ? foreign : again.fill(n)),
      decode: (bytes) => bytes[0],
    };
    const out = new Outgoing();
    wire(codec).encode(7, out);
    const input = load(out);
    again.fill(9);
    expect(wire(codec).decode(input)).toBe(7);
    expect(carry(0, wire(codec))).toBe(5);
  });

  it.each<readonly [string, unknown]>([
    ['undefined', undefined],
    ['an array', [1]],
    ['a promise', Promise.resolve(new Uint8Array(1))],
    ['a Uint16Array', new Uint16Array(1)],
  ])('must not return %s', (_, result) => {
    const error = errorOf(() => post(1, wire({ name: 'bad', encode: () => result, decode: () => 1 })));
    expect([error.name, error.code]).toEqual(['TypeError', 'ERR_INVALID_ARGUMENT']);
    expect(error.message).toContain('"bad"');
  });

  it('what its functions throw passes as it is', () => {
    const thrown = new Error('mine');
    const fail = (): never => {
      throw thrown;
    };
    expect(errorOf(() => post(1, wire({ name: 'x', encode: fail, decode: fail })))).toBe(thrown);
    expect(errorOf(() => carry(1, wire({ name: 'x', encode: () => new Uint8Array(1), decode: fail })))).toBe(thrown);
  });

  it('keeps its this', () => {
    class Counting implements Codec<number> {
      readonly name = 'counting';
      count = 0;
      encode(value: number): Uint8Array {
        this.count++;
        return Uint8Array.of(value);
      }
      decode(bytes: Uint8Array): number {
        this.count++;
        return bytes[0];
      }
    }
    const codec = new Counting();
    expect(carry(3, wire(codec))).toBe(3);
    expect(codec.count).toBe(2);
  });

  it.each<readonly [string, unknown]>([
    ['null', null],
    ['a string', 'json'],
    ['a function', () => 1],
    ['an object without functions', { name: 'x' }],
    ['one without decode', { name: 'x', encode: () => new Uint8Array(1) }],
    ['one without a name', { encode: () => new Uint8Array(1), decode: () => 1 }],
    ['one with an empty name', { name: '', encode: () => new Uint8Array(1), decode: () => 1 }],
  ])('cannot be %s', (_, codec) => {
    const error = errorOf(() => wire(codec));
    expect([error.name, error.code]).toEqual(['TypeError', 'ERR_INVALID_ARGUMENT']);
  });
});

describe('resolveCodec', () => {
  it('takes any when nothing is given', () => {
    expect(resolveCodec(undefined).name).toBe('any');
  });

  const { struct, ...single } = codecs;

  it.each(Object.values(single))('recognises the built-in %p, of any copy of the library', (codec) => {
    expect(wire(codec).name).toBe(codec.name);
    expect(builtInCodec(codec.name)?.name).toBe(codec.name);
    let copy: typeof codecs | undefined;
    jest.isolateModules(() => {
      copy = jest.requireActual<{ codecs: typeof codecs }>('../../../src/codec/codecs.js').codecs;
    });
    const other = copy![codec.name as keyof typeof single];
    expect(other).not.toBe(codec);
    expect(wire(other).name).toBe(codec.name);
  });

  it('recognises a struct by its name', () => {
    const codec = struct({ a: 'u8' });
    expect(wire(codec)).toMatchObject({ name: codec.name, isBuiltIn: true });
    expect(builtInCodec(codec.name)?.name).toBe(codec.name);
  });
});

describe('a built-in codec without a channel', () => {
  it.each<readonly [keyof typeof codecs, unknown]>([
    ['any', { a: [1, 'two', new Map([[1, new Uint8Array(50)]])] }],
    ['any', -0],
    ['any', 2n ** 40n],
    ['any', 'a long text that is no inline one'],
    ['any', undefined],
    ['float64', 0.1],
    ['int32', -7],
    ['utf8', 'é'],
    ['bytes', Uint8Array.of(1, 2, 3)],
    ['json', { a: 1 }],
  ])('%s encodes and decodes', (name, value) => {
    const codec = codecs[name] as Codec<unknown>;
    const bytes = codec.encode(value);
    expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
    expect(codec.decode(bytes)).toEqual(value);
    expect(codec.decode(Buffer.concat([Buffer.from('xyz'), bytes]).subarray(3))).toEqual(value);
  });

  it('copies out of a Buffer too', () => {
    for (const value of [
      { b: new Uint8Array(300).fill(1) },
      new Uint8Array(20).fill(1),
      { t: 'text'.repeat(20), n: [1] },
      new Float64Array(9),
    ]) {
      const buffer = Buffer.from(codecs.any.encode(value));
      const result = codecs.any.decode(buffer);
      buffer.fill(9);
      expect(result).toEqual(value);
    }
    const bytes = codecs.bytes.decode(Buffer.from(codecs.bytes.encode(new Uint8Array(20))));
    expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
  });

  it('refuses bytes that are none, or none of its own', () => {
    expect(errorOf(() => codecs.any.decode('x' as never)).code).toBe('ERR_INVALID_ARGUMENT');
    expect(errorOf(() => codecs.any.decode(new Uint8Array(0))).code).toBe('ERR_DATA_CLONE');
    expect(errorOf(() => codecs.any.decode(Uint8Array.of(1, 2))).code).toBe('ERR_DATA_CLONE');
    expect(errorOf(() => codecs.int32.decode(codecs.any.encode('x'))).code).toBe('ERR_DATA_CLONE');
  });

  it('can be built upon', () => {
    const reversed: Codec<unknown> = {
      name: 'reversed',
      encode: (value) => codecs.any.encode(value).reverse(),
      decode: (bytes) => codecs.any.decode(bytes.reverse()),
    };
    expect(carry({ a: [1, 2] }, wire(reversed))).toEqual({ a: [1, 2] });
  });
});
