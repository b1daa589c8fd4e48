/**
 * What can be selected over: the types of cases and of their results, and the checks of what callers pass.
 *
 * Called by: select.ts, dynamic.ts. Users see `recv`, `send` and the types.
 */
import type { BroadcastReceiver, MessageOf, Receiver, Sender } from '@beamline/core';
import { BroadcastReceive, Receive, Send, type CheckedCase } from './case.js';
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

/** A send as a case of a select, made by `send`. */
export interface SendCase<out T> {
  readonly kind: 'send';
  readonly value: T | (() => T);
}

/** What `send` takes for a sender: a value, or a function that makes it once the case is selected. */
export type Lazy<S> = S extends Sender<infer T> ? T | (() => T) : never;

/** One case of a select. */
export type Case =
  Receiver<unknown> | BroadcastReceiver<unknown> | RecvCase<unknown> | BroadcastRecvCase<unknown> | SendCase<unknown>;

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

type SendEvent<K, T> = { readonly key: K; readonly ok: true } | (Gone<K> & { readonly value: T });

type Event<K, C> =
  C extends SendCase<infer T>
    ? SendEvent<K, T>
    : C extends BroadcastReceiver<infer T>
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

/**
 * A send as a case of a select.
 *
 * A plain value is copied when the select is called, and sent if this case is selected. A function is called at most once, when its
 * case has been selected: room, or the receive that waits, is reserved until it returns, so keep it short. It must not be
 * asynchronous. What it throws rejects the select, and the channel is as if nothing had been tried.
 *
 * @throws TypeError `ERR_INVALID_ARGUMENT` if `tx` is no sender.
 * @example
 * ```ts
 * import { bounded, select, send } from 'beamline';
 *
 * const [left, fromLeft] = bounded<string>(1);
 * const [right] = bounded<string>(1);
 * right.trySend('full already');
 * const event = await select({ left: send(left, 'a job'), right: send(right, () => 'made when there is room') });
 * console.log(event.key, fromLeft.tryRecv()); // left { ok: true, value: 'a job' }
 * ```
 */
export function send<S extends Sender<never>>(tx: S, value: Lazy<S>): SendCase<MessageOf<S>>;
export function send(tx: unknown, value: unknown): SendCase<unknown> {
  if (!isSender(tx)) throw invalidType(`cannot make a case: send takes a sender, received ${describe(tx)}`);
  return { kind: 'send', tx, value } as SendCase<unknown>;
}

/** Cases as select.ts works with them. */
export interface CaseList {
  /** Names by index; undefined for an array, whose keys are the indices. */
  readonly names: readonly string[] | undefined;
  readonly cases: readonly CheckedCase[];
}

/** @throws as `checkCase`; TypeError `ERR_INVALID_ARGUMENT` if the cases do not share one heap. */
export function checkCases(what: string, given: unknown): CaseList {
  if (typeof given !== 'object' || given === null || isHandle(given)) {
    throw invalidType(`cannot ${what}: cases must be an object or an array of cases, received ${describe(given)}`);
  }
  const names = Array.isArray(given) ? undefined : Object.keys(given);
  const keys = names ?? (given as readonly unknown[]);
  const cases: CheckedCase[] = [];
  for (let i = 0; i < keys.length; i++) {
    const key = names?.[i] ?? i;
    const checked = checkCase(what, key, (given as Readonly<Record<string | number, unknown>>)[key]);
    if (i > 0 && checked.state.runtime !== cases[0]?.state.runtime) {
      throw invalidType(`cannot ${what}: all cases must be of one shared heap, received ${describe(key)} of another`);
    }
    cases.push(checked);
  }
  return { names, cases };
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
 * One case, as a user gave it.
 *
 * @throws TypeError `ERR_INVALID_ARGUMENT`: what is no case; a handle of a copy of this library with another layout.
 * @throws HandleError: a handle that was dropped or moved.
 */
export function checkCase(what: string, key: string | number, given: unknown): CheckedCase {
  if (isSendCase(given)) {
    const { tx, value } = given;
    const state = stateOf(what, key, tx);
    return new Send(state, value);
  }
  const rx = !isHandle(given) && isRecvCase(given) ? given.rx : given;
  if (!isReceiver(rx)) {
    throw invalidType(
      `cannot ${what}: case ${describe(key)} must be a receiver, recv(receiver) or send(sender, value), received ${describe(rx)}` +
        (rx === undefined || rx === null ? '; give never() for a case that is switched off' : ''),
    );
  }
  const state = stateOf(what, key, rx);
  return state.type === 'broadcast receiver' ? new BroadcastReceive(state) : new Receive(state);
}

function stateOf(what: string, key: string | number, handle: WithState): HandleState {
  const state = handle[HANDLE];
  const layout: number = state.layout;
  if (layout !== LAYOUT_VERSION) {
    throw invalidType(
      `cannot ${what}: case ${describe(key)} must be a handle with memory layout ${LAYOUT_VERSION}, as this copy of the library has, ` +
        `received one of a copy with memory layout ${layout}`,
    );
  }
  state.check(what);
  return state;
}

/** What `recv` made. */
function isRecvCase(given: unknown): given is { readonly rx: unknown } {
  return typeof given === 'object' && given !== null && (given as { kind?: unknown }).kind === 'recv';
}

/** What `send` made. */
function isSendCase(given: unknown): given is { readonly tx: WithState; readonly value: unknown } {
  if (typeof given !== 'object' || given === null || isHandle(given)) return false;
  const { kind, tx } = given as { kind?: unknown; tx?: unknown };
  return kind === 'send' && isSender(tx);
}

interface WithState {
  readonly [HANDLE]: HandleState;
}

function isReceiver(given: unknown): given is WithState {
  return isHandle(given) && (given[HANDLE] as HandleState).side === SIDE_RECEIVER;
}

function isSender(given: unknown): given is WithState {
  return isHandle(given) && (given[HANDLE] as HandleState).type === 'sender';
}
