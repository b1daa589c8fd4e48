/**
 * The books of a round, in shared memory that the library never touches: what every part has done and is about to do.
 *
 * A *part* is one task that does one operation after the other; mostly a thread is one part. Before an operation it writes what it
 * is about to do, after it what came of it. A thread may die between any two stores, so a dead part leaves one operation in doubt
 * and no more. Messages are numbers: part × PER_PART + sequence; sequences of a part grow by one with every accepted message.
 *
 * Called by: everything in this package. Judged by judge.ts.
 *
 * Invariants
 *   B1  Only the part itself writes its row, except ORDER, which its parent writes. SEEN, HIGHEST and the faults are for everybody.
 *   B2  ACCEPTED ≤ sent ≤ INTENDED for every sender, at every instant: INTENDED is stored before the send, ACCEPTED after it.
 *   B3  TAKEN ≤ received ≤ TAKEN + PENDING for every receiver, at every instant: PENDING is stored before the receive, TAKEN after
 *       it and before PENDING is cleared.
 */
export const PARTS = 160;
export const PER_PART = 8192;
export const STREAMS = 32;
const ROW = 16;
const FAULTS = 64;
const TEXT = 2048;

/** What a part is doing. The order is the code in the books. */
export const OPS = [
  'nothing',
  'starting',
  'loading the library',
  'opening its handles',
  'ready',
  'sending',
  'receiving',
  'resting',
  'creating',
  'cloning',
  'dropping',
  'closing',
  'transferring',
  'opening',
  'selecting',
  'spawning',
  'joining',
  'dying',
  'done',
] as const;
export type Op = (typeof OPS)[number];

/** What a parent may order. */
export const ORDERS = { none: 0, exit: 1, throw: 2, memory: 3, finish: 4, obeyed: 5 } as const;
export type Order = keyof typeof ORDERS;

/** What a receiver may find wrong on the spot. */
export const FAULT_KINDS = ['doubled', 'unknown', 'reordered', 'reordered across receivers', 'damaged'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  readonly kind: FaultKind;
  readonly part: number;
  readonly message: number;
}

/** Words of a row. */
const STATE = 0;
const OP = 1;
const COUNT = 2;
const STREAM = 3;
const INTENDED = 4;
const ACCEPTED = 5;
const PENDING = 6;
const TAKEN = 7;
const ORDER = 8;
const PARENT = 9;

/** States of a part. */
export const UNUSED = 0;
export const LIVING = 1;
export const FINISHED = 2;
export const DEAD = 3;

const ROWS = 0;
const HIGHEST = ROWS + PARTS * ROW;
const FAULT_COUNT = HIGHEST + PARTS;
const FAULT_ROWS = FAULT_COUNT + 1;
const NAP = FAULT_ROWS + FAULTS * 3;
const WORDS = NAP + 1;
const SEEN_BYTE = WORDS * 4;
const TEXT_BYTE = SEEN_BYTE + PARTS * PER_PART;

export interface PartBooks {
  readonly part: number;
  readonly state: number;
  readonly op: Op;
  readonly operations: number;
  readonly stream: number;
  readonly intended: number;
  readonly accepted: number;
  readonly pending: number;
  readonly taken: number;
}

export class Ledger {
  private readonly words: Int32Array;
  private readonly seen: Uint8Array;
  private readonly text: Uint8Array;

  constructor(readonly memory = new SharedArrayBuffer(TEXT_BYTE + TEXT)) {
    this.words = new Int32Array(memory, 0, WORDS);
    this.seen = new Uint8Array(memory, SEEN_BYTE, PARTS * PER_PART);
    this.text = new Uint8Array(memory, TEXT_BYTE, TEXT);
  }

  /** Empty books for the next round. All threads of the last one have ended. */
  clear(): void {
    this.words.fill(0);
    this.seen.fill(0);
  }

  // ── the parent ──

  /** Enters the next part. Several threads may do so at once. `parent`: the part that does, if it is one. */
  enter(stream: number, parent = -1): number {
    for (let part = 0; part < PARTS; part++) {
      if (Atomics.compareExchange(this.words, row(part) + STATE, UNUSED, LIVING) !== UNUSED) continue;
      this.set(part, STREAM, stream);
      this.set(part, PARENT, parent + 1);
      this.set(part, OP, OPS.indexOf('starting'));
      return part;
    }
    throw new Error(`a round has at most ${PARTS} parts`);
  }

  /** The part's thread has ended; `killed`: not by itself. */
  leave(part: number, killed: boolean): void {
    this.set(part, STATE, killed ? DEAD : FINISHED);
  }

  /** A part's thread was killed, and with it all that it had started. Says how many those were. */
  leaveWithChildren(part: number): number {
    const children = this.books().filter(({ part: child, state }) => state === LIVING && this.get(child, PARENT) === part + 1);
    this.leave(part, true);
    return children.reduce((sum, child) => sum + 1 + this.leaveWithChildren(child.part), 0);
  }

  order(part: number, order: Order): void {
    this.set(part, ORDER, ORDERS[order]);
  }

  /** Takes an order back. False: the part obeys it already. */
  withdraw(part: number, order: Order): boolean {
    return this.exchange(part, ORDERS[order], ORDERS.none);
  }

  /** What the parent is doing, for the watchdog's eyes. */
  say(text: string): void {
    const bytes = new TextEncoder().encode(text).subarray(0, TEXT - 1);
    this.text.set(bytes);
    this.text[bytes.length] = 0;
  }

  said(): string {
    return Buffer.from(this.text.slice(0, this.text.indexOf(0))).toString();
  }

  // ── every part ──

  /** The order to follow. One that ends the part cannot be withdrawn any more. */
  takeOrder(part: number): Order {
    const order = this.get(part, ORDER);
    const name = (Object.keys(ORDERS) as Order[]).find((key) => ORDERS[key] === order)!;
    if (name === 'none' || name === 'finish') return name;
    return this.exchange(part, order, ORDERS.obeyed) ? name : 'none';
  }

  /** The part begins an operation. */
  begin(part: number, op: Op): void {
    this.set(part, OP, OPS.indexOf(op));
    Atomics.add(this.words, row(part) + COUNT, 1);
  }

  /** It has ended. */
  end(part: number): void {
    this.set(part, OP, 0);
  }

  /** Blocks this thread for a moment. */
  nap(ms: number): void {
    Atomics.wait(this.words, NAP, 0, ms);
  }

  // ── senders ──

  /** The numbers of the next `count` messages, fewer when the part's numbers run out. They are intended from now on. */
  intend(part: number, count: number): number[] {
    const next = this.get(part, ACCEPTED);
    const many = Math.min(count, PER_PART - next);
    this.set(part, INTENDED, next + many); // B2
    return Array.from({ length: many }, (_, i) => part * PER_PART + next + i);
  }

  /** The first `count` of them were accepted, and no other was sent. */
  accept(part: number, count: number): void {
    const accepted = this.get(part, ACCEPTED) + count;
    this.set(part, ACCEPTED, accepted); // B2
    this.set(part, INTENDED, accepted);
  }

  // ── receivers ──

  /** A receive of at most `most` messages begins: up to where each sender's messages had been received by then. */
  expect(part: number, most: number): Int32Array {
    this.set(part, PENDING, most); // B3
    return this.words.slice(HIGHEST, HIGHEST + PARTS);
  }

  /** It gave these messages. `before` is what `expect` gave, `last` what this receiver has seen of each sender. */
  take(part: number, messages: readonly number[], before: Int32Array, last: Int32Array): void {
    for (const message of messages) this.check(part, message, before, last);
    Atomics.add(this.words, row(part) + TAKEN, messages.length);
    this.set(part, PENDING, 0); // B3
  }

  private check(part: number, message: number, before: Int32Array, last: Int32Array): void {
    if (Number.isNaN(message)) return this.fault('damaged', part, 0);
    const sender = Math.floor(message / PER_PART);
    const sequence = message % PER_PART;
    if (!(Number.isInteger(message) && sender >= 0 && sender < PARTS && this.get(sender, INTENDED) > sequence))
      return this.fault('unknown', part, message);
    if (Atomics.add(this.seen, message, 1) !== 0) this.fault('doubled', part, message);
    if (sequence < last[sender]!) this.fault('reordered', part, message);
    if (sequence < before[sender]!) this.fault('reordered across receivers', part, message);
    last[sender] = sequence + 1;
    const at = HIGHEST + sender;
    for (let highest = Atomics.load(this.words, at); highest <= sequence; highest = Atomics.load(this.words, at))
      Atomics.compareExchange(this.words, at, highest, sequence + 1);
  }

  fault(kind: FaultKind, part: number, message: number): void {
    const at = Atomics.add(this.words, FAULT_COUNT, 1);
    if (at < FAULTS) this.words.set([FAULT_KINDS.indexOf(kind), part, message], FAULT_ROWS + 3 * at);
  }

  // ── readers ──

  faults(): Fault[] {
    const count = Math.min(Atomics.load(this.words, FAULT_COUNT), FAULTS);
    return Array.from({ length: count }, (_, i) => {
      const [kind, part, message] = this.words.subarray(FAULT_ROWS + 3 * i) as unknown as [number, number, number];
      return { kind: FAULT_KINDS[kind]!, part, message };
    });
  }

  timesSeen(part: number, sequence: number): number {
    return this.seen[part * PER_PART + sequence]!;
  }

  books(): PartBooks[] {
    const books: PartBooks[] = [];
    for (let part = 0; part < PARTS; part++) if (this.get(part, STATE) !== UNUSED) books.push(this.booksOf(part));
    return books;
  }

  /** A snapshot that errs in one direction: PENDING is read before TAKEN, so received ≤ TAKEN + PENDING in it (B3). */
  booksOf(part: number): PartBooks {
    return {
      part,
      state: this.get(part, STATE),
      op: OPS[this.get(part, OP)]!,
      operations: this.get(part, COUNT),
      stream: this.get(part, STREAM),
      accepted: this.get(part, ACCEPTED),
      intended: this.get(part, INTENDED),
      pending: this.get(part, PENDING),
      taken: this.get(part, TAKEN),
    };
  }

  private get(part: number, word: number): number {
    return Atomics.load(this.words, row(part) + word);
  }

  private exchange(part: number, order: number, next: number): boolean {
    return Atomics.compareExchange(this.words, row(part) + ORDER, order, next) === order;
  }

  private set(part: number, word: number, value: number): void {
    Atomics.store(this.words, row(part) + word, value);
  }
}

const row = (part: number): number => ROWS + part * ROW;
