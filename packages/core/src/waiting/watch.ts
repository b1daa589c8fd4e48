/**
 * Channels that a reusable select watches also between its calls, so that a call costs what became ready, not what is watched.
 *
 * Made by: @beamline/select (Select, selectEach). Driven by: waiting/parking.ts. Proof: docs/protocols.md, "Select".
 *
 * The thread's bit stays set in every channel that was found not ready. So a call looks only at its *news*: interests whose bit is
 * not set, or may not be, because a wake-up came, or that were ready when they were last looked at.
 *
 * Invariants
 *   WA1  An interest that is not news has its bit set since it was last found not ready, and no wake-up came for it since.
 *   WA2  An idle watch absorbs no wake-up: one that finds nobody waiting here is handed on at once (`signal`), and its interest is
 *        news, its bit clear, until the next call.
 *   WA3  When a call is over, what is still news is signalled: a wake-up may have come for it that this call did not use.
 */
import type { Interest, Watched, Watcher } from './operation.js';

export class Watch<Case> implements Watcher {
  /** WA1. In no order. */
  readonly news = new Set<WatchedCases<Case>>();
  isWaiting = false;

  /** How it watches an interest, if it does. */
  on(interest: Interest): WatchedCases<Case> | undefined {
    for (let watched = interest.watched; watched !== undefined; watched = watched.next) {
      if (watched.watch === this) return watched as WatchedCases<Case>;
    }
    return undefined;
  }
}

/** The cases of a watch that wait for one interest, at least one. */
export class WatchedCases<Case> implements Watched {
  readonly cases: Case[];
  next: Watched | undefined;

  constructor(
    readonly watch: Watch<Case>,
    readonly interest: Interest,
    first: Case,
  ) {
    this.cases = [first];
    this.next = interest.watched;
    interest.watched = this;
  }

  /** The last case is gone. */
  end(): void {
    const { interest, watch } = this;
    watch.news.delete(this);
    if (interest.watched === this) {
      interest.watched = this.next;
      return;
    }
    for (let before = interest.watched; before !== undefined; before = before.next)
      if (before.next === this) before.next = this.next;
  }
}
