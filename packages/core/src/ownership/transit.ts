/**
 * Handles inside messages: while a message travels, its handles belong to its chunk.
 *
 * Called by: handles/ (which turn handles into references and back), ownership/release.ts, ownership/reaper.ts.
 *
 * Invariants
 *   X1  The reference is written into the chunk before the handle's owner becomes the chunk. So whoever discards a chunk finds
 *       every handle that belongs to it, and skips those that do not belong to it (yet, or any more).
 *   X2  A chunk moves (held stack → channel → held stack) with all its handles, by moving alone: their owner words stay.
 *   X3  A handle leaves a message by one store of its owner, before the chunk is freed.
 */
import { entryAt } from './entries.js';
import { addHandle, handleAt } from '../memory/batch.js';
import type { Heap } from '../memory/heap.js';
import {
  CH_KIND,
  C_BODY,
  C_HANDLES,
  E_CHANNEL,
  E_GENERATION,
  E_KIND,
  E_OWNER,
  KIND_BROADCAST,
  OWNER_CHUNK,
  OWNER_THREAD,
  PHASE_MASK,
  PHASE_WEAK,
  REFERENCE_BROADCAST,
  REFERENCE_SHIFT,
  REFERENCE_WEAK,
  SIDE_MASK,
} from '../memory/layout.js';
import { load, store } from '../platform/atomics.js';

/** A handle of this thread moves into a message on its held stack (X1). */
export function moveIn(heap: Heap, chunk: number, index: number): void {
  const at = entryAt(heap, index);
  const kind = heap.words[at + E_KIND];
  const isWeak = (kind & PHASE_MASK) === PHASE_WEAK;
  const isBroadcast = heap.words[heap.words[at + E_CHANNEL] + CH_KIND] === KIND_BROADCAST;
  addHandle(heap, chunk, referenceTo(index, kind & SIDE_MASK, isWeak, isBroadcast), heap.words[at + E_GENERATION]);
  store(heap.words, at + E_OWNER, OWNER_CHUNK | (chunk >> 4));
}

/** What a message says of a handle. `index`: negative of one that is gone. */
export function referenceTo(index: number, side: number, isWeak: boolean, isBroadcast: boolean): number {
  return (index << REFERENCE_SHIFT) | (isBroadcast ? REFERENCE_BROADCAST : 0) | (isWeak ? REFERENCE_WEAK : 0) | side;
}

/** A handle comes back to this thread: from a message that was not sent, or one that was received. */
export function moveOut(heap: Heap, index: number): void {
  const at = entryAt(heap, index);
  store(heap.words, at + E_OWNER, OWNER_THREAD | heap.slot);
}

/** `at`: the entry's absolute index, 0 if it was freed meanwhile. The rest: of what kind the handle was, in any case. */
type HandleVisitor = (index: number, at: number, side: number, isWeak: boolean, isBroadcast: boolean) => void;

/** Visits the handles that a message refers to. */
export function eachHandle(heap: Heap, chunk: number, visit: HandleVisitor): void {
  heap.cover(chunk + C_BODY);
  const count = heap.words[chunk + C_HANDLES];
  if (count === 0) return;
  heap.cover(handleAt(heap, chunk, count));
  for (let i = 0; i < count; i++) {
    const pair = handleAt(heap, chunk, i);
    const reference = heap.words[pair];
    const index = reference >> REFERENCE_SHIFT;
    const at = entryAt(heap, index);
    const current = at !== 0 && heap.words[at + E_GENERATION] === heap.words[pair + 1];
    const isWeak = (reference & REFERENCE_WEAK) !== 0;
    visit(index, current ? at : 0, reference & SIDE_MASK, isWeak, (reference & REFERENCE_BROADCAST) !== 0);
  }
}

/** Whether the handle still travels in this message. */
export function ownedByChunk(heap: Heap, at: number, chunk: number): boolean {
  return at !== 0 && load(heap.words, at + E_OWNER) === (OWNER_CHUNK | (chunk >> 4));
}
