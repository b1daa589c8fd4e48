/** The default codec carries what structured clone carries by copy, with the same result (api.md §3). */
import { createContext, runInContext } from 'node:vm';
import { anyCodec } from '../../../src/codec/any.js';
import { FIRST_BODY_TAG, Outgoing } from '../../../src/codec/wire.js';
import { carry, describeGraph, errorOf, post } from './support.js';

class Point {
  #secret = 1;
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}
  get sum(): number {
    return this.x + this.y + this.#secret;
  }
}

function argumentsOf(..._: number[]): unknown {
  return arguments; // eslint-disable-line prefer-rest-params -- this very object is meant
}

function withKeys(target: object, entries: Record<string, unknown>): object {
  for (const [key, value] of Object.entries(entries)) {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return target;
}

const sharedPart = { deep: [1, 2, 3] };
const cyclic: Record<string, unknown> = { name: 'cycle' };
cyclic['self'] = cyclic;
cyclic['list'] = [cyclic, { up: cyclic }];
const mapInItself = new Map<unknown, unknown>();
mapInItself.set(mapInItself, mapInItself);
const arrayInItself: unknown[] = [];
arrayInItself.push(arrayInItself, [arrayInItself]);
const resizable = (length: number, maxByteLength: number): ArrayBuffer =>
  new (ArrayBuffer as new (length: number, options: object) => ArrayBuffer)(length, { maxByteLength });

/** Everything here must arrive exactly as through structuredClone. */
const likeStructuredClone: readonly (readonly [string, unknown])[] = [
  ['undefined', undefined],
  ['null', null],
  ['true', true],
  ['false', false],
  ...[
    0,
    -0,
    1,
    -1,
    63,
    64,
    127,
    128,
    255,
    256,
    32767,
    32768,
    -32768,
    -32769,
    2 ** 31 - 1,
    2 ** 31,
    -(2 ** 31),
    2 ** 53,
    0.1,
    -0.1,
    5e-324,
    1.7976931348623157e308,
    Infinity,
    -Infinity,
    NaN,
  ].map((n) => [`number ${Object.is(n, -0) ? '-0' : n}`, n] as const),
  ...[
    0n,
    1n,
    -1n,
    2n ** 31n,
    -(2n ** 32n),
    2n ** 63n - 1n,
    2n ** 63n,
    -(2n ** 63n),
    -(2n ** 63n) - 1n,
    2n ** 64n,
    10n ** 300n,
    -(10n ** 300n),
  ].map((n) => [`bigint ${n}`.slice(0, 30), n] as const),
  ...[
    '',
    'a',
    'é',
    'ÿ',
    'Ā',
    '日',
    '日本語で',
    '日本語です',
    '😀',
    '\ud800',
    '\udc00x',
    'x\ud800',
    '\0',
    'sixteen chars...',
    '\ufeffbom',
  ].map((text) => [`string ${JSON.stringify(text)}`, text] as const),
  ['an empty object', {}],
  ['an object', { id: 123, payload: 'sixteen chars...' }],
  [
    'all primitives in an object',
    {
      u: undefined,
      n: null,
      t: true,
      f: false,
      z: -0,
      i: 300,
      j: 70000,
      d: 0.5,
      b: 5n,
      B: -(2n ** 70n),
      s: 'é',
      w: '日',
      N: NaN,
    },
  ],
  ['index-like and empty keys', { 2: 'b', 1: 'a', x: 1, '': 2, '-1': 3, '01': 4, '4294967295': 5, '4294967294': 6 }],
  ['own __proto__', JSON.parse('{"__proto__": {"polluted": true}, "a": 1}')],
  ['own names of Object.prototype', withKeys({}, { constructor: 1, toString: 2, hasOwnProperty: 3, valueOf: 4 })],
  ['an object without prototype', withKeys(Object.create(null) as object, { a: 1, __proto__: 2 })],
  ['a class instance', new Point(1, 2)],
  ['an instance without properties', new (class Empty {})()],
  ['an object with symbol keys', { [Symbol('s')]: () => 1, a: 1 }],
  ['an object with non-enumerable properties', Object.defineProperty({ a: 1 }, 'hidden', { value: () => 1 })],
  ['an object with inherited properties', Object.create({ inherited: 1 }, { own: { value: 2, enumerable: true } })],
  ['70 properties', withKeys({}, Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`key${i}`, i])))],
  ['a long name', { ['k'.repeat(5000)]: 1, ['日'.repeat(200)]: 2, ['日']: 3 }],
  ['an empty array', []],
  ['an array', [1, 'two', null, undefined, [3]]],
  ['holes', [, 1, , , 2, ,]], // eslint-disable-line no-sparse-arrays -- holes are the subject
  ['only holes', new Array(7)],
  ['a large sparse array', withKeys([], { 5: 'a', 1000: 'b', 4294967294: 'c' })],
  ['an array of length 2^32 - 1', Object.assign([], { length: 4294967295 })],
  ['many gaps', withKeys([], Object.fromEntries(Array.from({ length: 500 }, (_, i) => [i * 97, i])))],
  ['properties on an array', withKeys([1, 2], { name: 'x', '-1': 2, '1.5': 3, __proto__: 4 })],
  ['properties on an empty array', withKeys([], { name: 'x' })],
  ['as many properties as holes', withKeys([1, , 3], { name: 'x' })], // eslint-disable-line no-sparse-arrays -- as above
  [
    'properties on a long array',
    withKeys(
      Array.from({ length: 1000 }, (_, i) => i),
      { name: 'x' },
    ),
  ],
  ['a long array', Array.from({ length: 1000 }, (_, i) => i / 2)],
  ['integers', Array.from({ length: 100 }, (_, i) => i * i * 1000 - 5000)],
  ['integers and -0', Array.from({ length: 100 }, (_, i) => (i === 50 ? -0 : i))],
  ['integers and NaN', Array.from({ length: 100 }, (_, i) => (i === 99 ? NaN : i))],
  ['numbers and a text', Array.from({ length: 100 }, (_, i) => (i === 99 ? 'x' : i / 3))],
  [
    'numbers and a hole',
    Object.assign(
      Array.from({ length: 100 }, (_, i) => i),
      { length: 101 },
    ),
  ],
  [
    'numbers and a property',
    withKeys(
      Array.from({ length: 100 }, (_, i) => i),
      { name: 'x' },
    ),
  ],
  ['numbers, twice', ((list) => [list, 'x', list, list.slice(1)])(Array.from({ length: 40 }, (_, i) => i / 7))],
  ['a sparse array that begins with a number', withKeys([], { 0: 1, 4000000000: 2 })],
  ['large bytes in odd places', ['x', new Uint8Array(1000).fill(1), 'yz', new Float64Array(100).fill(2), new ArrayBuffer(300)]],
  ['a subclass of Array', new (class List extends Array<number> {})(1, 2, 3)],
  ['a date', new Date(1234567890123)],
  ['an invalid date', new Date(NaN)],
  ['regexps', [/a+b/gi, new RegExp('/', 'dsuy'), new RegExp(''), /日\u{1F600}/u]],
  ['a regexp in use', Object.assign(/x/g, { lastIndex: 3 })],
  [
    'maps',
    new Map<unknown, unknown>([
      [1, 'one'],
      ['k', { v: 1 }],
      [{ key: 1 }, new Map()],
      [NaN, -0],
    ]),
  ],
  ['a set', new Set<unknown>([1, 'a', { x: 1 }, NaN, undefined, new Set([1])])],
  ['a map with properties', Object.assign(new Map([[1, 2]]), { extra: 1 })],
  ['a subclass of Map', new (class Registry extends Map<string, number> {})([['a', 1]])],
  ['a map whose prototype lies', Object.setPrototypeOf(new Map([[1, 2]]), Object.prototype)],
  ['a map without prototype', Object.setPrototypeOf(new Map([[1, 2]]), null)],
  ['an object that claims to be a map', Object.create(Map.prototype)],
  ['an object that claims to be a date', withKeys(Object.create(Date.prototype) as object, { a: 1 })],
  ['boxed primitives', [Object(1), Object(-0), Object('text'), Object('日'), Object(true), Object(false), Object(5n)]],
  ['a buffer', Uint8Array.of(1, 2, 3).buffer],
  ['an empty buffer', new ArrayBuffer(0)],
  ['a resizable buffer', resizable(3, 100)],
  [
    'typed arrays',
    [
      new Int8Array([-1]),
      new Uint8Array([255]),
      new Uint8ClampedArray([300]),
      new Int16Array([-300]),
      new Uint16Array([60000]),
      new Int32Array([-70000]),
      new Uint32Array([4e9]),
    ],
  ],
  [
    'typed arrays of numbers',
    [
      new Float32Array([0.5, NaN, -0]),
      new Float64Array([0.1, Infinity]),
      new BigInt64Array([-5n]),
      new BigUint64Array([2n ** 63n]),
    ],
  ],
  ...[0, 1, 7, 8, 9, 16, 63, 64, 65, 4096].map(
    (n) => [`a Uint8Array of ${n}`, Uint8Array.from({ length: n }, (_, i) => i)] as const,
  ),
  ['a Float64Array', Float64Array.of(1, 2.5)],
  ['an empty Float64Array', new Float64Array(0)],
  ['a DataView', new DataView(Uint8Array.of(1, 2, 3).buffer)],
  ['a cycle', cyclic],
  ['a map in itself', mapInItself],
  ['an array in itself', arrayInItself],
  ['shared parts', { a: sharedPart, b: [sharedPart, sharedPart.deep], c: new Map([[sharedPart, sharedPart]]) }],
  ['shared dates and buffers', ((date, bytes) => [date, date, bytes, bytes])(new Date(1), new Uint8Array(20))],
  ['shared boxes', ((box: object) => [box, box])(Object(1) as object)],
  [
    '300 objects, then the first again',
    ((list) => [list, list[0], list[150], list[299]])(Array.from({ length: 300 }, (_, i) => ({ i }))),
  ],
  ['an error', new Error('message')],
  ['an error without message', new Error()],
  ['an error with a cause', new Error('outer', { cause: new TypeError('inner', { cause: { any: ['thing'] } }) })],
  ['an error with cause undefined', new Error('outer', { cause: undefined })],
  [
    'errors of all kinds',
    [
      new EvalError('e'),
      new RangeError('r'),
      new ReferenceError('f'),
      new SyntaxError('s'),
      new TypeError('t'),
      new URIError('u'),
    ],
  ],
  ['a subclass of TypeError', new (class Custom extends TypeError {})('c')],
];

describe('any carries, as structured clone does,', () => {
  it.each(likeStructuredClone)('%s', (_, value) => {
    const expected = describeGraph(structuredClone(value));
    expect(describeGraph(carry(value))).toBe(expected);
    expect(describeGraph(carry({ within: [value] }))).toBe(describeGraph(structuredClone({ within: [value] })));
  });

  it.each(likeStructuredClone)('%s, when it comes from structured clone and so from another realm', (_, value) => {
    const foreign = structuredClone(value);
    expect(describeGraph(carry(foreign))).toBe(describeGraph(foreign));
  });

  it('values made in another realm', () => {
    const context = createContext({ structuredClone: undefined });
    const foreign: unknown = runInContext(
      `class Job { constructor() { this.id = 1 } }
       ({ o: { a: 1 }, n: Object.create(null), l: [1,,2], d: new Date(5), m: new Map([[1, new Set([2])]]), e: new RangeError('r', { cause: 1 }),
          u: new Uint8Array([1, 2]), f: new Float64Array([0.5]), b: new ArrayBuffer(3), v: new DataView(new ArrayBuffer(2)), r: /x/g,
          s: Object('s'), j: new Job() })`,
      context,
    );
    expect(describeGraph(carry(foreign))).toBe(describeGraph(structuredClone(foreign)));
  });

  it('objects that keep their state private, as empty objects', () => {
    expect(describeGraph(carry([new URL('http://x'), new Headers({ a: 'b' }), new AbortController()]))).toBe(
      describeGraph([{}, {}, {}]),
    );
  });

  it('objects while Object.prototype has an enumerable name', () => {
    Object.defineProperty(Object.prototype, 'polluting', { value: 1, enumerable: true, configurable: true });
    try {
      expect(Object.keys(carry({ a: 1 }))).toEqual(['a']);
    } finally {
      Reflect.deleteProperty(Object.prototype, 'polluting');
    }
  });
});

describe('any carries, beyond structured clone,', () => {
  it('a Buffer as a Uint8Array', () => {
    const small = carry(Buffer.from('abc'));
    const large = carry({ buffer: Buffer.from('more than eight bytes') });
    expect(describeGraph(small)).toBe(describeGraph(Uint8Array.of(97, 98, 99)));
    expect(Object.getPrototypeOf(large.buffer)).toBe(Uint8Array.prototype);
  });

  it('a view over a buffer that holds only what the view shows', () => {
    const bytes = Uint8Array.from({ length: 64 }, (_, i) => i);
    const view = new Uint16Array(bytes.buffer, 8, 3);
    const data = new DataView(bytes.buffer, 3, 5);
    const result = carry({ view, data, part: bytes.subarray(10, 30) });
    expect([result.view.byteOffset, result.view.buffer.byteLength]).toEqual([0, 6]);
    expect([result.data.byteOffset, result.data.buffer.byteLength]).toEqual([0, 5]);
    expect([...result.part]).toEqual([...bytes.subarray(10, 30)]);
    expect(carry(bytes.subarray(10, 30)).buffer.byteLength).toBe(20);
    expect(carry(view)).toEqual(view);
    expect(carry(data).getUint8(0)).toBe(3);
  });

  it('a view that tracks a resizable buffer, as it is now', () => {
    const buffer = resizable(4, 16);
    const view = new Uint8Array(buffer).fill(7);
    expect(describeGraph(carry({ view }))).toBe(describeGraph({ view: Uint8Array.of(7, 7, 7, 7) }));
  });

  it('the code of an error', () => {
    const error = Object.assign(new RangeError('r'), { code: 'ERR_X' });
    const result = carry({ error }).error;
    expect(result).toBeInstanceOf(RangeError);
    expect(Object.getOwnPropertyDescriptor(result, 'code')).toEqual({
      value: 'ERR_X',
      writable: true,
      enumerable: true,
      configurable: true,
    });
    expect(result.stack).toBe(error.stack);
  });

  it('a numeric code, but none that is not a text or number', () => {
    expect(carry(Object.assign(new Error('e'), { code: 5 })).code).toBe(5);
    expect('code' in carry(Object.assign(new Error('e'), { code: () => 1 }))).toBe(false);
  });

  it('the name of an error of any class', () => {
    class HttpError extends Error {
      override readonly name = 'HttpError';
      readonly status = 404;
    }
    const result = carry(new HttpError('not found'));
    expect(Object.prototype.toString.call(result)).toBe('[object Error]');
    expect(Object.getPrototypeOf(result)).toBe(Error.prototype);
    expect([result.name, result.message]).toEqual(['HttpError', 'not found']);
    expect('status' in result).toBe(false);
    expect(String(result)).toBe('HttpError: not found');
  });

  it('the errors of an AggregateError', () => {
    const result = carry(new AggregateError([new TypeError('one'), { two: 2 }], 'both'));
    expect(result).toBeInstanceOf(AggregateError);
    expect(result.message).toBe('both');
    expect((result.errors[0] as Error).name).toBe('TypeError');
    expect(result.errors[1]).toEqual({ two: 2 });
  });

  it('a DOMException as an Error', () => {
    const reason: unknown = errorOf(() => AbortSignal.abort().throwIfAborted());
    const result = carry(reason) as Error;
    expect(Object.getPrototypeOf(result)).toBe(Error.prototype);
    expect([result.name, result.message]).toEqual(['AbortError', 'This operation was aborted']);
  });

  it('errors whose parts are not what they should be', () => {
    const odd = Object.assign(new Error('x'), { name: 5, stack: { not: 'a string' }, message: { toString: () => 'made up' } });
    const result = carry(odd);
    expect(result.message).toBe('made up');
    expect(result.name).toBe('Error');
    expect('stack' in result).toBe(false);
  });

  it('a cycle through the cause of an error', () => {
    const error = new Error('e');
    error.cause = { error };
    const result = carry(error);
    expect((result.cause as { error: unknown }).error).toBe(result);
  });
});

describe('any refuses', () => {
  const { port1, port2 } = new MessageChannel();
  afterAll(() => {
    port1.close();
    port2.close();
  });
  const detached = new Uint8Array(8);
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
  const shrunk = ((): Uint8Array => {
    const buffer = resizable(16, 16);
    const view = new Uint8Array(buffer, 8, 8);
    (buffer as unknown as { resize(n: number): void }).resize(4);
    return view;
  })();

  it.each<readonly [string, unknown, string]>([
    ['functions', () => 1, 'functions cannot be cloned'],
    ['classes', class {}, 'functions cannot be cloned'],
    ['symbols', Symbol('s'), 'symbols cannot be cloned'],
    ['boxed symbols', Object(Symbol('s')), 'symbols cannot be cloned'],
    ['a WeakMap', new WeakMap(), 'a WeakMap'],
    ['a WeakSet', new WeakSet(), 'a WeakSet'],
    ['a WeakRef', new WeakRef({}), 'a WeakRef'],
    ['a FinalizationRegistry', new FinalizationRegistry(() => undefined), 'a FinalizationRegistry'],
    ['a Promise', Promise.resolve(1), 'a Promise'],
    ['a Promise with properties', Object.assign(Promise.resolve(1), { a: 1 }), 'a Promise'],
    ['a generator', (function* () {})(), 'a Generator'],
    ['a map iterator', new Map().entries(), 'a Map Iterator'],
    ['arguments', argumentsOf(1, 2), 'an Arguments'],
    ['no arguments', argumentsOf(), 'an Arguments'],
    ['shared memory', new SharedArrayBuffer(8), 'shared memory'],
    ['a view on shared memory', new Uint8Array(new SharedArrayBuffer(8)), 'a view on shared memory'],
    ['a small view on shared memory', new Int32Array(new SharedArrayBuffer(8)), 'a view on shared memory'],
    ['a DataView on shared memory', new DataView(new SharedArrayBuffer(8)), 'a view on shared memory'],
    ['a detached buffer', detached.buffer, 'a detached ArrayBuffer'],
    ['a view on a detached buffer', detached, 'a view on a detached buffer'],
    ['a view that is out of bounds', shrunk, 'a view on a detached buffer'],
    ['a MessagePort', port1, 'cannot be cloned'],
    ['a Blob', new Blob(['x']), 'a Blob'],
    ['a ReadableStream', new ReadableStream(), 'a ReadableStream'],
    ['a proxy of a map', new Proxy(new Map(), {}), 'a proxy'],
    ['a proxy of a date', new Proxy(new Date(), {}), 'a proxy'],
    ['a proxy of a function', new Proxy(() => 1, {}), 'functions cannot be cloned'],
    ['a number format', new Intl.NumberFormat(), 'an Intl.NumberFormat'],
  ])('%s', (_, value, message) => {
    for (const message_ of [value, { a: value }, [value], new Map([[1, value]])]) {
      const error = errorOf(() => post(message_));
      expect(error.name).toBe('DataCloneError');
      expect(error.code).toBe('ERR_DATA_CLONE');
      expect(error.message).toContain(message);
      expect(error.message).toContain('cannot send value: ');
    }
  });

  it('keys, compiled modules and memory of the platform', async () => {
    const { createSecretKey } = await import('node:crypto');
    const { X509Certificate } = await import('node:crypto');
    const { createHistogram } = await import('node:perf_hooks');
    const { BlockList } = await import('node:net');
    const { webcrypto } = await import('node:crypto');
    const { open } = await import('node:fs/promises');
    const wasm = (
      globalThis as unknown as {
        WebAssembly: { Module: new (bytes: Uint8Array) => object; Memory: new (options: object) => object };
      }
    ).WebAssembly;
    const file = await open(__filename);
    const objects = [
      createSecretKey(Buffer.from('secret')),
      await webcrypto.subtle.generateKey({ name: 'AES-CBC', length: 128 }, true, ['encrypt']),
      new wasm.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)),
      new wasm.Memory({ initial: 1 }),
      createHistogram(),
      new BlockList(),
      file,
    ];
    expect(X509Certificate).toBeDefined();
    const codes = objects.map((object) => errorOf(() => post({ object })).code);
    await file.close();
    expect(codes).toEqual(objects.map(() => 'ERR_DATA_CLONE'));
  });

  it.each<readonly [string, unknown]>([
    ['(at .jobs[3].callback)', { jobs: [1, 2, 3, { callback: () => 1 }] }],
    ['(at ["two words"][0].$x_1)', { 'two words': [{ $x_1: Symbol('s') }] }],
    [
      '(at <map value 1>.f)',
      new Map<number, unknown>([
        [1, 1],
        [2, { f: () => 1 }],
      ]),
    ],
    ['(at <map key 0>)', new Map<unknown, number>([[() => 1, 1]])],
    ['(at .s<set member 1>)', { s: new Set([1, () => 1]) }],
    ['(at .cause)', new Error('e', { cause: () => 1 })],
    ['(at .errors[1])', new AggregateError([1, () => 1])],
    ['(at .list.extra)', { list: Object.assign([1], { extra: () => 1 }) }],
    [`(at .k69)`, Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`k${i}`, i === 69 ? () => 1 : i]))],
  ])('and says where: %s', (place, value) => {
    expect(errorOf(() => post(value)).message.endsWith(place)).toBe(true);
  });

  it('and says where even when that is far down, in a few words', () => {
    let value: unknown = () => 1;
    for (let i = 0; i < 1000; i++) value = { down: value };
    const { message } = errorOf(() => post(value));
    expect(message).toContain('.down.down');
    expect(message.length).toBeLessThan(400);
  });
});

describe('any and hostile objects:', () => {
  it('reads getters', () => {
    expect(
      carry({
        get answer() {
          return 42;
        },
      }),
    ).toEqual({ answer: 42 });
    expect(carry(Object.defineProperty([1, 2], 0, { get: () => 'x', enumerable: true }))).toEqual(['x', 2]);
  });

  it('passes on what a getter throws, and the next message is fine', () => {
    const thrown = new Error('mine');
    const hostile = {
      a: {
        b: [
          1,
          {
            get c(): never {
              throw thrown;
            },
          },
        ],
      },
    };
    for (let i = 0; i < 3; i++) {
      expect(errorOf(() => post(hostile))).toBe(thrown);
      expect(carry({ id: i, list: [{}, {}] })).toEqual({ id: i, list: [{}, {}] });
    }
  });

  it('a getter that deletes, adds or changes properties of its own object leaves names and values together', () => {
    const hostile: Record<string, unknown> = {
      get first() {
        delete hostile['second'];
        hostile['added'] = 'added';
        hostile['third'] = 'changed';
        return 'first';
      },
      second: 2,
      third: 3,
    };
    expect(carry(hostile)).toEqual({ first: 'first', third: 'changed' });
  });

  it('a getter that changes the array it is in', () => {
    const list: unknown[] = [1, 2, 3, 4];
    Object.defineProperty(list, 1, {
      get: () => {
        list.length = 2;
        return 'cut';
      },
      configurable: true,
      enumerable: true,
    });
    const result = carry(list);
    expect(result.length).toBe(4);
    expect(Object.keys(result)).toEqual(['0', '1']);
    expect(result[1]).toBe('cut');
  });

  it('a getter among numbers that gives something else the next time', () => {
    for (const [first, ...later] of [
      [1, 1.5],
      [1, 'text'],
      [1, 2, {}],
      [0.5, 'x'],
      [1, NaN],
      [5, -0],
    ] as const) {
      const answers = [first, ...later];
      const list: unknown[] = Array.from({ length: 50 }, (_, i) => i);
      Object.defineProperty(list, 20, { get: () => (answers.length > 1 ? answers.shift() : answers[0]), enumerable: true });
      const result = carry(list);
      expect([first, ...later]).toContainEqual(result[20]);
      expect(result.slice(0, 20)).toEqual(list.slice(0, 20));
      expect(result.slice(21)).toEqual(list.slice(21));
    }
  });

  it('a getter that changes a map while it is being sent', () => {
    const map = new Map<string, unknown>([
      [
        'a',
        {
          get x() {
            map.clear();
            return 1;
          },
        },
      ],
      ['b', 2],
    ]);
    expect([...carry(map)]).toEqual([
      ['a', { x: 1 }],
      ['b', 2],
    ]);
  });

  it('a getter that sends a message of its own does not disturb the message it is in', () => {
    const inner: unknown[] = [];
    const make = (depth: number): object => ({
      before: `before ${depth}`,
      get nested() {
        if (depth === 0) return 'end';
        inner.push(carry([make(depth - 1), 'text that needs the scratch buffer', { id: depth, list: [{ id: 1 }] }]));
        inner.push(carry('a long text that does not fit into a slot: '.repeat(9)));
        return make(depth - 1);
      },
      after: { id: depth, list: [{ id: 2 }, 'x'.repeat(100)] },
    });
    const result = carry(make(3));
    expect(describeGraph(result)).toBe(describeGraph(structuredClone(make(3))));
    expect(inner.length).toBeGreaterThan(10);
  });

  it('proxies of plain objects and arrays are read through their traps', () => {
    const log: string[] = [];
    const proxy = new Proxy(
      { a: 1, b: { c: 2 } },
      { get: (target, key): unknown => (log.push(String(key)), Reflect.get(target, key)) },
    );
    expect(describeGraph(carry({ proxy }))).toBe(describeGraph({ proxy: { a: 1, b: { c: 2 } } }));
    expect(log).toContain('a');
    expect(describeGraph(carry(new Proxy([1, { x: 2 }], {})))).toBe(describeGraph([1, { x: 2 }]));
  });

  it('a proxy whose traps throw, or that was revoked, gives their error', () => {
    const thrown = new Error('trap');
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(
      errorOf(() =>
        post([
          new Proxy(
            { a: 1 },
            {
              ownKeys: () => {
                throw thrown;
              },
            },
          ),
        ]),
      ),
    ).toBe(thrown);
    expect(
      errorOf(() =>
        post([
          new Proxy(
            { a: 1 },
            {
              getPrototypeOf: () => {
                throw thrown;
              },
            },
          ),
        ]),
      ),
    ).toBe(thrown);
    expect(errorOf(() => post({ proxy })).name).toBe('TypeError');
    expect(carry({ fine: true })).toEqual({ fine: true });
  });

  it('does not call toJSON, toString, valueOf, iterators or toStringTag', () => {
    const fail = (): never => {
      throw new Error('called');
    };
    const object = Object.defineProperties(
      { a: 1 },
      {
        toJSON: { value: fail },
        toString: { value: fail },
        valueOf: { value: fail },
        [Symbol.toPrimitive]: { value: fail },
        [Symbol.iterator]: { value: fail },
        [Symbol.toStringTag]: { get: fail },
      },
    );
    const map = Object.defineProperties(new Map([[1, 2]]), {
      size: { get: fail },
      forEach: { value: fail },
      [Symbol.iterator]: { value: fail },
    });
    const date = Object.defineProperties(new Date(5), { getTime: { value: fail }, valueOf: { value: fail } });
    const list = Object.defineProperties([1], { [Symbol.iterator]: { value: fail }, forEach: { value: fail } });
    const bytes = Object.defineProperties(new Uint8Array([1]), {
      length: { get: fail },
      buffer: { get: fail },
      byteLength: { get: fail },
    });
    const results = carry([object, map, date, list, bytes]);
    expect(describeGraph(results)).toBe(describeGraph([{ a: 1 }, new Map([[1, 2]]), new Date(5), [1], Uint8Array.of(1)]));
  });

  it('nothing is left of a message in the codec: what it referred to can be collected', () => {
    const out = new Outgoing();
    anyCodec.encode({ list: [{ a: 1 }] }, out);
    anyCodec.encode({ list: [{ a: 1 }] }, out);
    expect(out.handles).toEqual([]);
  });
});

describe('any and size:', () => {
  it.each<readonly [string, (inner: unknown) => unknown, (outer: unknown) => unknown]>([
    ['objects', (inner) => ({ inner }), (outer) => (outer as { inner: unknown }).inner],
    ['arrays', (inner) => [0, inner], (outer) => (outer as unknown[])[1]],
    ['map keys', (inner) => new Map([[inner, 1]]), (outer) => [...(outer as Map<unknown, unknown>).keys()][0]],
    ['map values', (inner) => new Map([[1, inner]]), (outer) => (outer as Map<unknown, unknown>).get(1)],
    ['sets', (inner) => new Set([inner]), (outer) => [...(outer as Set<unknown>)][0]],
    [
      'causes',
      (inner) => Object.defineProperty(new Error('e', { cause: inner }), 'stack', { value: '' }),
      (outer) => (outer as Error).cause,
    ],
    ['array properties', (inner) => Object.assign([], { inner }), (outer) => (outer as { inner?: unknown }).inner],
    [
      '__proto__',
      (inner) => withKeys({}, { ['__proto__']: inner }),
      (outer): unknown => Object.getOwnPropertyDescriptor(outer, '__proto__')?.value,
    ],
  ])('many levels of %s arrive', (kind, wrap, unwrap) => {
    const depth = kind === 'causes' ? 2000 : 100_000; // making an error takes long under jest
    let value: unknown = 'bottom';
    for (let i = 0; i < depth; i++) value = wrap(value);
    let result = carry(value);
    let levels = 0;
    for (; result !== 'bottom' && result !== undefined; levels++) result = unwrap(result);
    expect(levels).toBe(depth);
  });

  it('order and identity hold across deep levels', () => {
    const shared = { shared: true };
    let value: unknown = { end: shared };
    for (let i = 0; i < 500; i++) value = { before: i, value, shared, after: new Map([[{ key: i }, shared]]) };
    expect(describeGraph(carry({ value, shared }))).toBe(describeGraph(structuredClone({ value, shared })));
  });

  it('a cycle through 1,000 levels', () => {
    const root: Record<string, unknown> = {};
    let current = root;
    for (let i = 0; i < 1000; i++) current = current['next'] = { back: current };
    current['next'] = root;
    let result = carry(root);
    const start = result;
    for (let i = 0; i < 1001; i++) result = result['next'] as Record<string, unknown>;
    expect(result).toBe(start);
  });

  it('100 MB in one message, and the memory is given back', () => {
    const size = 100 * 2 ** 20;
    const input = post({ bytes: new Uint8Array(size).fill(7), text: 'x' });
    expect(input.length).toBeGreaterThan(size);
    const result = anyCodec.decode(input) as { bytes: Uint8Array; text: string };
    expect([result.bytes.length, result.bytes[0], result.bytes[size - 1], result.text]).toEqual([size, 7, 7, 'x']);
    const out = new Outgoing();
    anyCodec.encode({ small: [1] }, out);
    expect(out.body.length).toBeLessThan(2 ** 20);
  });

  it('100,000 objects of one shape take little more than their values', () => {
    const list = Array.from({ length: 100_000 }, (_, i) => ({ identifier: i % 100, description: 'text' }));
    expect(post(list).length).toBeLessThan(100_000 * 12);
    expect(carry(list)).toEqual(list);
  });

  it('shapes keep their names apart', () => {
    const values = Array.from({ length: 50 }, (_, i) => ({ [`first${i}`]: i, [`second${i}`]: { [`third${i}`]: [i] } }));
    const posted = values.map((value) => post(value));
    expect(posted.map((input) => anyCodec.decode(input))).toEqual(values);
    expect(values.map((value) => carry(value))).toEqual(values);
  });

  it('thousands of different names, then ordinary objects again', () => {
    for (let i = 0; i < 20_000; i++) {
      const name = `name${i}`;
      const value = { [name]: i, [`${name}'`]: { [name]: 1 } };
      if (i % 100 === 0) expect(carry(value)).toEqual(value);
      else post(value);
    }
    expect(carry({ id: 1, payload: 'x' })).toEqual({ id: 1, payload: 'x' });
  });

  it('a sparse array of four thousand million elements takes no time and no memory', () => {
    const sparse: number[] = [];
    sparse[4_000_000_000] = 1;
    expect(post(sparse).length).toBeLessThan(100);
    expect(carry(sparse).length).toBe(4_000_000_001);
  });
});

describe('any puts into the slot alone', () => {
  it.each<readonly [unknown]>([
    [1],
    [-0],
    [NaN],
    [true],
    [false],
    [null],
    [undefined],
    [5n],
    [''],
    ['eight...'],
    ['日本語で'],
    [new Uint8Array(8)],
  ])('%p', (value) => {
    expect(post(value).tag).toBeLessThan(FIRST_BODY_TAG);
  });

  it('and makes the body of a Uint8Array the very bytes of the caller', () => {
    const out = new Outgoing();
    const bytes = new Uint8Array(100);
    anyCodec.encode(bytes, out);
    expect(out.body).toBe(bytes);
    anyCodec.encode(new Float64Array(bytes.buffer, 8, 4), out);
    expect(out.body.buffer).toBe(bytes.buffer);
  });
});
