/**
 * Control memory: what the scheduler and the modelled threads know of each other. It is not the heap under test.
 *
 * Used by: stepper.ts (modelled threads, each a real worker), run.ts (the process that drives them).
 *
 * Invariant
 *   B1  Exactly one party runs at any time, the one that was handed the baton last: so everything here but the batons themselves is
 *       read and written without atomics.
 */

export const MOST_THREADS = 8;
/** Points (scheduling decisions) and accesses that one run may have; beyond, it counts as endless. */
export const MOST_POINTS = 20_000;
export const MOST_ACCESSES = 400_000;
const LOG_WORDS = 4096;

/** What a thread can do when it is scheduled; bits of an options mask, and in a choice the one that was taken. */
export const STEP = 1;
export const DIE = 2;
export const TIME_OUT = 4;
export const WAKE_SPURIOUSLY = 8;
/** Tasks of its event loop: what `nextTurn`, a timer, and a resolved `waitAsync` call. */
export const TASK_TURN = 16;
export const TASK_TIMER = 32;
export const TASK_RING = 64;
/** Options with which a run makes progress. */
export const PROGRESS = STEP | TIME_OUT | TASK_TURN | TASK_TIMER | TASK_RING;

export enum State {
  /** Has not begun its body. */
  New,
  /** About to do its next operation. */
  Ready,
  /** Asleep on a word. */
  Blocked,
  /** Waits for another thread to change something: a lock is taken. */
  Awaiting,
  /** Watches for deaths, and for nothing else. */
  Watching,
  /** Back in its event loop. */
  Loop,
  /** Its body has ended; it still owns what it owns. */
  Finished,
  /** Has left the heap. */
  Gone,
  Dead,
}

export enum Phase {
  /** Operations are carried out at once and not recorded: setup. */
  Free,
  /** Every step is scheduled and recorded. */
  Run,
  /** Steps are scheduled without choice and not recorded, here and below: the closer reaps. */
  Reap,
  /** Everybody leaves. */
  Teardown,
}

export enum Mode {
  /** Follow the prefix, then let each thread go on as long as it can. */
  Systematic,
  Random,
}

// ── shared integers ─────────────────────────────────────────────────────────────────────────────────────────────────────────
const G = {
  phase: 0,
  mode: 1,
  threads: 2,
  points: 3,
  accesses: 4,
  prefix: 5,
  kills: 6,
  spurious: 7,
  time: 8,
  running: 9,
  random: 10,
  /** Chance in 256 that a random run switches at a point. */
  restless: 11,
  /** Awaiting threads that were let go on although nothing had changed, in a row. */
  idle: 12,
  fault: 13,
  /** The last thread, which the driving process plays: it sets up, gets the baton when nobody can go on, reaps and closes. */
  closer: 14,
  killable: 15,
  /** Threads that were killed so far. */
  deaths: 16,
  /** The scenario has timers: what the time is counts as a word that threads read, and waits are as exact as it. */
  timed: 17,
} as const;
const GLOBALS = 64;

const T = {
  baton: 0,
  state: 16,
  choice: 17,
  /** The word it sleeps on, plus one. */
  sleepsOn: 18,
  finite: 19,
  woken: 20,
  changed: 21,
  owner: 22,
  turns: 23,
  timers: 24,
  rings: 25,
  asyncWord: 26,
  alive: 27,
  /** Random mode: dies at this operation of its own, 0 for never. */
  dieAt: 28,
  operations: 29,
  log: 30,
  due: 31,
  /** Deaths that a watching thread has seen. */
  seen: 32,
} as const;
const THREAD_WORDS = 48;

export enum Fault {
  None,
  TooLong,
  Livelock,
  Threw,
}

export class Control {
  readonly globals: Int32Array;
  private readonly records: Int32Array;
  readonly logs: Int32Array;
  readonly prefixes: Int32Array;
  /** Per point: the choice, then each thread's options. */
  readonly points: Int32Array;
  readonly pointAccesses: Int32Array;
  /** Per access: kind and word, operation, value. */
  readonly accesses: Int32Array;

  constructor(readonly buffer: SharedArrayBuffer) {
    let at = 0;
    const take = (words: number) => {
      const view = new Int32Array(buffer, at * 4, words);
      at += words;
      return view;
    };
    this.globals = take(GLOBALS);
    this.records = take(MOST_THREADS * THREAD_WORDS);
    this.logs = take(MOST_THREADS * LOG_WORDS);
    this.prefixes = take(MOST_POINTS);
    this.points = take(MOST_POINTS * (1 + MOST_THREADS));
    this.pointAccesses = take(MOST_POINTS + 1);
    this.accesses = take(MOST_ACCESSES * 3);
  }

  static create(): Control {
    const words =
      GLOBALS + MOST_THREADS * THREAD_WORDS + MOST_THREADS * LOG_WORDS + MOST_POINTS * (3 + MOST_THREADS) + 1 + MOST_ACCESSES * 3;
    return new Control(new SharedArrayBuffer(words * 4));
  }

  get(name: keyof typeof G): number {
    return this.globals[G[name]];
  }

  set(name: keyof typeof G, value: number): void {
    this.globals[G[name]] = value;
  }

  of(thread: number, name: keyof typeof T): number {
    return this.records[thread * THREAD_WORDS + T[name]];
  }

  put(thread: number, name: keyof typeof T, value: number): void {
    this.records[thread * THREAD_WORDS + T[name]] = value;
  }

  get phase(): Phase {
    return this.get('phase');
  }

  get mode(): Mode {
    return this.get('mode');
  }

  get fault(): Fault {
    return this.get('fault');
  }

  stateOf(thread: number): State {
    return this.of(thread, 'state');
  }

  /** Makes everything ready for a run, except prefix and mode. */
  clear(): void {
    this.records.fill(0);
    for (const name of ['points', 'accesses', 'time', 'idle', 'fault', 'deaths'] as const) this.set(name, 0);
    for (let thread = 0; thread < MOST_THREADS; thread++) this.put(thread, 'alive', 1);
  }

  // ── the baton ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

  hand(thread: number): void {
    const at = thread * THREAD_WORDS + T.baton;
    Atomics.store(this.records, at, 1);
    Atomics.notify(this.records, at);
  }

  /** Blocks until handed the baton. False: not within `ms`. */
  await(thread: number, ms = Infinity): boolean {
    const at = thread * THREAD_WORDS + T.baton;
    while (Atomics.load(this.records, at) === 0) {
      if (Atomics.wait(this.records, at, 0, ms) === 'timed-out') return false;
    }
    Atomics.store(this.records, at, 0);
    return true;
  }

  // ── what happened ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Appends to a thread's own log (ledger.ts). */
  write(thread: number, ...values: number[]): void {
    const length = this.of(thread, 'log');
    if (length + values.length > LOG_WORDS) throw new Error('the log of a modelled thread is full');
    this.logs.set(values, thread * LOG_WORDS + length);
    this.put(thread, 'log', length + values.length);
  }

  logOf(thread: number): Int32Array {
    return this.logs.slice(thread * LOG_WORDS, thread * LOG_WORDS + this.of(thread, 'log'));
  }
}

// ── choices and accesses as integers ────────────────────────────────────────────────────────────────────────────────────────

/** A choice: which thread, what it does, and for a death before which plain store of its step (0: before the step). */
export function choiceOf(thread: number, action: number, store = 0): number {
  return thread | (action << 4) | (store << 12);
}
export const threadOf = (choice: number) => choice & 15;
export const actionOf = (choice: number) => (choice >>> 4) & 255;
export const storeOf = (choice: number) => choice >>> 12;

export enum Access {
  Read,
  Write,
  PlainRead,
  PlainWrite,
  /** The queue of sleepers behind a word: entering it, leaving it by oneself, waking it. */
  Queue,
}
export const OPERATIONS = [
  'load',
  'store',
  'cas',
  'exchange',
  'add',
  'or',
  'and',
  'wait',
  'waitAsync',
  'notify',
  'read',
  'write',
  'dies',
  'lives?',
  'time?',
  'passes',
] as const;
export type OperationName = (typeof OPERATIONS)[number];

/** Words that stand for things outside the heap: that a thread lives, and the time. */
export const LIFE = 0x0fff0000;
export const TIME = LIFE + MOST_THREADS;
