/** Structs carry objects of one layout, exactly, and refuse all else before anything is sent. */
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { builtInCodec, codecs, resolveCodec, type Codec, type StructField } from '../../../src/codec/codecs.js';
import { FIRST_BODY_TAG, Outgoing, type WireCodec } from '../../../src/codec/wire.js';
import { carry, describeGraph, errorOf, load, post } from './support.js';

type Fields = Record<string, StructField>;
const wire = (fields: Fields): WireCodec => resolveCodec(codecs.struct(fields) as Codec<unknown>);

const text = fc.oneof(
  fc.string({ maxLength: 200 }),
  fc.array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(0xd800, 0xdfff, 0xff, 0x100)), { maxLength: 60 }).map((units) => String.fromCharCode(...units)), // prettier-ignore
);
const whole = (min: number, max: number) => fc.oneof(fc.integer({ min, max }), fc.constantFrom(min, max, 0));
const values: Record<StructField, fc.Arbitrary<unknown>> = {
  u8: whole(0, 0xff),
  i8: whole(-0x80, 0x7f),
  u16: whole(0, 0xffff),
  i16: whole(-0x8000, 0x7fff),
  u32: whole(0, 0xffffffff),
  i32: whole(-0x80000000, 0x7fffffff),
  u64: fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.constantFrom(0n, 2n ** 63n, 2n ** 64n - 1n)),
  i64: fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.constantFrom(-1n, -(2n ** 63n), 2n ** 63n - 1n)),
  f32: fc.oneof(fc.float(), fc.double({ min: -3.4e38, max: 3.4e38 })),
  f64: fc.oneof(fc.double(), fc.constantFrom(-0, NaN, Infinity)),
  bool: fc.boolean(),
  utf8: text,
  bytes: fc.uint8Array({ maxLength: 600 }),
};
const KINDS = Object.keys(values) as StructField[];
const name = fc.oneof(fc.constantFrom('id', 'x', 'y', '__proto__', 'constructor', 'toString', '', '0', '42', 'é 通'), text);

const record = (entries: readonly (readonly [string, unknown])[]): object => Object.fromEntries(entries);
const layoutAndValue = fc
  .uniqueArray(fc.tuple(name, fc.constantFrom(...KINDS)), { selector: ([key]) => key, maxLength: 12 })
  .chain((entries) =>
    fc.tuple(
      fc.constant(record(entries) as Fields),
      fc.tuple(...entries.map(([, kind]) => values[kind])).map((list) => record(entries.map(([key], i) => [key, list[i]]))),
    ),
  );

/** What must arrive: the same, with 32-bit floats rounded. */
function expected(fields: Fields, value: object): object {
  return record(
    Object.entries(fields).map(([key, kind]) => {
      const given = (Object.getOwnPropertyDescriptor(value, key) as PropertyDescriptor).value as unknown;
      return [key, kind === 'f32' ? Math.fround(given as number) : given];
    }),
  );
}

it('every object of every layout arrives as it was, in the order of the fields', () => {
  fc.assert(
    fc.property(layoutAndValue, ([fields, value]) => {
      const codec = wire(fields);
      expect(describeGraph(carry(value, codec))).toBe(describeGraph(expected(fields, value)));
      // A codec that is rebuilt from the name reads and writes the same.
      const again = builtInCodec(codec.name)!;
      expect(again.name).toBe(codec.name);
      expect(describeGraph(again.decode(post(value, codec)))).toBe(describeGraph(expected(fields, value)));
      // And so does the codec without a channel.
      const alone = codecs.struct(fields);
      expect(describeGraph(alone.decode(alone.encode(value as never)))).toBe(describeGraph(expected(fields, value)));
    }),
    { numRuns: 500 },
  );
});

it('bytes of any kind are an error or an object of the layout, never a hang', () => {
  const body = fc.record({ tag: fc.integer({ min: 128, max: 135 }), bytes: fc.uint8Array({ maxLength: 60 }) });
  fc.assert(
    fc.property(layoutAndValue, body, ([fields], { tag, bytes }) => {
      const codec = wire(fields);
      const out = Object.assign(new Outgoing(), { tag, body: bytes, length: bytes.length });
      let result: unknown;
      try {
        result = codec.decode(load(out));
      } catch (error) {
        expect((error as { code?: unknown }).code).toBe('ERR_DATA_CLONE');
        return;
      }
      expect(Object.keys(result as object).sort()).toEqual(Object.keys(fields).sort());
    }),
  );
});

it('a struct of at most eight bytes is the slot alone; a larger one is as long as its fields', () => {
  const small = wire({ x: 'i16', y: 'i16', on: 'bool', z: 'u8' });
  expect(post({ x: -1, y: 2, on: true, z: 255 }, small).tag).toBeLessThan(FIRST_BODY_TAG);
  expect(post({}, wire({})).tag).toBeLessThan(FIRST_BODY_TAG);
  const large = post({ x: 1, y: 2n, z: 0.5 }, wire({ x: 'u8', y: 'u64', z: 'f32' }));
  expect([large.tag >= FIRST_BODY_TAG, large.length]).toEqual([true, 13]);
});

describe('a value that is refused with a TypeError that names the field:', () => {
  const cases: [StructField, unknown[]][] = [
    ['u8', [-1, 256, 1.5, NaN, -0, '1', 1n, undefined, null, {}]],
    ['i8', [-129, 128, Infinity]],
    ['u16', [-1, 65_536]],
    ['i16', [-32_769, 32_768]],
    ['u32', [-1, 2 ** 32, 2 ** 53]],
    ['i32', [-(2 ** 31) - 1, 2 ** 31]],
    ['u64', [-1n, 2n ** 64n, 1, '1']],
    ['i64', [-(2n ** 63n) - 1n, 2n ** 63n, 1]],
    ['f32', [1e300, -1e300, '1', 1n, undefined]],
    ['f64', ['1', 1n, undefined, new Number(1)]],
    ['bool', [0, 1, 'true', undefined, null]],
    ['utf8', [1, undefined, null, ['a'], new String('a')]],
    ['bytes', ['a', [1], new ArrayBuffer(1), new Uint16Array(1), undefined]],
  ];

  it.each(cases)('for %s', (kind, list) => {
    for (const value of list) {
      const error = errorOf(() => post({ ok: 1, field: value }, wire({ ok: 'u8', field: kind })));
      expect([error.name, error.code]).toEqual(['TypeError', 'ERR_INVALID_ARGUMENT']);
      expect(error.message).toMatch(/^cannot send value: field "field" .*, received .+/);
    }
  });

  it.each([
    ['a field that is missing', { a: 1 }, /field "b" .* received undefined/],
    ['a further field', { a: 1, b: 2, c: 3 }, /"c"/],
    ['no object', 5, /fields a, b, received 5/],
    ['null', null, /received null/],
    ['a function', () => 1, /received a function/],
    ['an array', [1, 2], /field "a" .* received undefined/],
  ])('%s', (_, value, message) => {
    const error = errorOf(() => post(value, wire({ a: 'u8', b: 'u8' })));
    expect([error.name, error.code]).toEqual(['TypeError', 'ERR_INVALID_ARGUMENT']);
    expect(error.message).toMatch(message);
  });

  it('a view on shared memory is refused as such', () => {
    const error = errorOf(() => post({ b: new Uint8Array(new SharedArrayBuffer(4)) }, wire({ b: 'bytes' })));
    expect(error).toMatchObject({ name: 'DataCloneError', code: 'ERR_DATA_CLONE' });
  });
});

it('fields may come from a prototype, or another realm', () => {
  class Point {
    get x(): number {
      return 1;
    }
    get y(): number {
      return 2;
    }
  }
  const fields = { x: 'u8', y: 'u8' } as const;
  expect(carry(new Point(), wire(fields))).toEqual({ x: 1, y: 2 });
  expect(carry(runInNewContext('({ x: 3, y: 4 })'), wire(fields))).toEqual({ x: 3, y: 4 });
  expect(carry({ x: runInNewContext('new Uint8Array([7])') as unknown }, wire({ x: 'bytes' }))).toEqual({ x: Uint8Array.of(7) });
});

it('a getter that sends structs itself does no harm', () => {
  const inner = wire({ n: 'f64', text: 'utf8' });
  const value = {
    get a(): string {
      expect(carry({ n: 1, text: 'inner'.repeat(20) }, inner)).toEqual({ n: 1, text: 'inner'.repeat(20) });
      return 'a';
    },
    b: 'b'.repeat(300),
  };
  expect(carry(value, wire({ a: 'utf8', b: 'utf8' }))).toEqual({ a: 'a', b: 'b'.repeat(300) });
});

it('a getter that throws passes its error on, and the codec goes on working', () => {
  const codec = wire({ a: 'u8' });
  const failure = new Error('no a');
  const value = {
    get a(): number {
      throw failure;
    },
  };
  expect(errorOf(() => post(value, codec))).toBe(failure);
  expect(carry({ a: 1 }, codec)).toEqual({ a: 1 });
});

it('large texts and bytes arrive', () => {
  const codec = wire({ narrow: 'utf8', wide: 'utf8', bytes: 'bytes' });
  const value = { narrow: 'x'.repeat(200_000), wide: '通'.repeat(100_000), bytes: new Uint8Array(300_000).fill(7) };
  expect(describeGraph(carry(value, codec))).toBe(describeGraph(value));
});

it('the name on the wire says the fields, in their order', () => {
  expect(wire({ b: 'u8', a: 'utf8' }).name).toBe('struct:{"b":"u8","a":"utf8"}');
  expect(builtInCodec('struct')).toBeUndefined();
  expect(builtInCodec('custom:struct:{}')).toBeUndefined();
});

it.each([
  ['undefined', undefined],
  ['null', null],
  ['text', 'u8'],
  ['an array', ['u8']],
  ['a kind that there is not', { a: 'u128' }],
  ['a kind of Object.prototype', { a: 'toString' }],
  ['a kind that is no text', { a: 8 }],
  ['a nested description', { a: { b: 'u8' } }],
])('struct(%s) is refused', (_, fields) => {
  const error = errorOf(() => codecs.struct(fields as never));
  expect([error.name, error.code]).toEqual(['TypeError', 'ERR_INVALID_ARGUMENT']);
  expect(error.message).toMatch(/^cannot make a struct codec: .*, received .+/);
});

it('messages of a small struct allocate no memory of their own', () => {
  const codec = wire({ id: 'u32', x: 'f64', y: 'f64' });
  const out = new Outgoing();
  codec.encode({ id: 1, x: 2, y: 3 }, out);
  const { body } = out;
  codec.encode({ id: 4, x: 5, y: 6 }, out);
  expect(out.body).toBe(body);
  expect(out.length).toBe(20);
});
