/** Hostile options, jobs, arguments and results of pools. */
import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { inspect } from 'beamline';
import { WorkerPool, type PoolOptions } from 'beamline/pool';
import { isDeepStrictEqual } from 'node:util';
import { isTame, make, recipes, type Recipe } from '../hostile.js';
import { dropHandles } from '../oracle.js';
import { Anomaly, attempt, attemptAsync, Hostility, type Target } from '../target.js';
import { build, thing, type Thing } from './arguments.js';
import { Field } from './values.js';

const filename = new URL('../pool-handlers.js', import.meta.url);

const OPTIONS = ['filename', 'name', 'jobs', 'threads', 'concurrency', 'capacity', 'maxAttempts', 'piscina'] as const;

interface OptionsInput {
  readonly options: readonly { readonly name: (typeof OPTIONS)[number]; readonly value: Thing; readonly isGetter: boolean }[];
  /** In place of all of them. */
  readonly instead: Thing | null;
}

/** Each of them lacks what would be needed to start a thread: `results` that are none. So there are many of them in a second. */
export const poolOptions: Target<OptionsInput> = {
  name: 'pool-options',
  about: 'hostile options of pools, none of which is started',
  inputs: fc.record({
    options: fc.array(fc.record({ name: fc.constantFrom(...OPTIONS), value: thing, isGetter: fc.boolean() }), { maxLength: 4 }),
    instead: fc.option(thing, { freq: 10 }),
  }),
  run({ options, instead }) {
    const given: Record<string, unknown> = { filename, threads: 1, results: null };
    for (const { name, value, isGetter } of options) {
      const property = isGetter ? { get: () => build(value) } : { value: build(value) };
      Object.defineProperty(given, name, { ...property, enumerable: true, configurable: true });
    }
    const made = attempt(
      () => new WorkerPool((instead === null ? given : build(instead)) as PoolOptions<unknown, unknown>),
      true,
    );
    if (made === undefined) return;
    void made.value.destroy();
    throw new Anomaly('a pool was made with options that cannot be');
  },
};

interface Step {
  readonly form: 'job' | 'result' | 'run options' | 'map' | 'map source';
  readonly recipe: Recipe;
  readonly number: number;
  readonly a: Thing;
  readonly b: Thing;
}

const step: fc.Arbitrary<Step> = fc.record({
  form: fc.constantFrom('job', 'job', 'result', 'run options', 'map', 'map source'),
  recipe: recipes,
  number: fc.nat(1000),
  a: thing,
  b: thing,
});

/** Misdeeds reach the pool, too. */
class PoolField extends Field {
  constructor(private readonly pool: WorkerPool<unknown, unknown>) {
    super(undefined, true);
  }

  override misbehave(which: number): void {
    if (which % 7 === 0) this.pool.run(which).catch(() => undefined);
    if (which % 50 === 1) this.pool.close().catch(() => undefined);
    super.misbehave(which);
  }
}

/** Reads a few results of a map, and leaves. */
async function readSome(results: AsyncIterableIterator<unknown> | undefined): Promise<void> {
  for (let i = 0; i < 4 && results !== undefined; i++) {
    const next = await attemptAsync(() => results.next(), true);
    if (next === undefined || next.value.done === true) break;
    dropHandles(next.value.value);
  }
  await attemptAsync(async () => void (await results?.return?.()), true);
}

const steps: Readonly<Record<Step['form'], (pool: WorkerPool<unknown, unknown>, step: Step, field: Field) => Promise<void>>> = {
  async job(pool, { recipe }, field) {
    let job: unknown;
    try {
      job = make(recipe, field);
    } catch {
      return; // a value that cannot even be made
    }
    const given = isTame(recipe) ? { copy: structuredClone(job) } : undefined;
    const result = await attemptAsync(() => pool.run(job), true);
    if (given !== undefined && result !== undefined && !isDeepStrictEqual(result.value, given.copy))
      throw new Anomaly('a job arrived, or came back, as another');
    dropHandles(result?.value);
  },
  /** What a handler throws is what its caller gets. */
  async result(pool, { number }) {
    await pool.run({ hostileResult: number }).then(dropHandles, () => undefined);
  },
  async 'run options'(pool, { number, a }) {
    await attemptAsync(() => pool.run(number, build(a) as never), true);
  },
  async map(pool, { a, b }) {
    await readSome(attempt(() => pool.map(build(a) as never, build(b) as never), true)?.value);
  },
  async 'map source'(pool, { recipe, number, b }, field) {
    function* source() {
      for (let i = 0; i < number % 9; i++) yield i === 5 ? make(recipe, field) : i;
    }
    await readSome(attempt(() => pool.map(source(), build(b) as never), true)?.value);
  },
};

export const pools: Target<readonly Step[]> = {
  name: 'pool-jobs',
  about: 'hostile jobs, arguments and results of a pool that runs',
  inputs: fc.array(step, { minLength: 10, maxLength: 30 }),
  chunk: 4,
  async run(input) {
    const before = inspect().threads.length;
    const pool = new WorkerPool<unknown, unknown>({ filename, threads: 1, capacity: 2 });
    const field = new PoolField(pool);
    try {
      for (const each of input) await steps[each.form](pool, each, field);
    } catch (error) {
      if (!(error instanceof Hostility)) throw error;
    } finally {
      field.end().forEach(dropHandles);
      await pool.close();
    }
    const { running, queued } = pool.stats();
    if (running + queued > 0) throw new Anomaly(`a closed pool has ${running} jobs in progress and ${queued} queued`);
    while (inspect().threads.length > before) await pause(1);
  },
};
