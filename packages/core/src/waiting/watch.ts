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
import type { Interest, Watcher } from './operation.js';

export class Watch implements Watcher {
  /** WA1. In no order. */
  readonly news = new Set<Interest>();
  isWaiting = false;
  /** What it watches, and how many cases each serves. */
  private readonly counts = new Map<Interest, number>();

  get interests(): Iterable<Interest> {
    return this.counts.keys();
  }

  /** One more case. Says whether it is the first of its interest. */
  add(interest: Interest): boolean {
    const count = this.counts.get(interest) ?? 0;
    this.counts.set(interest, count + 1);
    this.news.add(interest);
    return count === 0;
  }

  /** One case less. Says whether it was the last of its interest. */
  remove(interest: Interest): boolean {
    const count = (this.counts.get(interest) ?? 1) - 1;
    if (count > 0) this.counts.set(interest, count);
    else {
      this.counts.delete(interest);
      this.news.delete(interest);
    }
    return count <= 0;
  }
}
