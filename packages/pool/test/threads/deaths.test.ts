/**
 * api.md §6: a worker that dies fails its own job only, is replaced, and the pool goes on. In child processes: under jest nobody hears
 * of threads, and memory runs out for everybody.
 */
import { report, run } from './programs';

interface Death {
  failures: { job: string; error: object; cause: object; worker?: number }[];
  numbers: number;
  attempts: number[];
  settled: number;
  expected: number;
  busyDone: boolean;
  strength: number;
  victim?: number;
  channels: number;
  threads: number;
}

const NO_CAUSE = { thrown: 'undefined' };
const deaths: [string, string, object][] = [
  ['exit', 'it exited with code 7', NO_CAUSE],
  ['exit 0', 'it exited with code 0', NO_CAUSE],
  ['timer', 'uncaught Error: in a timer', { message: 'in a timer', code: 'E_TIMER' }],
  ['rejection', 'uncaught RangeError: nobody catches this', { name: 'RangeError', message: 'nobody catches this' }],
  ['memory', 'memory', { code: 'ERR_WORKER_OUT_OF_MEMORY' }],
  ['terminate', 'it exited with code 1', NO_CAUSE],
];

describe.each([
  ['run', false],
  ['a shared receiver', true],
])('a worker that dies with a job of %s', (_, shared) => {
  it.each(deaths)(
    '%s: fails that job with the reason; the others are done, and the pool is whole again',
    async (death, why, cause) => {
      const { failures, ...rest } = await report<Death>('death', { death, shared });
      expect(failures).toHaveLength(1);
      const [{ job, error, cause: because, worker }] = failures as [Death['failures'][0]];
      expect(error).toMatchObject({
        name: 'PoolError',
        code: 'ERR_WORKER_DIED',
        message: expect.stringContaining(why) as string,
      });
      expect(because).toMatchObject(cause);
      expect(job).toBe(death === 'terminate' ? 'object' : death);
      if (shared) expect(worker).toBeGreaterThan(0);
      expect(rest).toMatchObject({ numbers: 40, busyDone: true, strength: 3, channels: 0, threads: 1 });
      expect(rest.settled).toBe(rest.expected);
    },
  );

  it.each(deaths.map(([death]) => death))('%s: the job is delivered again if it may be', async (death) => {
    const { failures, ...rest } = await report<Death>('death', { death, shared, maxAttempts: 2 });
    expect(failures).toEqual([]);
    expect(rest).toMatchObject({ attempts: [2], numbers: 40, busyDone: true, strength: 3, channels: 0, threads: 1 });
    expect(rest.settled).toBe(rest.expected);
  });
});

it.each([
  ['run', { shared: false, seed: 21 }],
  ['run', { shared: false, seed: 22, maxAttempts: 5 }],
  ['run', { shared: false, seed: 23, maxAttempts: 3, concurrency: 4 }],
  ['a shared receiver', { shared: true, seed: 24 }],
  ['a shared receiver', { shared: true, seed: 25, maxAttempts: 5 }],
  ['a shared receiver', { shared: true, seed: 26, maxAttempts: 3, concurrency: 4, room: 1 }],
])(
  'jobs of %s whose workers are killed again and again have one outcome each, and are counted: %j',
  async (_, given) => {
    const kills = 25;
    const { maxAttempts = 1, concurrency = 1 } = given as { maxAttempts?: number; concurrency?: number };
    const result = await report<Record<string, number>>('chaos', { ...given, jobs: 500, kills }, { timeout: 60_000 });
    expect(result).toMatchObject({ missing: 0, doubled: 0, wrong: 0, miscounted: 0, channels: 0, threads: 1 });
    expect(result.died! + result.retried!).toBeLessThanOrEqual(kills * concurrency);
    if (maxAttempts === 1) expect(result.retried).toBe(0);
    expect(result.used).toBeLessThan(128 * 1024);
  },
  70_000,
);

describe('the process', () => {
  const lives: [string, string, unknown][] = [
    ['ends with a pool that was not used', 'unused', 'made'],
    ['ends with an idle pool', 'idle', [1, 2]],
    ['ends with an idle pool whose worker was replaced', 'replaced', 1],
    ['waits for a run', 'run', 300],
    ['does not wait for a job that was given up', 'aborted', 'ERR_TIMEOUT'],
    ['waits for close', 'close', 'closed'],
    ['waits for outcomes as long as somebody reads them', 'shared', [100, 100, 100]],
    ['ends with an idle pool over a shared receiver', 'shared idle', 1],
    ['ends after destroy', 'destroy', 'ERR_WORKER_DIED'],
  ];

  it.each(lives)('%s', async (_, mode, expected) => {
    expect(await report('life', { mode })).toEqual(expected);
  });

  it('hears nothing: no warnings, no unhandled rejections', async () => {
    for (const mode of ['idle', 'close', 'destroy', 'replaced']) expect((await run('life', { mode })).stderr).toBe('');
  });
});

it('the results that a pool has made may be forgotten: no warning when they are garbage-collected', async () => {
  const result = await report('forgotten', {}, { nodeArguments: ['--expose-gc', '--no-warnings'] });
  expect(result).toEqual({ values: [1, 2, 3], channels: 0, warnings: [] });
});

describe('memory', () => {
  it.each([
    ['run', false, [10, 20, 30, 'ERR_OUT_OF_MEMORY', 'ERR_OUT_OF_MEMORY']],
    ['a shared receiver', true, [10, 20, 30, 'ERR_OUT_OF_MEMORY']],
  ])('what is too large for the heap fails its own job of %s only', async (_, shared, results) => {
    expect(await report('memory', { shared })).toEqual({ results, threads: 1, channels: 0 });
  });

  it('a job that cannot be delivered again for want of memory fails with that cause', async () => {
    const { outcomes, ...rest } = await report<{ outcomes: object[] }>('too-large-again');
    expect(rest).toEqual({ completed: 1, failed: 1, retried: 1, threads: 1, channels: 0 });
    const code = 'ERR_WORKER_DIED';
    const message = expect.stringContaining('could not be delivered again') as string;
    expect(outcomes).toMatchObject([
      { ok: false, attempt: 1, error: { name: 'PoolError', code, message }, cause: { code: 'ERR_OUT_OF_MEMORY' } },
      { ok: true, attempt: 2 },
    ]);
  });
});

describe('a pool on another thread', () => {
  it('works', async () => {
    expect(await report('nested')).toEqual({ values: [2, 4, 6], threads: 1, channels: 0 });
  });

  it('goes with its thread', async () => {
    expect(await report('nested', { killed: true })).toEqual({ threads: 1, channels: 0 });
  });
});
