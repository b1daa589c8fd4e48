/**
 * Hostile values from recipes: objects that lie, throw, change while they are read, and use the channel from inside.
 *
 * A recipe is a nested array: the name of a node, its parameters, and recipes of what is inside.
 */
import fc, { type Arbitrary } from 'fast-check';
import { Hostility } from './target.js';

/** What hostile code may do to the channel that its own message goes through. */
export interface Surroundings {
  /** One of several misdeeds: sends, receives, drops, clones, closes, throws. */
  readonly misbehave: (which: number) => void;
  /** A handle for a message; `which` decides whether it is usable. */
  readonly handle: (which: number) => object;
}

export type Recipe = readonly [kind: string, number: number, text: string, inside: readonly Recipe[]];

type Make = (number: number, text: string, inside: () => unknown[], world: Surroundings) => unknown;

const KEYS = ['a', 'b', '0', '__proto__', 'constructor', 'prototype', 'toJSON', 'then', 'length', 'beamline', '', '\ud800'];
const keyOf = (number: number, i: number): string => KEYS[(number + i) % KEYS.length]!;

/** Properties as own ones, whatever their names. */
function withProperties<T extends object>(object: T, number: number, values: readonly unknown[]): T {
  values.forEach((value, i) => {
    Object.defineProperty(object, keyOf(number, i), { value, enumerable: true, writable: true, configurable: true });
  });
  return object;
}

function getter(object: object, key: string, get: () => unknown): void {
  Object.defineProperty(object, key, { get, enumerable: true, configurable: true });
}

const buffers: readonly (() => unknown)[] = [
  () => {
    const buffer = new ArrayBuffer(16);
    structuredClone(buffer, { transfer: [buffer] });
    return buffer;
  },
  () => {
    const view = new Uint16Array(8);
    structuredClone(view.buffer, { transfer: [view.buffer] });
    return view;
  },
  () => new ArrayBuffer(8, { maxByteLength: 64 } as never),
  () => new Uint8Array(new ArrayBuffer(8, { maxByteLength: 64 } as never)),
  () => {
    const buffer = new ArrayBuffer(32, { maxByteLength: 64 } as never);
    const view = new Uint8Array(buffer, 16, 16);
    (buffer as unknown as { resize(length: number): void }).resize(8); // the view is out of bounds
    return view;
  },
  () => new SharedArrayBuffer(8),
  () => new Float64Array(new SharedArrayBuffer(8)),
  () => new DataView(new ArrayBuffer(9), 1, 5),
  () => Buffer.from('a buffer from the pool of buffers').subarray(3),
  () => Object.defineProperty(new Uint8Array(4), 'length', { value: 2 ** 31 }),
  () => Object.defineProperty(new Uint8Array(4), 'byteLength', { value: -1 }),
  () => Object.setPrototypeOf(new Uint8Array(12), null),
  () => Object.setPrototypeOf({}, Uint8Array.prototype),
  () => new (class Mine extends Uint8Array {})(3),
  () => new (class Mine extends Uint8Array {
    static get [Symbol.species](): Uint8ArrayConstructor {
      throw new Hostility('species');
    }
  })(70), // prettier-ignore
];

function argumentsOf(..._given: unknown[]): object {
  return arguments; // eslint-disable-line prefer-rest-params -- this very kind of object is meant
}

const oddities: readonly (() => unknown)[] = [
  () => () => 1,
  () => Symbol('a'),
  () => Promise.resolve(1),
  () => new WeakMap(),
  () => new WeakSet(),
  () => argumentsOf(1, 2),
  () => Object.assign(argumentsOf(), { length: 3 }),
  () => globalThis,
  () => new Date(NaN),
  () => Object.setPrototypeOf(new Date(5), Array.prototype),
  () => Object.setPrototypeOf({}, Date.prototype),
  () => Object.setPrototypeOf({}, Map.prototype),
  () => Object.setPrototypeOf({}, Error.prototype),
  () => Object.setPrototypeOf([1, 2], null),
  () => Object.setPrototypeOf(new Map([[1, 2]]), null),
  () => Object.assign(/a(b)/giu, { lastIndex: { valueOf: () => 5 } }),
  () => Object.defineProperty(/a/, 'flags', { value: 'nonsense' }),
  () => Object.defineProperty(/a/, 'source', { get: () => { throw new Hostility('source'); } }), // prettier-ignore
  () => Object(1n),
  () => Object(Symbol('boxed')),
  () => Object.assign(Object('text'), { extra: 1 }) as unknown,
  () => Object.assign(Object(5), { valueOf: () => ({}) }) as unknown,
  () => new Array(2 ** 32 - 1),
  () => Object.assign([], { [2 ** 31]: 1 }),
  () => Object.assign([1, , 3], { extra: [,] }), // eslint-disable-line no-sparse-arrays -- holes have their own form
  () => Object.defineProperty([1, 2, 3], 1, { get: () => { throw new Hostility('element'); } }), // prettier-ignore
  () => Object.create({ inherited: 1, get thrower() { throw new Hostility('inherited'); } }) as unknown, // prettier-ignore
  () => Object.defineProperty({}, Symbol.toStringTag, { get: () => { throw new Hostility('tag'); } }), // prettier-ignore
  () => ({ [Symbol.toPrimitive]: () => { throw new Hostility('primitive'); }, valueOf: 1, toString: null }), // prettier-ignore
  () => new Proxy([], {}),
  () => new Proxy(new Map(), {}),
  () => new Proxy(new Date(), {}),
  () => new Proxy(function named() {}, {}),
  () => new URL('https://example.org/'),
  () => new AbortController().signal,
  () => new TextEncoder(),
  () => new Intl.NumberFormat(),
  () => Object.freeze(Object.create(null, { frozen: { value: 1, enumerable: true } })) as unknown,
  () => '\ud800'.repeat(30),
  () => 'é'.repeat(40),
  () => 2n ** 300n,
  () => -(2n ** 63n),
];

/** Traps that break promises which proxies make, or that run code of the input. */
const traps: readonly ((world: Surroundings) => ProxyHandler<object>)[] = [
  () => ({}),
  () => ({ get: () => { throw new Hostility('get'); } }), // prettier-ignore
  () => ({ ownKeys: () => { throw new Hostility('ownKeys'); } }), // prettier-ignore
  () => ({ ownKeys: () => ['a', 'a'] }),
  () => ({ ownKeys: () => [1] as never }),
  () => ({ ownKeys: () => ['ghost', 'b'], getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }) }),
  () => ({ getOwnPropertyDescriptor: () => { throw new Hostility('descriptor'); } }), // prettier-ignore
  () => ({ getPrototypeOf: () => { throw new Hostility('getPrototypeOf'); } }), // prettier-ignore
  () => ({ getPrototypeOf: () => Array.prototype }),
  () => ({ getPrototypeOf: () => new Proxy({}, { getPrototypeOf: () => { throw new Hostility('deep'); } }) }), // prettier-ignore
  () => ({ has: () => true, get: (_target, key) => (typeof key === 'symbol' ? { layout: 1 } : 5) }),
  (world) => ({ get: (target, key) => (world.misbehave(0), Reflect.get(target, key) as unknown) }),
  (world) => ({ ownKeys: (target) => (world.misbehave(3), Reflect.ownKeys(target)) }),
];

const kinds: Readonly<Record<string, Make>> = {
  plain: (number) => [0, -0, NaN, 2 ** 31, 1.5, true, null, undefined, 10n, 'text', ''][number % 11],
  text: (_, text) => text,
  object: (number, _, inside) => withProperties({}, number, inside()),
  array: (_, __, inside) => inside(),
  map: (_, __, inside) => {
    const parts = inside();
    return new Map(parts.map((part, i) => [parts[(i + 1) % parts.length], part]));
  },
  set: (_, __, inside) => new Set(inside()),
  error: (number, text, inside) => {
    const parts = inside();
    const error = new [Error, TypeError, RangeError][number % 3]!(text, { cause: parts[0] });
    return number % 2 === 0 ? error : withProperties(error, 0, [parts]);
  },
  instance: (number, _, inside) =>
    withProperties(new (class Mine { method(): void {} })(), number, inside()), // prettier-ignore
  nullObject: (number, _, inside) => withProperties(Object.create(null) as object, number, inside()),
  buffer: (number) => buffers[number % buffers.length]!(),
  odd: (number) => oddities[number % oddities.length]!(),
  handle: (number, _, __, world) => world.handle(number),
  revoked: () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  proxy: (number, _, inside, world) => new Proxy(withProperties({}, number, inside()), traps[number % traps.length]!(world)),
  throwing: (number, text, inside) => {
    const object = withProperties({}, number, inside());
    getter(object, keyOf(number, 1), () => {
      throw new Hostility(text);
    });
    return object;
  },
  misbehaving: (number, _, inside, world) => {
    const object = withProperties({}, number, inside());
    getter(object, keyOf(number, 2), () => {
      world.misbehave(number);
      return number;
    });
    return object;
  },
  changing: (number, _, inside) => {
    const object: Record<string, unknown> = withProperties({}, number, inside());
    getter(object, 'change', () => {
      for (const key of Object.keys(object)) if (key !== 'change') Reflect.deleteProperty(object, key);
      for (let i = 0; i < number % 50; i++) object[`new${i}`] = i;
      return number;
    });
    return object;
  },
  growing: (number, _, inside) => {
    const array = inside();
    getter(array, '0', () => {
      array.length = number % 3 === 0 ? 0 : Math.min(array.length + 5, 100);
      return 0;
    });
    return array;
  },
  endless: (number) => {
    const make = (left: number): object => {
      const object = {};
      getter(object, 'next', () => (left > 0 ? make(left - 1) : 'end'));
      return object;
    };
    return make(number % 300);
  },
  deep: (number, _, inside) => {
    let value: unknown = inside();
    for (let i = 0; i < (number % 40) * 100; i++) value = i % 3 === 0 ? [value] : i % 3 === 1 ? { value } : new Map([[i, value]]);
    return value;
  },
  wide: (number) => Array.from({ length: number % 3000 }, (_, i) => ({ [`key${i % 70}`]: i })),
  many: (number) => Object.fromEntries(Array.from({ length: number % 2000 }, (_, i) => [`k${i}`, i])),
  cyclic: (number, _, inside) => {
    const object: Record<string, unknown> = withProperties({}, number, inside());
    object['self'] = object;
    object['list'] = [object, new Map([[object, new Set([object])]])];
    return object;
  },
  twice: (_, __, inside) => {
    const parts = inside();
    return [...parts, ...parts];
  },
  json: (number, text, inside) => {
    const object = withProperties({}, number, inside());
    return Object.defineProperty(object, 'toJSON', {
      value: () => {
        if (number % 2 === 0) throw new Hostility(text);
        return object;
      },
    });
  },
};

/** Whatever the recipe says; what goes wrong in making it is nobody's fault. */
export function make([kind, number, text, inside]: Recipe, world: Surroundings): unknown {
  return kinds[kind]!(number, text, () => inside.map((recipe) => make(recipe, world)), world);
}

const node = (depth: number): Arbitrary<Recipe> =>
  fc.tuple(
    fc.constantFrom(...Object.keys(kinds)),
    fc.nat(10_000),
    fc.string({ maxLength: 12 }),
    depth === 0 ? fc.constant([]) : fc.array(node(depth - 1), { maxLength: 4 }),
  );

export const recipes: Arbitrary<Recipe> = node(3);

/** Kinds of nodes whose reading runs no code of theirs, and that can be cloned in the same way by the platform. */
const TAME = new Set(['plain', 'text', 'object', 'array', 'map', 'set', 'cyclic', 'twice', 'wide', 'many']);

/** Whether structured clone must give the same. */
export function isTame([kind, , , inside]: Recipe): boolean {
  return TAME.has(kind) && inside.every(isTame);
}
