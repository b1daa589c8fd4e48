/**
 * Doors and mail: how one thread wakes another.
 *
 * Called by: waiting/signal.ts (a waker), waiting/parking.ts (the sleeper), ownership/reaper.ts (wakes everybody).
 *
 * Each thread sleeps on one word of its own, its *door*; nobody else sleeps there. A waker leaves mail (which channels have news),
 * then rings: it exchanges the door for RUNG and notifies if somebody was asleep behind it.
 *
 *   RUNNING ──ring──▶ RUNG            the thread looks at its mail before it parks (its CAS RUNNING → PARKED fails)
 *   PARKED_* ──ring──▶ RUNG + notify   the thread wakes
 *   RUNNING ──park──▶ PARKED_SYNC | PARKED_ASYNC
 *
 * Invariants
 *   D1  Mail is written before the door is rung, and read after the door was set to RUNNING: no news is overlooked.
 *   D2  Mail is a bit set, so writing it twice is once and nothing can overflow or be half-written.
 */
import type { Heap } from '../memory/heap.js';
import { MAIL_GROUP, MAIL_WORDS, THREADS_HIGH, T_DOOR, T_MAIL, T_MAIL_SUMMARY, T_STATE, threadRecord } from '../memory/layout.js';
import { exchange, load, notifyAll, or } from '../platform/atomics.js';

export const RUNNING = 0;
export const RUNG = 1;
export const PARKED_SYNC = 2;
export const PARKED_ASYNC = 3;

/** Mails a thread that a channel has news, and rings. Says what it was doing. */
export function ring(heap: Heap, slot: number, channelId: number): number {
  const { table } = heap;
  const record = threadRecord(slot);
  const word = (channelId >>> 5) & (MAIL_WORDS - 1);
  or(table, record + T_MAIL + word, 1 << (channelId & 31));
  or(table, record + T_MAIL_SUMMARY, 1 << (word / MAIL_GROUP));
  return ringDoor(table, record);
}

/** Tells every living thread that anything may have changed. Unconditionally: a dead waker may have changed a door and not rung. */
export function ringEveryone(heap: Heap): void {
  const { table } = heap;
  const high = load(table, THREADS_HIGH);
  for (let slot = 1; slot <= high; slot++) {
    const record = threadRecord(slot);
    if (load(table, record + T_STATE) <= 0) continue;
    or(table, record + T_MAIL_SUMMARY, -1);
    exchange(table, record + T_DOOR, RUNG);
    notifyAll(table, record + T_DOOR);
  }
}

function ringDoor(table: Int32Array, record: number): number {
  const was = exchange(table, record + T_DOOR, RUNG);
  if (was >= PARKED_SYNC) notifyAll(table, record + T_DOOR);
  return was;
}
