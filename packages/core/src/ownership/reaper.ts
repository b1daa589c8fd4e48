/**
 * Cleaning up after threads that died, at whatever instruction. Anyone may reap; a reaper may itself die and another goes on.
 *
 * Called by: ownership/witness.ts, whenever there is evidence of a death. Proof: docs/protocols.md, "Reaping".
 *
 * Invariants
 *   G1  All locks and indices that *any* dead thread holds are repaired before this thread takes any, and again whenever one that it
 *       wants turns out to be held by a thread that died meanwhile.
 *   G2  One reaper at a time (REAP_LOCK); a dead one is replaced. Every step is a transaction, or a plain store that may be repeated.
 *   G3  At the end every living thread is rung, unconditionally: the dead thread may have owned a wake-up, or changed a door and
 *       not rung.
 *   G4  The slot is freed last, and clean.
 */
import { eachEntry, withEntriesHeld } from './entries.js';
import type { Releaser } from './release.js';
import type { Channel } from '../flavors/channel.js';
import { flushMagazines, freeHeld, freeHeldOf, settleMagazines } from '../memory/allocator.js';
import { Batch } from '../memory/batch.js';
import type { Heap } from '../memory/heap.js';
import { acquire, commit, note, redo, release } from '../memory/journal.js';
import {
  AUX_ORPHAN,
  C_NEXT,
  E_CHANNEL,
  E_OWNER,
  HANDLES_LOCK,
  HEAD,
  HEAP_LOCK,
  INDEX_OWNER,
  LEASES,
  LEASE_WORDS,
  L_AUX,
  L_HI,
  L_LO,
  L_ORPHANS,
  L_TAG,
  OWNER_THREAD,
  REAP_LOCK,
  RECEIVER_SET,
  SENDER_SET,
  SET_WORDS,
  S_AUX,
  S_HI,
  S_LO,
  S_TAG,
  TAIL,
  THREAD_WORDS,
  T_HELD,
  T_JOURNAL_LENGTH,
  T_JOURNAL_LOCK,
  T_JOURNAL_UNLOCK,
  T_LEASES,
  T_STATE,
  threadRecord,
} from '../memory/layout.js';
import { FIRST_BODY_TAG } from '../codec/wire.js';
import { MemoryError } from '../errors.js';
import { and, cas, load, store } from '../platform/atomics.js';
import { eachSlot, isDead } from '../threads/registry.js';
import { ringEveryone } from '../waiting/door.js';
import { entryAt } from './entries.js';

export class Reaper {
  private reaping = false;

  constructor(
    private readonly heap: Heap,
    private readonly open: (at: number) => Channel,
    private readonly releaser: Releaser,
    /** Whether a slot's thread is dead; marks it so. */
    private readonly isGone: (slot: number) => boolean,
    private readonly nap: () => void,
  ) {}

  /** Cleans up after every thread that is marked dead. While it runs, calls of it only repair locks (G1). */
  reap(): void {
    if (this.reaping) return this.repairLocks();
    this.lockReaping();
    this.reaping = true;
    try {
      const postponed = new Set<number>();
      const wanted = () => this.deadSlots().filter((slot) => !postponed.has(slot));
      for (let dead = wanted(); dead.length > 0; dead = wanted()) {
        this.repairLocks();
        for (const slot of dead) if (!this.reapSlot(slot)) postponed.add(slot);
      }
    } finally {
      this.reaping = false;
      this.unlockReaping();
    }
  }

  /** Gives up all that this thread has, while it lives: its realm ends. Frees its slot. */
  leave(): void {
    const { heap } = this;
    this.lockReaping();
    this.reaping = true;
    try {
      if (!this.clean(heap.slot)) return; // others go on with it once the thread has ended
    } finally {
      this.reaping = false;
      this.unlockReaping();
    }
    ringEveryone(heap);
    this.freeSlot(heap.slot);
  }

  /** An earlier call of this very thread threw inside a section (its stack overflowed): let go of what it held. */
  repairOwn(): void {
    this.repairLocks((slot) => slot === this.heap.slot);
  }

  /** The word counts its owners above the owner's slot, so that a late takeover never takes it from somebody new. */
  private lockReaping(): void {
    const { table, slot } = this.heap;
    for (;;) {
      const word = load(table, REAP_LOCK);
      const owner = word & INDEX_OWNER;
      const next = ((word & ~INDEX_OWNER) + INDEX_OWNER + 1) | slot;
      if (owner === slot) return;
      if ((owner === 0 || this.isGone(owner)) && cas(table, REAP_LOCK, word, next) === word) return;
      if (owner !== 0) this.nap();
    }
  }

  private unlockReaping(): void {
    const { table } = this.heap;
    store(table, REAP_LOCK, load(table, REAP_LOCK) & ~INDEX_OWNER);
  }

  private deadSlots(): number[] {
    const dead: number[] = [];
    eachSlot(this.heap, (slot, state) => {
      if (isDead(state)) dead.push(slot);
    });
    return dead;
  }

  private isDeadSlot(slot: number): boolean {
    return slot !== 0 && isDead(load(this.heap.table, threadRecord(slot) + T_STATE));
  }

  // ── G1 ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Finishes or undoes what dead threads were doing under a lock: the global ones, then the indices of every channel. A dead thread's
   * own entries would not lead to all of them: the only handle of a channel may be inside the message that its death interrupted.
   */
  private repairLocks(isBroken = (slot: number) => this.isDeadSlot(slot)): void {
    const { heap } = this;
    heap.refresh();
    for (const lock of [HEAP_LOCK, HANDLES_LOCK]) {
      const owner = load(heap.table, lock);
      if (owner !== 0 && isBroken(owner)) this.repair(owner, heap.table, lock, lock, 0);
    }
    withEntriesHeld(heap, () => {
      heap.refresh();
      eachEntry(heap, (_, at) => {
        const channel = heap.words[at + E_CHANNEL];
        for (const lock of [channel + TAIL, channel + HEAD]) {
          const word = load(heap.words, lock);
          const holder = word & INDEX_OWNER;
          if (holder !== 0 && isBroken(holder)) this.repair(holder, heap.words, lock, lock, word & ~INDEX_OWNER);
        }
      });
    });
  }

  private repair(owner: number, words: Int32Array, lock: number, absoluteLock: number, undone: number): void {
    const { heap } = this;
    const record = threadRecord(owner);
    const committed = load(heap.table, record + T_JOURNAL_LENGTH) > 0 && heap.table[record + T_JOURNAL_LOCK] === absoluteLock;
    if (committed) redo(heap, record);
    store(words, lock, committed ? heap.table[record + T_JOURNAL_UNLOCK] : undone);
  }

  // ── one dead thread ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** False: not yet, the thread stays marked dead and whoever looks at it next tries again. */
  private reapSlot(slot: number): boolean {
    if (!this.clean(slot)) return false;
    ringEveryone(this.heap); // G3
    this.freeSlot(slot);
    return true;
  }

  /** Takes from a thread all it has. False if there is no memory to send its leases on. */
  private clean(slot: number): boolean {
    const { heap } = this;
    const record = threadRecord(slot);
    settleMagazines(heap, record);
    for (let chunk = heap.table[record + T_HELD]; chunk !== 0; chunk = heap.table[record + T_HELD]) {
      this.releaser.releaseHandlesOf(chunk);
      freeHeldOf(heap, record);
    }
    flushMagazines(heap, record); // before the leases: sending one on may take memory
    this.clearOffers(slot);
    if (!this.orphanLeases(slot)) return false;
    this.clearBits(slot);
    this.releaser.releaseAllOf(slot);
    flushMagazines(heap, record); // a thread that leaves has filled its own again
    return true;
  }

  /**
   * What the thread left in rendezvous channels. Those offers that hold the context of their operation go in a second round: as long
   * as another offer is in a list, whoever looks at that reads its context (flavors/zero.ts, Z5).
   */
  private clearOffers(slot: number): void {
    const { heap } = this;
    const channels = this.channelsOf(slot);
    for (const channel of channels) channel.unclaim(slot);
    const batch = new Batch();
    for (const isFirst of [false, true]) {
      for (const channel of channels) {
        for (let offer = channel.offerOf(slot, isFirst); offer !== 0; offer = channel.offerOf(slot, isFirst)) {
          channel.removeOffer(offer, batch);
          freeHeld(heap);
          if (batch.hasBody(0)) this.releaser.discardHeld();
        }
      }
    }
  }

  /** The channels of which a thread has handles. */
  private channelsOf(slot: number): Channel[] {
    const { heap } = this;
    const places = new Set<number>();
    eachEntry(heap, (_, at) => {
      if (heap.words[at + E_OWNER] === (OWNER_THREAD | slot)) places.add(heap.words[at + E_CHANNEL]);
    });
    return [...places].map((at) => this.open(at));
  }

  private clearBits(slot: number): void {
    for (const { words } of this.channelsOf(slot)) {
      for (const set of [RECEIVER_SET, SENDER_SET]) and(words, set + ((slot >>> 5) & (SET_WORDS - 1)), ~(1 << (slot & 31)));
    }
  }

  /** G4. The state goes last: until then nobody else claims the slot. */
  private freeSlot(slot: number): void {
    const { table } = this.heap;
    const record = threadRecord(slot);
    table.fill(0, record + T_STATE + 1, record + THREAD_WORDS);
    store(table, record + T_STATE, 0);
  }

  // ── leases ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Messages that the thread had taken and not answered go to whoever answers for it; if nobody does, they are discarded. False if
   * there is no memory to send one on.
   */
  private orphanLeases(slot: number): boolean {
    const first = threadRecord(slot) + T_LEASES;
    try {
      for (let lease = first; lease < first + LEASES * LEASE_WORDS; lease += LEASE_WORDS) {
        if (this.heap.table[lease + L_TAG] !== 0 && !this.sendOn(lease)) this.discardLease(lease);
      }
      return true;
    } catch (error) {
      if (!(error instanceof MemoryError)) throw error;
      return false;
    }
  }

  private sendOn(lease: number): boolean {
    const { heap } = this;
    const { table } = heap;
    const orphans = table[lease + L_ORPHANS];
    if (orphans === 0) return false;
    const batch = new Batch();
    batch.words[S_TAG] = table[lease + L_TAG];
    batch.words[S_AUX] = table[lease + L_AUX] | AUX_ORPHAN;
    batch.words[S_LO] = table[lease + L_LO];
    batch.words[S_HI] = table[lease + L_HI];
    const channel = this.open(heap.words[entryAt(heap, orphans - 1) + E_CHANNEL]);
    return channel.send(batch, 0, 1, lease) === 1;
  }

  private discardLease(lease: number): void {
    const { heap } = this;
    const { table, record } = heap;
    const chunk = table[lease + L_TAG] >= FIRST_BODY_TAG ? table[lease + L_LO] : 0;
    acquire(heap, HEAP_LOCK);
    note(heap, lease + L_TAG, 0);
    if (chunk !== 0) {
      heap.cover(chunk + C_NEXT + 1);
      note(heap, chunk + C_NEXT, table[record + T_HELD]);
      note(heap, record + T_HELD, chunk);
    }
    commit(heap, HEAP_LOCK);
    release(heap, HEAP_LOCK);
    if (chunk === 0) return;
    this.releaser.releaseHandlesOf(chunk);
    freeHeld(heap);
  }
}
