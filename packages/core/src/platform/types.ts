/**
 * What an object really is, whatever realm it comes from and whatever its prototype claims.
 *
 * Called by: codec/* and describe.ts.
 *
 * Node answers from the engine's own type tags (`util.types`). Elsewhere a built-in method that insists on its receiver's
 * internal slot is called on the object: it throws for every other kind.
 *
 * Invariant: on Node, no code of the object's owner runs.
 */

import { tagOf } from './builtins.js';

type NodeTypes = typeof import('node:util').types;
interface Process {
  getBuiltinModule?(id: 'node:util'): typeof import('node:util');
}

// Not an import: this file is loaded in browsers too.
const node = (globalThis as { process?: Process }).process?.getBuiltinModule?.('node:util').types;

type Check = (value: unknown) => boolean;

function getter(prototype: object, key: string | symbol): (this: unknown) => unknown {
  return Object.getOwnPropertyDescriptor(prototype, key)!.get!;
}

/** Whether `method` accepts the value as its receiver. */
function slot(method: (this: never) => unknown): Check {
  return (value) => {
    try {
      Reflect.apply(method, value, []);
      return true;
    } catch {
      return false;
    }
  };
}

const tagged =
  (...tags: string[]): Check =>
  (value) =>
    tags.includes(tagOf(value));

export const isMap: Check = node?.isMap ?? slot(getter(Map.prototype, 'size'));
export const isSet: Check = node?.isSet ?? slot(getter(Set.prototype, 'size'));
export const isDate: Check = node?.isDate ?? slot(Date.prototype.getTime);
export const isRegExp: Check = node?.isRegExp ?? tagged('RegExp');
export const isNativeError: Check = node?.isNativeError ?? tagged('Error');
export const isArrayBuffer: Check = node?.isArrayBuffer ?? slot(getter(ArrayBuffer.prototype, 'byteLength'));
export const isSharedArrayBuffer: Check = node?.isSharedArrayBuffer ?? sharedCheck();
export const isBoxedPrimitive: Check = node?.isBoxedPrimitive ?? boxedCheck();
/** Only Node can tell a proxy; elsewhere a proxy passes for its target as far as its traps allow. */
export const isProxy: Check = node?.isProxy ?? (() => false);
/** Not clonable, though an object of this kind may well have properties of its own. */
export const isUnclonable: Check = node === undefined ? tagged(...unclonableTags()) : unclonableCheck(node);

function sharedCheck(): Check {
  return typeof SharedArrayBuffer === 'undefined' ? () => false : slot(getter(SharedArrayBuffer.prototype, 'byteLength'));
}

function boxedCheck(): Check {
  const kinds = [Number, String, Boolean, BigInt, Symbol].map((kind) => slot(kind.prototype.valueOf as (this: never) => unknown));
  return (value) => kinds.some((isKind) => isKind(value));
}

function unclonableTags(): string[] {
  return [
    'Promise',
    'WeakMap',
    'WeakSet',
    'WeakRef',
    'FinalizationRegistry',
    'Generator',
    'AsyncGenerator',
    'Module',
    'Arguments',
  ];
}

function unclonableCheck(types: NodeTypes): Check {
  return (value) =>
    types.isPromise(value) ||
    types.isWeakMap(value) ||
    types.isWeakSet(value) ||
    types.isGeneratorObject(value) ||
    types.isMapIterator(value) ||
    types.isSetIterator(value) ||
    types.isArgumentsObject(value) ||
    types.isModuleNamespaceObject(value) ||
    types.isExternal(value);
}

/**
 * Whether an array with `elements` elements may have properties beside them; `true` is for the caller to look into.
 *
 * The only question of this file without a cheap answer: every way to list names makes a string of each index. So values are
 * counted instead. Of long arrays Node's `inspect` knows how to skip the elements; told to show none of them, it prints one fixed
 * line for an array that has nothing else.
 */
export function mayHaveProperties(array: readonly unknown[], elements: number): boolean {
  if (inspect === undefined || array.length < INSPECTED_LENGTH || !isPlainArray(array)) {
    return Object.values(array).length !== elements;
  }
  return inspect(array, NO_ELEMENTS) !== `[ ... ${array.length} more items ]`;
}

const inspect = (globalThis as { process?: Process }).process?.getBuiltinModule?.('node:util').inspect;
const INSPECTED_LENGTH = 256;
const NO_ELEMENTS = { maxArrayLength: 0, depth: 0, customInspect: false, breakLength: Infinity, showHidden: false } as const;

/** Anything else could make `inspect` run code, or print a class name. */
function isPlainArray(array: object): boolean {
  return Object.getPrototypeOf(array) === Array.prototype && !isProxy(array);
}
