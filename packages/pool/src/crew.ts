/**
 * The workers of a pool: Piscina starts them and replaces those that die; this file gives each its one long task, the pull loop,
 * and finds out what became of it.
 *
 * Called by: pool.ts. What worker and owner tell each other is in messages.ts.
 *
 * A *seat* is a place for one worker; it is taken by one after another. A *shift* (shift.ts) is one worker's time in the pull loop;
 * only when it is over, and nothing more can come of it, the seat is taken again.
 *
 * Piscina (5.3): its `close` would end busy workers, a `signal` for `run` would end the worker, and it keeps the process alive for
 * a busy worker through a port that only its own record of the worker has. A worker that ends before it says that it is ready is
 * not replaced, until something else is to be run.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { MemoryError } from '@beamline/core';
import { invalidType, runtime } from '@beamline/core/internal';
import { Piscina } from 'piscina';
import { Row } from './board.js';
import { asError } from './errors.js';
import { workerEntryFile } from './files.js';
import type { Notice } from './messages.js';
import type { PiscinaOptions } from './options.js';
import { Shift, type ShiftEnd, type Unanswered, type Work } from './shift.js';
import type { Figures, WorkerStats } from './stats.js';

/** When so many workers in a row, or three times as many as there are seats, ended before they could take a job, none ever will. */
const TRIES = 16;
/** The longest pause before a seat is taken again whose workers keep dying without a job. */
const LONGEST_PAUSE_MS = 1000;

/** A job whose worker died, or was terminated. */
export interface Orphan extends Unanswered {
  readonly worker: number;
  /** What the worker died of. */
  readonly death: Death;
}

export interface Death {
  readonly exitCode: number;
  /** What nobody caught. */
  readonly error: Error | undefined;
}

/** What a crew tells its pool. */
export interface CrewEvents {
  /** Decides what becomes of it; if it is delivered again, then it is in `retries` when this returns. */
  onOrphan(orphan: Orphan): void;
  /** A worker has begun whose file could not be loaded: it fails every job. */
  onBadFile(failure: Error): void;
  /** Jobs that are not wanted any more and may still be in the channel, with the reasons. */
  cancelled(): Iterable<readonly [number: number, reason: unknown]>;
}

export class Crew {
  /** Resolves when no seat is taken any more: nothing more will come. Gives why, if none could be taken. */
  readonly ended: Promise<Error | undefined>;
  private readonly runtime = runtime();
  private readonly shifts = new Set<Shift>();
  private readonly known = new WeakSet<Worker>();
  /** What Piscina keeps of each worker. */
  private readonly records = new Set<PiscinaRecord>();
  private readonly deaths = new Map<number, Promise<Death>>();
  private readonly rows: readonly Row[];
  /** What was counted on the board by workers that are gone. */
  private completed = 0;
  private failed = 0;
  private isStopped = false;
  private isDestroyed = false;
  private failure: Error | undefined;
  /** Workers that ended before they could take a job, since one last could. */
  private missed = 0;

  constructor(
    private readonly piscina: Piscina,
    private readonly work: Work,
    private readonly events: CrewEvents,
  ) {
    this.piscina.on('error', ignore); // of a worker that is in no shift; its shift's error is what counts
    this.piscina.on('workerCreate', (worker: object) => {
      this.watch();
      for (const record of recordsIn(worker)) this.records.add(record);
      queueMicrotask(() => this.unref()); // by then it may have its task
    });
    this.piscina.on('workerDestroy', (worker: object) => {
      for (const record of recordsIn(worker)) this.records.delete(record);
    });
    this.rows = Array.from({ length: piscina.maxThreads }, (_, seat) => new Row(work.board, seat, work.concurrency));
    const seats = this.rows.map((row, seat) => this.takeSeat(row, seat).catch(asError));
    this.watch();
    this.ended = Promise.all(seats).then((failures) => (failures.every(isDefined) ? failures[0] : undefined));
  }

  /** The workers take no more jobs. What they have taken they finish. */
  stop(): void {
    this.isStopped = true;
    for (const shift of this.shifts) shift.stop();
  }

  /** Tells all workers that a job is not wanted any more: one of them may have it. */
  cancel(number: number, reason: unknown): void {
    for (const shift of this.shifts) shift.cancel(number, reason);
  }

  /** Ends all threads, now. */
  async terminate(): Promise<void> {
    this.isDestroyed = true;
    await this.piscina.destroy();
  }

  get figures(): Figures {
    const { rows, shifts } = this;
    let { completed, failed } = this;
    for (const row of rows) {
      completed += row.completed;
      failed += row.failed;
    }
    const workers: WorkerStats[] = [];
    for (const { seat, worker } of shifts) {
      if (worker === undefined) continue;
      const row = rows[seat] as Row;
      workers.push({ threadId: worker, running: row.running, completed: row.completed, utilization: row.utilization });
    }
    return { completed, failed, workers };
  }

  /** One worker after another takes this seat. Resolves when that is over; with the reason if nobody can take it. */
  private async takeSeat(row: Row, seat: number): Promise<Error | undefined> {
    let vain = 0;
    for (;;) {
      const { error, worker, orphans } = await this.workShift(seat);
      this.addUp(row, orphans);
      if (worker !== undefined && error !== undefined) await this.report(worker, orphans);
      if (error === undefined || this.isOver) return this.failure;
      if (worker === undefined && this.isHopeless()) return this.hopeless(error);
      vain = orphans.length > 0 ? 0 : vain + 1;
      // A worker that did not begin has taken its time already; one that died idle, or found no memory, may have been quick.
      if (vain > 1 && (worker !== undefined || error instanceof MemoryError)) {
        await pause(Math.min(2 ** vain, LONGEST_PAUSE_MS), undefined, { ref: false });
      }
      if (this.isOver) return this.failure;
    }
  }

  /** Has a worker pull jobs, until nothing more of it is to come. */
  private async workShift(seat: number): Promise<ShiftEnd> {
    let shift: Shift;
    try {
      shift = new Shift(this.work, seat, this.piscina, (notice) => this.onBegin(notice));
    } catch (error) {
      return { error: asError(error), worker: undefined, orphans: [] }; // no memory for its channels
    }
    this.shifts.add(shift);
    queueMicrotask(() => this.unref());
    for (const [number, reason] of this.events.cancelled()) shift.cancel(number, reason);
    if (this.isStopped) shift.stop(); // it is here for `retries`
    const error = await shift.over;
    this.shifts.delete(shift);
    return { error, worker: shift.worker, orphans: shift.orphans };
  }

  /** What a worker that is gone has done. */
  private addUp(row: Row, orphans: ShiftEnd['orphans']): void {
    row.close(orphans.map(({ number }) => number));
    this.completed += row.completed;
    this.failed += row.failed;
    row.clear();
  }

  /** Whether there is nothing for another worker to do (retries.ts, RE1). */
  private get isOver(): boolean {
    const { jobs, retries } = this.work;
    if (this.isDestroyed) return true;
    return (retries === undefined || retries.isEmpty) && (this.isStopped || (jobs.isDisconnected && jobs.isEmpty));
  }

  /**
   * Busy workers keep the process alive through Piscina's port; ours are always busy, and who waits for a job waits on a channel,
   * which sees to that by itself.
   */
  private unref(): void {
    for (const record of this.records) record.unref();
  }

  /** A worker has died; says so of the jobs that it had. */
  private async report(worker: number, orphans: ShiftEnd['orphans']): Promise<void> {
    const death = await (this.deaths.get(worker) ?? UNKNOWN_DEATH);
    this.deaths.delete(worker);
    for (const orphan of orphans) this.events.onOrphan({ ...orphan, worker, death });
  }

  private onBegin({ failure }: Notice): void {
    this.missed = 0;
    if (failure !== undefined) this.events.onBadFile(failure);
  }

  /** Notes the deaths of workers that were not known yet. Piscina has made them in the same turn. */
  private watch(): void {
    for (const worker of this.piscina.threads) {
      if (this.known.has(worker)) continue;
      this.known.add(worker);
      const { threadId } = worker; // -1 by the time of the exit event
      let error: Error | undefined;
      worker.once('error', (thrown) => (error = asError(thrown)));
      const exited = new Promise<Death>((resolve) =>
        worker.once('exit', (exitCode) => {
          if (!this.runtime.left) this.runtime.witness.onExit(threadId);
          resolve({ exitCode, error });
          this.watch();
          this.nudge(error);
        }),
      );
      this.deaths.set(threadId, exited);
    }
  }

  /** Another worker has ended before it could take a job: whether that is all they do. */
  private isHopeless(): boolean {
    return ++this.missed >= Math.max(TRIES, 3 * this.piscina.maxThreads);
  }

  private hopeless(last: Error | undefined): Error {
    const { message, code } = (last ?? {}) as { message?: string; code?: unknown };
    const why = `${this.missed} workers in a row ended before they could take a job, the last one: ${message ?? 'without a reason'}`;
    const error = new Error(`cannot work with the worker file ${this.work.filename}: ${why}`, { cause: last });
    return typeof code === 'string' ? Object.assign(error, { code }) : error;
  }

  /** A worker that ended before it was ready was not replaced by Piscina: has it make another. */
  private nudge(error: Error | undefined): void {
    const wanted = [...this.shifts].filter((shift) => !shift.isOver).length;
    if (this.isDestroyed || this.piscina.threads.length >= wanted) return;
    if (this.isHopeless()) {
      this.failure = this.hopeless(error);
      void this.terminate();
      return;
    }
    const unref = (): void => this.unref(); // the task behind it was handed out in the same turn
    this.piscina.run(undefined, { filename: workerEntryFile, name: 'idle' }).then(unref, ignore);
    this.watch();
  }
}

const UNKNOWN_DEATH: Promise<Death> = Promise.resolve({ exitCode: 1, error: undefined });

/**
 * Starts the workers, which wait for their task.
 * @throws TypeError `ERR_INVALID_ARGUMENT` for what Piscina, or the platform's Worker, refuses.
 */
export function startWorkers(threads: number, options: PiscinaOptions): Piscina {
  runtime(); // before the workers, so that they are born into its heap
  try {
    return new Piscina({
      ...options,
      minThreads: threads,
      maxThreads: threads,
      idleTimeout: Infinity,
      concurrentTasksPerWorker: 1,
      atomics: 'disabled',
    });
  } catch (error) {
    throw invalidType(`cannot create pool: Piscina refuses its options: ${(error as Error).message}`, { cause: error });
  }
}

interface PiscinaRecord {
  unref(): void;
}

/** The record of a worker is under a symbol in what Piscina's events show of it; it has the port that the worker hears from. */
function recordsIn(worker: object): PiscinaRecord[] {
  const values = Object.getOwnPropertySymbols(worker).map((symbol) => (worker as Record<symbol, unknown>)[symbol]);
  return values.filter((value): value is PiscinaRecord => typeof (value as PiscinaRecord | undefined)?.unref === 'function');
}

function isDefined(value: unknown): boolean {
  return value !== undefined;
}

function ignore(): void {}
