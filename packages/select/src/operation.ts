/**
 * A select while it is tried and while it waits.
 *
 * Made by: select.ts, dynamic.ts. Run by: core's waiting/parking.ts, which registers every interest, tries again (the lost-wake-up
 * guard) and parks; nothing here polls.
 *
 * Invariants
 *   SO1  A try goes through the cases in random order and takes the first that is ready: each ready one is as likely as any other,
 *        also when the select was woken because of one of them. Biased, it goes through them in their own order.
 *   SO2  A try that completes nothing has seen an instant at which no case was ready (`noneReady`), not merely each case unready at
 *        an instant of its own. So a select without waiting does not fail while a message moves from one of its channels to another.
 *   SO3  When it is over, every case but the selected one has been given up.
 */
import { TimeoutError } from '@beamline/core';
import { Offers, Operation, type Abandoned, type HandleState, type Interest, type OfferCase } from '@beamline/core/internal';
import type { Outcome, RunningCase } from './case.js';

/** Which case was selected, and what came of it. */
export interface Selection {
  readonly index: number;
  readonly outcome: Outcome;
}

/**
 * Tries that may be repeated because somebody sent meanwhile. Each repetition means that others got on; beyond so many of them
 * nobody could tell what was there when, and a select that does not wait must end.
 */
const ROUNDS = 100;

export class SelectOperation extends Operation<Selection> {
  override readonly isSelect = true;
  /** By case: dropping one of these handles ends the select (core's handles/state.ts). */
  readonly states: readonly HandleState[];
  /** One per channel and side, however many cases there are of it. */
  readonly interests: readonly Interest[];
  /** Indices of cases, shuffled by every try. */
  private readonly order: number[] | undefined;
  /** Cases on rendezvous channels, in the order of the offers for them. */
  private readonly offered: readonly number[];

  constructor(
    private readonly what: string,
    private readonly cases: readonly RunningCase[],
    biased: boolean,
    deadline: number,
  ) {
    super();
    const states = (this.states = cases.map(({ state }) => state));
    this.interests = distinct(cases.map(({ interest }) => interest));
    this.order = biased || cases.length < 2 ? undefined : upTo(cases.length);
    this.deadline = deadline;
    this.keepsAlive = states.length === 0 || states.some((state) => state.keepsAlive);
    this.offered = upTo(cases.length).filter((index) => cases[index]?.offer !== undefined);
    const [first] = states;
    if (first === undefined || this.offered.length === 0) return;
    this.offers = new Offers(
      first.runtime.heap,
      this.offered.map((index) => this.caseAt(index).offer as OfferCase),
    );
    for (const index of this.offered) this.caseAt(index).onMade = () => this.offers?.release();
  }

  attempt(because?: Interest): boolean {
    try {
      if (because !== undefined) return because.isReady && this.tryCases();
      return this.tryCases() || (this.cases.length > 1 && !this.noneReady());
    } catch (error) {
      return this.giveUp(error);
    }
  }

  /** A partner took up one of the offers. */
  override accept(): boolean {
    const { runtime } = this.states[0] as HandleState;
    const batch = runtime.lendBatch();
    try {
      const index = this.offered[(this.offers as Offers).collect(batch)] as number;
      return this.select(index, this.caseAt(index).accept(batch));
    } catch (error) {
      return this.giveUp(error);
    } finally {
      runtime.returnBatch(batch);
    }
  }

  override giveUp(error: unknown): true {
    this.end();
    return this.fail(error);
  }

  abandon(reason: Abandoned): unknown {
    this.end();
    const { what, states } = this;
    if (reason.why === 'abort') return reason.reason;
    const gone = states.find((state) => state.status !== 'live');
    if (gone !== undefined) return gone.gone(what);
    return new TimeoutError(`cannot ${what}: none of ${states.length} cases was ready until the time was up`);
  }

  /** SO3. A select that was only tried. */
  end(): void {
    for (const each of this.cases) each.giveUp();
  }

  private caseAt(index: number): RunningCase {
    return this.cases[index] as RunningCase;
  }

  /** SO1. */
  private tryCases(): boolean {
    const { order, cases } = this;
    const count = cases.length;
    for (let i = 0; i < count; i++) {
      let index = i;
      if (order !== undefined) {
        const j = i + Math.floor(Math.random() * (count - i));
        index = order[j] as number;
        order[j] = order[i] as number;
        order[i] = index;
      }
      const outcome = this.caseAt(index).attempt();
      if (outcome !== undefined) return this.select(index, outcome);
    }
    return false;
  }

  private select(index: number, outcome: Outcome): true {
    this.end();
    return this.succeed({ index, outcome });
  }

  /**
   * SO2: whether there was an instant at which no case was ready; otherwise this completed one. A channel that was seen empty stays
   * empty until somebody sends, a full one stays full until somebody receives, and a timer that was not due is not due until its
   * time comes or somebody takes from it; all that counts as progress. So if no count has changed since before the look, then at its
   * end none was ready, unless a channel was marked, or a timer fell due, behind the look's back: that lasts, and the second look
   * sees it.
   */
  private noneReady(): boolean {
    const { cases } = this;
    const before: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      for (let i = 0; i < cases.length; i++) before[i] = this.caseAt(i).progress;
      if (this.isAnyReady()) {
        if (this.tryCases()) return false;
      } else if (this.hasStood(before) && !this.isAnyReady()) return true;
    }
    return true;
  }

  private isAnyReady(): boolean {
    for (const each of this.cases) if (each.isReady) return true;
    return false;
  }

  private hasStood(before: readonly number[]): boolean {
    for (let i = 0; i < before.length; i++) if (this.caseAt(i).progress !== before[i]) return false;
    return true;
  }
}

function upTo(count: number): number[] {
  const indices: number[] = [];
  for (let i = 0; i < count; i++) indices.push(i);
  return indices;
}

/** Below this many cases a search through a list is faster than a Set. */
const FEW = 16;

function distinct(interests: readonly Interest[]): readonly Interest[] {
  if (interests.length > FEW) return [...new Set(interests)];
  return interests.filter((interest, i) => interests.indexOf(interest) === i);
}
