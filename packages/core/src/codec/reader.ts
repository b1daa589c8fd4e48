/**
 * A message's bytes, and everything that is read from them without making any other value: numbers, texts, copies.
 *
 * Called by: decoder.ts, which is one.
 *
 * Invariants
 *   D1  Nothing that is returned aliases the bytes, which belong to shared memory and are about to be reused.
 *   D2  Every length is compared with what is left before anything of that size is made.
 */
import { DataCloneError } from '../errors.js';
import { readLatin1, readUcs2, takeBytes } from '../platform/bytes.js';
import * as op from './ops.js';
import type { Incoming } from './wire.js';

const float64 = new Float64Array(1);
const bigint64 = new BigInt64Array(float64.buffer);
const eight = new Uint8Array(float64.buffer);

const fromUnits = String.fromCharCode;

/** Up to here putting characters together is faster than a call into the platform. */
const LOOP_CHARS = 16;
const NO_BYTES = new Uint8Array(0);

export function corrupt(what: string, options?: ErrorOptions): DataCloneError {
  return new DataCloneError(`cannot receive value: the message is corrupt, ${what}`, options);
}

export class Reader {
  protected bytes: Uint8Array = NO_BYTES;
  protected at = 0;
  protected end = 0;
  private start = 0;

  protected begin({ bytes, start, length }: Incoming): void {
    this.bytes = bytes;
    this.start = start;
    this.at = start;
    this.end = start + length;
  }

  protected varint(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.bytes[this.at++];
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 0x80;
      if (factor > Number.MAX_SAFE_INTEGER || this.at >= this.end) throw corrupt('a number never ends');
    }
  }

  /** D2: a length in bytes, or a count of things that take a byte at least. */
  protected length(): number {
    const length = this.varint();
    if (length > this.end - this.at) throw corrupt('a length exceeds it');
    return length;
  }

  /** Moves on over `size` bytes and returns where they begin. */
  protected take(size: number): number {
    const start = this.at;
    if (size > this.end - start) throw corrupt('it ends too early');
    this.at = start + size;
    return start;
  }

  /** Moves on to a multiple of eight. */
  protected align(): void {
    this.take(op.padding(this.at - this.start));
  }

  /** A length, and a copy of so many bytes. */
  protected raw(): Uint8Array {
    const length = this.length();
    if (length >= op.ALIGNED_LENGTH) this.align();
    return this.copy(length);
  }

  protected copy(length: number): Uint8Array {
    const start = this.take(length);
    return takeBytes(this.bytes, start, start + length);
  }

  protected int16(): number {
    const at = this.take(2);
    return this.bytes[at] | ((this.bytes[at + 1] << 24) >> 16);
  }

  protected int32(): number {
    const at = this.take(4);
    const bytes = this.bytes;
    return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
  }

  protected float64(): number {
    this.loadEight();
    return float64[0];
  }

  protected bigint64(): bigint {
    this.loadEight();
    return bigint64[0];
  }

  private loadEight(): void {
    const at = this.take(8);
    const bytes = this.bytes;
    for (let i = 0; i < 8; i++) eight[i] = bytes[at + i]!;
  }

  protected shortText(length: number): string {
    const at = this.take(length);
    return length <= LOOP_CHARS ? textOf(this.bytes, at, length) : readLatin1(this.bytes, at, at + length);
  }

  protected latin1(): string {
    const length = this.length();
    const at = this.take(length);
    return readLatin1(this.bytes, at, at + length);
  }

  protected ucs2(): string {
    const length = this.length();
    if (length % 2 !== 0) throw corrupt('half a character');
    const at = this.take(length);
    return readUcs2(this.bytes, at, at + length);
  }
}

function textOf(bytes: Uint8Array, at: number, length: number): string {
  if (length > 8) return sixteen(bytes, at, length);
  let text = '';
  const end = at + length;
  if (length >= 4) {
    text = fromUnits(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);
    at += 4;
  }
  for (; at < end; at++) text += fromUnits(bytes[at]);
  return text;
}

/** Nine to sixteen characters in one call: text put together from pieces of that size would have to be flattened later. */
function sixteen(b: Uint8Array, at: number, n: number): string {
  const text = fromUnits(
    b[at],
    b[at + 1],
    b[at + 2],
    b[at + 3],
    b[at + 4],
    b[at + 5],
    b[at + 6],
    b[at + 7],
    b[at + 8],
    n > 9 ? b[at + 9] : 0,
    n > 10 ? b[at + 10] : 0,
    n > 11 ? b[at + 11] : 0,
    n > 12 ? b[at + 12] : 0,
    n > 13 ? b[at + 13] : 0,
    n > 14 ? b[at + 14] : 0,
    n > 15 ? b[at + 15] : 0,
  );
  return n === 16 ? text : text.slice(0, n);
}
