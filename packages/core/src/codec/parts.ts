/**
 * What of an object travels, for the kinds that are no plain objects: parts of errors, bytes of views and buffers.
 *
 * Called by: encoder.ts, any.ts, typed.ts.
 *
 * Invariant: bytes are only ever those of memory that nobody shares and that is still there; all else throws a `Refusal`.
 */
import * as builtins from '../platform/builtins.js';
import { isSharedArrayBuffer } from '../platform/types.js';
import * as op from './ops.js';
import { Refusal } from './refusal.js';

// ── errors ──

export interface ErrorParts {
  /** Index in ERROR_KINDS. */
  kind: number;
  /** HAS_ bits. */
  has: number;
  /** What the bits announce, in their order. */
  readonly contents: unknown[];
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
  const { name, message, stack, code } = value as ErrorLike;
  const kind = op.ERROR_KINDS.findIndex((known) => known.name === name);
  const parts: ErrorParts = { kind: Math.max(kind, 0), has: 0, contents: [] };
  if (kind < 0 && typeof name === 'string') add(parts, op.HAS_NAME, name);
  if (message !== '' || has(value, 'message')) add(parts, op.HAS_MESSAGE, toText(message));
  if (typeof stack === 'string') add(parts, op.HAS_STACK, stack);
  if (typeof code === 'string' || typeof code === 'number') add(parts, op.HAS_CODE, code);
  if (has(value, 'cause')) add(parts, op.HAS_CAUSE, (value as ErrorLike).cause);
  if (kind === op.AGGREGATE_ERROR && has(value, 'errors')) add(parts, op.HAS_ERRORS, (value as ErrorLike).errors);
  return parts;
}

function has(value: object, key: string): boolean {
  return builtins.hasOwn.call(value, key);
}

function add(parts: ErrorParts, bit: number, content: unknown): void {
  parts.has |= bit;
  parts.contents.push(content);
}

function toText(value: unknown): string {
  return typeof value === 'symbol' ? value.toString() : String(value);
}

// ── bytes ──

const DATA_VIEW = op.VIEW_KINDS.findIndex((kind) => kind.name === 'DataView');

/** Whether a value is a Uint8Array of any realm; a Buffer is one. */
export function isUint8Array(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && builtins.nameOfTypedArray(value) === 'Uint8Array';
}

/** Undefined where there is no Buffer. */
const bufferPrototype = (globalThis as { Buffer?: { prototype: unknown } }).Buffer?.prototype;

/**
 * The same bytes under a view whose properties are the engine's: an own `length`, a class that has another, or no prototype at all
 * would make the body longer or shorter than its memory.
 */
export function ordinaryBytes(bytes: Uint8Array): Uint8Array {
  const prototype: unknown = Object.getPrototypeOf(bytes);
  const isOrdinary = prototype === Uint8Array.prototype || prototype === bufferPrototype;
  if (isOrdinary && !has(bytes, 'length') && !has(bytes, 'constructor')) return bytes;
  const length = builtins.byteLengthOfTypedArray(bytes);
  if (length === 0) return new Uint8Array(0); // the buffer may be gone
  return new Uint8Array(builtins.bufferOfTypedArray(bytes), builtins.byteOffsetOfTypedArray(bytes), length);
}

/** Index in VIEW_KINDS. */
export function viewKind(view: ArrayBufferView): number {
  const name = builtins.nameOfTypedArray(view);
  if (name === 'Uint8Array') return 0;
  return name === undefined ? DATA_VIEW : op.VIEW_KINDS.findIndex((kind) => kind.name === name);
}

/** Refuses a typed array over shared memory, or over memory that is gone. */
export function checkTypedArray(view: ArrayBufferView): void {
  refuseShared(builtins.bufferOfTypedArray(view));
  if (builtins.byteLengthOfTypedArray(view) > 0) return;
  try {
    builtins.touchTypedArray(view);
  } catch (error) {
    throw new Refusal('a view on a detached buffer cannot be cloned', { cause: error });
  }
}

function refuseShared(buffer: ArrayBufferLike): void {
  if (isSharedArrayBuffer(buffer)) throw new Refusal('a view on shared memory cannot be cloned');
}

/** The bytes that a view shows, where they are. */
export function viewBytes(view: ArrayBufferView): Uint8Array {
  if (builtins.nameOfTypedArray(view) === undefined) return dataViewBytes(view);
  checkTypedArray(view);
  const length = builtins.byteLengthOfTypedArray(view);
  return new Uint8Array(builtins.bufferOfTypedArray(view), builtins.byteOffsetOfTypedArray(view), length);
}

function dataViewBytes(view: ArrayBufferView): Uint8Array {
  const buffer = builtins.bufferOfDataView(view);
  refuseShared(buffer);
  try {
    return new Uint8Array(buffer, builtins.byteOffsetOfDataView(view), builtins.byteLengthOfDataView(view));
  } catch (error) {
    throw new Refusal('a view on a detached buffer cannot be cloned', { cause: error });
  }
}

export function bufferBytes(buffer: ArrayBuffer): Uint8Array {
  try {
    return new Uint8Array(buffer, 0, builtins.byteLengthOfBuffer(buffer));
  } catch (error) {
    throw new Refusal('a detached ArrayBuffer cannot be cloned', { cause: error });
  }
}

/** Undefined for a buffer of fixed length. */
export function maxByteLength(buffer: ArrayBuffer): number | undefined {
  return builtins.isResizableBuffer(buffer) === true ? builtins.maxByteLengthOfBuffer(buffer) : undefined;
}
