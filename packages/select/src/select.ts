/**
 * select, in its three forms. Mirrors crossbeam-channel's `select!` and `select_biased!`.
 *
 * Called by: users, through index.ts. What the forms share is in operation.ts; waiting is core's.
 */
import { canBlock, cannotBlock, deadlineOf, runtime, signalOf, type Runtime } from '@beamline/core/internal';
import { SelectError, type WaitOptions, type WaitSyncOptions } from '@beamline/core';
import { checkCases, isBiased, type CaseList, type CasesOf, type SelectOptions, type Selected } from './cases.js';
import { SelectOperation, type Selection } from './operation.js';

/**
 * Waits until one of several receives and sends can complete, and completes exactly that one. Nothing happens on the other channels.
 *
 * A case is ready when its channel has a message, or room, or a partner that waits, or is disconnected (`ok: false`). Among ready cases
 * the choice is uniformly random; `biased: true` takes the first in order. A pending select keeps the process alive unless all its
 * handles are unref'd.
 *
 * @param cases receivers, `recv(rx)` and `send(tx, value)`, in an object (the result's `key` is the name) or an array (`key` is the
 * index). Objects are in the order of `Object.keys`, where integer-like names come first.
 * @param options `timeout` in ms, `deadline` on the clock of `now()`, `signal`, `biased`.
 * @throws (rejects with) TimeoutError; the signal's reason; HandleError for a handle that is, or gets, dropped or moved; what the codec
 * throws on a value, before anything is tried, or on a message that it cannot read, which is used up then; what the function of a send
 * throws; SelectError `ERR_SELECT_EMPTY` without cases and without a limit; TypeError or RangeError `ERR_INVALID_ARGUMENT`.
 * @example
 * ```ts
 * import { bounded, select, tick } from 'beamline';
 *
 * const [tx, jobs] = bounded<string>(16);
 * const beat = tick(1000);
 * tx.trySend('a job');
 *
 * const event = await select({ job: jobs, beat });
 * if (event.key === 'beat') console.log('another second');
 * else if (event.ok) console.log('got', event.value); // got a job
 * else console.log('nobody sends jobs any more');
 * ```
 */
export function select<const C extends CasesOf<C>>(cases: C, options?: WaitOptions & SelectOptions): Promise<Selected<C>> {
  try {
    const deadline = deadlineOf('select', options);
    const biased = isBiased('select', options);
    const signal = signalOf('select', options);
    const list = checkCases('select', cases);
    const operation = start('select', list, biased, deadline);
    return parkingOf(operation)
      .runAsync(operation, signal)
      .then((selection) => eventOf<C>(list, selection));
  } catch (error) {
    return Promise.reject(error);
  }
}

/**
 * The same as `select`, blocking this thread.
 *
 * @throws what `select` rejects with; ThreadError `ERR_CANNOT_BLOCK` where the platform forbids it (a browser's main thread).
 * @example
 * ```ts
 * import { selectSync, unbounded } from 'beamline';
 *
 * const [hurry, urgent] = unbounded<string>();
 * const [tx, normal] = unbounded<string>();
 * tx.trySend('later');
 * hurry.trySend('at once');
 *
 * const event = selectSync([urgent, normal], { biased: true, timeout: 50 });
 * if (event.ok) console.log(event.key, event.value); // 0 at once
 * ```
 */
export function selectSync<const C extends CasesOf<C>>(cases: C, options?: WaitSyncOptions & SelectOptions): Selected<C> {
  const deadline = deadlineOf('selectSync', options);
  const biased = isBiased('selectSync', options);
  const list = checkCases('selectSync', cases);
  const operation = start('selectSync', list, biased, deadline);
  if (!operation.attempt()) {
    if (!canBlock()) {
      operation.end();
      throw cannotBlock('selectSync');
    }
    if (!parkingOf(operation).runSync(operation)) throw operation.abandon({ why: 'timeout' });
  }
  if (operation.failed) throw operation.error;
  return eventOf<C>(list, operation.result);
}

/**
 * Completes one case if one is ready right now; undefined otherwise. Never waits for another operation. As `default =>` in
 * crossbeam's `select!`.
 *
 * @throws HandleError; what the codec throws; TypeError `ERR_INVALID_ARGUMENT`.
 * @example
 * ```ts
 * import { bounded, trySelect } from 'beamline';
 *
 * const [tx, jobs] = bounded<string>(16);
 * console.log(trySelect({ jobs })); // undefined
 * tx.drop();
 * console.log(trySelect({ jobs })?.ok); // false
 * ```
 */
export function trySelect<const C extends CasesOf<C>>(cases: C, options?: SelectOptions): Selected<C> | undefined {
  const biased = isBiased('trySelect', options);
  const list = checkCases('trySelect', cases);
  const operation = new SelectOperation('trySelect', list.cases, biased, Infinity);
  if (!operation.attempt()) {
    operation.end();
    runtime().missed();
    return undefined;
  }
  if (operation.failed) throw operation.error;
  return eventOf<C>(list, operation.result);
}

/** A select over checked cases. @throws also SelectError, if there is nothing to wait for and no end to it. */
function start(what: string, { cases }: CaseList, biased: boolean, deadline: number): SelectOperation {
  if (cases.length === 0 && deadline === Infinity)
    throw new SelectError(`cannot ${what}: it would wait for ever without cases and without a timeout, received no cases`);
  return new SelectOperation(what, cases, biased, deadline);
}

/** The heap of the cases is the one to wait on. */
function parkingOf({ states }: SelectOperation): Runtime['parking'] {
  return (states[0]?.runtime ?? runtime()).parking;
}

function eventOf<C>({ names }: CaseList, { index, outcome }: Selection): Selected<C> {
  return { key: names === undefined ? index : names[index], ...outcome } as Selected<C>;
}
