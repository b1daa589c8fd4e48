/**
 * Timer flavors: channels without senders whose messages are made by whoever receives them. No timer thread, no cost while unread.
 *
 * Called through flavors/channel.ts; created by @beamline/select (after, at, tick, never). Mirrors crossbeam-channel's flavors
 * `at`, `tick` and `never`.
 *
 * `at`: one message at an instant, once among all clones. `tick`, policy delay: a message per period; a late reader gets one late
 * tick, and the next is a full period after that receive.
 *
 * Words: TIMER_DUE, the next instant due (float64, Infinity once `at` fired), TIMER_PERIOD (0 for `at`). Both are guarded by HEAD;
 * HEAD's position counts the messages taken.
 *
 * Invariants
 *   TI1  A message is taken by moving TIMER_DUE in the same transaction that moves HEAD; nothing is reserved before it is due, so an
 *        abandoned or killed receive takes none.
 *   TI2  TIMER_DUE never moves back.
 */
import { DISCONNECTED, NOT_READY, type Readiness } from './channel.js';
import { IndexedChannel } from './indexed.js';
import { TAG_NUMBER } from '../codec/wire.js';
import type { Batch } from '../memory/batch.js';
import {
  FLAGS,
  FLAG_RECEIVERS,
  FLAG_SENDERS,
  HEAD,
  INDEX_MARK,
  INDEX_OWNER,
  INDEX_SHIFT,
  S_AUX,
  S_LO,
  S_TAG,
  TAIL,
  TIMER_DUE,
  TIMER_PERIOD,
  T_JOURNAL,
  T_JOURNAL_LENGTH,
  T_JOURNAL_LOCK,
  T_JOURNAL_UNLOCK,
} from '../memory/layout.js';
import { cas, load, store } from '../platform/atomics.js';
import { now } from '../platform/clock.js';

/** For taking a float64 apart into the two words that a journal can hold. */
const scratch = new Float64Array(1);
const scratchWords = new Int32Array(scratch.buffer);

export class TimerChannel extends IndexedChannel {
  override readonly kind = this.period === 0 ? 'at' : 'tick';

  get period(): number {
    return this.float(TIMER_PERIOD);
  }

  /** The two words of the instant are stored one after the other, so a reading counts only between two equal free HEADs. */
  override get dueAt(): number {
    for (let attempt = 0; ; attempt++) {
      const head = load(this.words, HEAD);
      const due = this.float(TIMER_DUE);
      if ((head & INDEX_OWNER) !== 0) this.heap.contended(head & INDEX_OWNER, attempt);
      else if (load(this.words, HEAD) === head) return due;
    }
  }

  override get isDisconnected(): boolean {
    return false;
  }

  override get length(): number {
    return now() >= this.dueAt ? 1 : 0;
  }

  /** Messages are made when they are received. */
  override get sent(): number {
    return this.received;
  }

  send(): number {
    return DISCONNECTED;
  }

  /** Takes at most one message: that is how many can be due. */
  recv(batch: Batch): number {
    const { words, modulus, heap, at } = this;
    const { table, record, slot, words: heapWords } = heap;
    const period = this.period;
    for (let attempt = 0; ; ) {
      if ((load(words, TAIL) & INDEX_MARK) !== 0) return DISCONNECTED; // the last handle is being dropped
      const due = this.dueAt;
      const instant = now();
      if (instant < due) return NOT_READY;
      const head = load(words, HEAD);
      if ((head & INDEX_OWNER) !== 0) {
        heap.contended(head & INDEX_OWNER, attempt++);
        continue;
      }
      scratch[0] = period === 0 ? Infinity : instant + period;
      const [low, high] = scratchWords;
      table[record + T_JOURNAL_LENGTH] = 0; // J1
      if (cas(words, HEAD, head, head | slot) !== head) continue;
      // ── HEAD is ours: no calls from here to the publish ──
      if (heap.floats[(at + TIMER_DUE) >> 1] !== due) {
        store(words, HEAD, head); // another receiver took it between our look and our CAS
        if (load(words, FLAGS) !== 0) this.signal();
        continue;
      }
      let next = (head >>> INDEX_SHIFT) + 1;
      if (next === modulus) next = 0;
      const j = record + T_JOURNAL;
      table[j] = at + TIMER_DUE;
      table[j + 1] = low as number;
      table[j + 2] = at + TIMER_DUE + 1;
      table[j + 3] = high as number;
      table[record + T_JOURNAL_LOCK] = at + HEAD;
      table[record + T_JOURNAL_UNLOCK] = next << INDEX_SHIFT;
      store(table, record + T_JOURNAL_LENGTH, 2);
      heapWords[at + TIMER_DUE] = low as number;
      heapWords[at + TIMER_DUE + 1] = high as number;
      store(words, HEAD, next << INDEX_SHIFT);
      // ── published ──
      batch.words[S_TAG] = TAG_NUMBER;
      batch.words[S_AUX] = 0;
      batch.floats[S_LO >> 1] = due;
      if (load(words, FLAGS) !== 0) this.signal();
      return 1;
    }
  }

  readiness(): Readiness {
    if ((load(this.words, TAIL) & INDEX_MARK) !== 0) return FLAG_RECEIVERS | FLAG_SENDERS;
    return now() >= this.dueAt ? FLAG_RECEIVERS : 0;
  }

  noteChunks(next: number): number {
    return next;
  }

  private float(word: number): number {
    return this.heap.floats[(this.at + word) >> 1] as number;
  }
}

/** The channel that never has a message: a disabled case of a select. */
export class NeverChannel extends IndexedChannel {
  readonly kind = 'never';

  override get isDisconnected(): boolean {
    return false;
  }

  override get length(): number {
    return 0;
  }

  override get isFull(): boolean {
    return true;
  }

  send(): number {
    return DISCONNECTED;
  }

  recv(): number {
    return (load(this.words, TAIL) & INDEX_MARK) !== 0 ? DISCONNECTED : NOT_READY;
  }

  readiness(): Readiness {
    return 0;
  }

  noteChunks(next: number): number {
    return next;
  }
}
