/**
 * The table of threads: claiming a slot, reading who lives, noting that somebody died.
 *
 * Called by: runtime.ts (joins), handles/spawn.ts (claims for a child), ownership/ (marks dead, frees).
 *
 * A slot is a thread's identity in owner fields. T_STATE says whose it is:
 *   0 free → threadId + 1 living → -(threadId + 1) known dead → 0
 *   0 free → RESERVED - parent's thread id (it is starting a child) → threadId + 1
 *
 * Invariants
 *   T1  A slot is claimed by one CAS that says by whom: whoever dies right after it can still be identified.
 *   T2  A free slot's record is clean; the reaper cleans it before it frees the slot, which is its last step.
 *   T3  Realms have a slot each: several slots may carry one threadId, and all of them die with that thread.
 */
import type { Heap } from '../memory/heap.js';
import { THREADS_HIGH, THREAD_SLOTS, T_OS_ID, T_OS_START, T_PARENT, T_STATE, threadRecord } from '../memory/layout.js';
import { cas, load, store } from '../platform/atomics.js';
import type { OsThread } from '../platform/threads.js';
import { MemoryError } from '../errors.js';

/** States at or below this belong to a parent that is starting a child: RESERVED - its thread id. */
const RESERVED = -0x40000000;
/** A child that died before it had a thread id. */
const STILLBORN = RESERVED + 1;

/** Claims a slot for a thread. `parent`: id of the thread that started it, -1 if unknown. @throws MemoryError when all are taken. */
export function claimSlot(heap: Heap, threadId: number, parent: number): number {
  return claim(heap, threadId + 1, parent);
}

/** Claims a slot for a child that does not run yet, so that handles can belong to it before it starts. */
export function reserveSlot(heap: Heap, threadId: number): number {
  return claim(heap, RESERVED - threadId, threadId);
}

/** Gives a reserved slot to the child: called by the parent once it knows the thread id, and by the child when it starts. */
export function occupySlot(heap: Heap, slot: number, threadId: number, parent: number): boolean {
  const was = cas(heap.table, threadRecord(slot) + T_STATE, RESERVED - parent, threadId + 1);
  return was === RESERVED - parent || was === threadId + 1;
}

function claim(heap: Heap, state: number, parent: number): number {
  const { table } = heap;
  for (let slot = 1; slot < THREAD_SLOTS; slot++) {
    const record = threadRecord(slot);
    if (load(table, record + T_STATE) !== 0) continue;
    // Before the CAS: whoever dies right after it is in the part of the table that others look at.
    for (let high = load(table, THREADS_HIGH); high < slot; high = load(table, THREADS_HIGH))
      cas(table, THREADS_HIGH, high, slot);
    if (cas(table, record + T_STATE, 0, state) !== 0) continue;
    table[record + T_PARENT] = parent + 1;
    return slot;
  }
  throw new MemoryError(
    `cannot register this thread: all ${THREAD_SLOTS - 1} slots of the thread table are taken by living threads`,
  );
}

export function noteOsThread(heap: Heap, slot: number, thread: OsThread): void {
  const record = threadRecord(slot);
  heap.table[record + T_OS_START] = thread.start | 0;
  store(heap.table, record + T_OS_ID, thread.id);
}

export function osThreadOf(heap: Heap, slot: number): OsThread {
  const record = threadRecord(slot);
  return { id: load(heap.table, record + T_OS_ID), start: heap.table[record + T_OS_START] };
}

/** Visits the slots that are in use. */
export function eachSlot(heap: Heap, visit: (slot: number, state: number) => void): void {
  const high = load(heap.table, THREADS_HIGH);
  for (let slot = 1; slot <= high; slot++) {
    const state = load(heap.table, threadRecord(slot) + T_STATE);
    if (state !== 0) visit(slot, state);
  }
}

/** Thread id of a slot, living or dead; undefined while it is free or reserved. */
export function threadIdOf(heap: Heap, slot: number): number | undefined {
  const state = load(heap.table, threadRecord(slot) + T_STATE);
  return state === 0 || state <= RESERVED ? undefined : Math.abs(state) - 1;
}

export function isDead(state: number): boolean {
  return state < 0 && state > RESERVED;
}

/** Marks a slot's thread dead, whatever the state. Says whether it is dead now and not yet reaped. */
export function markDead(heap: Heap, slot: number): boolean {
  const at = threadRecord(slot) + T_STATE;
  for (let state = load(heap.table, at); ; state = load(heap.table, at)) {
    if (state === 0 || isDead(state)) return state !== 0;
    if (cas(heap.table, at, state, state > 0 ? -state : STILLBORN) === state) return true;
  }
}

/** Marks all that belongs to a thread dead, and its children, which the system ends with it. Says whether there was anything. */
export function markThreadDead(heap: Heap, threadId: number): boolean {
  let any = false;
  eachSlot(heap, (slot, state) => {
    if (Math.abs(state) - 1 === threadId) any = markDead(heap, slot) || any;
    else if (!isDead(state) && parentOf(heap, slot, state) === threadId) {
      any = markDead(heap, slot) || any;
      if (state > 0) markThreadDead(heap, state - 1);
    }
  });
  return any;
}

function parentOf(heap: Heap, slot: number, state: number): number {
  return state <= RESERVED ? RESERVED - state : heap.table[threadRecord(slot) + T_PARENT] - 1;
}
