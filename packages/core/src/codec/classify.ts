/**
 * What kind of object a value is to structured clone, and the parts of each kind that travel.
 *
 * Called by: encoder.ts, for every object that is no array and whose prototype is not known to be plain.
 *
 * Prototypes prove nothing: an object may have another one than it was made with, or come from another realm. So kinds are told
 * by internal slots (platform/types.ts), and parts are read through built-in methods taken when this file loads.
 *
 * Invariants
 *   C1  What structured clone refuses, shares, transfers or carries by host object throws a `Refusal`.
 *   C2  A prototype is remembered as plain only if a whole chain of non-native classes stands behind it, and then only spares
 *       the check for instances with properties: engines' own objects have none.
 */
import * as types from '../platform/types.js';
import { AGGREGATE_ERROR, ERROR_KINDS, HAS_CAUSE, HAS_CODE, HAS_ERRORS, HAS_MESSAGE, HAS_NAME, HAS_STACK, VIEW_KINDS } from './ops.js';
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

const hasOwn = Object.prototype.hasOwnProperty;

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

const sourceOf = Function.prototype.toString;

function isUserConstructor(constructor: unknown): boolean {
  return typeof constructor === 'function' && !/\{\s*\[native code\]\s*\}$/.test(sourceOf.call(constructor));
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
  const isPlain = Object.prototype.toString.call(value) === '[object Object]' && !BUILT_IN.has(prototype);
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
  const name: unknown = Object.prototype.toString.call(value).slice(8, -1);
  return new Refusal(`${describeKind(String(name), value)} cannot be cloned`);
}

function describeKind(tag: string, value: object): string {
  const name = tag === 'Object' ? constructorName(value) : tag;
  return /^[AEIOU]/.test(name) ? `an ${name}` : `a ${name}`;
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

// ── parts ──

type Read<T> = (value: object) => T;

function getter<T>(prototype: object, key: string | symbol): Read<T> {
  const get = Object.getOwnPropertyDescriptor(prototype, key)?.get;
  return (value) => (get === undefined ? undefined : get.call(value)) as T;
}

function method<T>(prototype: object, key: string): Read<T> {
  const call = (prototype as Record<string, unknown>)[key] as (this: object) => T;
  return (value) => call.call(value);
}

export const timeOf = method<number>(Date.prototype, 'getTime');

const forEachEntry = Map.prototype.forEach;
const forEachMember = Set.prototype.forEach;

/** Keys and values in turn. A copy: getters deeper inside may change the map. */
export function mapEntries(map: Map<unknown, unknown>): unknown[] {
  const entries: unknown[] = [];
  forEachEntry.call(map, (value, key) => entries.push(key, value));
  return entries;
}

export function setMembers(set: Set<unknown>): unknown[] {
  const members: unknown[] = [];
  forEachMember.call(set, (member) => members.push(member));
  return members;
}

export function unbox(value: object): unknown {
  for (const valueOf of VALUE_OF) {
    try {
      return valueOf(value);
    } catch {
      // Not of this kind.
    }
  }
  throw new Refusal('symbols cannot be cloned');
}
const VALUE_OF = [Number, String, Boolean, BigInt].map((kind) => method<unknown>(kind.prototype as object, 'valueOf'));

const sourceOfRegExp = getter<string>(RegExp.prototype, 'source');
const FLAGS = ['hasIndices', 'global', 'ignoreCase', 'multiline', 'dotAll', 'unicode', 'unicodeSets', 'sticky'] as const;
const FLAG_LETTERS = 'dgimsuvy';
const flagReaders = FLAGS.map((flag) => getter<boolean | undefined>(RegExp.prototype, flag));

export function regExpParts(value: object): { source: string; flags: string } {
  let flags = '';
  flagReaders.forEach((isSet, i) => {
    if (isSet(value) === true) flags += FLAG_LETTERS[i];
  });
  return { source: sourceOfRegExp(value), flags };
}

// ── errors ──

export interface ErrorParts {
  /** Index in ERROR_KINDS. */
  kind: number;
  /** HAS_ bits. */
  has: number;
  name: unknown;
  message: unknown;
  stack: unknown;
  code: unknown;
  cause: unknown;
  errors: unknown;
}

interface ErrorLike {
  readonly name: unknown;
  readonly message: unknown;
  readonly stack: unknown;
  readonly code: unknown;
  readonly cause: unknown;
  readonly errors: unknown;
}

/** As structured clone, and beyond it: the name of any class, `code`, and the errors of an AggregateError. */
export function errorParts(value: object): ErrorParts {
  const error = value as ErrorLike;
  const name = typeof error.name === 'string' ? error.name : 'Error';
  const known = ERROR_KINDS.findIndex((kind) => kind.name === name);
  const parts: ErrorParts = { kind: Math.max(known, 0), has: 0, name, message: '', stack: '', code: 0, cause: 0, errors: 0 };
  if (known < 0) parts.has |= HAS_NAME;
  const { message, stack, code } = error;
  if (hasOwn.call(value, 'message') || message !== '') add(parts, HAS_MESSAGE, 'message', toText(message));
  if (typeof stack === 'string') add(parts, HAS_STACK, 'stack', stack);
  if (typeof code === 'string' || typeof code === 'number') add(parts, HAS_CODE, 'code', code);
  if (hasOwn.call(value, 'cause')) add(parts, HAS_CAUSE, 'cause', error.cause);
  if (known === AGGREGATE_ERROR && hasOwn.call(value, 'errors')) add(parts, HAS_ERRORS, 'errors', error.errors);
  return parts;
}

function add(parts: ErrorParts, bit: number, key: 'message' | 'stack' | 'code' | 'cause' | 'errors', content: unknown): void {
  parts.has |= bit;
  parts[key] = content;
}

function toText(value: unknown): string {
  return typeof value === 'symbol' ? value.toString() : String(value);
}

/** Not a native error, though it looks like one. Its name is an accessor that insists on the real thing. */
function isDomException(value: object): boolean {
  if (domException === undefined || !isPrototypeOf.call(domException, value)) return false;
  try {
    readDomExceptionName?.call(value);
    return true;
  } catch {
    return false;
  }
}
const isPrototypeOf = Object.prototype.isPrototypeOf;
const domException = typeof DOMException === 'undefined' ? undefined : DOMException.prototype;
const readDomExceptionName = domException && Object.getOwnPropertyDescriptor(domException, 'name')?.get;

// ── bytes ──

const typedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype) as object;
const typedArrayName = getter<string | undefined>(typedArrayPrototype, Symbol.toStringTag);
const typedArrayBuffer = getter<ArrayBufferLike>(typedArrayPrototype, 'buffer');
const typedArrayOffset = getter<number>(typedArrayPrototype, 'byteOffset');
const typedArrayLength = getter<number>(typedArrayPrototype, 'byteLength');
const typedArrayKeys = method<unknown>(typedArrayPrototype, 'keys');
const dataViewBuffer = getter<ArrayBufferLike>(DataView.prototype, 'buffer');
const dataViewOffset = getter<number>(DataView.prototype, 'byteOffset');
const dataViewLength = getter<number>(DataView.prototype, 'byteLength');

const DATA_VIEW = VIEW_KINDS.findIndex((kind) => kind.name === 'DataView');

/** Whether a value is a Uint8Array of any realm; a Buffer is one. */
export function isUint8Array(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && typedArrayName(value) === 'Uint8Array';
}

/** Index in VIEW_KINDS. */
export function viewKind(view: ArrayBufferView): number {
  const name = typedArrayName(view);
  if (name === undefined) return DATA_VIEW;
  return VIEW_KINDS.findIndex((kind) => kind.name === name);
}

/** Refuses a typed array over shared memory, or over memory that is gone. */
export function checkView(view: ArrayBufferView): void {
  if (types.isSharedArrayBuffer(typedArrayBuffer(view))) throw new Refusal('a view on shared memory cannot be cloned');
  // A detached or shrunk buffer shows as an empty view, except to methods.
  if (typedArrayLength(view) > 0) return;
  try {
    typedArrayKeys(view);
  } catch (error) {
    throw new Refusal('a view on a detached buffer cannot be cloned', error);
  }
}

/** The bytes that a view shows, where they are. */
export function viewBytes(view: ArrayBufferView): Uint8Array {
  if (typedArrayName(view) === undefined) return dataViewBytes(view);
  checkView(view);
  return new Uint8Array(typedArrayBuffer(view), typedArrayOffset(view), typedArrayLength(view));
}

function dataViewBytes(view: ArrayBufferView): Uint8Array {
  const buffer = dataViewBuffer(view);
  if (types.isSharedArrayBuffer(buffer)) throw new Refusal('a view on shared memory cannot be cloned');
  try {
    return new Uint8Array(buffer, dataViewOffset(view), dataViewLength(view));
  } catch (error) {
    throw new Refusal('a view on a detached buffer cannot be cloned', error);
  }
}

const readByteLength = getter<number>(ArrayBuffer.prototype, 'byteLength');
const readResizable = getter<boolean | undefined>(ArrayBuffer.prototype, 'resizable');
const readMaxByteLength = getter<number>(ArrayBuffer.prototype, 'maxByteLength');

export function bufferBytes(buffer: ArrayBuffer): Uint8Array {
  try {
    return new Uint8Array(buffer, 0, readByteLength(buffer));
  } catch (error) {
    throw new Refusal('a detached ArrayBuffer cannot be cloned', error);
  }
}

/** Undefined for a buffer of fixed length. */
export function maxByteLengthOf(buffer: ArrayBuffer): number | undefined {
  return readResizable(buffer) === true ? readMaxByteLength(buffer) : undefined;
}
