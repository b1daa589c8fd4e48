/**
 * What a thread of a trial has of its trial: its part in the books, its random numbers, and the orders of its parent.
 *
 * Called by: actor.ts and spawned.ts make it; roles use it.
 */
import { Ledger, type Op, PARTS } from './ledger.js';
import { Random } from './random.js';

/** What a parent passes to a thread. */
export interface Part {
  /** The file that holds the role. */
  readonly module: string;
  readonly role: string;
  readonly part: number;
  readonly memory: SharedArrayBuffer;
  readonly seed: number;
  readonly data: unknown;
}

/** A role: what a thread does. Returns when it is ordered to finish, or when its channel has disconnected. */
export type Role<D = never> = (stage: Stage, data: D) => unknown;
export type Roles = Readonly<Record<string, Role>>;

export const ORDERED = 'ordered to throw';

export class Stage {
  readonly random: Random;
  readonly ledger: Ledger;
  private readonly last = new Int32Array(PARTS);

  constructor(
    readonly part: number,
    memory: SharedArrayBuffer,
    seed: number,
  ) {
    this.ledger = new Ledger(memory);
    this.random = new Random(seed);
  }

  /** Does as its parent has ordered, which may be the end of it. Says whether to finish. */
  obey(): boolean {
    const order = this.ledger.takeOrder(this.part);
    if (order === 'none') return false;
    if (order === 'finish') return true;
    this.ledger.begin(this.part, 'dying');
    if (order === 'throw') throw new Error(ORDERED);
    if (order === 'memory') exhaustMemory();
    return process.exit(9);
  }

  /** Runs one operation, noted before and after. */
  async does<T>(op: Op, action: () => T | Promise<T>): Promise<T> {
    this.ledger.begin(this.part, op);
    const result = await action();
    this.ledger.end(this.part);
    return result;
  }

  /** The same without turning the event loop. */
  doesSync<T>(op: Op, action: () => T): T {
    this.ledger.begin(this.part, op);
    const result = action();
    this.ledger.end(this.part);
    return result;
  }

  /** Sends up to `count` messages; `send` says how many of them were accepted. False: the part's numbers are used up. */
  async sends(count: number, send: (numbers: readonly number[]) => number | Promise<number>): Promise<boolean> {
    const { ledger, part } = this;
    const numbers = ledger.intend(part, count);
    if (numbers.length === 0) return false;
    ledger.begin(part, 'sending');
    const accepted = send(numbers);
    ledger.accept(part, typeof accepted === 'number' ? accepted : await accepted);
    ledger.end(part);
    return true;
  }

  /** Receives up to `most` messages; `receive` gives their numbers. */
  async receives(most: number, receive: () => readonly number[] | Promise<readonly number[]>): Promise<number> {
    const { ledger, part, last } = this;
    const before = ledger.expect(part, most);
    ledger.begin(part, 'receiving');
    const received = receive();
    const numbers = received instanceof Promise ? await received : received;
    ledger.take(part, numbers, before, last);
    ledger.end(part);
    return numbers.length;
  }

  /** Nothing to do for a moment; blocks the thread, or lets its event loop turn. */
  async rest(blocking: boolean): Promise<void> {
    this.ledger.begin(this.part, 'resting');
    if (blocking) this.ledger.nap(1);
    else await new Promise((resolve) => setTimeout(resolve, 1));
    this.ledger.end(this.part);
  }
}

function exhaustMemory(): never {
  const hoard: unknown[] = [];
  for (;;) hoard.push(new Array(10_000).fill({}).map((_, i) => ({ i })));
}
