/**
 * Messages between the shared heap and JavaScript: a batch of slots outside shared memory, and the bodies in chunks.
 *
 * Called by: handles/ (which encode into a batch and decode from one); flavors copy slots between a batch and shared memory.
 *
 * A send is: encode the value (may throw) → put it into a batch, its body into a chunk on the held stack (may throw) → the flavor
 * publishes slots and takes the chunks off the held stack in one transaction (cannot throw). A receive is the mirror image.
 *
 * Invariants
 *   M1  The chunks of a batch lie on the held stack in the order of its messages, first on top.
 */
import type { Heap } from './heap.js';
import { C_BODY, C_HANDLES, C_LENGTH, S_AUX, S_HI, S_LO, S_TAG, SLOT_WORDS } from './layout.js';
import { takeChunk } from './allocator.js';
import { FIRST_BODY_TAG, TAG_NUMBER, type Incoming, type Outgoing } from '../codec/wire.js';
import { MemoryError } from '../errors.js';
import { copyBytes } from '../platform/bytes.js';

/** Most messages that one transaction moves. */
export const BATCH = 64;

/** Up to BATCH slots, laid out as in a channel. */
export class Batch {
  readonly words = new Int32Array(BATCH * SLOT_WORDS);
  readonly floats = new Float64Array(this.words.buffer);
  /** Chunk of the last message put, below which the next one goes (M1); 0 if none had a body. */
  private last = 0;

  /** Starts over. */
  clear(): void {
    this.last = 0;
  }

  /** Puts a number at an index without any codec. */
  putNumber(index: number, value: number): void {
    const at = index * SLOT_WORDS;
    this.words[at + S_TAG] = TAG_NUMBER;
    this.words[at + S_AUX] = 0;
    this.floats[(at + S_LO) >> 1] = value;
  }

  /**
   * Puts an encoded message at an index. If it has a body, that is now in a chunk on the held stack.
   * @throws MemoryError, and then nothing was put.
   */
  put(heap: Heap, index: number, out: Outgoing): void {
    const { words } = this;
    const at = index * SLOT_WORDS;
    if (out.tag === TAG_NUMBER) {
      this.putNumber(index, out.number);
      return;
    }
    let { lo, hi } = out;
    if (out.tag >= FIRST_BODY_TAG) {
      lo = this.last = storeBody(heap, out, this.last);
      hi = out.length;
    }
    words[at + S_TAG] = out.tag;
    words[at + S_AUX] = 0;
    words[at + S_LO] = lo;
    words[at + S_HI] = hi;
  }

  /** Fills `incoming` from an index, except for the handles. */
  take(heap: Heap, index: number, incoming: Incoming): void {
    const { words } = this;
    const at = index * SLOT_WORDS;
    const tag = words[at + S_TAG];
    incoming.tag = tag;
    incoming.number = this.floats[(at + S_LO) >> 1];
    const lo = (incoming.lo = words[at + S_LO]);
    incoming.hi = words[at + S_HI];
    if (tag < FIRST_BODY_TAG) return;
    heap.cover(lo + C_BODY);
    incoming.length = heap.words[lo + C_LENGTH];
    incoming.start = (lo + C_BODY) * 4;
    heap.cover(lo + C_BODY + wordsOf(incoming.length));
    incoming.bytes = heap.bytes;
  }

  hasBody(index: number): boolean {
    return this.words[index * SLOT_WORDS + S_TAG] >= FIRST_BODY_TAG;
  }

  /** The chunk of a message that has a body. */
  chunk(index: number): number {
    return this.words[index * SLOT_WORDS + S_LO];
  }
}

function wordsOf(bytes: number): number {
  return (bytes + 3) >>> 2;
}

/** Copies a body into a chunk of its own, with room behind it for the handles' references. */
function storeBody(heap: Heap, out: Outgoing, after: number): number {
  const { length, body } = out;
  if (length > 0x7fffff00) throw new MemoryError(`cannot send a message of ${length} bytes: a message has at most 2 GiB`);
  const chunk = takeChunk(heap, C_BODY + wordsOf(length) + 2 * out.handles.length, after);
  const { bytes, words } = heap;
  words[chunk + C_LENGTH] = length;
  const start = (chunk + C_BODY) * 4;
  if (length <= 48) for (let i = 0; i < length; i++) bytes[start + i] = body[i];
  else copyBytes(bytes, start, body.length === length ? body : body.subarray(0, length));
  return chunk;
}

/** Writes the next handle's reference (layout.ts) and generation behind a body. Its owner word comes after this. */
export function addHandle(heap: Heap, chunk: number, reference: number, generation: number): void {
  const { words } = heap;
  const count = words[chunk + C_HANDLES];
  const at = handleAt(heap, chunk, count);
  words[at] = reference;
  words[at + 1] = generation;
  words[chunk + C_HANDLES] = count + 1;
}

/** Absolute index of the (reference, generation) pair of a message's handle. */
export function handleAt(heap: Heap, chunk: number, index: number): number {
  return chunk + C_BODY + wordsOf(heap.words[chunk + C_LENGTH]) + 2 * index;
}
