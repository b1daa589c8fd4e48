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
import type { CheckedCase, Outcome, RunningCase } from './case.js';
import { noneReady, shuffle, upTo } from './choice.js';

/** Which case was selected, and what came of it. */
export interface Selection {
  readonly index: number;
  readonly outcome: Outcome;
}

export class SelectOperation extends Operation<Selection> {
  override readonly isSelect = true;
  /** By case: dropping one of these handles ends the select (core's handles/state.ts). */
  readonly states: readonly HandleState[];
  /** One per channel and side, however many cases there are of it. */
  readonly interests: readonly Interest[];
  private readonly cases: readonly RunningCase[];
  /** Indices of cases, shuffled by every try. */
  private readonly order: number[];
  /** Cases on rendezvous channels, in the order of the offers for them: of those on one channel a partner takes up the first. */
  private readonly offered: number[];

  constructor(
    private readonly what: string,
    private readonly checked: readonly CheckedCase[],
    private readonly biased: boolean,
    deadline: number,
  ) {
    super();
    const cases = (this.cases = startAll(checked));
    const states = (this.states = checked.map(({ state }) => state));
    this.interests = distinct(checked.map(({ interest }) => interest));
    this.order = upTo(cases.length);
    this.deadline = deadline;
    this.keepsAlive = states.length === 0 || states.some((state) => state.keepsAlive);
    this.offered = upTo(cases.length).filter((index) => cases[index]?.offer !== undefined);
    if (!biased) shuffle(this.offered);
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
      return this.tryCases() || (this.cases.length > 1 && !noneReady(this.checked, () => this.tryCases()));
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
    if (!this.biased) shuffle(this.order);
    for (const index of this.order) {
      const outcome = this.caseAt(index).attempt();
      if (outcome !== undefined) return this.select(index, outcome);
    }
    return false;
  }

  private select(index: number, outcome: Outcome): true {
    this.end();
    return this.succeed({ index, outcome });
  }
}

/** Below this many cases a search through a list is faster than a Set. */
const FEW = 16;

function distinct(interests: readonly Interest[]): readonly Interest[] {
  if (interests.length > FEW) return [...new Set(interests)];
  return interests.filter((interest, i) => interests.indexOf(interest) === i);
}

/** Starts cases for one select. @throws as `CheckedCase.start`, and then none is started. */
export function startAll(cases: readonly CheckedCase[]): RunningCase[] {
  const running: RunningCase[] = [];
  try {
    for (const each of cases) running.push(each.start());
  } catch (error) {
    for (const each of running) each.giveUp();
    throw error;
  }
  return running;
}
