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
 *   BO1  An outcome is counted before it is published, and UNCERTAIN says how until its publishing has succeeded or failed. So whoever has
 *        received an outcome finds it counted; and of a worker that died in between, the number of its orphans tells which it was.
 */
import { now } from '@beamline/core';

/** What comes of a job. */
export type Outcome = typeof COMPLETED | typeof FAILED;

/** A row has a cache line of its own. */
const ROW_WORDS = 8;
const BEGUN_AT = 0;
const RUNNING = 1;
export const COMPLETED = 2;
export const FAILED = 3;
const BUSY_MS = 4;
/** Since when there has been a job in progress, while there is one. */
const BUSY_SINCE = 5;
/** BO1: COMPLETED or FAILED; 0 while nothing is being published. */
const UNCERTAIN = 6;

/** The memory for so many seats. */
export function newBoard(seats: number): SharedArrayBuffer {
  return new SharedArrayBuffer(seats * ROW_WORDS * Float64Array.BYTES_PER_ELEMENT);
}

/** The row of one seat. */
export class Row {
  private readonly words: Float64Array;

  constructor(board: SharedArrayBuffer, seat: number) {
    this.words = new Float64Array(board, seat * ROW_WORDS * Float64Array.BYTES_PER_ELEMENT, ROW_WORDS);
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

  /** A job was taken. */
  take(instant: number): void {
    const { words } = this;
    if (++words[RUNNING]! === 1) words[BUSY_SINCE] = instant;
  }

  /** A job's outcome is about to be published. BO1: no calls between the stores, so this thread does not end between them. */
  count(outcome: Outcome, instant: number): void {
    const { words } = this;
    const isIdle = words[RUNNING] === 1;
    words[UNCERTAIN] = outcome;
    words[outcome]!++;
    words[RUNNING]!--;
    if (isIdle) words[BUSY_MS]! += instant - words[BUSY_SINCE]!;
  }

  /** It was published. */
  confirm(): void {
    this.words[UNCERTAIN] = 0;
  }

  /** It could not be published yet, or not in this form: the job is still in progress. BO1: as above. */
  retract(instant: number): void {
    const { words } = this;
    if (words[RUNNING] === 0) words[BUSY_SINCE] = instant;
    words[words[UNCERTAIN]!]!--;
    words[RUNNING]!++;
    words[UNCERTAIN] = 0;
  }

  /** The worker is gone, and left so many jobs unanswered: makes the counts final. */
  close(orphans: number): void {
    const outcome = this.at(UNCERTAIN);
    if (outcome !== 0 && orphans > this.running) this.words[outcome]!--; // BO1
  }

  /** For the next worker. */
  clear(): void {
    this.words.fill(0);
  }

  private at(word: number): number {
    return this.words[word] as number;
  }
}
