/**
 * One worker's time in the pull loop, as its owner sees it.
 *
 * Called by: crew.ts. The worker's side is worker-entry.ts; what they tell each other is in messages.ts.
 *
 * A shift is over when its `news` is disconnected: the worker has ended its loop, or is dead and cleaned up after, and whatever it had
 * on lease has arrived here. Piscina's answer alone would not do: it comes before the thread has ended if an error was not caught.
 */
import type { RecordableHistogram } from 'node:perf_hooks';
import { open, unbounded, type Handle, type HandleToken, type Receiver, type Sender } from '@beamline/core';
import { HANDLE, Inbox, post, runtime, type Channel, type Letter } from '@beamline/core/internal';
import type { Piscina } from 'piscina';
import { asError } from './errors.js';
import { workerEntryFile } from './files.js';
import { LARGEST_NUMBER, RETRIED, type Notice, type Retry, type ShiftStart } from './messages.js';

/** What a pool's workers work on. */
export interface Work {
  readonly filename: string;
  readonly name: string;
  readonly isShared: boolean;
  readonly concurrency: number;
  readonly jobs: Receiver<unknown>;
  readonly results: Sender<unknown>;
  /** Of a pool that delivers a job more than once. */
  readonly retries: Receiver<Retry> | undefined;
  readonly board: SharedArrayBuffer;
  readonly latency: RecordableHistogram;
}

/** A job that a worker had taken and not answered. */
export interface Unanswered {
  /** Its number. Of one from a shared receiver: that of its desk, from 1; 0 if it had not come to one yet. */
  readonly number: number;
  /** Which delivery it was. */
  readonly attempt: number;
  /** As it was sent, handles dropped; undefined if it could not be read, or nobody would want to know. */
  readonly job: unknown;
  /** Whether `job` is all that is needed to deliver it again. */
  readonly isWhole: boolean;
}

/** What a shift comes to. */
export interface ShiftEnd {
  /** What ended it; undefined if the worker ended its loop. */
  readonly error: Error | undefined;
  /** Thread id of the worker, if it had begun. */
  readonly worker: number | undefined;
  readonly orphans: readonly Unanswered[];
}

/** One worker's time in the pull loop. */
export class Shift {
  /** Thread id of the worker, once it has begun. */
  worker: number | undefined;
  readonly orphans: Unanswered[] = [];
  /** Resolves when nothing more of the worker is to come: with undefined if it ended its loop, otherwise with what ended it. */
  readonly over: Promise<Error | undefined>;
  isOver = false;
  private readonly orders: Sender<unknown>;
  private readonly jobs: Channel;
  private isStopped = false;

  /** `seat`: the row of the board that it has. */
  constructor(
    private readonly work: Work,
    readonly seat: number,
    piscina: Piscina,
    private readonly onBegin: (notice: Notice) => void,
  ) {
    const made: Handle[] = [];
    const own = <H extends Handle>(handle: H): H => {
      made.push(handle);
      return handle;
    };
    try {
      const [orders, heard] = unbounded();
      made.push(orders, heard);
      const [news, inbox] = unbounded<Notice>();
      made.push(news, inbox);
      const [jobs, results] = [own(work.jobs.clone()), own(work.results.clone())];
      this.orders = orders;
      this.jobs = work.jobs[HANDLE].channel;
      const retries = work.retries === undefined ? undefined : own(work.retries.clone()).transfer();
      const tokens = { jobs: jobs.transfer(), results: results.transfer(), orders: heard.transfer(), news: news.transfer() };
      const { filename, name, isShared, concurrency, board, latency } = work;
      const start = { filename, name, isShared, concurrency, board, seat, latency, retries, ...tokens };
      this.over = this.follow(piscina, start, inbox);
    } catch (error) {
      for (const handle of made) handle.drop();
      throw error;
    }
  }

  /** The worker takes no more jobs. */
  stop(): void {
    this.isStopped = true;
    this.orders.drop();
  }

  cancel(number: number, reason: unknown): void {
    for (const said of [reason, undefined]) {
      if (this.isStopped || this.isOver || this.orders.isDisconnected) return;
      try {
        post(this.orders[HANDLE], said, { aux: number });
        return;
      } catch {
        // The reason cannot cross threads; or the worker has just gone, or there is no memory: then the job is done in vain.
      }
    }
  }

  private async follow(piscina: Piscina, start: ShiftStart, inbox: Receiver<Notice>): Promise<Error | undefined> {
    inbox.unref();
    const { parking } = runtime();
    const heard = parking.runAsync(new Inbox(inbox[HANDLE], (letter) => this.onNews(letter)), undefined);
    let error: Error | undefined;
    try {
      await piscina.run(start, { filename: workerEntryFile, name: 'pull' });
    } catch (thrown) {
      error = asError(thrown);
    }
    // What a worker that died early did not open would keep its channels connected.
    for (const token of [start.news, start.orders, start.results, start.jobs]) reclaim(token);
    if (start.retries !== undefined) reclaim(start.retries);
    await heard;
    this.isOver = true;
    inbox.drop();
    this.orders.drop();
    return error;
  }

  private onNews(letter: Letter): void {
    if (letter.isOrphan) {
      this.orphans.push(this.unanswered(letter));
    } else {
      const notice = letter.read() as Notice;
      this.worker = notice.threadId;
      this.onBegin(notice);
    }
  }

  private unanswered(letter: Letter): Unanswered {
    const { isShared, retries } = this.work;
    const number = letter.aux & LARGEST_NUMBER;
    const isWhole = !letter.carriesHandles;
    const unread = { number, attempt: 1, job: undefined, isWhole: false };
    if (!isShared && (retries === undefined || !isWhole)) return unread;
    try {
      if ((letter.aux & RETRIED) === 0) return { number, attempt: 1, job: letter.read(this.jobs), isWhole };
      const { attempt, job } = letter.read((retries as Receiver<Retry>)[HANDLE].channel) as Retry;
      return { number, attempt, job, isWhole };
    } catch {
      return unread;
    }
  }
}

/** A token that nobody opened. */
function reclaim(token: HandleToken<{ drop(): void }>): void {
  try {
    open(token).drop();
  } catch {
    // The usual case: the worker opened it.
  }
}
