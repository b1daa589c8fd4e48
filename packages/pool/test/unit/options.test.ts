/** What a pool is made with. On the source: everything here is refused before a thread is started. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bounded, broadcast, inspect, open, unbounded, type Receiver, type Sender } from '@beamline/core';
import { WorkerPool, type PoolOptions } from '@beamline/pool';
import { checkOptions } from '../../src/options';
import { expectFailure, expectInvalid, thrown } from '../../../core/test/support/failure';

const filename = join(__dirname, 'worker.mjs');
type Given = PoolOptions<unknown, unknown>;

/** The error of making a pool. */
function refused(options: object): Error {
  return thrown(() => new WorkerPool({ filename, ...options } as Given));
}

describe('what is not given', () => {
  it('has a default', () => {
    const plan = checkOptions<unknown, unknown>({ filename });
    expect(plan).toMatchObject({ filename, name: 'default', capacity: 1024, concurrency: 1, maxAttempts: 1, piscina: {} });
    expect(plan.threads).toBeGreaterThanOrEqual(1);
    expect([plan.jobs, plan.results]).toEqual([undefined, undefined]);
  });
});

describe('filename', () => {
  it.each<[string, string | URL, string]>([
    ['a path', filename, filename],
    ['a relative path', 'a/worker.mjs', join(process.cwd(), 'a', 'worker.mjs')],
    ['a file: URL', pathToFileURL(filename), filename],
    ['the text of one', pathToFileURL(filename).href, filename],
    ['a URL with spaces', pathToFileURL('/tmp/with space/ü.mjs'), '/tmp/with space/ü.mjs'],
  ])('may be %s', (_, given, expected) => {
    expect(checkOptions<unknown, unknown>({ filename: given }).filename).toBe(expected);
  });

  it.each([[undefined], [null], [5], [''], [{}], [new URL('https://example.com/worker.mjs')]])('may not be %p', (given) => {
    expectInvalid(refused({ filename: given }), 'TypeError');
  });
});

describe('numbers', () => {
  it.each(['threads', 'capacity', 'concurrency', 'maxAttempts'])('%s is a whole number from 1', (name) => {
    for (const good of [1, 2, 100])
      expect(checkOptions<unknown, unknown>({ filename, [name]: good })).toMatchObject({ [name]: good });
    for (const bad of [0, -1, 1.5, NaN, Infinity, 2 ** 40]) expectInvalid(refused({ [name]: bad }), 'RangeError');
    for (const bad of ['1', null, {}, 1n]) expectInvalid(refused({ [name]: bad }), 'TypeError');
  });

  it('concurrency is at most the number of jobs that a thread can have on lease', () => {
    expectInvalid(refused({ concurrency: 101 }), 'RangeError');
  });
});

describe('the rest', () => {
  it.each([[5], [''], [null], [Symbol('x')]])('name may not be %p', (name) => {
    expectInvalid(refused({ name }), 'TypeError');
  });

  it.each([[undefined], [null], [5], ['text']])('the options may not be %p', (options) => {
    expectInvalid(
      thrown(() => new WorkerPool(options as never)),
      'TypeError',
    );
  });

  it.each([
    ['filename', 'x.js'],
    ['minThreads', 1],
    ['maxThreads', 1],
    ['idleTimeout', 0],
    ['atomics', 'sync'],
    ['concurrentTasksPerWorker', 2],
    ['maxQueue', 5],
    ['taskQueue', {}],
    ['loadBalancer', () => null],
    ['name', 'x'],
  ])('what the pool fixes of Piscina is refused: %s', (key, value) => {
    const error = refused({ piscina: { [key]: value } });
    expectInvalid(error, 'TypeError');
    expect(error.message).toContain(key);
  });

  it('other options of Piscina pass', () => {
    const piscina = { resourceLimits: { maxOldGenerationSizeMb: 100 }, env: {}, execArgv: [], minThreads: undefined };
    expect(checkOptions<unknown, unknown>({ filename, piscina }).piscina).toBe(piscina);
  });

  it.each([[null], [5]])('piscina may not be %p', (piscina) => {
    expectInvalid(refused({ piscina }), 'TypeError');
  });

  it('what Piscina itself refuses is a wrong argument, too', () => {
    const error = refused({ piscina: { resourceLimits: 5 } });
    expectInvalid(error, 'TypeError');
    expect(error.message).toContain('resourceLimits');
  });
});

describe('jobs and results', () => {
  let jobs: Receiver<unknown>;
  let tx: Sender<unknown>;

  beforeEach(() => {
    [tx, jobs] = bounded(4);
  });

  afterEach(() => {
    tx.drop();
    jobs.drop();
    expect(inspect().channels).toEqual([]);
  });

  it.each([[5], [null], [{}], ['text']])('may not be %p', (given) => {
    expectInvalid(refused({ jobs: given }), 'TypeError');
    expectInvalid(refused({ jobs, results: given }), 'TypeError');
  });

  it('are of the right side', () => {
    expectInvalid(refused({ jobs: tx }), 'TypeError');
    expectInvalid(refused({ jobs, results: jobs }), 'TypeError');
  });

  it('are not those of a broadcast, whose messages go to everybody', () => {
    const [toAll, reader] = broadcast(4);
    expectInvalid(refused({ jobs: reader }), 'TypeError');
    expectInvalid(refused({ jobs, results: toAll }), 'TypeError');
    toAll.drop();
    reader.drop();
  });

  it('results go with jobs', () => {
    expectInvalid(refused({ results: tx }), 'TypeError');
  });

  it('are usable', () => {
    const [gone, other] = unbounded();
    const token = other.transfer();
    expectFailure(refused({ jobs: other }), 'HandleError', 'ERR_HANDLE_MOVED');
    open(token).drop();
    gone.drop();
    expectFailure(refused({ jobs, results: gone }), 'HandleError', 'ERR_HANDLE_DROPPED');
  });

  it('use a codec that workers can have', () => {
    const codec = { name: 'mine', encode: () => new Uint8Array(0), decode: () => 1 };
    const [out, custom] = bounded<number>(1, { codec });
    expectFailure(refused({ jobs: custom }), 'CodecError', 'ERR_CODEC_MISMATCH');
    expectFailure(refused({ jobs, results: out }), 'CodecError', 'ERR_CODEC_MISMATCH');
    out.drop();
    custom.drop();
  });

  it('stay with the caller if the pool is refused', () => {
    refused({ jobs, threads: 0 });
    refused({ jobs, piscina: { resourceLimits: 5 } });
    tx.sendSync('still');
    expect(jobs.recvSync()).toBe('still');
  });
});
