/**
 * Who has died? The evidence, and what to do about an owner that does not let go.
 *
 * Called by: waiting/parking.ts (at slices), every lock and index that is found owned (Heap.contended), runtime.ts (exit events).
 *
 * Witnesses, any of which suffices: the exit event of a worker that this thread started (after the join); the thread's own exit; on
 * Linux its entry in /proc; for a thread started by `spawn` the closed port; a dead parent takes its children along.
 *
 * Invariant
 *   N1  A thread is marked dead only when it can store nothing more: exit events and /proc entries come after the join.
 */
import { Reaper } from './reaper.js';
import type { Releaser } from './release.js';
import type { Channel } from '../flavors/channel.js';
import type { Heap } from '../memory/heap.js';
import { LAST_PROBE, T_NAP, T_STATE, threadRecord } from '../memory/layout.js';
import { cas, load, spin, wait } from '../platform/atomics.js';
import { now } from '../platform/clock.js';
import { isOsThreadGone, isPeerGone, type MessagePort, type OsThread } from '../platform/threads.js';
import { eachSlot, isDead, markThreadDead, osThreadOf, threadIdOf } from '../threads/registry.js';

/** Spins before an owner is looked at more closely: about three microseconds. */
const SPINS = 32;
/** Naps between two such looks. */
const LOOK_EVERY = 8;
const NAP_MS = 0.05;
/** Least time between two looks around. */
const PROBE_MS = 90;
/** Threads looked at per probe: a slice of an idle thread costs a few microseconds, however many threads there are. */
const PROBES = 4;
/** One in so many looks also compares start times, in case the thread's id was given to another. */
const CLOSE_LOOK = 16;

export class Witness {
  readonly reaper: Reaper;
  private readonly ports = new Map<number, MessagePort>();
  private lastProbe = 0;
  private turn = 0;
  private looks = 0;

  constructor(
    private readonly heap: Heap,
    open: (at: number) => Channel,
    releaser: Releaser,
  ) {
    this.reaper = new Reaper(
      heap,
      open,
      releaser,
      (slot) => this.isGone(slot),
      () => this.nap(),
    );
    heap.contended = (owner, attempt) => this.contended(owner, attempt);
  }

  /** A worker has ended. */
  onExit(threadId: number): void {
    this.ports.delete(threadId);
    if (markThreadDead(this.heap, threadId)) this.reaper.reap();
  }

  /** A port whose other end a spawned thread keeps. */
  watchPort(threadId: number, port: MessagePort): void {
    this.ports.set(threadId, port);
  }

  /** Looks at a few of the other threads, and reaps if one is gone. */
  probe(): void {
    if (!this.isMyTurn()) return;
    const slots: number[] = [];
    eachSlot(this.heap, (slot) => slots.push(slot));
    let any = false;
    for (let i = 0; i < Math.min(PROBES, slots.length); i++) {
      const slot = slots[this.turn++ % slots.length];
      if (slot !== this.heap.slot && this.isGone(slot)) any = true;
    }
    if (any) this.reaper.reap();
  }

  /** One look serves all threads, except where only a port tells, and only its owner can ask it. */
  private isMyTurn(): boolean {
    const { table, slot } = this.heap;
    const instant = now() | 0;
    const last = osThreadOf(this.heap, slot).id === 0 ? this.lastProbe : load(table, LAST_PROBE);
    if ((instant - last) >>> 0 < PROBE_MS) return false; // unsigned: an instant that lies ahead, or none yet, counts as long ago
    this.lastProbe = instant;
    return cas(table, LAST_PROBE, load(table, LAST_PROBE), instant) !== instant;
  }

  /** Whether a slot's thread is dead. If there is new evidence of it, marks it and all that dies with it. */
  isGone(slot: number): boolean {
    const state = load(this.heap.table, threadRecord(slot) + T_STATE);
    if (isDead(state)) return true;
    const threadId = threadIdOf(this.heap, slot);
    if (threadId === undefined) return false;
    if (!this.isThreadGone(threadId, osThreadOf(this.heap, slot))) return false;
    return markThreadDead(this.heap, threadId);
  }

  /** Asking a port leaves a message in it, so that is done only where the system does not tell. */
  private isThreadGone(threadId: number, thread: OsThread): boolean {
    if (thread.id !== 0) return isOsThreadGone(thread, ++this.looks % CLOSE_LOOK === 0);
    const port = this.ports.get(threadId);
    return port !== undefined && isPeerGone(port);
  }

  /** A lock or an index is owned: wait a little, and see to it that a dead owner does not keep it. */
  private contended(owner: number, attempt: number): void {
    if (owner === this.heap.slot) this.reaper.repairOwn();
    else if (attempt < SPINS) spin(1 << Math.min(attempt, 8));
    else if ((attempt - SPINS) % LOOK_EVERY === 0 && this.isGone(owner)) this.reaper.reap();
    else this.nap();
  }

  private nap(): void {
    wait(this.heap.table, this.heap.record + T_NAP, 0, NAP_MS);
  }
}
