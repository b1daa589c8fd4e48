/**
 * Strings to bytes and back, and bytes from one memory to another, as fast as the platform can.
 *
 * Called by: codec/*, memory/batch.ts.
 *
 * Node's Buffer methods copy whole strings natively; they accept any Uint8Array as receiver, also one over shared memory. Where
 * there is no Buffer, loops do the same work. TextDecoder is not used: browsers refuse it shared memory.
 *
 * Invariants
 *   B1  Writers are given room: one byte for each Latin-1 character, two for each UCS-2 unit.
 *   B2  UCS-2 is little-endian, as on every platform that runs this.
 */

interface BufferMethods {
  latin1Write(text: string, offset: number, length: number): number;
  ucs2Write(text: string, offset: number, length: number): number;
  latin1Slice(start: number, end: number): string;
  ucs2Slice(start: number, end: number): string;
  fill(source: Uint8Array, start: number, end: number): unknown;
}
interface BufferClass {
  readonly prototype: BufferMethods;
  allocUnsafeSlow(size: number): Uint8Array;
}

const NodeBuffer = (globalThis as { Buffer?: BufferClass }).Buffer;
const native = NodeBuffer?.prototype;

/** Memory whose content does not matter. */
export const allocate: (size: number) => Uint8Array = NodeBuffer?.allocUnsafeSlow ?? ((size) => new Uint8Array(size));

/** Whether a string has no character above 0xff. V8 answers at once for strings that it stores as one byte per character. */
export function isLatin1(text: string): boolean {
  return !ABOVE_LATIN1.test(text);
}
const ABOVE_LATIN1 = /[^\0-\xff]/;

export const writeLatin1: (bytes: Uint8Array, text: string, at: number) => void =
  native === undefined
    ? (bytes, text, at) => {
        for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
      }
    : (bytes, text, at) => {
        native.latin1Write.call(bytes as never, text, at, text.length);
      };

export const writeUcs2: (bytes: Uint8Array, text: string, at: number) => void =
  native === undefined
    ? (bytes, text, at) => {
        for (let i = 0; i < text.length; i++) {
          const unit = text.charCodeAt(i);
          bytes[at + 2 * i] = unit;
          bytes[at + 2 * i + 1] = unit >> 8;
        }
      }
    : (bytes, text, at) => {
        native.ucs2Write.call(bytes as never, text, at, 2 * text.length);
      };

export const readLatin1: (bytes: Uint8Array, start: number, end: number) => string =
  native === undefined
    ? (bytes, start, end) => readUnits(end - start, (i) => bytes[start + i])
    : (bytes, start, end) => native.latin1Slice.call(bytes as never, start, end);

export const readUcs2: (bytes: Uint8Array, start: number, end: number) => string =
  native === undefined
    ? (bytes, start, end) => readUnits((end - start) >> 1, (i) => bytes[start + 2 * i] | (bytes[start + 2 * i + 1] << 8))
    : (bytes, start, end) => native.ucs2Slice.call(bytes as never, start, end);

/** From so many bytes on a native copy is the faster one; and one into memory of its own, which native memory has to be made for. */
const NATIVE_COPY = 2048;
const NATIVE_TAKE = 16 * 1024;
const LARGEST_KEPT = 16 * 1024 * 1024;
/**
 * The last copy that was taken. V8 frees arrays when it needs memory for the next one; if none of them is alive then, malloc returns all
 * of it to the system, and every page of the next ones is a page fault (160 of them per MB instead of some 10).
 */
const kept: { last?: Uint8Array } = {};

/**
 * Copies bytes. V8 copies to and from shared memory word by word, and byte by byte if the two are not aligned alike; `fill` with as
 * much as there is to fill is one native copy.
 */
export const copyBytes: (target: Uint8Array, at: number, source: Uint8Array) => void =
  native === undefined
    ? (target, at, source) => target.set(source, at)
    : (target, at, source) => {
        if (source.length < NATIVE_COPY) target.set(source, at);
        else native.fill.call(target as never, source, at, at + source.length);
      };

/** A range of bytes, in memory of its own. */
export function takeBytes(bytes: Uint8Array, start: number, end: number): Uint8Array {
  if (end - start < NATIVE_TAKE) return bytes.slice(start, end);
  const source = bytes.subarray(start, end);
  const taken = fresh(source.length);
  copyBytes(taken, 0, source);
  if (taken.length <= LARGEST_KEPT) kept.last = taken;
  return taken;
}

/** Without zeroing it first, where Buffer's memory is of this realm: users may ask whether it is `instanceof ArrayBuffer`. */
const fresh: (size: number) => Uint8Array =
  allocate(1).buffer instanceof ArrayBuffer ? (size) => new Uint8Array(allocate(size).buffer) : (size) => new Uint8Array(size);

/** In pieces, because the number of arguments of a call is limited. */
function readUnits(count: number, unit: (index: number) => number): string {
  const PIECE = 4096;
  let text = '';
  for (let from = 0; from < count; from += PIECE) {
    const units = Array.from({ length: Math.min(PIECE, count - from) }, (_, i) => unit(from + i));
    text += String.fromCharCode(...units);
  }
  return text;
}
