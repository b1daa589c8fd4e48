/**
 * Plain accesses that nothing orders: two threads touch a word, one of them writes it, one of them without an atomic operation, and no
 * chain of atomic operations leads from one to the other. The scheduler switches at atomic operations only, so what such accesses
 * could do is not explored: they are findings by themselves.
 *
 * Called by: run.ts, on every run. Happens-before by vector clocks: an atomic write passes on what its thread knew, an atomic
 * access of the same word afterwards takes it over.
 *
 * Some words are looked at without order on purpose: hints, and words whose reader can live with either value. They are listed.
 */
import { Access, threadOf, type Control } from './control.js';
import { letter, type Names } from './names.js';
import type { Point } from './outcome.js';

/**
 * Of a channel: hints, which may be stale and are refreshed before that matters; the wrap words, written next to an owned index and
 * read hi, low, hi (flavors/indexed.ts, P3); whether there is any offer, before a lock is taken for it (flavors/zero.ts); reserved
 * places, of which who gives one back tells afterwards; and whether there are receivers, at which who has given one up looks while
 * others do so too, or subscribe to a broadcast: who counted the last one out looks after that, and discards in any case; discarding from
 * a broadcast looks again under TAIL (ownership/release.ts).
 */
const OF_CHANNELS = [
  'HEAD_SEEN',
  'TAIL_SEEN',
  'TAIL_HI',
  'HEAD_HI',
  'OFFERS_TO_SEND',
  'OFFERS_TO_RECEIVE',
  'RESERVED',
  'RECEIVERS',
];
/**
 * Of a thread: who it is for the system, and its parent. Read of a slot that was freed meanwhile, or claimed just now, they are zero or
 * somebody else's who lives: evidence of a death that is missed, and found by the next look.
 */
const OF_THREADS = ['T_OS_ID', 'T_OS_START', 'T_PARENT'];
/** Of the header: read before a lock is taken, to see whether it is worth it. */
const OF_HEADER = ['DEPOT_HEADS', 'HANDLES_PAGES'];
/** It only grows, and whoever looks at it must see only what chunks need that others have handed over under a lock since. */
const END = 'ARENA_END';
/**
 * Of a handle's entry: the reaper looks through all of them for a dead thread's, which nobody else changes; and whoever opens a token
 * looks at what it says before the CAS that fails if anything has changed (handles/token.ts).
 */
const OF_ENTRIES = ['E_OWNER', 'E_NONCE', 'E_GENERATION'];

/** One problem for each pair of kinds of accesses. */
export function findRaces(control: Control, threads: number, names: Names, points: readonly Point[]): string[] {
  const { accesses } = control;
  const clocks = Array.from({ length: threads }, (_, thread) => {
    const clock = new Int32Array(threads);
    clock[thread] = 1;
    return clock;
  });
  const words = new Map<number, Marks>();
  const problems = new Set<string>();
  for (const { choice, from, to } of points) {
    const thread = threadOf(choice);
    const clock = clocks[thread];
    for (let at = from; at < to; at++) {
      const kind = (accesses[3 * at] >>> 28) as Access;
      if (kind === Access.Queue) continue;
      const word = accesses[3 * at] & 0x0fffffff;
      let marks = words.get(word);
      if (marks === undefined) words.set(word, (marks = new Marks(threads)));
      const isPlain = kind === Access.PlainRead || kind === Access.PlainWrite;
      const other = marks.conflict(thread, clock, isPlain, kind === Access.Write || kind === Access.PlainWrite);
      if (other !== undefined && !isListed(names, word)) {
        problems.add(`${letter(other)} and ${letter(thread)} race on ${names.of(word)}`);
      }
      if (isPlain) marks.notePlain(thread, clock[thread], kind === Access.PlainWrite);
      else marks.noteAtomic(thread, clock, kind === Access.Write);
    }
  }
  return [...problems];
}

class Marks {
  /** When each thread last accessed the word so, on its own clock. */
  private readonly plainReads: Int32Array;
  private readonly plainWrites: Int32Array;
  private readonly atomicReads: Int32Array;
  private readonly atomicWrites: Int32Array;
  private released: Int32Array | undefined;

  constructor(threads: number) {
    this.plainReads = new Int32Array(threads);
    this.plainWrites = new Int32Array(threads);
    this.atomicReads = new Int32Array(threads);
    this.atomicWrites = new Int32Array(threads);
  }

  /** Another thread whose access nothing orders with this one. An atomic access takes over what was released before it is judged. */
  conflict(thread: number, clock: Int32Array, isPlain: boolean, writes: boolean): number | undefined {
    if (!isPlain && this.released !== undefined) {
      for (let i = 0; i < clock.length; i++) if (this.released[i] > clock[i]) clock[i] = this.released[i];
    }
    for (let other = 0; other < clock.length; other++) {
      if (other === thread) continue;
      const known = clock[other];
      if (this.plainWrites[other] > known) return other;
      if (writes && this.plainReads[other] > known) return other;
      if (isPlain && this.atomicWrites[other] > known) return other;
      if (isPlain && writes && this.atomicReads[other] > known) return other;
    }
    return undefined;
  }

  notePlain(thread: number, now: number, writes: boolean): void {
    (writes ? this.plainWrites : this.plainReads)[thread] = now;
  }

  noteAtomic(thread: number, clock: Int32Array, writes: boolean): void {
    (writes ? this.atomicWrites : this.atomicReads)[thread] = clock[thread];
    if (!writes) return;
    this.released = clock.slice();
    clock[thread]++;
  }
}

function isListed(names: Names, word: number): boolean {
  const L = names.layout.constants;
  if (word < L.THREADS) return word === L[END] || OF_HEADER.some((name) => word >= L[name] && word < L[name] + L.MAGAZINE_ORDERS);
  if (word < L.ARENA) return OF_THREADS.some((name) => (word - L.THREADS) % L.THREAD_WORDS === L[name]);
  if (names.channels.some(({ at }) => OF_CHANNELS.some((name) => word === at + L[name]))) return true;
  const entry = names.entryWord(word);
  return entry !== undefined && OF_ENTRIES.some((name) => entry === L[name]);
}
