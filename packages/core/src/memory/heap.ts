/**
 * One thread's view of the shared heap: the growable SharedArrayBuffer in which all channels of the process live.
 *
 * Made by: runtime.ts (one per realm). Used by: everything that touches shared memory.
 *
 * Invariants
 *   H1  `table` covers header and thread records; it is never replaced.
 *   H2  `words`, `floats` and `bytes` cover the whole buffer as it was when they were made. An index beyond their end is possible
 *       after another thread grew the buffer; then `cover` replaces them. Nothing may throw between reserve and publish, and making
 *       a view can, so a section that meets such an index gives up its reservation first.
 */
import {
  ARENA,
  ARENA_END,
  H_ARENA_LIMIT,
  H_DEBUG,
  H_LAYOUT,
  H_MAGIC,
  H_RUNTIME,
  HEAP_LOCK,
  LAYOUT_VERSION,
  MAGIC,
  NEXT_CHANNEL_ID,
} from './layout.js';
import { bytesView, floatsView, wordsView } from './views.js';
import { store } from '../platform/atomics.js';

/** Size of the arena with which a heap starts, and the least that `configure` accepts. */
export const FIRST_ARENA_BYTES = 64 * 1024;
export const DEFAULT_ARENA_BYTES = 1024 ** 3;
/** Node 20 refuses growable buffers beyond 4 GiB, and the header and thread table need their 8 MiB. */
export const LARGEST_ARENA_BYTES = 2 ** 32 - 4 * ARENA - 64 * 1024;

export class Heap {
  readonly table: Int32Array;
  words!: Int32Array;
  floats!: Float64Array;
  bytes!: Uint8Array;
  /** This thread's slot (its id in owner fields) and the absolute index of its record. Set once by threads/registry.ts. */
  slot = 0;
  record = 0;
  /** Number of journal entries noted and not yet committed (memory/journal.ts). */
  noted = 0;
  /**
   * What to do when a lock or an index is owned by another slot: spin, look for its death, nap. `attempt` counts the calls in a
   * row. Set by ownership/witness.ts, which stands above this layer.
   */
  contended: (owner: number, attempt: number) => void = () => undefined;

  constructor(readonly buffer: SharedArrayBuffer) {
    this.table = wordsView(buffer, 0, ARENA);
    this.refresh();
  }

  get debug(): boolean {
    return this.table[H_DEBUG] === 1;
  }

  /** Limit of the arena in words. */
  get arenaLimit(): number {
    return this.table[H_ARENA_LIMIT] * 16;
  }

  /** Makes sure that the views reach `end` (an absolute word index, exclusive). May throw: never inside a section. */
  cover(end: number): void {
    if (end > this.words.length) this.refresh();
  }

  refresh(): void {
    const length = this.buffer.byteLength >>> 2;
    this.words = wordsView(this.buffer, 0, length);
    this.floats = floatsView(this.buffer, 0, length);
    this.bytes = bytesView(this.buffer, length * 4);
  }

  /** Grows the buffer so that it holds at least `end` words, or says that the system has no more. */
  grow(end: number): boolean {
    const most = this.buffer.maxByteLength;
    const least = end * 4;
    if (least > most) return false;
    const doubled = Math.min(this.buffer.byteLength * 2, this.buffer.byteLength + 64 * 1024 * 1024);
    const wanted = Math.min(most, Math.max(least, doubled));
    if (this.buffer.byteLength < least) {
      try {
        this.buffer.grow(wanted);
      } catch (error) {
        // Another thread may have grown it further meanwhile, which also refuses our smaller size; anything else is memory.
        if (this.buffer.byteLength < least) return noMoreMemory(error);
      }
    }
    this.refresh();
    return true;
  }
}

function noMoreMemory(error: unknown): false {
  if (!(typeof error === 'object' && error !== null && (error as Error).name === 'RangeError')) throw error;
  return false;
}

/** Makes a new heap with room for `arenaBytes` of channels and messages; memory is committed as it is used. */
export function createHeapBuffer(arenaBytes: number, debug: boolean): SharedArrayBuffer {
  const limit = Math.ceil(arenaBytes / 64);
  const buffer = new SharedArrayBuffer(4 * ARENA + FIRST_ARENA_BYTES, { maxByteLength: 4 * ARENA + limit * 64 });
  const words = wordsView(buffer, 0, ARENA);
  words[H_LAYOUT] = LAYOUT_VERSION;
  words[H_RUNTIME] = (Math.random() * 2 ** 32) | 0;
  words[H_RUNTIME + 1] = (Math.random() * 2 ** 32) | 0;
  words[H_ARENA_LIMIT] = limit;
  words[H_DEBUG] = debug ? 1 : 0;
  words[ARENA_END] = ARENA;
  words[NEXT_CHANNEL_ID] = 1;
  store(words, H_MAGIC, MAGIC);
  return buffer;
}

/** Names the heap: two wrappers of one memory give the same name. */
export function runtimeId(buffer: SharedArrayBuffer): string {
  const words = wordsView(buffer, 0, H_RUNTIME + 2);
  return `${words[H_RUNTIME] >>> 0}-${words[H_RUNTIME + 1] >>> 0}`;
}

/** Layout version of a buffer, or undefined when it is no heap at all. */
export function layoutOf(buffer: SharedArrayBuffer): number | undefined {
  if (!(buffer.byteLength >= 4 * HEAP_LOCK)) return undefined;
  const words = wordsView(buffer, 0, H_LAYOUT + 1);
  const layout = words[H_LAYOUT];
  const isWhole = layout !== LAYOUT_VERSION || buffer.byteLength >= 4 * ARENA; // how long others are is not known
  return words[H_MAGIC] === MAGIC && isWhole ? layout : undefined;
}
