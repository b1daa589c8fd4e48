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
  NOT_READY,
  Operation,
  type Abandoned,
  type HandleState,
  type Interest,
} from '@beamline/core/internal';
import type { CaseList } from './cases.js';

export type Selection =
  | { readonly key: string | number; readonly ok: true; readonly value: unknown }
  | { readonly key: string | number; readonly ok: false; readonly reason: 'disconnected' };

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

  constructor(
    private readonly what: string,
    { names, states }: CaseList,
    biased: boolean,
    deadline: number,
  ) {
    super();
    this.names = names;
    this.states = states;
    this.order = biased ? undefined : Array.from(states.keys());
    this.deadline = deadline;
    this.keepsAlive = states.some((state) => state.keepsAlive);
  }

  /** One per channel, however many cases receive from it. */
  get interests(): readonly Interest[] {
    return (this.distinct ??= [...new Set(this.states.map((state) => state.channel.receiving))]);
  }

  attempt(because?: Interest): boolean {
    try {
      if (because !== undefined) return because.isReady && this.tryCases();
      return this.tryCases() || (this.states.length > 1 && !this.noneReady());
    } catch (error) {
      return this.fail(error);
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
    const key = this.names === undefined ? index : (this.names[index] as string);
    if (failure !== undefined) {
      state.failure = undefined; // a batch receive ran into it behind good messages, and left it for the next receive
      throw failure.error;
    }
    const count = channel.recv(runtime.batch, 1);
    if (count === NOT_READY) return false;
    if (count === DISCONNECTED) return this.succeed({ key, ok: false, reason: 'disconnected' });
    return this.succeed({ key, ok: true, value: decode(runtime, channel, runtime.batch, 0) });
  }

  /**
   * SO2: whether there was an instant at which no case was ready; otherwise this completed one. A channel that was found empty stays
   * empty until somebody sends, and a timer until it falls due; so if nobody sent from before a fruitless try until after it, and
   * no channel has been marked nor timer become due, then at the end of that try none was ready.
   */
  private noneReady(): boolean {
    for (let round = 0; round < ROUNDS; round++) {
      const before = this.states.map(sentOn);
      if (this.tryCases()) return false;
      if (this.states.every((state, i) => sentOn(state) === before[i]) && !this.interests.some(isReady)) return true;
    }
    return true;
  }
}

function sentOn(state: HandleState): number {
  return state.channel.sent;
}

function isReady(interest: Interest): boolean {
  return interest.isReady;
}
