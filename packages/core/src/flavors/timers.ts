/**
 * Timer flavors: channels without senders whose messages are made by whoever receives them. No timer thread, no cost while unread.
 *
 * Called through flavors/channel.ts; created by @beamline/select (after, at, tick, never). Mirrors crossbeam-channel's flavors
 * `at`, `tick` and `never`. Proof: docs/protocols.md, "Timers".
 *
 * `at`: one message at an instant, once among all clones. `tick`: a message per period; its policy says what a late receive does to
 * the ticks after it. Of the ticks that are owed, one is in the channel at a time (length 1, full, capacity 1, as in crossbeam): the
 * receive that takes it decides which is next.
 *
 *   delay  the next is a full period after that receive
 *   skip   the next is the first of the grid that is still to come: what was missed is left out
 *   burst  the next is the next of the grid, and may be owed, too: nothing is left out
 *
 * The grid is start + n * period, one rounding each, so it is as exact after a year as after a minute; due + period would round every
 * time, and add that up.
 *
 * Words: TIMER_DUE, the next instant due (float64, Infinity once `at` fired), owned with HEAD, whose position counts the messages
 * taken; TIMER_PERIOD, TIMER_START (float64s) and TIMER_POLICY, written once. Nobody signals when a timer falls due: every waiting
 * thread has a timer of its own on `dueAt`, and whoever loses that race plans anew.
 *
 * Invariants: C1–C3 (channel.ts), P3 (indexed.ts), and
 *   TI1  A message is taken by moving TIMER_DUE in the transaction that moves HEAD; nothing is reserved before it is due, so an
 *        abandoned or killed receive takes none.
 *   TI2  TIMER_DUE changes only together with HEAD's position, and never moves back. So what was read of it between two equal free
 *        HEADs, or before a CAS on HEAD that succeeds, was whole and is still true.
 *   TI3  Timers never disconnect: closing does nothing, and the mark is set only when the last handle is gone, so that discarding
 *        the messages of a channel that always has one ends.
 *
 * Ordering: both halves of TIMER_DUE are loaded and stored atomically. A reader does not own HEAD, and plain loads could be moved
 * behind the second look at HEAD that vouches for them (TI2).
 */
import { DISCONNECTED, NO_LEASE, NOT_READY, type Readiness } from './channel.js';
import { IndexedChannel } from './indexed.js';
import { TAG_NUMBER } from '../codec/wire.js';
import type { Batch } from '../memory/batch.js';
import {
  CH_KIND,
  FLAGS,
  FLAG_RECEIVERS,
  FLAG_SENDERS,
  HEAD,
  HEAD_HI,
  INDEX_MARK,
  INDEX_OWNER,
  INDEX_SHIFT,
  KIND_AT,
  L_AUX,
  L_HI,
  L_LO,
  L_TAG,
  POLICY_BURST,
  POLICY_DELAY,
  S_AUX,
  S_HI,
  S_LO,
  S_TAG,
  TAIL,
  TIMER_DUE,
  TIMER_PERIOD,
  TIMER_POLICY,
  TIMER_START,
  T_JOURNAL,
  T_JOURNAL_LENGTH,
  T_JOURNAL_LOCK,
  T_JOURNAL_UNLOCK,
} from '../memory/layout.js';
import { cas, load, store } from '../platform/atomics.js';
import { now } from '../platform/clock.js';

/** A float64 and the two words that atomics and journals can hold. Filled and read without a call in between. */
const instantOf = new Float64Array(1);
const halves = new Int32Array(instantOf.buffer);

/** What the two timers and `never` have in common: no senders, no end. */
abstract class SenderlessChannel extends IndexedChannel {
  /** TI3. */
  override get isDisconnected(): boolean {
    return false;
  }

  override glance(): { sent: number; received: number; length: number; closed: boolean } {
    const { received } = super.glance();
    return { sent: received, received, length: 0, closed: false };
  }

  /** Messages are made when they are received. */
  override get sent(): number {
    return this.received;
  }

  /** TI3. */
  override close(): boolean {
    return false;
  }

  get seemsFull(): boolean {
    return false;
  }

  send(): number {
    return DISCONNECTED;
  }

  noteChunks(next: number): number {
    return next;
  }

  /** Whether the last handle is gone. */
  protected get isMarked(): boolean {
    return (load(this.words, TAIL) & INDEX_MARK) !== 0;
  }
}

export class TimerChannel extends SenderlessChannel {
  readonly kind = this.words[CH_KIND] === KIND_AT ? 'at' : 'tick';
  private readonly period = this.heap.floats[(this.at + TIMER_PERIOD) >> 1];
  private readonly start = this.heap.floats[(this.at + TIMER_START) >> 1];
  private readonly policy = this.words[TIMER_POLICY];

  override get dueAt(): number {
    const { words, heap } = this;
    for (let attempt = 0; ;) {
      const head = load(words, HEAD);
      if ((head & INDEX_OWNER) !== 0) {
        heap.contended(head & INDEX_OWNER, attempt++);
        continue;
      }
      const low = load(words, TIMER_DUE);
      const high = load(words, TIMER_DUE + 1);
      if (load(words, HEAD) === head) return join(low, high); // TI2
    }
  }

  override get length(): number {
    return now() >= this.dueAt ? 1 : 0;
  }

  override glance(): { sent: number; received: number; length: number; closed: boolean } {
    const due = join(load(this.words, TIMER_DUE), load(this.words, TIMER_DUE + 1));
    return { ...super.glance(), length: now() >= due ? 1 : 0 };
  }

  /** Takes at most one message: that is how many there are at a time. */
  recv(batch: Batch, _max: number, lease = NO_LEASE): number {
    const { words, modulus, heap, at } = this;
    const { table, record, slot } = heap;
    for (let attempt = 0; ;) {
      if (this.isMarked) return DISCONNECTED;
      const head = load(words, HEAD);
      if ((head & INDEX_OWNER) !== 0) {
        heap.contended(head & INDEX_OWNER, attempt++);
        continue;
      }
      const dueLow = load(words, TIMER_DUE);
      const dueHigh = load(words, TIMER_DUE + 1);
      const instant = now();
      if (instant < join(dueLow, dueHigh)) {
        if (load(words, HEAD) === head) return NOT_READY; // TI2
        continue;
      }
      instantOf[0] = this.dueAfter(load(words, HEAD_HI) * modulus + (head >>> INDEX_SHIFT), instant);
      const nextLow = halves[0];
      const nextHigh = halves[1];
      table[record + T_JOURNAL_LENGTH] = 0; // J1
      const heapWords = heap.words;
      if (cas(words, HEAD, head, head | slot) !== head) continue;
      // ── HEAD is ours, and what we read is still true (TI2): no calls from here to the publish ──
      let next = (head >>> INDEX_SHIFT) + 1;
      let j = record + T_JOURNAL;
      table[j++] = at + TIMER_DUE;
      table[j++] = nextLow;
      table[j++] = at + TIMER_DUE + 1;
      table[j++] = nextHigh;
      if (next === modulus) {
        next = 0;
        table[j++] = at + HEAD_HI;
        table[j++] = words[HEAD_HI] + 1;
      }
      if (lease !== NO_LEASE) {
        table[j++] = lease + L_LO;
        table[j++] = dueLow;
        table[j++] = lease + L_HI;
        table[j++] = dueHigh;
        table[j++] = lease + L_TAG;
        table[j++] = TAG_NUMBER;
        table[j++] = lease + L_AUX;
        table[j++] = 0;
      }
      table[record + T_JOURNAL_LOCK] = at + HEAD;
      table[record + T_JOURNAL_UNLOCK] = next << INDEX_SHIFT;
      store(table, record + T_JOURNAL_LENGTH, (j - record - T_JOURNAL) >> 1);
      for (let e = record + T_JOURNAL; e < j; e += 2) store(heapWords, table[e], table[e + 1]);
      store(words, HEAD, next << INDEX_SHIFT);
      // ── published ──
      batch.words[S_TAG] = TAG_NUMBER;
      batch.words[S_AUX] = 0;
      batch.words[S_LO] = dueLow;
      batch.words[S_HI] = dueHigh;
      if (load(words, FLAGS) !== 0) this.signal();
      return 1;
    }
  }

  readiness(): Readiness {
    if (this.isMarked) return FLAG_RECEIVERS | FLAG_SENDERS;
    return now() >= this.dueAt ? FLAG_RECEIVERS : 0;
  }

  /** When the next message is due if one is taken at `instant`, before which `taken` were. Not before the one that is taken (TI2). */
  private dueAfter(taken: number, instant: number): number {
    const { start, period, policy } = this;
    if (this.kind === 'at') return Infinity;
    if (policy === POLICY_DELAY) return instant + period;
    if (policy === POLICY_BURST) return start + (taken + 2) * period; // the first was tick 1
    const last = Math.floor((instant - start) / period);
    for (let after = 0; after <= 2 && Number.isSafeInteger(last); after++) {
      const due = start + (last + after) * period;
      if (due > instant) return due; // not always tick `last + 1`: the quotient was rounded
    }
    return instant; // the grid is finer than the clock
  }
}

/** The channel that never has a message: a disabled case of a select. */
export class NeverChannel extends SenderlessChannel {
  readonly kind = 'never';

  override get length(): number {
    return 0;
  }

  /** As of a rendezvous channel without a partner: capacity 0, so both empty and full. */
  override get isFull(): boolean {
    return true;
  }

  recv(): number {
    return this.isMarked ? DISCONNECTED : NOT_READY;
  }

  readiness(): Readiness {
    return 0;
  }
}

function join(low: number, high: number): number {
  halves[0] = low;
  halves[1] = high;
  return instantOf[0];
}
