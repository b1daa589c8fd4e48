/**
 * How a received value is named in an error message: short, and without running any code of the value's owner.
 *
 * Called by: errors.ts (which hands it on to everybody).
 *
 * Invariant: no getter, proxy trap, toString or toJSON of the value runs; whatever it is, the result is a short line.
 */
import { isProxy } from './platform/types.js';

const MAX_CHARS = 40;

/** `5`, `-0`, `'text'`, `10n`, `undefined`, `an array of length 3`, `an instance of Map`, `a function (named f)`. */
export function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
      return describeBigInt(value);
    case 'symbol':
      return 'a symbol';
    case 'function':
      return 'a function';
    case 'object':
      return value === null ? 'null' : describeObject(value);
    default:
      return String(value);
  }
}

function quote(text: string): string {
  const shown = text.length > MAX_CHARS ? `${text.slice(0, MAX_CHARS)}…` : text;
  return JSON.stringify(shown);
}

/** Printing a huge bigint takes quadratic time in some engines; its size says enough. */
function describeBigInt(value: bigint): string {
  return BigInt.asIntN(64, value) === value ? `${value}n` : 'a bigint of more than 64 bits';
}

function describeObject(value: object): string {
  if (isProxy(value)) return 'a proxy';
  if (Array.isArray(value)) return `an array of length ${value.length}`;
  const name = className(value);
  if (name === undefined || name === 'Object') return 'an object';
  return `an instance of ${name.slice(0, MAX_CHARS)}`;
}

/** The name of an object's class as far as plain data properties tell. */
function className(value: object): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  const constructor = dataProperty(prototype, 'constructor');
  const name = dataProperty(constructor, 'name');
  return typeof name === 'string' && name !== '' ? name : undefined;
}

function dataProperty(owner: unknown, key: string): unknown {
  if (owner === null || (typeof owner !== 'object' && typeof owner !== 'function') || isProxy(owner)) return undefined;
  return Object.getOwnPropertyDescriptor(owner, key)?.value;
}
