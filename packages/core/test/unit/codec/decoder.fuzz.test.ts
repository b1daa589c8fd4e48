/** Whatever the bytes are, decoding gives a value or an error: it ends, allocates in proportion, and pollutes nothing. */
import { anyCodec } from '../../../src/codec/any.js';
import { FIRST_BODY_TAG, type Incoming } from '../../../src/codec/wire.js';
import { post, random } from './support.js';

const SEED = Number(process.env['FUZZ_SEED'] ?? 1);
const ROUNDS = Number(process.env['FUZZ_ROUNDS'] ?? 30_000);
const TAG_TREE = 130;
const TAG_GRAPH = 131;

const cyclic: unknown[] = [];
cyclic.push(cyclic, { cyclic });
let deep: unknown = 'bottom';
for (let i = 0; i < 300; i++) deep = i % 3 === 0 ? [deep] : i % 3 === 1 ? new Map([[deep, 1]]) : { deep };

const samples: readonly unknown[] = [
  { id: 123, payload: 'sixteen chars...', list: [1, 2, [3, -1, 0.5, 2 ** 31]], nested: { a: null, b: undefined, c: true } },
  [
    { x: 1, y: 2 },
    { x: 3, y: 4 },
    { x: 5, y: 6 },
  ],
  cyclic,
  deep,
  new Map<unknown, unknown>([
    ['a', new Set([1, 'b', { c: 1 }])],
    [{ k: 1 }, new Map()],
  ]),
  [
    new Error('e', { cause: { a: 1 } }),
    new AggregateError([new TypeError('t')], 'm'),
    Object.assign(new Error('c'), { code: 'X', name: 'Y' }),
  ],
  [new Date(5), /a+/gi, Object(1), Object('s'), 5n, -(2n ** 100n)],
  [new Uint8Array(30), new Float64Array(5), new DataView(new ArrayBuffer(9)), new ArrayBuffer(7)],
  [, 1, , , 5, new Array(1000)], // eslint-disable-line no-sparse-arrays -- holes have their own form
  Object.assign([1, 2], { extra: { a: 1 } }),
  JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}'),
  ['日本語', 'x'.repeat(100), '\ud800'.repeat(40)],
  Object.fromEntries(Array.from({ length: 80 }, (_, i) => [`key${i}`, i])),
];

/** The value or the error; anything else (a hang, a crash of the engine) would not come back. */
function outcome(input: Incoming): 'value' | 'error' {
  try {
    anyCodec.decode(input);
    return 'value';
  } catch (error) {
    if (Object.prototype.toString.call(error) !== '[object Error]') throw error;
    return 'error';
  }
}

/** What must hold after every test here. */
function expectUnharmed(): void {
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(anyCodec.decode(post({ still: ['works', { a: 1 }] }))).toEqual({ still: ['works', { a: 1 }] });
}

it(`random bytes (FUZZ_SEED=${SEED})`, () => {
  const next = random(SEED);
  const seen = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const input = post('x'.repeat(1 + Math.floor(next() * 60)));
    for (let i = 0; i < input.length; i++) input.bytes[input.start + i] = next() * 256;
    // Operations are rare among random bytes, so begin with one.
    if (round % 2 === 0) input.bytes[input.start] = 0xc0 + next() * 32;
    input.tag = [TAG_TREE, TAG_GRAPH][round % 2]!;
    seen.add(outcome(input));
  }
  expect([...seen].sort()).toEqual(['error', 'value']);
  expectUnharmed();
});

it(`every tag with random contents (FUZZ_SEED=${SEED})`, () => {
  const next = random(SEED);
  for (let tag = 0; tag < 256; tag++) {
    for (let round = 0; round < 20; round++) {
      const input = post(new Uint8Array(9 + Math.floor(next() * 40)).map(() => next() * 256));
      input.tag = tag;
      input.lo = next() * 2 ** 32;
      input.hi = next() * 2 ** 32;
      if (tag < FIRST_BODY_TAG) input.length = 0;
      outcome(input);
    }
  }
  expectUnharmed();
});

it(`changed bytes of real messages (FUZZ_SEED=${SEED})`, () => {
  const next = random(SEED);
  const seen = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const input = post(samples[round % samples.length]);
    const changes = 1 + Math.floor(next() * 3);
    for (let i = 0; i < changes; i++) input.bytes[input.start + Math.floor(next() * input.length)] = next() * 256;
    if (next() < 0.1) input.tag = next() < 0.5 ? TAG_TREE : TAG_GRAPH;
    seen.add(outcome(input));
  }
  expect([...seen].sort()).toEqual(['error', 'value']);
  expectUnharmed();
});

it('every message cut short is an error, at every length', () => {
  for (const sample of samples) {
    const input = post(sample);
    const { length } = input;
    for (input.length = 0; input.length < length; input.length++) expect(outcome(input)).toBe('error');
  }
});

it('every message that goes on after its end is an error', () => {
  for (const sample of samples.filter((sample) => sample !== deep)) {
    const input = post(sample);
    input.length += 1;
    input.bytes[input.start + input.length - 1] = 0;
    expect(outcome(input)).toBe('error');
  }
});

it('many arrays of holes take little memory', () => {
  const input = post(Array.from({ length: 20_000 }, () => [])); // as many bytes as follow, at least
  const bytes = [
    0xd1,
    0xa0,
    0x9c,
    0x01,
    ...Array.from({ length: 20_000 }, () => [0xd1, 0xff, 0xff, 3, 0xd3, 0xff, 0xff, 3]).flat(),
  ];
  input.bytes = Uint8Array.from(bytes);
  input.start = 0;
  input.length = bytes.length;
  input.tag = TAG_TREE;
  const before = process.memoryUsage().heapUsed;
  const result = anyCodec.decode(input) as unknown[][];
  expect([result.length, result[19_999].length]).toEqual([20_000, 65_535]);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(2 ** 27); // 10 GiB if each had its memory
});

it.each<readonly [string, readonly number[]]>([
  ['an array of 2^32 - 1 elements', [0xd1, 0xff, 0xff, 0xff, 0xff, 0x0f]],
  ['an array longer than arrays can be', [0xd1, 0x80, 0x80, 0x80, 0x80, 0x20, 0xd3, 0x80, 0x80, 0x80, 0x80, 0x20]],
  ['text longer than the message', [0xc9, 0xff, 0xff, 0xff, 0xff, 0x07, 65]],
  ['a buffer longer than the message', [0xda, 0xff, 0xff, 0xff, 0xff, 0x07, 65]],
  ['a map larger than the message', [0xd4, 0xff, 0xff, 0xff, 0xff, 0x07, 65]],
  ['a dictionary larger than the message', [0xd0, 0xff, 0xff, 0xff, 0x07, 65]],
  ['an endless number', [0xc9, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
  ['arrays in arrays without end', new Array<number>(60).fill(0xd1).flatMap((op) => [op, 1])],
  ['200 arrays in each other', [...new Array<number>(200).fill(0xd1).flatMap((op) => [op, 1]), 0]],
  ['a reference to nothing', [0xcb, 5]],
  ['a deferred value that never comes', [0xd1, 1, 0xcc, 3]],
  ['a shape that was never defined', [0xcf, 0]],
  ['half a UCS-2 unit', [0xca, 3, 65, 0, 65]],
  ['a bigint with other digits', [0xc8, 0, 0x82, 0x67, 0x30]],
  ['a regexp that is none', [0xd7, 0x81, 0x28, 0x80]],
  ['a boxed object', [0xd8, 0xd1, 0]],
  ['a view of a kind that does not exist', [0xdc, 99, 0]],
  ['eleven bytes as a Float64Array', [0xdc, 8, 11, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
  ['a name that is no text', [0xd0, 1, 5, 5]],
])('%s is an error, at once', (_, bytes) => {
  const input = post(Uint8Array.from({ length: Math.max(9, bytes.length) }));
  input.bytes.set(bytes, input.start);
  input.length = bytes.length;
  input.tag = TAG_GRAPH;
  const before = process.memoryUsage().arrayBuffers;
  const start = performance.now();
  expect(outcome(input)).toBe('error');
  expect(performance.now() - start).toBeLessThan(500);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 26);
  expectUnharmed();
});
