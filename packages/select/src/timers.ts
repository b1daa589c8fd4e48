/**
 * Timer channels: receivers whose messages are instants. Mirror crossbeam-channel's `after`, `at`, `tick` and `never`.
 *
 * Called by: users, through index.ts. The channels themselves are core's flavors/timers.ts; here they are made.
 *
 * No timer runs for them: an instant is a number in shared memory, and whoever receives compares it with the clock. A pending
 * receive has a timer of its own.
 */
import { now, type Receiver } from '@beamline/core';
import {
  createReceiver,
  describe,
  invalidRange,
  invalidType,
  KIND_AT,
  KIND_NEVER,
  KIND_TICK,
  POLICY_BURST,
  POLICY_DELAY,
  POLICY_SKIP,
  TIMER_DUE,
  TIMER_PERIOD,
  TIMER_POLICY,
  TIMER_START,
} from '@beamline/core/internal';

/** How a ticker behaves. */
export interface TickOptions {
  /**
   * What a late receive does to the ticks after the one that it gets. Mirrors tokio's `MissedTickBehavior`.
   *
   * - `delay` (default): the next is a full period after that receive. For pauses of at least so long.
   * - `skip`: the next is the first tick of the grid that is still to come; what was missed is left out. For a rhythm.
   * - `burst`: every missed tick is delivered, one receive after another. For counting, and for rates on average.
   *
   * The grid is the instant of the call plus whole multiples of the period, without drift.
   */
  readonly policy?: 'delay' | 'skip' | 'burst';
}

/**
 * A receiver with one message, in `ms` milliseconds: the instant at which it was due, on the clock of `now()`. Never early. Of all
 * its clones, on whatever threads, exactly one gets it; afterwards there is nothing, and it never disconnects. Mirrors crossbeam's
 * `after`.
 *
 * @param ms not negative; fractions count; `Infinity` gives `never()`.
 * @throws RangeError or TypeError `ERR_INVALID_ARGUMENT`; MemoryError.
 * @example
 * ```ts
 * import { after, bounded, select } from 'beamline';
 *
 * const [tx, reply] = bounded<string>(1);
 * const late = after(20);
 * const event = await select({ reply, late });
 * if (event.key === 'late') console.log('no reply within 20 ms'); // no reply within 20 ms
 * late.drop();
 * tx.drop();
 * ```
 */
export function after(ms: number): Receiver<number> {
  checkMs('after', 'ms', ms);
  return timer(after, KIND_AT, now() + ms);
}

/**
 * The same as `after`, for an instant on the clock of `now()`. One that has passed is due at once. Mirrors crossbeam's `at`.
 *
 * @throws RangeError or TypeError `ERR_INVALID_ARGUMENT`; MemoryError.
 * @example
 * ```ts
 * import { at, now } from 'beamline';
 *
 * const instant = now() + 20;
 * console.log((await at(instant).recv()) === instant); // true
 * console.log(now() >= instant); // true
 * ```
 */
export function at(instant: number): Receiver<number> {
  checkMs('at', 'instant', instant);
  return timer(at, KIND_AT, instant);
}

/**
 * A receiver with a message every `ms` milliseconds, the first after one period: the instant at which that tick was due. Each tick
 * goes to one of the clones. What a late receive misses is a matter of the policy; with the default it gets one late tick, and the
 * next is due a full period after that receive. Never early; never disconnects. Mirrors crossbeam's `tick`, but a receive takes no
 * tick before it is due, so one that is given up takes none.
 *
 * Length is 1 while a tick is due and 0 otherwise, however many are owed; the capacity is 1.
 *
 * @param ms not negative; fractions count; with 0 there is always a tick, whatever the policy; `Infinity` gives `never()`.
 * @throws RangeError or TypeError `ERR_INVALID_ARGUMENT`; MemoryError.
 * @example
 * ```ts
 * import { now, tick } from 'beamline';
 *
 * let ticks = 0;
 * for await (const instant of tick(10)) {
 *   if (++ticks === 3) break;
 * }
 * console.log(ticks); // 3
 *
 * const owed = tick(1, { policy: 'burst' });
 * const first = await owed.recv();
 * while (now() < first + 20); // nobody reads meanwhile
 * console.log((await owed.recv()) - first, (await owed.recv()) - first); // 1 2
 * ```
 */
export function tick(ms: number, options?: TickOptions): Receiver<number> {
  checkMs('tick', 'ms', ms);
  const policy = policyOf(options);
  const start = now();
  return timer(tick, KIND_TICK, start + ms, (floats, words, channel) => {
    floats[(channel + TIMER_PERIOD) >> 1] = ms;
    floats[(channel + TIMER_START) >> 1] = start;
    words[channel + TIMER_POLICY] = ms === 0 ? POLICY_DELAY : policy; // there is no grid
  });
}

/**
 * A receiver that never has a message and never disconnects: for a case that is switched off. All of them count as one channel.
 * Mirrors crossbeam's `never`.
 *
 * @throws MemoryError.
 * @example
 * ```ts
 * import { after, never, select, unbounded } from 'beamline';
 *
 * const [tx, jobs] = unbounded<string>();
 * const isPaused = true;
 * tx.trySend('a job');
 * const event = await select({ job: isPaused ? never() : jobs, idle: after(10) });
 * console.log(event.key); // idle
 * ```
 */
export function never(): Receiver<never>;
export function never<T>(): Receiver<T>;
export function never(): Receiver<never> {
  return neverFor(never);
}

/** `maker`: the public function, whose caller is noted in debug mode. */
function timer(maker: (ms: number) => unknown, kind: number, due: number, writeRest: WriteRest = noRest): Receiver<number> {
  if (due === Infinity) return neverFor(maker);
  return createReceiver(kind, 1, maker, ({ heap }, channel) => {
    heap.floats[(channel + TIMER_DUE) >> 1] = due;
    writeRest(heap.floats, heap.words, channel);
  });
}

/** What a kind of timer has besides its next instant, written before anybody else can see the channel. */
type WriteRest = (floats: Float64Array, words: Int32Array, channel: number) => void;

function noRest(): void {}

function neverFor(maker: (...args: never[]) => unknown): Receiver<never> {
  return createReceiver(KIND_NEVER, 0, maker, () => undefined);
}

function checkMs(what: string, name: string, ms: unknown): void {
  if (typeof ms !== 'number')
    throw invalidType(`cannot make ${what}: ${name} must be a number of milliseconds, received ${describe(ms)}`);
  if (!(ms >= 0)) throw invalidRange(`cannot make ${what}: ${name} must not be negative or NaN, received ${ms}`);
}

const POLICIES = new Map<unknown, number>([
  [undefined, POLICY_DELAY],
  ['delay', POLICY_DELAY],
  ['skip', POLICY_SKIP],
  ['burst', POLICY_BURST],
]);

function policyOf(options: unknown): number {
  if (options === undefined) return POLICY_DELAY;
  if (typeof options !== 'object' || options === null) {
    throw invalidType(`cannot make tick: options must be an object, received ${describe(options)}`);
  }
  const { policy } = options as { policy?: unknown };
  const known = POLICIES.get(policy);
  if (known !== undefined) return known;
  const message = `cannot make tick: policy must be 'delay', 'skip' or 'burst', received ${describe(policy)}`;
  throw typeof policy === 'string' ? invalidRange(message) : invalidType(message);
}
