/**
 * What can be selected over: the types of cases and of their results, and the checks of what callers pass.
 *
 * Called by: select.ts. Users see `recv` and the types.
 */
import type { BroadcastReceiver, Receiver } from '@beamline/core';
import {
  describe,
  HANDLE,
  invalidType,
  isHandle,
  LAYOUT_VERSION,
  SIDE_RECEIVER,
  type HandleState,
} from '@beamline/core/internal';

/** A receive as a case of a select, made by `recv`. A bare Receiver is the same case. */
export interface RecvCase<out T> {
  readonly kind: 'recv';
  readonly rx: Receiver<T>;
}

/** A receive from a broadcast as a case of a select, made by `recv`. A bare BroadcastReceiver is the same case. */
export interface BroadcastRecvCase<out T> {
  readonly kind: 'recv';
  readonly rx: BroadcastReceiver<T>;
}

/** One case of a select. */
export type Case = Receiver<unknown> | BroadcastReceiver<unknown> | RecvCase<unknown> | BroadcastRecvCase<unknown>;

/** Cases under names of their own type: `C` may be an interface. None may be optional: `never()` stands for one that is off. */
export type CasesOf<C> = object & { readonly [K in keyof C]-?: Case };

/** The cases of a select: an array or tuple, whose results have an index as `key`, or an object, whose results have a name. */
export type Cases = readonly Case[] | { readonly [key: string]: Case };

/** How a select chooses. */
export interface SelectOptions {
  /** Take the first ready case in order (for an object, that of `Object.keys`) instead of a random one. */
  readonly biased?: boolean;
}

interface Gone<K> {
  readonly key: K;
  readonly ok: false;
  readonly reason: 'disconnected';
}

/** A receiver of `never` cannot be selected: it adds nothing to the union. */
type RecvEvent<K, T> = [T] extends [never] ? never : { readonly key: K; readonly ok: true; readonly value: T } | Gone<K>;

/** The receiver fell behind; with the next select it goes on with the oldest message that is left. */
interface Lagged<K> {
  readonly key: K;
  readonly ok: false;
  readonly reason: 'lagged';
  readonly missed: number;
}

type Event<K, C> =
  C extends BroadcastReceiver<infer T>
    ? RecvEvent<K, T> | Lagged<K>
    : C extends BroadcastRecvCase<infer T>
      ? RecvEvent<K, T> | Lagged<K>
      : C extends Receiver<infer T>
        ? RecvEvent<K, T>
        : C extends RecvCase<infer T>
          ? RecvEvent<K, T>
          : never;

type IndexOf<S> = S extends `${infer N extends number}` ? N : never;

/**
 * What a select over `C` gives: a union that `key` tells apart. `key` is a literal index for a tuple, `number` for an array, a
 * string for an object.
 *
 * @example
 * ```ts
 * import type { Receiver, Selected } from 'beamline';
 *
 * // { key: 'job', ok: true, value: string } | { key: 'job', ok: false, reason: 'disconnected' } | { key: 'beat', … } | …
 * type Happened = Selected<{ job: Receiver<string>; beat: Receiver<number> }>;
 *
 * const event: Happened = { key: 'job', ok: true, value: 'sweep' };
 * console.log(event.key, event.value); // job sweep
 * ```
 */
export type Selected<C> = C extends readonly unknown[]
  ? number extends C['length']
    ? Event<number, C[number]>
    : { [I in keyof C]: Event<IndexOf<I>, C[I]> }[number]
  : { [K in keyof C]: Event<K extends number ? `${K}` : K, C[K]> }[keyof C];

/**
 * A receive as a case of a select: the same as the bare receiver. It is there so that a list of cases can say what it does.
 *
 * @throws TypeError `ERR_INVALID_ARGUMENT` if `rx` is no receiver.
 * @example
 * ```ts
 * import { bounded, recv, select } from 'beamline';
 *
 * const [tx, jobs] = bounded<string>(16);
 * tx.trySend('a job');
 * console.log((await select([recv(jobs)])).key); // 0
 * ```
 */
export function recv<T>(rx: Receiver<T>): RecvCase<T>;
export function recv<T>(rx: BroadcastReceiver<T>): BroadcastRecvCase<T>;
export function recv(rx: Receiver<unknown> | BroadcastReceiver<unknown>): RecvCase<unknown> | BroadcastRecvCase<unknown> {
  if (!isReceiver(rx)) throw invalidType(`cannot make a case: recv takes a receiver, received ${describe(rx)}`);
  return { kind: 'recv', rx } as RecvCase<unknown>;
}

/** Cases as select.ts works with them. */
export interface CaseList {
  /** Names by index; undefined for an array, whose keys are the indices. */
  readonly names: readonly string[] | undefined;
  readonly states: readonly HandleState[];
}

/** @throws as `stateOf`; TypeError `ERR_INVALID_ARGUMENT` if the cases do not share one heap. */
export function checkCases(what: string, cases: unknown): CaseList {
  if (typeof cases !== 'object' || cases === null || isHandle(cases)) {
    throw invalidType(`cannot ${what}: cases must be an object or an array of receivers, received ${describe(cases)}`);
  }
  const names = Array.isArray(cases) ? undefined : Object.keys(cases);
  const keys = names ?? (cases as readonly unknown[]);
  const states: HandleState[] = [];
  for (let i = 0; i < keys.length; i++) {
    const key = names?.[i] ?? i;
    const state = stateOf(what, key, (cases as Readonly<Record<string | number, unknown>>)[key]);
    if (i > 0 && state.runtime !== states[0]?.runtime) {
      throw invalidType(`cannot ${what}: all cases must be of one shared heap, received ${describe(key)} of another`);
    }
    states.push(state);
  }
  return { names, states };
}

/** Whether `biased` is set. @throws TypeError `ERR_INVALID_ARGUMENT`. */
export function isBiased(what: string, options: SelectOptions | undefined): boolean {
  if (options === undefined) return false;
  if (typeof options !== 'object' || options === null) {
    throw invalidType(`cannot ${what}: options must be an object, received ${describe(options)}`);
  }
  const { biased } = options;
  if (biased === undefined) return false;
  if (typeof biased !== 'boolean') throw invalidType(`cannot ${what}: biased must be a boolean, received ${describe(biased)}`);
  return biased;
}

/**
 * The receiver of a case.
 *
 * @throws TypeError `ERR_INVALID_ARGUMENT`: what is no case; a handle of a copy of this library with another layout.
 * @throws HandleError: a handle that was dropped or moved.
 */
function stateOf(what: string, key: string | number, given: unknown): HandleState {
  const rx = !isHandle(given) && isRecvCase(given) ? given.rx : given;
  if (!isHandle(rx)) {
    throw invalidType(
      `cannot ${what}: case ${describe(key)} must be a receiver or recv(receiver), received ${describe(rx)}` +
        (rx === undefined || rx === null ? '; give never() for a case that is switched off' : ''),
    );
  }
  const state = rx[HANDLE] as HandleState;
  const layout: number = state.layout;
  if (layout !== LAYOUT_VERSION) {
    throw invalidType(
      `cannot ${what}: case ${describe(key)} must be a receiver with memory layout ${LAYOUT_VERSION}, as this copy of the library has, ` +
        `received one of a copy with memory layout ${layout}`,
    );
  }
  if (state.side !== SIDE_RECEIVER)
    throw invalidType(`cannot ${what}: case ${describe(key)} must be a receiver, received ${describe(rx)}`);
  state.check(what);
  return state;
}

function isRecvCase(given: unknown): given is { readonly rx: unknown } {
  return typeof given === 'object' && given !== null && (given as { kind?: unknown }).kind === 'recv';
}

function isReceiver(given: unknown): boolean {
  return isHandle(given) && (given[HANDLE] as HandleState).side === SIDE_RECEIVER;
}
