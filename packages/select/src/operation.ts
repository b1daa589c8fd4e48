/**
 * A select while it is tried and while it waits.
 *
 * Made by: select.ts. Run by: core's waiting/parking.ts, which registers every interest, tries again (the lost-wake-up guard) and
 * parks; nothing here polls.
 *
 * A case is tried by really receiving from it, so a case that does not win has had nothing done to it.
 *
 * Invariants
 *   SO1  A try goes through the cases in random order and takes the first that is ready: each ready one is as likely as any other,
 *        also when the select was woken because of one of them. Biased, it goes through them in their own order.
 *   SO2  A try that completes nothing has seen an instant at which no case was ready (`noneReady`), not merely each case unready at
 *        an instant of its own. So a select without waiting does not fail while a message moves from one of its channels to another.
 */
import { TimeoutError } from '@beamline/core';
import {
  decode,
  DISCONNECTED,
  isBroadcastReadable,
  isRendezvous,
  NOT_READY,
  offeredPlace,
  Offers,
  Operation,
  tryReceive,
  type Abandoned,
  type HandleState,
  type Interest,
  type ZeroChannel,
} from '@beamline/core/internal';
import type { CaseList } from './cases.js';

export type Selection =
  | { readonly key: string | number; readonly ok: true; readonly value: unknown }
  | { readonly key: string | number; readonly ok: false; readonly reason: 'disconnected' }
  | { readonly key: string | number; readonly ok: false; readonly reason: 'lagged'; readonly missed: number };

/**
 * Tries that may be repeated because somebody sent meanwhile. Each repetition means that others got on; beyond so many of them
 * nobody could tell what was there when, and a select that does not wait must end.
 */
const ROUNDS = 100;

export class SelectOperation extends Operation<Selection> {
  /** Receivers by case: dropping one of them ends the select (core's handles/handle.ts). */
  readonly states: readonly HandleState[];
  private readonly names: readonly string[] | undefined;
  /** Indices of cases, shuffled by every try. */
  private readonly order: number[] | undefined;
  private distinct: readonly Interest[] | undefined;
  /** Cases on rendezvous channels, in the order of the offers for them. */
  private readonly offered: readonly number[];

  constructor(
    private readonly what: string,
    { names, states }: CaseList,
    biased: boolean,
    deadline: number,
  ) {
    super();
    this.names = names;
    this.states = states;
    this.order = biased || states.length < 2 ? undefined : upTo(states.length);
    this.deadline = deadline;
    this.keepsAlive = states.length === 0 || states.some((state) => state.keepsAlive);
    this.offered = rendezvousAmong(states);
    this.offers = offersFor(states, this.offered);
  }

  /** One per channel, however many cases receive from it. */
  get interests(): readonly Interest[] {
    return (this.distinct ??= interestsOf(this.states));
  }

  attempt(because?: Interest): boolean {
    try {
      if (because !== undefined) return because.isReady && this.tryCases();
      return this.tryCases() || (this.states.length > 1 && !this.noneReady());
    } catch (error) {
      return this.fail(error);
    }
  }

  /** A partner left its message in one of the offers. */
  override accept(): boolean {
    const { runtime } = this.states[this.offered[0] as number] as HandleState;
    const batch = runtime.lendBatch();
    try {
      const index = this.offered[(this.offers as Offers).collect(batch)] as number;
      const { channel } = this.states[index] as HandleState;
      return this.succeed({ key: this.keyOf(index), ok: true, value: decode(runtime, channel, batch, 0) });
    } catch (error) {
      return this.fail(error);
    } finally {
      runtime.returnBatch(batch);
    }
  }

  abandon(reason: Abandoned): unknown {
    const { what, states } = this;
    if (reason.why === 'abort') return reason.reason;
    const gone = states.find((state) => state.status !== 'live');
    if (gone !== undefined) return gone.gone(what);
    return new TimeoutError(`cannot ${what}: none of ${states.length} cases was ready until the time was up`);
  }

  /** SO1. */
  private tryCases(): boolean {
    const { order, states } = this;
    const count = states.length;
    for (let i = 0; i < count; i++) {
      let index = i;
      if (order !== undefined) {
        const j = i + Math.floor(Math.random() * (count - i));
        index = order[j] as number;
        order[j] = order[i] as number;
        order[i] = index;
      }
      if (this.tryCase(index)) return true;
    }
    return false;
  }

  private tryCase(index: number): boolean {
    const state = this.states[index] as HandleState;
    const { runtime, channel, failure } = state;
    const key = this.keyOf(index);
    if (isBroadcast(state)) return this.tryBroadcast(state, key);
    if (failure !== undefined) {
      state.failure = undefined; // a batch receive ran into it behind good messages, and left it for the next receive
      throw failure.error;
    }
    const count = channel.recv(runtime.batch, 1);
    if (count === NOT_READY) return false;
    if (count === DISCONNECTED) return this.succeed({ key, ok: false, reason: 'disconnected' });
    return this.succeed({ key, ok: true, value: decode(runtime, channel, runtime.batch, 0) });
  }

  /** Each receiver of a broadcast reads for itself. */
  private tryBroadcast(state: HandleState, key: string | number): boolean {
    const result = tryReceive(state);
    if (result.ok) return this.succeed({ key, ok: true, value: result.value });
    if (result.reason === 'lagged') return this.succeed({ key, ok: false, reason: 'lagged', missed: result.missed });
    return result.reason === 'disconnected' && this.succeed({ key, ok: false, reason: 'disconnected' });
  }

  private keyOf(index: number): string | number {
    return this.names === undefined ? index : (this.names[index] as string);
  }

  /**
   * SO2: whether there was an instant at which no case was ready; otherwise this completed one. A channel that was seen empty stays
   * empty until somebody sends, and a timer that was not due is not due until its time comes or somebody takes from it; both count
   * in `sent`. So if no count has changed since before the look, then at its end none was ready, unless a channel was marked, or a
   * timer fell due, behind the look's back: that lasts, and the second look sees it.
   */
  private noneReady(): boolean {
    const { states } = this;
    const sent: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      for (let i = 0; i < states.length; i++) sent[i] = (states[i] as HandleState).channel.sent;
      if (this.isAnyReady()) {
        if (this.tryCases()) return false;
      } else if (this.areSentStill(sent) && !this.isAnyReady()) return true;
    }
    return true;
  }

  private isAnyReady(): boolean {
    for (const state of this.states)
      if (isBroadcast(state) ? isBroadcastReadable(state) : state.channel.receiving.isReady) return true;
    return false;
  }

  private areSentStill(sent: readonly number[]): boolean {
    for (let i = 0; i < sent.length; i++) if ((this.states[i] as HandleState).channel.sent !== sent[i]) return false;
    return true;
  }
}

function isBroadcast({ type }: HandleState): boolean {
  return type === 'broadcast receiver';
}

const NONE: readonly number[] = Object.freeze([]);

function rendezvousAmong(states: readonly HandleState[]): readonly number[] {
  let found: number[] | undefined;
  for (let i = 0; i < states.length; i++) if (isRendezvous((states[i] as HandleState).channel)) (found ??= []).push(i);
  return found ?? NONE;
}

function offersFor(states: readonly HandleState[], offered: readonly number[]): Offers | undefined {
  if (offered.length === 0) return undefined;
  const { heap } = (states[0] as HandleState).runtime;
  return new Offers(
    heap,
    offered.map((index) => offeredPlace((states[index] as HandleState).channel as ZeroChannel)),
  );
}

function upTo(count: number): number[] {
  const indices: number[] = [];
  for (let i = 0; i < count; i++) indices.push(i);
  return indices;
}

/** Below this many cases a search through a list is faster than a Set. */
const FEW = 16;

function interestsOf(states: readonly HandleState[]): readonly Interest[] {
  if (states.length > FEW) return [...new Set(states.map((state) => state.channel.receiving))];
  const interests: Interest[] = [];
  for (const { channel } of states) if (!interests.includes(channel.receiving)) interests.push(channel.receiving);
  return interests;
}
