/** Where there is neither Buffer nor Node's `util`, the codec gives the same results by slower means. */
import type { WireCodec } from '../../../src/codec/wire.js';
import { carry, describeGraph, errorOf, post } from './support.js';

/** The codec as a browser would load it. */
function loadWithoutNode(): WireCodec {
  const names = ['Buffer', 'process'] as const;
  const scope = globalThis as Record<string, unknown>;
  const kept = names.map((name) => scope[name]);
  let codec: WireCodec | undefined;
  jest.isolateModules(() => {
    for (const name of names) scope[name] = undefined;
    try {
      codec = jest.requireActual<{ anyCodec: WireCodec }>('../../../src/codec/any.js').anyCodec;
    } finally {
      names.forEach((name, i) => (scope[name] = kept[i]));
    }
  });
  return codec!;
}

const codec = loadWithoutNode();
const cyclic: unknown[] = [1];
cyclic.push(cyclic);

it.each<readonly [string, unknown]>([
  ['texts', ['', 'short', 'é', '日本', 'a'.repeat(100), 'é'.repeat(1000), '日'.repeat(5000), '\ud800'.repeat(50)]],
  ['a long text', 'x'.repeat(100_000)],
  ['a long UCS-2 text', '日本'.repeat(50_000)],
  ['objects', { id: 1, nested: [{ a: 1 }, { a: 2 }], none: Object.create(null) as object }],
  ['arrays', [1, , 3, Object.assign([1], { extra: 2 }), Array.from({ length: 2000 }, (_, i) => i)]], // eslint-disable-line no-sparse-arrays -- holes
  ['collections', [new Map([[1, new Set(['a'])]]), new Set([new Map()])]],
  ['dates, regexps and boxes', [new Date(5), new Date(NaN), /a/g, Object(1), Object('s'), Object(true), Object(5n)]],
  ['errors', [new Error('e', { cause: new TypeError('t') }), new RangeError('r')]],
  [
    'bytes',
    [new Uint8Array(20), new Float64Array([0.5]), new DataView(new ArrayBuffer(3)), new ArrayBuffer(4), new Uint8Array(0)],
  ],
  ['numbers', [0, -0, 1.5, NaN, 2 ** 40, -5, 5n, 2n ** 100n]],
  ['cycles', cyclic],
  [
    'a class instance',
    new (class Job {
      readonly id = 1;
    })(),
  ],
  ['an empty class instance', new (class Job {})()],
])('%s', (_, value) => {
  expect(describeGraph(carry(value, codec))).toBe(describeGraph(structuredClone(value)));
});

it('what Node encodes can be decoded there, and the other way round', () => {
  const value = { text: 'é'.repeat(50), wide: '日'.repeat(50), list: [1, -2, 0.5], bytes: new Uint8Array(30) };
  expect(codec.decode(post(value))).toEqual(value);
  expect(post(value, codec).bytes).toEqual(post(value).bytes);
});

it.each<readonly [string, unknown]>([
  ['functions', () => 1],
  ['symbols', Symbol('s')],
  ['shared memory', new SharedArrayBuffer(1)],
  ['views on shared memory', new Uint8Array(new SharedArrayBuffer(1))],
  ['promises', Promise.resolve()],
  ['weak maps', new WeakMap()],
  ['generators', (function* () {})()],
  ['blobs', new Blob([])],
  ['boxed symbols', Object(Symbol('s'))],
])('%s are refused', (_, value) => {
  expect(errorOf(() => post({ value }, codec)).code).toBe('ERR_DATA_CLONE');
});
