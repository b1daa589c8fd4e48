/**
 * Chunks of the arena: a buddy allocator under the heap lock, and in front of it a magazine per thread and small order.
 *
 * Called by: memory/message.ts (bodies), flavors (channels, blocks), ownership/entries.ts (pages).
 *
 * Magazines are filled from and emptied into a depot, half a magazine (a *bundle*) in one transaction: where one thread only takes
 * and another only frees, chunks go around without the buddy allocator.
 *
 * Life of a chunk: free → (magazine of T) → held by T → part of a channel, or a message in one → held by T' → (magazine) → free.
 * The *held* stack of a thread's record roots what the thread owns and has not yet published; publishing takes chunks off it in
 * the same transaction that makes them reachable elsewhere, so a chunk always has exactly one owner.
 *
 * Invariants
 *   A1  Chunks of order o start at a multiple of their size, counted from ARENA; the buddy of a chunk is its offset xor its size.
 *   A2  Free lists are doubly linked; a chunk in one has state CHUNK_FREE | order, all others CHUNK_USED | order.
 *   A3  Every change of the lists is one transaction under HEAP_LOCK, together with the change of the chunk's owner.
 *   A4  Between magazine and held stack a chunk moves by plain stores of its own thread, the new place first: if the thread dies in
 *       between it is in both, and its reaper, the only other reader, frees it once (ownership/reaper.ts).
 *   A5  A bundle has exactly half a magazine's chunks, linked through C_NEXT; the first one's C_PREV leads to the next bundle. The
 *       links are plain stores into chunks that are still in the magazine: dead before the commit, nothing has happened.
 *   A6  Held is a stack: within one synchronous operation what was taken last is published or freed first.
 */
import type { Heap } from './heap.js';
import { acquire, commit, note, release } from './journal.js';
import {
  ARENA,
  ARENA_END,
  ARENA_USED,
  CHUNK_FREE,
  CHUNK_MIN_WORDS,
  CHUNK_ORDER,
  CHUNK_USED,
  C_HANDLES,
  C_NEXT,
  C_PREV,
  C_STATE,
  DEPOT_COUNTS,
  DEPOT_HEADS,
  FREE_HEADS,
  HEAP_LOCK,
  MAGAZINE_ORDERS,
  MAGAZINE_SIZE,
  ORDERS,
  T_HELD,
  T_MAGAZINES,
  T_MAGAZINE_COUNTS,
  THREADS_HIGH,
  threadRecord,
} from './layout.js';
import { MemoryError } from '../errors.js';

/** Bundles that the depot keeps of each order: at most 128 KiB of the smallest and 1 MiB of the largest. */
const DEPOT_BUNDLES = 64;
/** The arena grows by at least this order (64 KiB) at a time. */
const GROWTH_ORDER = 10;

/** Smallest order whose chunks have at least `words` words. */
export function orderFor(words: number): number {
  return words <= CHUNK_MIN_WORDS ? 0 : 28 - Math.clz32(words - 1);
}

/** How many chunks of an order a magazine keeps: fewer of the large ones. */
export function magazineSize(order: number): number {
  return order < 4 ? MAGAZINE_SIZE : order < 6 ? 8 : 4;
}

/**
 * Takes a chunk of at least `words` words, header included, onto this thread's held stack: on its top, or right below the chunk
 * `after`. Its state and C_NEXT are set, C_HANDLES is zero, the rest is whatever was there.
 * @throws MemoryError when the arena's limit is reached; nothing has changed then.
 */
export function takeChunk(heap: Heap, words: number, after = 0): number {
  const order = orderFor(words);
  const { table, record } = heap;
  const link = after === 0 ? record + T_HELD : after + C_NEXT;
  if (order >= MAGAZINE_ORDERS) return takeLarge(heap, order, link);
  const countAt = record + T_MAGAZINE_COUNTS + order;
  let count = table[countAt];
  if (count === 0) {
    refill(heap, order);
    count = table[countAt];
  }
  const chunk = table[record + T_MAGAZINES + order * MAGAZINE_SIZE + count - 1];
  heap.cover(chunk + (CHUNK_MIN_WORDS << order));
  heap.words[chunk + C_NEXT] = heap.words[link];
  heap.words[chunk + C_HANDLES] = 0;
  heap.words[link] = chunk; // A4
  table[countAt] = count - 1;
  return chunk;
}

/** Frees the chunk on top of the held stack. */
export function freeHeld(heap: Heap): void {
  const { table, record } = heap;
  const chunk = table[record + T_HELD];
  heap.cover(chunk + CHUNK_MIN_WORDS);
  const order = heap.words[chunk + C_STATE] & CHUNK_ORDER;
  const next = heap.words[chunk + C_NEXT];
  if (order >= MAGAZINE_ORDERS) {
    acquireHeap(heap);
    noteFree(heap, chunk, order);
    note(heap, record + T_HELD, next);
    commit(heap, HEAP_LOCK);
    release(heap, HEAP_LOCK);
    return;
  }
  const countAt = record + T_MAGAZINE_COUNTS + order;
  const size = magazineSize(order);
  if (table[countAt] === size && !giveBundle(heap, order)) flush(heap, record, order, size >> 1);
  const count = table[countAt];
  table[record + T_MAGAZINES + order * MAGAZINE_SIZE + count] = chunk; // A4
  table[countAt] = count + 1;
  table[record + T_HELD] = next;
}

/** Gives back everything that the magazines of a thread keep: one's own, or a dead one's. */
export function flushMagazines(heap: Heap, record = heap.record): void {
  for (let order = 0; order < MAGAZINE_ORDERS; order++) flush(heap, record, order, 0);
}

/** Frees the chunk that a dead thread's held stack begins with, and takes it off. */
export function freeHeldOf(heap: Heap, record: number): void {
  const chunk = heap.table[record + T_HELD];
  heap.cover(chunk + CHUNK_MIN_WORDS);
  acquireHeap(heap);
  noteFree(heap, chunk, heap.words[chunk + C_STATE] & CHUNK_ORDER);
  note(heap, record + T_HELD, heap.words[chunk + C_NEXT]);
  commit(heap, HEAP_LOCK);
  release(heap, HEAP_LOCK);
}

/** Takes a chunk that a dead thread was moving between magazine and held stack out of the magazine (A4). */
export function settleMagazines(heap: Heap, record: number): void {
  const held = new Set<number>();
  for (let chunk = heap.table[record + T_HELD]; chunk !== 0; chunk = heap.words[chunk + C_NEXT]) {
    heap.cover(chunk + CHUNK_MIN_WORDS);
    held.add(chunk);
  }
  for (let order = 0; order < MAGAZINE_ORDERS; order++) {
    const count = heap.table[record + T_MAGAZINE_COUNTS + order];
    const top = heap.table[record + T_MAGAZINES + order * MAGAZINE_SIZE + count - 1];
    if (count > 0 && held.has(top)) heap.table[record + T_MAGAZINE_COUNTS + order] = count - 1;
  }
}

/** Bytes in use: chunks handed out, less those that wait in magazines and in the depot. */
export function usedBytes(heap: Heap): number {
  let units = heap.table[ARENA_USED];
  for (let slot = 1; slot <= heap.table[THREADS_HIGH]; slot++) {
    const counts = threadRecord(slot) + T_MAGAZINE_COUNTS;
    for (let order = 0; order < MAGAZINE_ORDERS; order++) units -= heap.table[counts + order] * 2 ** order;
  }
  for (let order = 0; order < MAGAZINE_ORDERS; order++)
    units -= heap.table[DEPOT_COUNTS + order] * (magazineSize(order) >> 1) * 2 ** order;
  return units * 64;
}

/** The first chunk of a free list has no predecessor, so C_HANDLES, the same word, is zero as it should be. */
function takeLarge(heap: Heap, order: number, link: number): number {
  reserve(heap, order);
  const chunk = noteTake(heap, order);
  note(heap, chunk + C_NEXT, heap.words[link]);
  note(heap, link, chunk);
  commit(heap, HEAP_LOCK);
  release(heap, HEAP_LOCK);
  return chunk;
}

/** Fills half a magazine: with a bundle from the depot, or piece by piece; one chunk is enough if memory is short. */
function refill(heap: Heap, order: number): void {
  const { table, record } = heap;
  const countAt = record + T_MAGAZINE_COUNTS + order;
  const wanted = magazineSize(order) >> 1;
  if (takeBundle(heap, order)) return;
  reserve(heap, order);
  // Waiting for the lock may have meant reaping, which frees into magazines: go on from what is there.
  for (let count = table[countAt]; count < wanted; count++) {
    if (count > 0 && smallestFree(heap, order) < 0) break;
    const chunk = noteTake(heap, order);
    note(heap, record + T_MAGAZINES + order * MAGAZINE_SIZE + count, chunk);
    note(heap, countAt, count + 1);
    commit(heap, HEAP_LOCK);
  }
  release(heap, HEAP_LOCK);
}

/** Moves a bundle from the depot into this thread's magazine, which is empty. */
function takeBundle(heap: Heap, order: number): boolean {
  const { table, record } = heap;
  const countAt = record + T_MAGAZINE_COUNTS + order;
  if (table[DEPOT_HEADS + order] === 0) return false; // a hint; decided below
  acquireHeap(heap);
  const first = table[DEPOT_HEADS + order];
  if (first !== 0 && table[countAt] === 0) {
    const { words } = heap;
    note(heap, DEPOT_HEADS + order, words[first + C_PREV]);
    note(heap, DEPOT_COUNTS + order, table[DEPOT_COUNTS + order] - 1);
    let count = 0;
    for (let chunk = first; chunk !== 0; chunk = words[chunk + C_NEXT]) {
      note(heap, record + T_MAGAZINES + order * MAGAZINE_SIZE + count++, chunk);
    }
    note(heap, countAt, count);
    commit(heap, HEAP_LOCK);
  }
  release(heap, HEAP_LOCK);
  return table[countAt] > 0;
}

/** Moves the upper half of a full magazine into the depot, unless that has enough. */
function giveBundle(heap: Heap, order: number): boolean {
  const { table, record } = heap;
  const size = magazineSize(order);
  const half = size >> 1;
  acquireHeap(heap);
  const isWelcome = table[DEPOT_COUNTS + order] < DEPOT_BUNDLES && table[record + T_MAGAZINE_COUNTS + order] === size;
  if (isWelcome) {
    const { words } = heap;
    const magazine = record + T_MAGAZINES + order * MAGAZINE_SIZE;
    for (let i = half; i < size; i++) words[table[magazine + i] + C_NEXT] = i + 1 < size ? table[magazine + i + 1] : 0;
    words[table[magazine + half] + C_PREV] = table[DEPOT_HEADS + order];
    note(heap, DEPOT_HEADS + order, table[magazine + half]);
    note(heap, DEPOT_COUNTS + order, table[DEPOT_COUNTS + order] + 1);
    note(heap, record + T_MAGAZINE_COUNTS + order, half);
    commit(heap, HEAP_LOCK);
  }
  release(heap, HEAP_LOCK);
  return isWelcome;
}

/** Memory is short: everything in the depot and in this thread's magazines becomes free. */
function drainDepot(heap: Heap): void {
  flushMagazines(heap);
  for (let order = 0; order < MAGAZINE_ORDERS; order++) while (takeBundle(heap, order)) flush(heap, heap.record, order, 0);
}

function flush(heap: Heap, record: number, order: number, keep: number): void {
  const { table } = heap;
  const countAt = record + T_MAGAZINE_COUNTS + order;
  if (table[countAt] <= keep) return;
  acquireHeap(heap);
  for (let count = table[countAt]; count > keep; count--) {
    noteFree(heap, table[record + T_MAGAZINES + order * MAGAZINE_SIZE + count - 1], order);
    note(heap, countAt, count - 1);
    commit(heap, HEAP_LOCK);
  }
  release(heap, HEAP_LOCK);
}

/** Takes the heap lock with views that reach everything the free lists may name. */
function acquireHeap(heap: Heap): void {
  for (;;) {
    acquire(heap, HEAP_LOCK);
    if (heap.words.length * 4 >= heap.buffer.byteLength) return;
    release(heap, HEAP_LOCK);
    heap.refresh();
  }
}

/** Takes the heap lock with at least one free chunk of the order or larger in the lists, growing the arena as needed. */
function reserve(heap: Heap, order: number): void {
  for (let flushed = false; ;) {
    acquireHeap(heap);
    do {
      if (smallestFree(heap, order) >= 0) return;
    } while (extendArena(heap, order));
    const end = heap.table[ARENA_END];
    release(heap, HEAP_LOCK);
    const step = CHUNK_MIN_WORDS * 2 ** order;
    if (end - ARENA + step <= heap.arenaLimit && heap.grow(Math.min(end + 2 * step, ARENA + heap.arenaLimit))) continue;
    if (flushed) throw outOfMemory(heap, order);
    drainDepot(heap);
    flushed = true;
  }
}

function outOfMemory(heap: Heap, order: number): MemoryError {
  const limit = heap.arenaLimit * 4;
  return new MemoryError(
    `cannot allocate ${64 * 2 ** order} bytes: the shared heap is limited to ${limit} bytes (configure({ maxMemory })) and has no free piece of that size`,
  );
}

function smallestFree(heap: Heap, order: number): number {
  for (let o = order; o < ORDERS; o++) if (heap.table[FREE_HEADS + o] !== 0) return o;
  return -1;
}

/** Moves the arena's end by one aligned chunk, at most of the wanted order, if views and limit allow. */
function extendArena(heap: Heap, order: number): boolean {
  const end = heap.table[ARENA_END];
  const offset = end - ARENA;
  let step = Math.max(order, GROWTH_ORDER);
  if (offset !== 0) step = Math.min(step, 27 - Math.clz32(offset & -offset)); // A1
  const most = Math.min(heap.words.length, ARENA + heap.arenaLimit);
  while (step >= 0 && end + CHUNK_MIN_WORDS * 2 ** step > most) step--;
  if (step < 0 || (step < order && end + CHUNK_MIN_WORDS * 2 ** order > most)) return false;
  note(heap, ARENA_END, end + CHUNK_MIN_WORDS * 2 ** step);
  noteInsert(heap, end, step);
  commit(heap, HEAP_LOCK);
  return true;
}

/** Notes that the first free chunk of at least this order is taken and split down to it. */
function noteTake(heap: Heap, order: number): number {
  const { words, table } = heap;
  const from = smallestFree(heap, order);
  const chunk = table[FREE_HEADS + from];
  const next = words[chunk + C_NEXT];
  note(heap, FREE_HEADS + from, next);
  if (next !== 0) note(heap, next + C_PREV, 0);
  for (let o = from - 1; o >= order; o--) {
    // Interior of a free chunk until the commit, so its header may be written right away. The lists below `from` are empty.
    const half = chunk + (CHUNK_MIN_WORDS << o);
    words[half + C_STATE] = CHUNK_FREE | o;
    words[half + C_NEXT] = 0;
    words[half + C_PREV] = 0;
    note(heap, FREE_HEADS + o, half);
  }
  note(heap, chunk + C_STATE, CHUNK_USED | order);
  note(heap, ARENA_USED, table[ARENA_USED] + 2 ** order);
  return chunk;
}

/** Notes that a chunk in use becomes free, merged with its free buddies. */
function noteFree(heap: Heap, chunk: number, order: number): void {
  note(heap, ARENA_USED, heap.table[ARENA_USED] - 2 ** order);
  noteInsert(heap, chunk, order);
}

function noteInsert(heap: Heap, chunk: number, order: number): void {
  const { words, table } = heap;
  let start = chunk - ARENA;
  const end = table[ARENA_END] - ARENA;
  for (; order < ORDERS - 1; order++) {
    const size = CHUNK_MIN_WORDS * 2 ** order;
    const buddy = start ^ size;
    if (buddy + size > end || words[ARENA + buddy + C_STATE] !== (CHUNK_FREE | order)) break;
    const next = words[ARENA + buddy + C_NEXT];
    const prev = words[ARENA + buddy + C_PREV];
    note(heap, prev === 0 ? FREE_HEADS + order : prev + C_NEXT, next);
    if (next !== 0) note(heap, next + C_PREV, prev);
    start &= ~size;
  }
  const merged = ARENA + start;
  const head = table[FREE_HEADS + order];
  note(heap, merged + C_STATE, CHUNK_FREE | order);
  note(heap, merged + C_NEXT, head);
  note(heap, merged + C_PREV, 0);
  if (head !== 0) note(heap, head + C_PREV, merged);
  note(heap, FREE_HEADS + order, merged);
}
