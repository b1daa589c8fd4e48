/**
 * Owner-tagged locks with a redo journal: how everything that is not a hot path stays whole when a thread dies half-way.
 *
 * Called by: memory/allocator.ts, ownership/entries.ts, flavors (which commit by hand, see J3). Repaired by: ownership/reaper.ts.
 *
 * A transaction: journal emptied, lock taken (CAS 0 → slot), entries noted (plain, absolute new values), committed by one store of
 * their number, applied, lock released. A thread that dies before the commit has done nothing; after it, whoever finds it dead
 * applies the entries again (they are absolute, so twice is once) and releases the lock with the value that the journal names.
 *
 * Invariants
 *   J1  The length is zeroed before every acquiring CAS: a journal of an earlier operation must not be applied again.
 *   J2  A journal counts only while its thread owns the lock that the journal names; so at most one is committed per thread, and
 *       a thread holds at most one lock at a time (the reap lock, which has no journal, apart).
 *   J3  Flavors write their few entries and the commit in line: a function call inside an index section could overflow the stack
 *       and leave the section locked by a living thread.
 */
import type { Heap } from './heap.js';
import { T_JOURNAL, T_JOURNAL_LENGTH, T_JOURNAL_LOCK, T_JOURNAL_UNLOCK } from './layout.js';
import { cas, load, store } from '../platform/atomics.js';

/** Takes one of the global locks. Waits for a living owner, has a dead one repaired. */
export function acquire(heap: Heap, lock: number): void {
  const { table, slot, record } = heap;
  heap.noted = 0;
  for (let attempt = 0; ; attempt++) {
    table[record + T_JOURNAL_LENGTH] = 0; // J1
    const owner = cas(table, lock, 0, slot);
    if (owner === 0) return;
    heap.contended(owner, attempt);
  }
}

/** Notes that a word gets a value when the transaction commits. */
export function note(heap: Heap, word: number, value: number): void {
  heap.cover(word + 1); // a store beyond the views would be lost without a sound
  const at = heap.record + T_JOURNAL + 2 * heap.noted++;
  heap.table[at] = word;
  heap.table[at + 1] = value;
}

/** Commits and applies what was noted, under a global lock that stays held. */
export function commit(heap: Heap, lock: number): void {
  const { table, record } = heap;
  seal(heap, lock, 0);
  apply(heap);
  store(table, record + T_JOURNAL_LENGTH, 0);
  heap.noted = 0;
}

/** Commits, applies, and releases the lock with a value; 0 for the global locks, the new index word for an index. */
export function commitAndRelease(heap: Heap, words: Int32Array, lock: number, absoluteLock: number, value: number): void {
  seal(heap, absoluteLock, value);
  apply(heap);
  store(words, lock, value);
  heap.noted = 0;
}

/** Releases a global lock under which nothing is noted. */
export function release(heap: Heap, lock: number): void {
  store(heap.table, lock, 0);
}

function seal(heap: Heap, lock: number, unlock: number): void {
  const { table, record } = heap;
  table[record + T_JOURNAL_LOCK] = lock;
  table[record + T_JOURNAL_UNLOCK] = unlock;
  store(table, record + T_JOURNAL_LENGTH, heap.noted);
}

/** Applies the entries that were just committed: to words that only whoever owns the lock reads, or without minding their order. */
function apply(heap: Heap): void {
  const { table, words, record } = heap;
  const end = record + T_JOURNAL + 2 * heap.noted;
  for (let at = record + T_JOURNAL; at < end; at += 2) words[table[at]] = table[at + 1];
}

/** Applies the committed entries in a dead thread's journal. Repeatable. Atomically: receivers of a broadcast read without a lock. */
export function redo(heap: Heap, record: number): void {
  const { table, words } = heap;
  const length = load(table, record + T_JOURNAL_LENGTH);
  for (let i = 0; i < length; i++) {
    const at = record + T_JOURNAL + 2 * i;
    store(words, table[at], table[at + 1]);
  }
}
