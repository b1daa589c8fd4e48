/**
 * What the workers are doing, in figures: one row per seat, in memory that the worker shares with the pool's thread, so that `stats` asks
 * nobody and holds up nobody.
 *
 * Written by: the worker that has the seat (desk.ts). Read by: crew.ts, which clears a row when its worker is gone.
 *
 * Plain stores and loads: nothing is decided by these figures. They are right whenever the worker is at rest, and after its death; what
 * is read while it works may be a job behind.
 *
 * Invariant
 *   BO1  An outcome is counted before each try to publish it, and beside its desk stands how, until that has succeeded or failed. So whoever
 *        has received an outcome finds it counted; and if a worker dies in between, its orphans tell which of its counts came to nothing.
 */
import { now } from '@beamline/core';

/** What comes of a job. */
export type Outcome = typeof COMPLETED | typeof FAILED;

const BEGUN_AT = 0;
const RUNNING = 1;
export const COMPLETED = 2;
export const FAILED = 3;
const BUSY_MS = 4;
/** Since when there has been a job in progress, while there is one. */
const BUSY_SINCE = 5;
/** From here on two words for each desk: the number of its job, */
const DESKS = 8;
const DESK_WORDS = 2;
/** and, BO1, COMPLETED or FAILED; 0 while nothing is being published. */
const UNCERTAIN = 1;

/** A row begins with a cache line of its own. */
function rowWords(concurrency: number): number {
  return DESKS + 8 * Math.ceil((DESK_WORDS * concurrency) / 8);
}

/** The memory for so many seats with so many desks each. */
export function newBoard(seats: number, concurrency: number): SharedArrayBuffer {
  return new SharedArrayBuffer(seats * rowWords(concurrency) * Float64Array.BYTES_PER_ELEMENT);
}

/** The row of one seat. */
export class Row {
  private readonly words: Float64Array;

  constructor(board: SharedArrayBuffer, seat: number, concurrency: number) {
    const length = rowWords(concurrency);
    this.words = new Float64Array(board, seat * length * Float64Array.BYTES_PER_ELEMENT, length);
  }

  get running(): number {
    return this.at(RUNNING);
  }

  get completed(): number {
    return this.at(COMPLETED);
  }

  get failed(): number {
    return this.at(FAILED);
  }

  /** Share of the time since the worker began with at least one job in progress, 0 to 1. */
  get utilization(): number {
    const begunAt = this.at(BEGUN_AT);
    if (begunAt === 0) return 0;
    const instant = now();
    const busy = this.at(BUSY_MS) + (this.running > 0 ? instant - this.at(BUSY_SINCE) : 0);
    return Math.min(Math.max(busy / (instant - begunAt), 0), 1);
  }

  /** The worker is ready for jobs. */
  begin(): void {
    this.words[BEGUN_AT] = now();
  }

  /** A job was taken onto a desk. */
  take(desk: number, number: number, instant: number): void {
    const { words } = this;
    words[DESKS + DESK_WORDS * desk] = number;
    if (++words[RUNNING]! === 1) words[BUSY_SINCE] = instant;
  }

  /** A job's outcome is about to be published. BO1: no calls between the stores, so this thread does not end between them. */
  count(desk: number, outcome: Outcome, instant: number): void {
    const { words } = this;
    const isIdle = words[RUNNING] === 1;
    words[DESKS + DESK_WORDS * desk + UNCERTAIN] = outcome;
    words[outcome]!++;
    words[RUNNING]!--;
    if (isIdle) words[BUSY_MS]! += instant - words[BUSY_SINCE]!;
  }

  /** It was published. */
  confirm(desk: number): void {
    this.words[DESKS + DESK_WORDS * desk + UNCERTAIN] = 0;
  }

  /** It was not: the job is still in progress. BO1: as above. */
  retract(desk: number, instant: number): void {
    const { words } = this;
    const at = DESKS + DESK_WORDS * desk + UNCERTAIN;
    if (words[RUNNING] === 0) words[BUSY_SINCE] = instant;
    words[words[at]!]!--;
    words[RUNNING]!++;
    words[at] = 0;
  }

  /** The worker is gone, and has left jobs of these numbers unanswered: makes the counts final. */
  close(orphans: readonly number[]): void {
    const { words } = this;
    for (let at = DESKS; at < words.length; at += DESK_WORDS) {
      const outcome = this.at(at + UNCERTAIN);
      if (outcome !== 0 && orphans.includes(this.at(at))) words[outcome]!--; // BO1
    }
  }

  /** For the next worker. */
  clear(): void {
    this.words.fill(0);
  }

  private at(word: number): number {
    return this.words[word] as number;
  }
}
