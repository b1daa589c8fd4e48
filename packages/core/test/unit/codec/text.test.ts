/** Texts and byte arrays arrive unit by unit, byte by byte, whatever their length, in every place where they can stand. */
import { anyCodec } from '../../../src/codec/any.js';
import { bytesCodec, jsonCodec, utf8Codec } from '../../../src/codec/typed.js';
import { Outgoing } from '../../../src/codec/wire.js';
import { carry, post } from './support.js';

const LENGTHS = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 23, 24, 25, 31, 32, 33, 62, 63, 64, 65, 127, 128, 255, 256, 257,
];
const LONG = [4095, 4096, 4097, 16383, 16384, 65535, 65536, 65537, 300_007];

/** Text of an exact length whose units repeat in no power of two. */
function textOf(units: readonly number[], length: number): string {
  return String.fromCharCode(...units)
    .repeat(length / units.length + 1)
    .slice(0, length);
}

const ALPHABETS: readonly (readonly [string, readonly number[]])[] = [
  ['ASCII', [97, 98, 99, 48, 126]],
  ['Latin-1', [0xe9, 0, 0xff, 0x80, 65]],
  ['UCS-2', [0x65e5, 0x672c, 0x8a9e]],
  ['lone surrogates', [0xd800, 0xdc00, 0xdbff, 65, 0xdfff]],
  ['surrogate pairs', [0xd83d, 0xde00]],
];

describe.each(ALPHABETS)('%s text', (_, units) => {
  it.each([...LENGTHS, ...LONG])('of %i units', (length) => {
    const text = textOf(units, length);
    expect(carry(text) === text).toBe(true);
    expect(carry(text, utf8Codec) === text).toBe(true);
    expect(carry(text, jsonCodec) === text).toBe(true);
    const inside = carry<unknown[]>([1, text, { [text.slice(0, 300)]: text }, 'after']);
    expect(inside[1] === text).toBe(true);
    expect(Object.entries(inside[2] as object)[0]).toEqual([text.slice(0, 300), text]);
    expect([inside[0], inside[3]]).toEqual([1, 'after']);
  });

  it.each([...LENGTHS, ...LONG])('of %i units and one of another kind at the end or the beginning', (length) => {
    for (const other of ['x', '\xe9', '\u0100', '\ud800', '\uffff']) {
      for (const text of [textOf(units, length) + other, other + textOf(units, length)]) {
        expect(carry(text) === text).toBe(true);
        expect(carry([text, 1])[0] === text).toBe(true);
      }
    }
  });
});

it('text that was put together from pieces, or cut from a larger one', () => {
  const pieces = ['sixteen characters', ' and more ', '\xe9', 'of them'].join('') + 'a'.repeat(20);
  const cut = `${'x'.repeat(50)}日本`.slice(0, 50);
  expect(carry([pieces, cut, cut.slice(3, 30)])).toEqual([pieces, cut, cut.slice(3, 30)]);
  expect(carry(cut)).toBe(cut);
  expect(post(cut).length).toBe(50); // Latin-1, though V8 keeps it as two bytes per character
});

describe('bytes', () => {
  it.each([...LENGTHS, ...LONG])('%i of them', (length) => {
    const bytes = Uint8Array.from({ length }, (_, i) => i * 7 + 1);
    for (const result of [
      carry(bytes),
      carry(bytes, bytesCodec),
      carry([bytes])[0],
      new Uint8Array(carry({ b: bytes.buffer }).b),
    ]) {
      expect(Object.getPrototypeOf(result)).toBe(Uint8Array.prototype);
      expect(Buffer.compare(result, bytes)).toBe(0);
      expect(result.byteOffset).toBe(0);
      expect(result.buffer.byteLength).toBe(length);
    }
  });
});

it('nothing that arrives aliases the memory it came from', () => {
  const bytes = new Uint8Array(500).fill(1);
  const values = [
    bytes,
    { bytes },
    [bytes.buffer],
    new Float64Array(bytes.buffer.slice(0, 96)),
    { v: new DataView(bytes.buffer) },
    'a'.repeat(500),
    { t: '日'.repeat(50) },
  ];
  for (const value of values) {
    const input = post(value);
    const first = anyCodec.decode(input);
    const second = anyCodec.decode(input);
    input.bytes.fill(0);
    expect(first).toEqual(second); // both from before the memory was cleared
    expect(first).toEqual(value);
  }
});

it('what was sent does not alias what arrives, and can change at once', () => {
  const bytes = new Uint8Array(100).fill(1);
  const input = post({ bytes });
  bytes.fill(2);
  expect((anyCodec.decode(input) as { bytes: Uint8Array }).bytes[50]).toBe(1);
});

it('two results of one message share nothing', () => {
  const input = post({ bytes: new Uint8Array(20), list: [1] });
  const [one, two] = [anyCodec.decode(input), anyCodec.decode(input)] as { bytes: Uint8Array; list: number[] }[];
  one.bytes[0] = 9;
  one.list.push(2);
  expect(two).toEqual({ bytes: new Uint8Array(20), list: [1] });
});

it('memory for encoding grows with a message, and shrinks when smaller ones follow', () => {
  const out = new Outgoing();
  anyCodec.encode('x'.repeat(5_000_000), out);
  expect(out.body.length).toBeGreaterThanOrEqual(5_000_000);
  for (let i = 0; i < 200; i++) anyCodec.encode({ i }, out);
  expect(out.body.length).toBeLessThan(100_000);
});
