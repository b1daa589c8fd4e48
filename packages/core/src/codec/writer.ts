/**
 * A growing buffer, and everything that is written into it without looking at any other value: numbers, texts, bytes.
 *
 * Called by: encoder.ts, which is one; any.ts, for texts that are messages of their own.
 *
 * Invariants
 *   R1  Every method may write MARGIN bytes after `at` without asking, and leaves room for MARGIN more to those who ask (`reserve`).
 *   R2  What does not fit any more is a MemoryError, and nothing has been sent.
 *
 * Positions are passed along and returned rather than kept in a field: that keeps them in a register.
 */
import { MemoryError } from '../errors.js';
import { allocate, isLatin1, writeLatin1, writeUcs2 } from '../platform/bytes.js';
import * as op from './ops.js';

/** Room that every value may take without asking: an operation byte and two numbers. */
export const MARGIN = 32;
const FIRST_CAPACITY = 16 * 1024;
/** A buffer above this is not kept for the next message; below, only as long as messages need it. */
const KEPT_CAPACITY = 16 * 1024 * 1024;
const PATIENCE = 64;
/** Up to here a loop over the characters is faster than a call into the platform. */
const LOOP_CHARS = 24;

const float64 = new Float64Array(1);
const bigint64 = new BigInt64Array(float64.buffer);
const eight = new Uint8Array(float64.buffer);

export class Writer {
  bytes = allocate(FIRST_CAPACITY);
  private wasted = 0;

  /** To be called after each message: gives memory back after large messages, but not while they keep coming. */
  fit(used: number): void {
    const capacity = this.bytes.length;
    if (capacity === FIRST_CAPACITY) return;
    this.wasted = used < capacity / 4 ? this.wasted + 1 : 0;
    if (capacity <= KEPT_CAPACITY && this.wasted < PATIENCE) return;
    this.bytes = allocate(FIRST_CAPACITY);
    this.wasted = 0;
  }

  /** Makes room for `extra` more bytes after `at`, and then some. */
  reserve(at: number, extra: number): void {
    const needed = at + extra + MARGIN;
    if (needed <= this.bytes.length) return;
    const larger = allocateOrExplain(Math.max(needed, this.bytes.length * 2));
    larger.set(this.bytes.subarray(0, at));
    this.bytes = larger;
  }

  /** The names of a shape: their count, then each as text. */
  keyBlock(keys: readonly string[]): Uint8Array {
    let at = this.varint(keys.length, 0);
    for (const key of keys) {
      this.reserve(at, 0);
      at = this.text(key, at);
    }
    return Uint8Array.from(this.bytes.subarray(0, at)); // not `slice`, which for a Buffer is no copy
  }

  protected op(operation: number, at: number): number {
    this.bytes[at] = operation;
    return at + 1;
  }

  protected number(value: number, at: number): number {
    const bytes = this.bytes;
    const int = value | 0;
    if (int !== value || (int === 0 && 1 / value < 0)) return this.float64(op.OP_FLOAT64, value, at);
    if (int >= 0 && int <= 0x7f) {
      bytes[at] = int;
      return at + 1;
    }
    bytes[at + 1] = int;
    bytes[at + 2] = int >> 8;
    if (int >= -0x8000 && int <= 0x7fff) {
      bytes[at] = op.OP_INT16;
      return at + 3;
    }
    bytes[at] = op.OP_INT32;
    bytes[at + 3] = int >> 16;
    bytes[at + 4] = int >> 24;
    return at + 5;
  }

  protected float64(operation: number, value: number, at: number): number {
    float64[0] = value;
    return this.eight(operation, at);
  }

  private eight(operation: number, at: number): number {
    const bytes = this.bytes;
    bytes[at] = operation;
    bytes[at + 1] = eight[0];
    bytes[at + 2] = eight[1];
    bytes[at + 3] = eight[2];
    bytes[at + 4] = eight[3];
    bytes[at + 5] = eight[4];
    bytes[at + 6] = eight[5];
    bytes[at + 7] = eight[6];
    bytes[at + 8] = eight[7];
    return at + 9;
  }

  protected bigint(value: bigint, at: number): number {
    if (BigInt.asIntN(64, value) === value) {
      bigint64[0] = value;
      return this.eight(op.OP_BIGINT64, at);
    }
    const isNegative = value < 0n;
    this.bytes[at] = op.OP_BIGINT;
    this.bytes[at + 1] = isNegative ? 1 : 0;
    return this.text((isNegative ? -value : value).toString(16), at + 2);
  }

  protected varint(value: number, at: number): number {
    const bytes = this.bytes;
    while (value >= 0x80) {
      bytes[at++] = (value & 0x7f) | 0x80;
      value = Math.floor(value / 0x80); // not a shift: lengths may exceed 32 bits
    }
    bytes[at] = value;
    return at + 1;
  }

  protected text(text: string, at: number): number {
    const length = text.length;
    if (length > LOOP_CHARS) return this.longText(text, at);
    const bytes = this.bytes;
    let seen = 0;
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      seen |= unit;
      bytes[at + 1 + i] = unit;
    }
    if (seen > 0xff) return this.longText(text, at);
    bytes[at] = op.OP_SHORT_LATIN1 | length;
    return at + 1 + length;
  }

  private longText(text: string, at: number): number {
    const length = text.length;
    if (!isLatin1(text)) return this.ucs2Text(text, at);
    this.reserve(at, length);
    if (length <= op.SHORT_LATIN1_MAX) {
      this.bytes[at++] = op.OP_SHORT_LATIN1 | length;
    } else {
      this.bytes[at] = op.OP_LATIN1;
      at = this.varint(length, at + 1);
    }
    writeLatin1(this.bytes, text, at);
    return at + length;
  }

  private ucs2Text(text: string, at: number): number {
    const size = 2 * text.length;
    this.reserve(at, size);
    this.bytes[at] = op.OP_UCS2;
    at = this.varint(size, at + 1);
    writeUcs2(this.bytes, text, at);
    return at + size;
  }

  /** Zeros up to a multiple of eight. */
  protected align(at: number): number {
    for (let left = op.padding(at); left > 0; left--) this.bytes[at++] = 0;
    return at;
  }

  protected raw(content: Uint8Array, at: number): number {
    const length = content.length;
    this.reserve(at, length);
    at = this.varint(length, at);
    if (length >= op.ALIGNED_LENGTH) at = this.align(at);
    this.bytes.set(content, at);
    return at + length;
  }
}

function allocateOrExplain(size: number): Uint8Array {
  try {
    return allocate(size);
  } catch (cause) {
    throw new MemoryError(`cannot send value: there is no memory to encode it, ${size} bytes were asked for`, { cause });
  }
}
