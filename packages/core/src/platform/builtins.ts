/**
 * Built-in methods and accessors as they were when the library loaded, each as a function of its receiver.
 *
 * Called by: codec/*.
 *
 * What stands on an object, or is put on a prototype later, does not change what they do; and as they go by internal slots, they
 * work on objects of any realm and throw a TypeError for any other kind.
 */

type Read<T> = (value: object) => T;

function getter<T>(prototype: object, key: string | symbol): Read<T> {
  const get = Object.getOwnPropertyDescriptor(prototype, key)?.get;
  return (value) => (get === undefined ? undefined : get.call(value)) as T;
}

function method<T>(prototype: object, key: string): Read<T> {
  const call = (prototype as Record<string, unknown>)[key] as (this: object) => T;
  return (value) => call.call(value);
}

/** To be used as `hasOwn.call(object, key)`, the form that the engine knows how to skip inside a for-in loop. */
export const hasOwn = Object.prototype.hasOwnProperty;

const protoToString = Object.prototype.toString;
/** `Map` of `[object Map]`. May run the object's own `Symbol.toStringTag` accessor. */
export const tagOf = (value: unknown): string => protoToString.call(value).slice(8, -1);

export const sourceOfFunction = method<string>(Function.prototype, 'toString');

const protoIsPrototypeOf = Object.prototype.isPrototypeOf;
export const isPrototypeOf = (prototype: object, value: object): boolean => protoIsPrototypeOf.call(prototype, value);

export const timeOfDate = method<number>(Date.prototype, 'getTime');

const forEachEntry = Map.prototype.forEach;
const forEachMember = Set.prototype.forEach;
const setEntry = Map.prototype.set;
const addMember = Set.prototype.add;

/** Keys and values in turn. */
export function entriesOfMap(map: object): unknown[] {
  const entries: unknown[] = [];
  forEachEntry.call(map as Map<unknown, unknown>, (value, key) => entries.push(key, value));
  return entries;
}

export function membersOfSet(set: object): unknown[] {
  const members: unknown[] = [];
  forEachMember.call(set as Set<unknown>, (member) => members.push(member));
  return members;
}

export function setInMap(map: Map<unknown, unknown>, key: unknown, value: unknown): void {
  setEntry.call(map, key, value);
}

export function addToSet(set: Set<unknown>, member: unknown): void {
  addMember.call(set, member);
}

const VALUE_OF = [Number, String, Boolean, BigInt].map((kind) => method<unknown>(kind.prototype as object, 'valueOf'));

/** The primitive in a boxed one; undefined for a symbol, which cannot be cloned. */
export function unbox(value: object): unknown {
  for (const valueOf of VALUE_OF) {
    try {
      return valueOf(value);
    } catch {
      // Not of this kind.
    }
  }
  return undefined;
}

export const sourceOfRegExp = getter<string>(RegExp.prototype, 'source');
const FLAGS = ['hasIndices', 'global', 'ignoreCase', 'multiline', 'dotAll', 'unicode', 'unicodeSets', 'sticky'] as const;
const FLAG_LETTERS = 'dgimsuvy';
const flagReaders = FLAGS.map((flag) => getter<boolean | undefined>(RegExp.prototype, flag));

export function flagsOfRegExp(value: object): string {
  return flagReaders.map((isSet, i) => (isSet(value) === true ? FLAG_LETTERS[i] : '')).join('');
}

const domException = typeof DOMException === 'undefined' ? undefined : DOMException.prototype;
const nameOfDomException = domException && getter<string>(domException, 'name');

/** Not a native error, though it looks like one. Its name is an accessor that insists on the real thing. */
export function isDomException(value: object): boolean {
  if (domException === undefined || !isPrototypeOf(domException, value)) return false;
  try {
    nameOfDomException!(value);
    return true;
  } catch {
    return false;
  }
}

const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
/** `Uint8Array`, `Float64Array`, …; undefined for all that is no typed array. */
export const nameOfTypedArray = getter<string | undefined>(typedArray, Symbol.toStringTag);
export const bufferOfTypedArray = getter<ArrayBufferLike>(typedArray, 'buffer');
export const byteOffsetOfTypedArray = getter<number>(typedArray, 'byteOffset');
export const byteLengthOfTypedArray = getter<number>(typedArray, 'byteLength');
/** Throws if the memory is gone, which an accessor would call a length of 0. */
export const touchTypedArray = method<unknown>(typedArray, 'keys');

export const bufferOfDataView = getter<ArrayBufferLike>(DataView.prototype, 'buffer');
export const byteOffsetOfDataView = getter<number>(DataView.prototype, 'byteOffset');
export const byteLengthOfDataView = getter<number>(DataView.prototype, 'byteLength');

export const byteLengthOfBuffer = getter<number>(ArrayBuffer.prototype, 'byteLength');
/** Undefined where there are no resizable buffers. */
export const isResizableBuffer = getter<boolean | undefined>(ArrayBuffer.prototype, 'resizable');
export const maxByteLengthOfBuffer = getter<number>(ArrayBuffer.prototype, 'maxByteLength');
