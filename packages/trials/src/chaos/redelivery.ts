/**
 * 20,000 jobs for pools that deliver up to five times, while their workers die: each job has exactly one outcome, was delivered no more
 * often than that outcome says it may have been, and the pools are at full strength afterwards.
 */
import type { Worker } from 'node:worker_threads';
import { bounded, type Receiver, type Sender } from 'beamline';
import { WorkerPool, type JobOutcome, type PoolOptions } from 'beamline/pool';
import { moment } from '../frame/exchangers.js';
import type { Round } from '../frame/round.js';
import type { Scenario } from '../frame/scenario.js';
import type { Done, End, Job, Shared } from './redelivery-worker.js';

export const roles = {};

const THREADS = 3;
const ATTEMPTS = 5;
const JOBS = 5_000;
/** Calls of `run` at a time. */
const LANES = 40;
/** Jobs in a thousand that end their worker, some of them in every attempt, and that carry a handle. */
const DEADLY = 1;
const MOST_DEADLY = 7;
const CARRYING = 20;
/** The workers of this scenario are told by it: in a soak there is another pool. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 48 };

/**
 * Workers are killed from outside, or by what nobody catches inside: not both, as Node 20 aborts the whole process if a worker is
 * terminated while it handles an uncaught error.
 */
type Deaths = 'outside' | 'inside';
const ENDS: Readonly<Record<Deaths, readonly End[]>> = { outside: ['exit'], inside: ['exit', 'throw', 'reject'] };

export const redelivery: Scenario = {
  name: 'redelivery',
  about: 'workers die, and their jobs are delivered again: one outcome per job',
  module: import.meta.url,
  limitMs: 180_000, // 20,000 jobs and their workers take ten seconds and more

  async run(round) {
    const [some, others]: Deaths[] = round.random.chance(50) ? ['outside', 'inside'] : ['inside', 'outside'];
    await new Trial(round, 1, some!).ownChannel();
    await new Trial(round, 4, others!).ownChannel();
    await new Trial(round, 1, others!).sharedChannel();
    await new Trial(round, 4, some!).sharedChannel();
  },
};

const filename = new URL('redelivery-worker.js', import.meta.url);

/** One pool, and the books of its jobs. */
class Trial {
  private readonly outcomes = new Uint8Array(JOBS);
  private readonly carrying = new Uint8Array(JOBS);
  private readonly deliveries = new Int32Array(new SharedArrayBuffer(4 * JOBS));
  private readonly workers = new Set<Worker>();
  private done = 0;
  private failed = 0;
  /** Deliveries after the first, as the outcomes have it. */
  private again = 0;

  constructor(
    private readonly round: Round,
    private readonly concurrency: number,
    private readonly deaths: Deaths,
  ) {}

  async ownChannel(): Promise<void> {
    await this.watchingWorkers(async () => {
      const pool = this.pool({ capacity: this.round.random.pick([1, 16, 1024]) });
      let next = 0;
      const lane = async () => {
        while (next < JOBS) {
          const n = next++;
          await pool.run(this.job(n)).then(
            (done) => this.succeed(n, done),
            (error: unknown) => this.fail(n, error as Error),
          );
        }
      };
      await Promise.all([...Array.from({ length: LANES }, lane), this.kill()]);
      await this.recovered(pool);
      await this.end(pool);
    });
  }

  async sharedChannel(): Promise<void> {
    await this.watchingWorkers(async () => {
      const { random } = this.round;
      const [tx, jobs] = bounded<Job>(random.pick([0, 1, 3, 64]));
      const [out, results] = bounded<JobOutcome<Job, Done>>(random.pick([0, 1, 64]));
      const pool = this.pool({ jobs, results: out });
      const reading = this.read(results);
      const killing = this.kill();
      for (let n = 0; n < JOBS; n++) await tx.send(this.job(n));
      await killing;
      await this.recovered(pool);
      tx.drop();
      await reading; // to the end: a second outcome would come late
      results.drop();
      await this.end(pool);
    });
  }

  private pool(options: Partial<PoolOptions<Job, Done>>): WorkerPool<Job, Done> {
    const workerData: Shared = { deliveries: this.deliveries };
    return new WorkerPool<Job, Done>({
      filename,
      threads: THREADS,
      concurrency: this.concurrency,
      maxAttempts: ATTEMPTS,
      piscina: { workerData, resourceLimits: RESOURCE_LIMITS },
      ...options,
    });
  }

  /** Knows the workers that are alive, and counts those that die before the end. */
  private async watchingWorkers(run: () => Promise<void>): Promise<void> {
    const onWorker = (worker: Worker) => {
      if (worker.resourceLimits?.maxOldGenerationSizeMb !== RESOURCE_LIMITS.maxOldGenerationSizeMb) return;
      this.workers.add(worker);
      worker.once('exit', () => {
        this.workers.delete(worker);
        if (this.done < JOBS) this.round.kills++;
      });
    };
    process.on('worker', onWorker);
    await run();
    process.off('worker', onWorker);
  }

  private job(n: number): Job {
    const { random } = this.round;
    const ms = random.chance(30) ? 1 + random.below(3) : 0;
    const deadly = random.below(1000) < DEADLY ? 1 + random.below(MOST_DEADLY) : 0;
    return {
      n,
      ms,
      deadly,
      how: random.pick(ENDS[this.deaths]),
      handle: random.below(1000) < CARRYING ? this.handle(n) : undefined,
    };
  }

  private handle(n: number): Sender<number> {
    this.carrying[n] = 1;
    const [tx, rx] = bounded<number>(1);
    rx.drop();
    return tx;
  }

  /** Terminates workers as long as there are jobs to be done. */
  private async kill(): Promise<void> {
    const { round, workers } = this;
    while (this.done < JOBS) {
      const enough = Math.min(this.done + round.random.below(400), JOBS);
      await round.until('jobs are done', () => this.done >= enough);
      if (this.deaths === 'inside') continue;
      await moment(round, 20);
      const victims = [...workers].filter(() => round.random.chance(50));
      await Promise.all(victims.map((victim) => victim.terminate()));
    }
  }

  private async read(results: Receiver<JobOutcome<Job, Done>>): Promise<void> {
    for await (const outcome of results) {
      const { round } = this;
      round.expect('attempt of an outcome', outcome.attempt, outcome.ok ? outcome.value.attempt : attemptIn(outcome.error));
      if (outcome.ok) this.succeed(outcome.value.n, outcome.value);
      else this.fail(outcome.job.n, outcome.error);
    }
  }

  private succeed(n: number, { n: answered, attempt }: Done): void {
    if (answered !== n) this.round.finding(`job ${n} was answered as ${answered}`);
    if (attempt < 1 || attempt > ATTEMPTS) this.round.finding(`job ${n} was done in attempt ${attempt}`);
    if (this.deliveries[n]! < 1) this.round.finding(`job ${n} was answered and never delivered`);
    this.count(n, attempt);
  }

  private fail(n: number, error: Error): void {
    this.failed++;
    const attempt = attemptIn(error);
    if ((error as { code?: unknown }).code !== 'ERR_WORKER_DIED') this.round.finding(`job ${n} failed: ${error.stack}`);
    else if (attempt !== (this.carrying[n] === 1 ? 1 : ATTEMPTS)) this.round.finding(`job ${n} was given up: ${error.message}`);
    this.count(n, attempt);
  }

  /** Its worker may have died before the handler was called, so it may have been called less often. */
  private count(n: number, attempt: number): void {
    if (++this.outcomes[n]! > 1) this.round.finding(`job ${n} has ${this.outcomes[n]} outcomes`);
    if (this.deliveries[n]! > attempt)
      this.round.finding(`job ${n} was delivered ${this.deliveries[n]} times in ${attempt} attempts`);
    this.again += attempt - 1;
    this.done++;
    this.round.messages++;
  }

  /** All workers are there again. */
  private async recovered(pool: WorkerPool<Job, Done>): Promise<void> {
    await this.round.until('all workers are there again', () => pool.stats().workers.length === THREADS && this.done >= JOBS);
    for (const { running } of pool.stats().workers) this.round.expect('jobs in progress', running, 0);
  }

  private async end(pool: WorkerPool<Job, Done>): Promise<void> {
    const { round, failed } = this;
    round.say('waits for the pool to close');
    await pool.close();
    const { queued, running, completed, failed: failures, retried } = pool.stats();
    round.expect('jobs queued or running', queued + running, 0);
    round.expect('completed jobs', completed, JOBS - failed);
    round.expect('failed jobs', failures, failed);
    round.expect('jobs delivered again', retried, this.again);
    for (let n = 0; n < JOBS; n++) if (this.outcomes[n] !== 1) round.finding(`job ${n} has ${this.outcomes[n]} outcomes`);
  }
}

/** As the message of an error has it; one that does not say was about the first. */
function attemptIn({ message }: Error): number {
  return Number(/ in attempt (\d+) of /.exec(message)?.[1] ?? 1);
}
