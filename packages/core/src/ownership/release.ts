/**
 * Giving up handles and messages, and what follows from it: disconnection, discarded messages, handles inside them, freed channels.
 *
 * Called by: handles/ (drop), runtime.ts (leave), ownership/reaper.ts (for the dead).
 *
 * Each step is one transaction, and the entry's phase says which come next, so whoever takes over from a dead thread goes on where
 * it stopped:
 *   LIVE ─(count out of its side, mark if last; under TAIL)→ RELEASED ─(last receiver: discard all messages)→
 *   ─(entry freed, channel freed with the last; under HANDLES_LOCK)→ free
 */
import { eachEntry, entryAt, removeEntry } from './entries.js';
import { eachHandle, ownedByChunk } from './transit.js';
import type { Channel } from '../flavors/channel.js';
import { freeHeld } from '../memory/allocator.js';
import { BATCH, Batch } from '../memory/batch.js';
import type { Heap } from '../memory/heap.js';
import {
  E_CHANNEL,
  E_KIND,
  E_OWNER,
  OWNER_THREAD,
  PHASE_LIVE,
  PHASE_MASK,
  PHASE_RELEASED,
  SIDE_MASK,
  SIDE_RECEIVER,
  T_HELD,
} from '../memory/layout.js';
import { store } from '../platform/atomics.js';

export class Releaser {
  /** Handles that came out of discarded messages: a list instead of recursion, as channels can be nested to any depth. */
  private readonly freed: number[] = [];

  constructor(
    private readonly heap: Heap,
    private readonly open: (at: number) => Channel,
  ) {}

  /** Gives up one handle for good. Its entry is this thread's, or a dead thread's that this thread reaps. */
  release(index: number): void {
    this.freed.push(index);
    this.run();
  }

  /** Gives up the message on top of the held stack, with the handles in it. */
  discardHeld(): void {
    this.discardTop();
    this.run();
  }

  /** Gives up the handles of a dead thread's message; the chunk is freed by the caller. */
  releaseHandlesOf(chunk: number): void {
    this.takeHandles(chunk);
    this.run();
  }

  /** Gives up all handles that a thread owns. */
  releaseAllOf(slot: number): void {
    const mine: number[] = [];
    eachEntry(this.heap, (index, at) => {
      if (this.heap.words[at + E_OWNER] === (OWNER_THREAD | slot)) mine.push(index);
    });
    for (const index of mine) this.release(index);
  }

  /** A step may wait for an index and meanwhile reap, which releases too: the inner run then does the outer one's work as well. */
  private run(): void {
    for (let index = this.freed.pop(); index !== undefined; index = this.freed.pop()) this.step(index);
  }

  private step(index: number): void {
    const { heap } = this;
    const at = entryAt(heap, index);
    const kind = heap.words[at + E_KIND];
    const side = (kind & SIDE_MASK) as 0 | 1;
    const channel = this.open(heap.words[at + E_CHANNEL]);
    if ((kind & PHASE_MASK) === PHASE_LIVE) channel.count(side, -1, at + E_KIND, side | PHASE_RELEASED);
    if (side === SIDE_RECEIVER && channel.receivers === 0) this.discardMessages(channel);
    removeEntry(heap, index, channel);
  }

  /** Nobody will receive any more. Sends fail since the mark was set, so this ends. */
  private discardMessages(channel: Channel): void {
    const batch = new Batch();
    for (let count = channel.recv(batch, BATCH); count > 0; count = channel.recv(batch, BATCH)) {
      for (let i = 0; i < count; i++) if (batch.hasBody(i)) this.discardTop();
    }
  }

  private discardTop(): void {
    this.takeHandles(this.heap.table[this.heap.record + T_HELD]);
    freeHeld(this.heap);
  }

  /** Handles that still belong to the message become this thread's, to be released. */
  private takeHandles(chunk: number): void {
    const { heap } = this;
    eachHandle(heap, chunk, (index, at) => {
      if (!ownedByChunk(heap, at, chunk)) return;
      store(heap.words, at + E_OWNER, OWNER_THREAD | heap.slot);
      this.freed.push(index);
    });
  }
}
