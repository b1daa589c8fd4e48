/**
 * What all selects share: a fair order of cases, and certainty that none of them was ready.
 *
 * Called by: operation.ts, set.ts.
 */
import type { CheckedCase } from './case.js';

/**
 * Tries that may be repeated because somebody sent meanwhile. Each repetition means that others got on; beyond so many of them
 * nobody could tell what was there when, and a select that does not wait must end.
 */
const ROUNDS = 100;

/**
 * Whether there was an instant at which no case was ready; otherwise `tryCases` completed one. A channel that was seen empty stays
 * empty until somebody sends, a full one stays full until somebody receives, and a timer that was not due is not due until its time
 * comes or somebody takes from it; all that counts as progress. So if no count has changed since before the look, then at its end
 * none was ready, unless a channel was marked, or a timer fell due, behind the look's back: that lasts, and the second look sees it.
 */
export function noneReady(cases: readonly CheckedCase[], tryCases: () => boolean): boolean {
  const before: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < cases.length; i++) before[i] = (cases[i] as CheckedCase).progress;
    if (isAnyReady(cases)) {
      if (tryCases()) return false;
    } else if (hasStood(cases, before) && !isAnyReady(cases)) return true;
  }
  return true;
}

function isAnyReady(cases: readonly CheckedCase[]): boolean {
  for (const each of cases) if (each.isReady) return true;
  return false;
}

function hasStood(cases: readonly CheckedCase[], before: readonly number[]): boolean {
  for (let i = 0; i < before.length; i++) if ((cases[i] as CheckedCase).progress !== before[i]) return false;
  return true;
}

/** Every order is as likely as any other. */
export function shuffle<T>(items: T[]): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    const item = items[i] as T;
    items[i] = items[j] as T;
    items[j] = item;
  }
}

export function upTo(count: number): number[] {
  const indices: number[] = [];
  for (let i = 0; i < count; i++) indices.push(i);
  return indices;
}
