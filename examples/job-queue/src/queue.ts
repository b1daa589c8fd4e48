/**
 * The queue itself: jobs by number, with what is known about each, over a worker pool.
 *
 * Each job carries the sender of a channel of its own, through which its handler says how far it is. The channel tells its beginning
 * (the first message) and its end (its sender is gone), also if the worker dies, and also if the job was cancelled while it was queued.
 */
import { bounded, type Receiver, type Sender } from 'beamline';
import { WorkerPool } from 'beamline/pool';
import type countPrimes from './count-primes.js';

/** `cancelling`: the order is given, and the handler, or the queue, has yet to come to it. */
export type State = 'queued' | 'running' | 'cancelling' | 'cancelled' | 'done' | 'failed';

export interface Status {
  readonly id: number;
  readonly limit: number;
  readonly state: State;
  readonly percent: number;
  readonly primes?: number;
  readonly error?: string;
}

interface Job {
  status: Status;
  readonly cancel: AbortController;
}

export interface QueueOptions {
  readonly threads: number;
  /** Jobs that may wait for a thread. */
  readonly capacity: number;
}

/** Finished jobs that are remembered. */
const REMEMBERED = 1000;
/** The handler waits if nobody has looked at so many messages of its. */
const PROGRESS_AHEAD = 4;

export class JobQueue implements AsyncDisposable {
  readonly #pool: WorkerPool<Parameters<typeof countPrimes>[0], number>;
  readonly #jobs = new Map<number, Job>();
  readonly #finished: number[] = [];
  readonly #most: number;
  #unfinished = 0;
  #lastId = 0;

  constructor({ threads, capacity }: QueueOptions) {
    this.#most = threads + capacity;
    this.#pool = WorkerPool.of<typeof countPrimes>({
      filename: new URL('./count-primes.js', import.meta.url),
      threads,
      capacity: this.#most,
    });
  }

  /** Accepts a job; undefined if there are as many as there may be. */
  submit(limit: number): Status | undefined {
    if (this.#unfinished >= this.#most) return undefined;
    const [sender, progress] = bounded<number>(PROGRESS_AHEAD);
    const id = ++this.#lastId;
    const job: Job = { status: { id, limit, state: 'queued', percent: 0 }, cancel: new AbortController() };
    this.#jobs.set(id, job);
    this.#unfinished++;
    void this.#follow(job, sender, progress);
    return job.status;
  }

  status(id: number): Status | undefined {
    return this.#jobs.get(id)?.status;
  }

  /** Cancels a job, unless it has finished: then it stays as it is. */
  cancel(id: number): Status | undefined {
    const job = this.#jobs.get(id);
    if (job === undefined) return undefined;
    const { state } = job.status;
    if (state === 'queued' || state === 'running') {
      this.#note(job, { state: 'cancelling' });
      job.cancel.abort();
    }
    return job.status;
  }

  /** Cancels everything, and ends the threads. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const id of this.#jobs.keys()) this.cancel(id);
    await this.#pool.close();
  }

  /** From the beginning of a job to its end. Never fails. */
  async #follow(job: Job, sender: Sender<number>, progress: Receiver<number>): Promise<void> {
    const { limit } = job.status;
    const { signal } = job.cancel;
    const result = this.#pool.run({ limit, progress: sender }, { signal }).finally(() => sender.drop()); // if it was not accepted
    const [outcome] = await Promise.allSettled([result, this.#watch(job, progress)]);
    if (outcome.status === 'fulfilled') this.#note(job, { state: 'done', percent: 100, primes: outcome.value });
    else if (signal.aborted) this.#note(job, { state: 'cancelled' });
    else this.#note(job, { state: 'failed', error: String(outcome.reason) });
    this.#unfinished--;
    if (this.#finished.push(job.status.id) > REMEMBERED) this.#jobs.delete(this.#finished.shift()!);
  }

  /** Until nothing more of the job is to come. */
  async #watch(job: Job, progress: Receiver<number>): Promise<void> {
    for await (const percent of progress) {
      const { state } = job.status;
      this.#note(job, { percent, state: state === 'queued' ? 'running' : state });
    }
    progress.drop();
  }

  #note(job: Job, news: Partial<Status>): void {
    job.status = { ...job.status, ...news };
  }
}
