/**
 * `map`: one job after another from a source, as many at a time as keep the workers busy, and their results.
 *
 * Made by: pool.ts. Written by hand: an async generator could not go on while its reader is busy, nor be left while it waits.
 *
 * All that is user code (the source, the signal, `onProgress`) may throw, or come back here, at any point: so after each call of it this
 * looks anew at where it stands.
 *
 * Invariants
 *   MA1  `held` jobs were taken from the source and their results not handed on: never more than the window.
 *   MA2  Once it is over nothing is taken from the source any more, every job that was not done is given up, and the source is closed.
 */
import { now } from '@beamline/core';
import { describe, HANDLE, invalidType, isHandle, signalOf, type HandleState } from '@beamline/core/internal';
import { types } from 'node:util';

/**
 * How far a `map` has come.
 *
 * @example
 * ```ts
 * import type { Progress } from 'beamline/pool';
 *
 * const show = ({ done, total, elapsedMs }: Progress): string => `${done} of ${total ?? '?'} in ${Math.round(elapsedMs)} ms`;
 * ```
 */
export interface Progress {
  /** Jobs with a result. */
  readonly done: number;
  /** Jobs without: at most the one with which it ends. */
  readonly failed: number;
  /** How many there are in all, where the source says so: an array, a typed array, a Set, a Map. */
  readonly total?: number;
  /** Since the first result was asked for. */
  readonly elapsedMs: number;
}

/**
 * How `map` gives results, and to whom it reports.
 *
 * @example
 * ```ts
 * import type { MapOptions } from 'beamline/pool';
 *
 * const options: MapOptions = { ordered: true, signal: AbortSignal.timeout(60_000), onProgress: ({ done }) => console.log(done) };
 * ```
 */
export interface MapOptions {
  /** Results in the order of the jobs. Default: as they come. */
  readonly ordered?: boolean;
  /** Ends it with `signal.reason`. */
  readonly signal?: AbortSignal;
  /** Called after each job. What it throws ends the `map`. */
  onProgress?(progress: Progress): void;
}

/** What a source gives, one way or the other. */
export type Source = Iterable<unknown> | AsyncIterable<unknown>;

/** What `map` needs of its pool. */
export interface Runner {
  /** Jobs in progress, waiting, or done and not handed on: at most so many. */
  readonly window: number;
  /** @throws why the pool takes no jobs from a `map`. */
  check(): void;
  /** @throws as `check`, and what encoding the job throws. */
  run(job: unknown, signal: AbortSignal): Promise<unknown>;
}

/** The options of a `map`, checked. */
export interface MapPlan {
  readonly source: Source;
  readonly ordered: boolean;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: Progress) => void) | undefined;
}

interface Reader {
  resolve(result: IteratorResult<unknown>): void;
  reject(error: unknown): void;
}

/** @throws TypeError `ERR_INVALID_ARGUMENT`, HandleError. */
export function checkMap(jobs: unknown, options: MapOptions | undefined): MapPlan {
  if (options !== undefined && (typeof options !== 'object' || options === null)) {
    throw invalidType(`cannot map: options must be an object, received ${describe(options)}`);
  }
  const { ordered = false, onProgress } = (options ?? {}) as { readonly ordered?: unknown; readonly onProgress?: unknown };
  if (typeof ordered !== 'boolean') throw invalidType(`cannot map: ordered must be a boolean, received ${describe(ordered)}`);
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw invalidType(`cannot map: onProgress must be a function, received ${describe(onProgress)}`);
  }
  const signal = checkSignal(options);
  if (!isIterable(jobs))
    throw invalidType(`cannot map: jobs must be iterable, async iterable or a Receiver, received ${describe(jobs)}`);
  stateOf(jobs)?.check('map');
  return {
    source: jobs,
    ordered,
    signal,
    onProgress: onProgress === undefined ? undefined : (progress) => void onProgress.call(options, progress),
  };
}

/** One that is aborted already rejects the first result, as an abort later on would. */
function checkSignal(options: MapOptions | undefined): AbortSignal | undefined {
  try {
    return signalOf('map', options);
  } catch (error) {
    if (options?.signal?.aborted === true) return options.signal;
    throw error;
  }
}

function isIterable(jobs: unknown): jobs is Source {
  if (typeof jobs === 'string') return true;
  if (typeof jobs !== 'object' && typeof jobs !== 'function') return false;
  if (jobs === null) return false;
  return isAsync(jobs) || typeof (jobs as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function';
}

function isAsync(jobs: object): jobs is AsyncIterable<unknown> {
  return typeof (jobs as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === 'function';
}

/** Of a receiver. */
function stateOf(jobs: Source): HandleState | undefined {
  return isHandle(jobs) ? (jobs[HANDLE] as HandleState) : undefined;
}

/** How many jobs a source has, if it says so. Text does not: it counts in other units than it gives. */
function totalOf(source: Source): number | undefined {
  if (Array.isArray(source) || types.isTypedArray(source)) return source.length;
  if (types.isSet(source) || types.isMap(source)) return source.size;
  return undefined;
}

export class Mapping<Result> implements AsyncIterableIterator<Result> {
  private jobs: Jobs | undefined;
  private readonly readers: Reader[] = [];
  /** Results to be handed on: by the number of the job, or in the order in which they came. */
  private readonly results = new Map<number, unknown>();
  private readonly controller = new AbortController();
  private nextResult = 0;
  private taken = 0;
  private done = 0;
  private inProgress = 0;
  private startedAt = 0;
  private total: number | undefined;
  /** What ended it; to be thrown once, after the results that came before. */
  private failure: { readonly error: unknown } | undefined;
  private hasBegun = false;
  private isOver = false;

  constructor(
    private readonly plan: MapPlan,
    private readonly runner: Runner,
  ) {}

  next(): Promise<IteratorResult<Result>> {
    return new Promise((resolve, reject) => {
      this.readers.push({ resolve: resolve as Reader['resolve'], reject });
      if (!this.hasBegun && !this.isOver) this.begin();
      this.serve();
      this.fill();
    });
  }

  /** The loop was left: gives up what is not done, and closes the source. Rejects with what that throws. */
  async return(): Promise<IteratorResult<Result>> {
    this.results.clear();
    this.failure = undefined;
    const closed = this.end();
    this.serve();
    await closed;
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private begin(): void {
    const { source, signal } = this.plan;
    this.hasBegun = true;
    this.startedAt = now();
    try {
      this.runner.check();
      if (signal?.aborted === true) throw signal.reason;
      signal?.addEventListener('abort', this.onAbort);
      this.total = totalOf(source);
      this.jobs = new Jobs(source);
    } catch (error) {
      this.fail(error);
    }
  }

  private readonly onAbort = (): void => this.fail((this.plan.signal as AbortSignal).reason);

  /** MA1. Takes jobs as long as there is room in the window. */
  private fill(): void {
    const { jobs } = this;
    while (jobs !== undefined && !this.isOver && !jobs.isBusy && !jobs.isDone && this.held < this.runner.window) {
      jobs.take(
        (job) => this.start(job),
        () => this.fill(),
        (error) => this.fail(error),
      );
    }
    if (jobs?.isDone === true) this.serve();
  }

  private get held(): number {
    return this.inProgress + this.results.size;
  }

  private start(job: unknown): void {
    if (this.isOver) return;
    const number = this.taken++;
    this.inProgress++;
    try {
      this.runner.run(job, this.controller.signal).then(
        (result) => this.onResult(number, result),
        (error: unknown) => this.onFailure(error),
      );
    } catch (error) {
      this.onFailure(error);
    }
  }

  private onResult(number: number, result: unknown): void {
    this.inProgress--;
    if (this.isOver) return;
    this.results.set(this.plan.ordered ? number : this.done, result);
    this.done++;
    this.report(0);
    this.serve();
    this.fill();
  }

  private onFailure(error: unknown): void {
    this.inProgress--;
    if (this.isOver) return;
    this.failure = { error }; // before `onProgress`, whose own error would come second
    this.report(1);
    this.fail(error);
  }

  private report(failed: number): void {
    const { done, total, startedAt } = this;
    const { onProgress } = this.plan;
    if (onProgress === undefined) return;
    const elapsedMs = now() - startedAt;
    try {
      onProgress({ done, failed, ...(total === undefined ? undefined : { total }), elapsedMs });
    } catch (error) {
      this.fail(error);
    }
  }

  /** The first error counts. Results that are there already are handed on before it. */
  private fail(error: unknown): void {
    if (this.isOver) return;
    this.failure ??= { error };
    this.end()?.catch(ignore);
    this.serve();
  }

  /** MA2. What closing the source gives, if that is to be waited for. */
  private end(): Promise<unknown> | undefined {
    if (this.isOver) return undefined;
    this.isOver = true;
    const { signal } = this.plan;
    try {
      signal?.removeEventListener('abort', this.onAbort);
    } catch (error) {
      this.failure ??= { error }; // a signal that is none
    }
    this.controller.abort(this.failure?.error);
    return this.jobs?.close();
  }

  /** Hands on what is there. */
  private serve(): void {
    const { readers, results } = this;
    for (let reader = readers[0]; reader !== undefined; reader = readers[0]) {
      const number = this.nextResult;
      if (results.has(number)) {
        reader.resolve({ done: false, value: results.get(number) });
        results.delete(number);
        this.nextResult++;
      } else if (this.failure !== undefined && this.isOver) {
        reader.reject(this.failure.error);
        this.failure = undefined;
        results.clear(); // behind one that failed
      } else if (this.isOver || (this.jobs?.isDone === true && this.inProgress === 0)) {
        this.end()?.catch(ignore);
        reader.resolve({ done: true, value: undefined });
      } else return;
      readers.shift();
    }
  }
}

/** The source, once the first job has been asked for. */
class Jobs {
  /** Its `next` is being called, or has promised an answer. */
  isBusy = false;
  isDone = false;
  private isClosed = false;
  private readonly isAsync: boolean;
  private readonly iterator: Iterator<unknown> | AsyncIterator<unknown>;

  constructor(private readonly source: Source) {
    this.isAsync = typeof source === 'object' && isAsync(source);
    this.iterator = this.isAsync
      ? (source as AsyncIterable<unknown>)[Symbol.asyncIterator]()
      : (source as Iterable<unknown>)[Symbol.iterator]();
  }

  /**
   * Takes a job. Of a synchronous source `visit` is called before this returns; of another one later, and then `onReady`, as the next job
   * can be asked for.
   */
  take(visit: (job: unknown) => void, onReady: () => void, onError: (error: unknown) => void): void {
    this.isBusy = true;
    const broken = (error: unknown): void => {
      this.isBusy = false;
      this.isDone = true; // who throws is not asked to end
      this.drop();
      onError(error);
    };
    const step = (result: unknown): void => {
      let job: { readonly value: unknown } | undefined;
      try {
        job = jobIn(result);
      } catch (error) {
        return broken(error);
      }
      this.isBusy = false;
      if (job === undefined) {
        this.isDone = true;
        this.drop();
      } else if (!this.isClosed) visit(job.value);
      else if (!this.isAsync) this.leave()?.catch(ignore); // it was asked while it was giving this one
    };
    try {
      const result: unknown = this.iterator.next();
      if (!this.isAsync) return step(result);
      void Promise.resolve(result).then((each) => {
        step(each);
        onReady();
      }, broken);
    } catch (error) {
      broken(error);
    }
  }

  /** No more jobs are wanted: a promise if the source says when it has ended. Not of one that is just asked for a job, which may take long. */
  close(): Promise<unknown> | undefined {
    if (this.isClosed || this.isDone) return undefined;
    this.isClosed = true;
    if (this.isBusy && !this.isAsync) return undefined; // it called us; it is left when it is back
    const left = this.leave();
    if (!this.isBusy) return left;
    left?.catch(ignore);
    return undefined;
  }

  private leave(): Promise<unknown> | undefined {
    try {
      return Promise.resolve(this.iterator.return?.());
    } catch (error) {
      return Promise.reject(error);
    } finally {
      this.drop();
    }
  }

  private drop(): void {
    const { source } = this;
    if (isHandle(source)) (source as unknown as { drop(): void }).drop();
  }
}

/** @throws what a getter throws; TypeError if this is no answer of an iterator. */
function jobIn(step: unknown): { readonly value: unknown } | undefined {
  if (typeof step !== 'object' || step === null) {
    throw invalidType(`cannot map: next() of the source must give an object, received ${describe(step)}`);
  }
  const { done, value } = step as { readonly done?: unknown; readonly value?: unknown };
  return done ? undefined : { value };
}

function ignore(): void {}
