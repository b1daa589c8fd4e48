/**
 * The jobs that `run` was called for, from the call to the result: queued in the pool's own channel, worked on, answered.
 *
 * Called by: pool.ts. Each job has a number that goes beside it through the job channel and comes back beside its result; this
 * thread reads results in one operation that never ends (core: Inbox), and settles the promises.
 *
 * Invariant
 *   RU1  A job is in `open` until its promise is settled, and if it was given up after it had been sent, then in `cancelled` until
 *        its answer comes. So no number means two jobs at once.
 */
import { PoolError, SendError, TimeoutError, type Receiver, type Sender } from '@beamline/core';
import {
  Deadlines,
  HANDLE,
  Inbox,
  post,
  runtime,
  type HandleState,
  type Letter,
  type Post,
  type Timed,
} from '@beamline/core/internal';
import { LARGEST_NUMBER } from './messages.js';

/** Tells the workers that a job is not wanted any more. */
type Cancel = (number: number, reason: unknown) => void;

export class Runs {
  private readonly parking = runtime().parking;
  private readonly jobs: HandleState;
  private readonly inbox: Inbox;
  private readonly open = new Map<number, Run>();
  /** Jobs that were sent and are not wanted any more, with the reasons. Each still has an answer to come. */
  readonly cancelled = new Map<number, unknown>();
  /** Jobs that ended with their worker, or with the pool. */
  undone = 0;
  private readonly deadlines = new Deadlines();
  private readonly aborts = new Map<AbortSignal, AbortGroup>();
  private lastNumber = 0;
  private isEnded = false;

  constructor(
    private readonly sender: Sender<unknown>,
    private readonly receiver: Receiver<unknown>,
    private readonly cancel: Cancel,
  ) {
    this.jobs = sender[HANDLE];
    receiver.unref(); // an idle pool does not keep the process alive
    this.inbox = new Inbox(receiver[HANDLE], (letter) => this.onResult(letter));
    this.parking.runAsync(this.inbox, undefined).catch(ignore); // it ends when the pool does
  }

  /** Sends a job and waits for its result. */
  add(job: unknown, deadline: number, signal: AbortSignal | undefined): Promise<unknown> {
    const number = this.newNumber();
    const run = new Run(number, job, this);
    const operation = this.post(job, number);
    const promise = new Promise<unknown>((resolve, reject) => {
      run.resolve = resolve;
      run.reject = reject;
    });
    this.open.set(number, run);
    if (this.open.size === 1) this.keepAlive(true);
    if (operation !== undefined) this.queue(run, operation);
    if (deadline !== Infinity) {
      run.wakeAt = deadline;
      this.deadlines.set(run);
    }
    if (signal !== undefined) this.watch(run, signal);
    return promise;
  }

  /** @throws what encoding throws; PoolError if that closed the pool. */
  private post(job: unknown, number: number): Post | undefined {
    try {
      return post(this.jobs, job, { aux: number });
    } catch (error) {
      throw this.isEnded || error instanceof SendError ? closed('run', job) : error;
    }
  }

  /** No more jobs. Those that wait for room are refused, those that were accepted are done. */
  close(): void {
    if (!this.isEnded) this.sender.close();
  }

  /** Jobs that wait for room in the channel. */
  get waiting(): number {
    let count = 0;
    for (const { operation } of this.open.values()) if (operation?.isPending === true) count++;
    return count;
  }

  /** Whether somebody still waits for a job. */
  isWanted(number: number): boolean {
    return this.open.has(number);
  }

  /** A job that is not wanted any more will have no answer: its worker died. */
  forget(number: number): void {
    this.cancelled.delete(number);
  }

  /** Fails a job whose worker died. */
  fail(number: number, error: Error): void {
    const run = this.open.get(number);
    if (run === undefined) return;
    this.undone++;
    this.settle(run).reject(error);
  }

  /** Fails all jobs. */
  failAll(error: (job: unknown) => Error): void {
    for (const run of [...this.open.values()]) {
      this.undone++;
      this.giveUp(run, error(run.job), false);
    }
  }

  /** The workers have ended: reads what they left, and lets go of the channels. */
  end(): void {
    this.isEnded = true;
    this.inbox.attempt();
    this.receiver.drop();
    this.sender.drop();
  }

  private newNumber(): number {
    do this.lastNumber = this.lastNumber === LARGEST_NUMBER ? 1 : this.lastNumber + 1;
    while (this.open.has(this.lastNumber) || this.cancelled.has(this.lastNumber));
    return this.lastNumber;
  }

  private keepAlive(keeps: boolean): void {
    this.parking.setKeepsAlive(this.receiver[HANDLE].channel.receiving, keeps, (operation) => operation === this.inbox);
  }

  /** The channel is full: the job waits for room. */
  private queue(run: Run, operation: Post): void {
    run.operation = operation;
    this.parking.runAsync(operation, undefined).then(
      () => (run.operation = undefined),
      (error: unknown) => {
        run.operation = undefined;
        if (this.open.get(run.number) !== run) return;
        this.settle(run).reject(error instanceof SendError ? closed('run', run.job) : error);
      },
    );
  }

  private onResult(letter: Letter): void {
    const number = letter.aux >>> 1;
    const run = this.open.get(number);
    if (run === undefined) return void this.cancelled.delete(number);
    this.settle(run);
    let value: unknown;
    try {
      value = letter.read();
    } catch (error) {
      return run.reject(error);
    }
    if ((letter.aux & 1) !== 0) run.resolve(value);
    else run.reject(value);
  }

  private settle(run: Run): Run {
    this.open.delete(run.number);
    if (this.open.size === 0) this.keepAlive(false);
    if (run.place >= 0) this.deadlines.remove(run);
    if (run.signal !== undefined) this.unwatch(run, run.signal);
    return run;
  }

  /** The caller does not wait any longer. `tells`: the workers are still there to be told. */
  private giveUp(run: Run, reason: unknown, tells = true): void {
    const { operation } = run;
    this.settle(run).reject(reason);
    if (operation !== undefined) return this.parking.abandon(operation, { why: 'abort', reason });
    if (!tells) return;
    this.cancelled.set(run.number, reason);
    this.cancel(run.number, reason);
  }

  /** The time of a run is up. */
  expire(run: Run): void {
    this.giveUp(run, new TimeoutError('cannot run: the job was not done until the time was up', true, run.job));
  }

  private watch(run: Run, signal: AbortSignal): void {
    let group = this.aborts.get(signal);
    try {
      if (group === undefined)
        this.aborts.set(signal, (group = new AbortGroup(signal, (each) => this.giveUp(each, signal.reason))));
    } catch (reason) {
      return this.giveUp(run, reason); // a signal that cannot be listened to
    }
    run.signal = signal;
    group.runs.add(run);
  }

  private unwatch(run: Run, signal: AbortSignal): void {
    run.signal = undefined;
    const group = this.aborts.get(signal) as AbortGroup;
    group.runs.delete(run);
    if (group.runs.size > 0) return;
    group.stop();
    this.aborts.delete(signal);
  }
}

/** One call of `run`. */
class Run implements Timed {
  wakeAt = Infinity;
  place = -1;
  /** While the job waits for room. */
  operation: Post | undefined;
  signal: AbortSignal | undefined;
  resolve!: (value: unknown) => void;
  reject!: (error: unknown) => void;

  constructor(
    readonly number: number,
    readonly job: unknown,
    private readonly runs: Runs,
  ) {}

  onTime(): void {
    this.runs.expire(this);
  }
}

/** The runs that one signal aborts: one listener for all of them. */
class AbortGroup {
  readonly runs = new Set<Run>();
  readonly stop: () => void;

  constructor(signal: AbortSignal, giveUp: (run: Run) => void) {
    const onAbort = () => {
      for (const run of [...this.runs]) giveUp(run);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    this.stop = () => {
      try {
        signal.removeEventListener('abort', onAbort);
      } catch (error) {
        queueMicrotask(() => {
          throw error; // not here: a job is just being settled
        });
      }
    };
  }
}

/** The error of a job that comes after `close`. */
export function closed(what: string, job: unknown): PoolError {
  return Object.defineProperty(new PoolError(`cannot ${what}: the pool is closed`, 'ERR_POOL_CLOSED'), 'value', { value: job });
}

function ignore(): void {}
