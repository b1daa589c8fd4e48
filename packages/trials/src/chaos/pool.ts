/**
 * Workers of a pool are killed while they run jobs, and jobs kill their workers. Every job runs at most once and has exactly one outcome:
 * its value, or ERR_WORKER_DIED if its worker died; the pool goes on and ends.
 */
import type { Worker } from 'node:worker_threads';
import { bounded, type Receiver, type Sender } from 'beamline';
import { WorkerPool } from 'beamline/pool';
import { moment } from '../frame/exchangers.js';
import type { Round } from '../frame/round.js';
import type { Scenario } from '../frame/scenario.js';
import type { Job, Shared } from './pool-worker.js';

export const roles = {};

const THREADS = 3;
const LANES = 12;
const KILLS = 8;
const MOST_JOBS = 20_000;
/** The smallest in which a worker of Piscina and its job have room. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 40 };

/** What came of the jobs, by number. */
class Results {
  readonly outcomes: number[] = [];
  readonly runs = new Int32Array(new SharedArrayBuffer(4 * MOST_JOBS));
  died = 0;

  constructor(private readonly round: Round) {}

  value(n: number, value: unknown): void {
    this.count(n);
    if (value !== n) this.round.finding(`job ${n} gave ${String(value)}`);
  }

  failure(n: number, error: unknown): void {
    this.count(n);
    this.died++;
    const { code, stack } = error as { code?: string; stack?: string };
    if (code !== 'ERR_WORKER_DIED') this.round.finding(`job ${n} failed: ${stack}`);
  }

  /** `jobs` were accepted. */
  judge(jobs: number): void {
    for (let n = 0; n < jobs; n++) {
      if (this.outcomes[n] !== 1) this.round.finding(`job ${n} has ${this.outcomes[n] ?? 0} outcomes`);
      if (this.runs[n]! > 1) this.round.finding(`job ${n} was run ${this.runs[n]} times`);
    }
    this.round.messages += jobs;
  }

  private count(n: number): void {
    this.outcomes[n] = (this.outcomes[n] ?? 0) + 1;
  }
}

export const pool: Scenario = {
  name: 'pool',
  about: 'workers of a pool are killed while they run jobs: one outcome per job',
  module: import.meta.url,

  async run(round) {
    const workers = new Set<Worker>();
    const onWorker = (worker: Worker) => {
      if (!isOurs(worker)) return; // in a soak there is another pool, which replaces workers of its own
      workers.add(worker);
      worker.once('exit', () => workers.delete(worker));
    };
    process.on('worker', onWorker);
    await (round.random.chance(50) ? ownChannel : sharedChannel)(round, workers);
    process.off('worker', onWorker);
  },
};

const filename = new URL('pool-worker.js', import.meta.url);

function optionsOf({ runs }: Results) {
  const shared: Shared = { runs };
  return { filename, threads: THREADS, piscina: { workerData: shared, resourceLimits: RESOURCE_LIMITS } };
}

/** Whether a worker belongs to the pool of this scenario: only its limits tell. */
function isOurs({ resourceLimits }: Worker): boolean {
  return resourceLimits?.maxOldGenerationSizeMb === RESOURCE_LIMITS.maxOldGenerationSizeMb;
}

/** A job as number `n`; one in a hundred is deadly. */
function jobOf(round: Round, n: number): Job {
  const { random } = round;
  const [reply, replied] = bounded<number>(1);
  replied.drop();
  const end = random.chance(1) ? random.pick(['exit', 'memory'] as const) : undefined;
  return { n, ms: random.chance(20) ? random.below(5) : 0, text: 'x'.repeat(random.below(3000)), reply, end };
}

/** Kills workers until it is enough, at random moments. Mostly they have come so far that jobs are run. */
async function kill(round: Round, workers: ReadonlySet<Worker>, { outcomes }: Results): Promise<void> {
  for (let kills = 0; kills < KILLS;) {
    const before = outcomes.length;
    if (round.random.chance(80)) await round.until('jobs are done', () => outcomes.length > before + 10);
    await moment(round, 30);
    const victims = [...workers].filter(() => round.random.chance(50)).slice(0, 2);
    kills += victims.length;
    round.kills += victims.length;
    await Promise.all(victims.map((victim) => victim.terminate()));
  }
}

async function ownChannel(round: Round, workers: ReadonlySet<Worker>): Promise<void> {
  const results = new Results(round);
  const pool = new WorkerPool<Job, number>({ ...optionsOf(results), capacity: round.random.pick([1, 3, 16]) });
  let next = 0;
  let isOver = false;
  const lane = async () => {
    while (!isOver && next < MOST_JOBS) {
      const n = next++;
      await pool.run(jobOf(round, n)).then(
        (value) => results.value(n, value),
        (error: unknown) => results.failure(n, error),
      );
    }
  };
  const lanes = Array.from({ length: LANES }, lane);
  await kill(round, workers, results);
  isOver = true;
  round.say('waits for the jobs of the pool');
  await Promise.all(lanes);
  round.say('waits for the pool to close');
  await pool.close();
  results.judge(next);
}

async function sharedChannel(round: Round, workers: ReadonlySet<Worker>): Promise<void> {
  const results = new Results(round);
  const [tx, jobs] = bounded<Job>(round.random.pick([1, 3, 16]));
  const pool = new WorkerPool<Job, number>({ ...optionsOf(results), jobs });
  let isOver = false;
  const sending = send(round, tx, () => isOver);
  const reading = read(pool, results);
  await kill(round, workers, results);
  isOver = true;
  round.say('waits for the jobs of the pool, from a shared channel');
  const sent = await sending;
  await reading;
  await pool.close();
  results.judge(sent);
}

async function send(round: Round, tx: Sender<Job>, isOver: () => boolean): Promise<number> {
  let n = 0;
  for (; !isOver() && n < MOST_JOBS; n++) await tx.send(jobOf(round, n));
  tx.drop();
  return n;
}

async function read({ results: outcomes }: WorkerPool<Job, number>, results: Results): Promise<void> {
  for await (const outcome of outcomes!) {
    if (outcome.ok) results.value(outcome.value, outcome.value);
    else results.failure(outcome.job.n, outcome.error);
    if (!outcome.ok) (outcome.job.reply as { drop(): void } | undefined)?.drop();
  }
  (outcomes as Receiver<unknown>).drop();
}
