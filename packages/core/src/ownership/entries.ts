/**
 * The handle table: one entry for every handle in the process, wherever it is.
 *
 * Called by: ownership/release.ts, ownership/transit.ts, ownership/reaper.ts, handles/ (create, clone, tokens), inspect.
 *
 * An entry says who owns the handle (a thread, a message's chunk, a token), of which channel and side, and in which phase:
 *   free → LIVE → RELEASED → free        RELEASED: it no longer counts on its side but still keeps the channel's memory
 *   free → RELEASED → LIVE               (a clone, before it counts; an upgraded weak sender)
 *   free → WEAK → free                   a weak sender: it never counts, and keeps the channel's memory only
 *
 * Invariants
 *   E1  Free list, pages and CH_REFS change only in transactions under HANDLES_LOCK.
 *   E2  An entry in use keeps its channel's memory: the transaction that frees the last entry of a channel moves the channel's
 *       chunks onto the held stack of the thread that does it. So the entries in use lead to every channel that there is, and while
 *       HANDLES_LOCK is held all of those stay.
 *   E3  Only the owner changes E_OWNER: a thread its own, the holder of a chunk those in it, and a token goes to whoever wins the CAS.
 *   E4  E_GENERATION grows when an entry is freed, and when its owner puts it into a token: a stale reference never matches.
 */
import type { Channel } from '../flavors/channel.js';
import { freeHeld, takeChunk } from '../memory/allocator.js';
import type { Heap } from '../memory/heap.js';
import { acquire, commit, note, release } from '../memory/journal.js';
import {
  CH_NAME,
  CH_REFS,
  C_BODY,
  C_NEXT,
  ENTRY_WORDS,
  E_CHANNEL,
  E_CREATED,
  E_GENERATION,
  E_KIND,
  E_NEXT,
  E_NONCE,
  E_OWNER,
  E_POSITION,
  HANDLES_FREE,
  HANDLES_LOCK,
  HANDLES_PAGES,
  HANDLE_PAGE,
  HANDLE_PAGE_LIMIT,
  HANDLE_PAGE_TABLE,
  OWNER_THREAD,
  PHASE_LIVE,
  PHASE_RELEASED,
  SIDE_RECEIVER,
  SIDE_SENDER,
  T_HELD,
} from '../memory/layout.js';
import { MemoryError } from '../errors.js';

/** Absolute index of an entry, or 0 if there is none of that number. */
export function entryAt(heap: Heap, index: number): number {
  const pages = heap.table[HANDLES_PAGES];
  if (index < 0 || index >= HANDLE_PAGE * (2 ** pages - 1)) return 0;
  const page = 31 - Math.clz32(Math.floor(index / HANDLE_PAGE) + 1);
  const at = heap.table[HANDLE_PAGE_TABLE + page] + C_BODY + (index - HANDLE_PAGE * (2 ** page - 1)) * ENTRY_WORDS;
  heap.cover(at + ENTRY_WORDS);
  return at;
}

/** Keeps all entries, and with them their channels, from being freed while `look` runs (E2). It must not wait or allocate. */
export function withEntriesHeld<R>(heap: Heap, look: () => R): R {
  acquire(heap, HANDLES_LOCK);
  try {
    return look();
  } finally {
    release(heap, HANDLES_LOCK);
  }
}

/** Visits every entry that is in use. */
export function eachEntry(heap: Heap, visit: (index: number, at: number) => void): void {
  const entries = HANDLE_PAGE * (2 ** heap.table[HANDLES_PAGES] - 1);
  for (let index = 0; index < entries; index++) {
    const at = entryAt(heap, index);
    if (heap.words[at + E_OWNER] !== 0) visit(index, at);
  }
}

/**
 * Makes a channel reachable: its chunk, on top of the held stack, leaves it in the transaction that makes its two entries.
 * `below`: what is on the stack below the channel's own chunks.
 */
export function createPair(heap: Heap, channel: number, below: number): [sender: number, receiver: number] {
  acquireWithFree(heap, 2);
  const sender = heap.table[HANDLES_FREE];
  const receiver = nextFree(heap, sender);
  noteEntry(heap, sender, channel, SIDE_SENDER | PHASE_LIVE);
  noteEntry(heap, receiver, channel, SIDE_RECEIVER | PHASE_LIVE);
  note(heap, channel + CH_REFS, 2);
  note(heap, heap.record + T_HELD, below);
  commit(heap, HANDLES_LOCK);
  release(heap, HANDLES_LOCK);
  return [sender - 1, receiver - 1];
}

/** Makes the one entry of a channel without senders (timers). */
export function createSingle(heap: Heap, channel: number, below: number): number {
  acquireWithFree(heap, 1);
  const index = heap.table[HANDLES_FREE];
  noteEntry(heap, index, channel, SIDE_RECEIVER | PHASE_LIVE);
  note(heap, channel + CH_REFS, 1);
  note(heap, heap.record + T_HELD, below);
  commit(heap, HANDLES_LOCK);
  release(heap, HANDLES_LOCK);
  return index - 1;
}

/**
 * Another entry of a channel, owned by this thread, which does not count: not yet, or never (PHASE_WEAK). `like`: the entry of this
 * thread of which it is a clone, so it begins at the same position.
 */
export function addEntry(heap: Heap, channel: number, side: number, phase = PHASE_RELEASED, like?: number): number {
  acquireWithFree(heap, 1);
  const index = heap.table[HANDLES_FREE];
  noteEntry(heap, index, channel, side | phase);
  if (like !== undefined && side === SIDE_RECEIVER) notePosition(heap, index, like);
  note(heap, channel + CH_REFS, heap.words[channel + CH_REFS] + 1);
  commit(heap, HANDLES_LOCK);
  release(heap, HANDLES_LOCK);
  return index - 1;
}

/** Frees a released entry, and with the last one the channel. */
export function removeEntry(heap: Heap, index: number, channel: Channel): void {
  const { table, record } = heap;
  const at = entryAt(heap, index);
  const { words } = heap;
  const bottom = table[record + T_HELD];
  acquire(heap, HANDLES_LOCK);
  const refs = words[channel.at + CH_REFS] - 1;
  let top = notePush(heap, words[at + E_CREATED], bottom);
  if (refs === 0) {
    top = channel.noteChunks(top);
    top = notePush(heap, words[channel.at + CH_NAME], top);
    top = notePush(heap, channel.at, top);
  }
  note(heap, channel.at + CH_REFS, refs);
  note(heap, at + E_OWNER, 0);
  note(heap, at + E_GENERATION, (words[at + E_GENERATION] + 1) | 0);
  note(heap, at + E_NEXT, table[HANDLES_FREE]);
  note(heap, HANDLES_FREE, index + 1);
  note(heap, record + T_HELD, top);
  commit(heap, HANDLES_LOCK);
  release(heap, HANDLES_LOCK);
  while (table[record + T_HELD] !== bottom) freeHeld(heap);
}

function notePush(heap: Heap, chunk: number, next: number): number {
  if (chunk === 0) return next;
  heap.cover(chunk + C_BODY);
  note(heap, chunk + C_NEXT, next);
  return chunk;
}

/** Takes the first free entry off the list; called in the order of the list. */
function noteEntry(heap: Heap, number: number, channel: number, kind: number): void {
  const at = entryAt(heap, number - 1);
  note(heap, HANDLES_FREE, heap.words[at + E_NEXT]);
  note(heap, at + E_OWNER, OWNER_THREAD | heap.slot);
  note(heap, at + E_CHANNEL, channel);
  note(heap, at + E_KIND, kind);
  note(heap, at + E_NONCE, 0);
  note(heap, at + E_CREATED, 0);
  note(heap, at + E_POSITION, 0);
  note(heap, at + E_POSITION + 1, 0);
}

/** A new entry gets another one's position. */
function notePosition(heap: Heap, number: number, like: number): void {
  const from = entryAt(heap, like);
  const at = entryAt(heap, number - 1);
  note(heap, at + E_POSITION, heap.words[from + E_POSITION]);
  note(heap, at + E_POSITION + 1, heap.words[from + E_POSITION + 1]);
}

/** Takes HANDLES_LOCK with at least `count` entries in the free list, adding a page if there are fewer. */
function acquireWithFree(heap: Heap, count: number): void {
  for (;;) {
    acquire(heap, HANDLES_LOCK);
    if (hasFree(heap, count)) return;
    const page = heap.table[HANDLES_PAGES];
    release(heap, HANDLES_LOCK); // a thread holds one lock at a time, and allocation has its own
    if (page >= HANDLE_PAGE_LIMIT) throw new MemoryError('cannot make another handle: the handle table is full');
    addPage(heap, page);
  }
}

function hasFree(heap: Heap, count: number): boolean {
  let number = heap.table[HANDLES_FREE];
  for (; count > 0 && number !== 0; count--) number = nextFree(heap, number);
  return count === 0;
}

/** Successor in the free list. `entryAt` may renew the views, so it comes before they are used, here and everywhere. */
function nextFree(heap: Heap, number: number): number {
  const at = entryAt(heap, number - 1);
  return heap.words[at + E_NEXT];
}

function addPage(heap: Heap, page: number): void {
  const { table, record } = heap;
  const entries = HANDLE_PAGE * 2 ** page;
  const first = HANDLE_PAGE * (2 ** page - 1);
  const below = table[record + T_HELD];
  const chunk = takeChunk(heap, C_BODY + entries * ENTRY_WORDS);
  const { words } = heap;
  const start = chunk + C_BODY;
  words.fill(0, start, start + entries * ENTRY_WORDS);
  for (let i = 0; i < entries; i++) words[start + i * ENTRY_WORDS + E_NEXT] = first + i + 2;
  acquire(heap, HANDLES_LOCK);
  if (table[HANDLES_PAGES] !== page) {
    release(heap, HANDLES_LOCK); // another thread was faster
    freeHeld(heap);
    return;
  }
  words[start + (entries - 1) * ENTRY_WORDS + E_NEXT] = table[HANDLES_FREE]; // still ours alone
  note(heap, HANDLE_PAGE_TABLE + page, chunk);
  note(heap, HANDLES_PAGES, page + 1);
  note(heap, HANDLES_FREE, first + 1);
  note(heap, record + T_HELD, below);
  commit(heap, HANDLES_LOCK);
  release(heap, HANDLES_LOCK);
}
