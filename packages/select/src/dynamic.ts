/**
 * `Select`: a select whose cases change at run time. Mirrors crossbeam-channel's `Select`.
 *
 * Called by: users, through index.ts. The cases are in set.ts; waiting is core's.
 */
import { canBlock, cannotBlock, deadlineOf, describe, invalidRange, invalidType, signalOf } from '@beamline/core/internal';
import {
  SelectError,
  type BroadcastReceiver,
  type Receiver,
  type Sender,
  type WaitOptions,
  type WaitSyncOptions,
} from '@beamline/core';
import { checkCase, isBiased, recv, send, type Lazy, type SelectOptions } from './cases.js';
import { CaseSet, ReadyCall, SelectCall, type Call, type Member, type SetSelection } from './set.js';

/** What a `Select` completes: the index of the case, as `recv` or `send` gave it, and what came of it. */
export type SelectedOperation =
  | { readonly index: number; readonly ok: true; readonly value?: unknown }
  | { readonly index: number; readonly ok: false; readonly reason: 'disconnected'; readonly value?: unknown }
  | { readonly index: number; readonly ok: false; readonly reason: 'lagged'; readonly missed: number };

/**
 * A select whose cases are added and removed at run time, and which is used again and again. A call costs in proportion to what became
 * ready since the last one, not to the number of cases: ten thousand channels may be watched.
 *
 * Cases keep their index until they are removed; indices are never used again. Cases on rendezvous channels and plain values to send
 * cost a little at every call. Mirrors crossbeam-channel's `Select`, whose `select` also needs the operation to be completed by hand.
 *
 * @example
 * ```ts
 * import { bounded, Select } from 'beamline';
 *
 * const [left, fromLeft] = bounded<string>(4);
 * const [right, fromRight] = bounded<string>(4);
 * using set = new Select();
 * const names = new Map([[set.recv(fromLeft), 'left'], [set.recv(fromRight), 'right']]);
 * right.trySend('hello');
 *
 * const event = await set.select();
 * if (event.ok) console.log(names.get(event.index), event.value); // right hello
 * set.remove(event.index);
 * left.trySend('still here');
 * console.log(set.trySelect()?.ok); // true
 * ```
 */
export class Select implements Disposable {
  private readonly set: CaseSet;

  /** @throws TypeError `ERR_INVALID_ARGUMENT`. */
  constructor(options?: SelectOptions) {
    this.set = new CaseSet(isBiased('make a Select', options));
  }

  /**
   * Adds a receive; its index. @throws TypeError `ERR_INVALID_ARGUMENT`; HandleError.
   */
  recv(rx: Receiver<unknown> | BroadcastReceiver<unknown>): number {
    return this.add(recv(rx as Receiver<unknown>));
  }

  /**
   * Adds a send, of a value that is copied at each call, or of what a function makes once the case is selected; its index.
   * @throws TypeError `ERR_INVALID_ARGUMENT`; HandleError.
   */
  send<S extends Sender<never>>(tx: S, value: Lazy<S>): number {
    return this.add(send(tx, value));
  }

  /** Removes a case; the others keep their indices and their order. @throws RangeError `ERR_INVALID_ARGUMENT`. */
  remove(index: number): void {
    const member = this.set.get(index);
    if (member === undefined)
      throw invalidRange(`cannot remove case: the index must be one of this Select's, received ${describe(index)}`);
    this.set.remove(member);
  }

  /** Removes all cases. */
  clear(): void {
    for (const member of [...this.set.all]) this.set.remove(member);
  }

  /** The same as `clear()`, for `using`. */
  [Symbol.dispose](): void {
    this.clear();
  }

  /**
   * Waits until a case can complete, and completes exactly that one.
   *
   * @throws (rejects with) TimeoutError; the signal's reason; HandleError for a handle that is, or gets, dropped or moved; what a
   * codec or a thunk throws; SelectError `ERR_SELECT_EMPTY` without cases and without a limit; TypeError `ERR_INVALID_ARGUMENT`
   * while another call waits.
   */
  select(options?: WaitOptions): Promise<SelectedOperation> {
    return this.waits('select', options, (deadline) => new SelectCall('select', this.set, deadline)).then(eventOf);
  }

  /** The same as `select`, blocking this thread. @throws what `select` rejects with; ThreadError `ERR_CANNOT_BLOCK`. */
  selectSync(options?: WaitSyncOptions): SelectedOperation {
    return eventOf(this.blocks('selectSync', options, (deadline) => new SelectCall('selectSync', this.set, deadline)));
  }

  /** Completes a case if one is ready right now. @throws HandleError; what a codec or a thunk throws. */
  trySelect(): SelectedOperation | undefined {
    const selection = this.tries('trySelect', () => new SelectCall('trySelect', this.set, Infinity));
    return selection === undefined ? undefined : eventOf(selection);
  }

  /**
   * Waits until a case is ready, and gives its index; nothing is executed. Ready is what a try would complete at that moment; another
   * thread may be faster with it. Over a rendezvous that is a send or a receive that waits: not one that asks as well, nor a send whose
   * message a function is still to make. Mirrors crossbeam's `Select::ready`, which may also be wrong.
   *
   * @throws as `select`.
   */
  ready(options?: WaitOptions): Promise<number> {
    return this.waits('ready', options, (deadline) => new ReadyCall('ready', this.set, deadline)).then(indexOf);
  }

  /** The same as `ready`, blocking this thread. @throws as `selectSync`. */
  readySync(options?: WaitSyncOptions): number {
    return indexOf(this.blocks('readySync', options, (deadline) => new ReadyCall('readySync', this.set, deadline)));
  }

  /** The index of a case that is ready right now. @throws HandleError. */
  tryReady(): number | undefined {
    return this.tries('tryReady', () => new ReadyCall('tryReady', this.set, Infinity))?.number;
  }

  private add(given: unknown): number {
    const checked = checkCase('add a case', this.set.size, given);
    if (this.set.size > 0 && checked.state.runtime !== this.set.runtime)
      throw invalidType('cannot add a case: all cases must be of one shared heap, received a handle of another');
    return this.set.add(checked).number;
  }

  private waits<R>(what: string, options: WaitOptions | undefined, start: (deadline: number) => Call<R>): Promise<R> {
    try {
      const deadline = deadlineOf(what, options);
      const signal = signalOf(what, options);
      this.check(what, deadline);
      return this.set.run(start(deadline), signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  private blocks<R>(what: string, options: WaitSyncOptions | undefined, start: (deadline: number) => Call<R>): R {
    const deadline = deadlineOf(what, options);
    this.check(what, deadline);
    const call = start(deadline);
    if (!call.attempt()) {
      if (!canBlock()) {
        call.end();
        throw cannotBlock(what);
      }
      if (!this.set.runtime.parking.runSync(call)) throw call.abandon({ why: 'timeout' });
    }
    if (call.failed) throw call.error;
    return call.result;
  }

  private tries<R>(what: string, start: () => Call<R>): R | undefined {
    this.check(what, 0);
    const call = start();
    if (!call.attemptAll()) {
      call.end();
      this.set.runtime.missed();
      return undefined;
    }
    if (call.failed) throw call.error;
    return call.result;
  }

  private check(what: string, deadline: number): void {
    if (this.set.call !== undefined)
      throw invalidType(`cannot ${what}: another call of this Select waits; one at a time, or a Select for each`);
    this.set.check(what);
    if (this.set.size === 0 && deadline === Infinity)
      throw new SelectError(`cannot ${what}: it would wait for ever without cases and without a timeout, received no cases`);
  }
}

function eventOf({ member, outcome }: SetSelection): SelectedOperation {
  return { index: member.number, ...outcome };
}

function indexOf({ number }: Member): number {
  return number;
}
