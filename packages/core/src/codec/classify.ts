/**
 * What kind of object a value is to structured clone.
 *
 * Called by: encoder.ts, for every object that is no array and whose prototype is not known to be plain.
 *
 * Prototypes prove nothing: an object may have another one than it was made with, or come from another realm. So kinds are told
 * by internal slots (platform/types.ts).
 *
 * Invariants
 *   C1  What structured clone refuses, shares, transfers or carries by host object throws a `Refusal`.
 *   C2  A prototype is remembered as plain only if a whole chain of non-native classes stands behind it, and then only spares
 *       the check for instances with properties: engines' own objects have none.
 */
import { isDomException, sourceOfFunction, tagOf } from '../platform/builtins.js';
import * as types from '../platform/types.js';
import { ERROR_KINDS } from './ops.js';
import { Refusal } from './refusal.js';

export const Kind = {
  PLAIN: 0,
  VIEW: 1,
  MAP: 2,
  SET: 3,
  DATE: 4,
  REGEXP: 5,
  ERROR: 6,
  BUFFER: 7,
  BOXED: 8,
} as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

// ── plain classes ──

const plainClasses = new WeakSet<object>();
let lastPlainClass: object | undefined;

/** C2. */
export function isPlainClass(prototype: object): boolean {
  if (prototype === lastPlainClass) return true;
  if (!plainClasses.has(prototype)) return false;
  lastPlainClass = prototype;
  return true;
}

function learn(prototype: object | null): void {
  if (prototype !== null && isUserDefined(prototype)) plainClasses.add(prototype);
}

function isUserDefined(prototype: object): boolean {
  let current = prototype;
  for (;;) {
    if (types.isProxy(current)) return false;
    const parent = Object.getPrototypeOf(current) as object | null;
    if (parent === null) return current !== prototype;
    if (!isUserConstructor(Object.getOwnPropertyDescriptor(current, 'constructor')?.value)) return false;
    current = parent;
  }
}

function isUserConstructor(constructor: unknown): boolean {
  return typeof constructor === 'function' && !/\{\s*\[native code\]\s*\}$/.test(sourceOfFunction(constructor));
}

// ── kinds ──

/** Tells what an object is. Throws a `Refusal` for what cannot be cloned. */
export function classify(value: object): Kind {
  if (ArrayBuffer.isView(value)) return Kind.VIEW;
  if (types.isMap(value)) return Kind.MAP;
  if (types.isSet(value)) return Kind.SET;
  if (types.isDate(value)) return Kind.DATE;
  if (types.isNativeError(value)) return Kind.ERROR;
  if (types.isRegExp(value)) return Kind.REGEXP;
  if (types.isArrayBuffer(value)) return Kind.BUFFER;
  if (types.isSharedArrayBuffer(value)) throw new Refusal('shared memory cannot be cloned');
  if (types.isBoxedPrimitive(value)) return Kind.BOXED;
  if (types.isProxy(value)) return proxyKind(value);
  if (types.isUnclonable(value)) throw refuse(value);
  if (isDomException(value)) return Kind.ERROR;
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (isHostObject(value, prototype)) throw refuse(value);
  learn(prototype);
  return Kind.PLAIN;
}

/** A proxy is read through its traps, which works for plain objects. The internal slots of other kinds are out of reach. */
function proxyKind(value: object): Kind {
  const prototype = Object.getPrototypeOf(value) as object | null;
  const isPlain = tagOf(value) === 'Object' && !BUILT_IN.has(prototype);
  if (!isPlain) throw new Refusal('a proxy of a built-in object cannot be cloned');
  return Kind.PLAIN;
}

const BUILT_IN = new Set<object | null>([
  Date.prototype,
  RegExp.prototype,
  Boolean.prototype,
  Number.prototype,
  String.prototype,
  ...ERROR_KINDS.map((kind) => kind.prototype as object),
]);

function refuse(value: object): Refusal {
  const tag = tagOf(value);
  const name = tag === 'Object' ? constructorName(value) : tag;
  return new Refusal(`${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name} cannot be cloned`);
}

function constructorName(value: object): string {
  const constructor: unknown = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(value) ?? {}, 'constructor')?.value;
  return typeof constructor === 'function' ? constructor.name : 'host object';
}

/**
 * Whether the platform itself would have to carry the object: Blob, KeyObject, CryptoKey, MessagePort, WebAssembly.Module, …
 * There is no list of them, so the platform is asked: what comes back from `structuredClone` as anything but a plain object, or
 * does not come back, is one. Only objects without properties are tried, which costs little: the few host objects that have
 * some (FileHandle, Node's histograms) have functions among them and are refused for those.
 */
function isHostObject(value: object, prototype: object | null): boolean {
  if (prototype === null || prototype === Object.prototype) return false;
  if (Object.keys(value).length > 0) return false;
  if (typeof structuredClone === 'undefined') return false;
  try {
    const copy = structuredClone(value);
    const parent = Object.getPrototypeOf(copy) as object | null;
    return parent !== null && Object.getPrototypeOf(parent) !== null;
  } catch {
    return true;
  }
}
