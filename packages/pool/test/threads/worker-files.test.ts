/** api.md §6: an existing Piscina worker file works unchanged, and what is none fails every job with the reason. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inspect } from '@beamline/core';
import type { JobOutcome } from '@beamline/pool';
import { expectInvalid, rejection } from '../../../core/test/support/failure';
import { range } from '../../../core/test/support/turns';
import { allOf, pools, WORKERS, type Options } from '../support/pools';

const { poolOf, channel } = pools();
const file = (name: string, options: Options<unknown, unknown> = {}) => poolOf(join('files', name), { threads: 1, ...options });

describe('a worker file', () => {
  it.each([
    ['esm.mjs', 'default', 'esm'],
    ['esm.mjs', 'named', 'named esm'],
    ['function.cjs', 'default', 'function'],
    ['names.cjs', 'default', 'default'],
    ['names.cjs', 'named', 'named'],
    ['transpiled.cjs', 'default', 'transpiled'],
    ['object.cjs', 'named', 'object'],
    ['promise.cjs', 'default', 'promise'],
    ['promise.mjs', 'named', 'promise esm'],
    ['promise.mjs', 'default', 'top level'],
    ['plain.js', 'default', 'plain'],
  ])('may be %s, export %s', async (name, exported, kind) => {
    const pool = file(name, exported === 'default' ? {} : { name: exported });
    expect(await pool.run(1)).toEqual({ n: 1, kind });
    expect(await pool.run(2)).toEqual({ n: 2, kind });
  });

  it('may be given as a URL', async () => {
    const url = pathToFileURL(join(WORKERS, 'files', 'esm.mjs'));
    expect(await poolOf('', { filename: url, threads: 1 }).run(1)).toEqual({ n: 1, kind: 'esm' });
    expect(await poolOf('', { filename: url.href, threads: 1 }).run(1)).toEqual({ n: 1, kind: 'esm' });
  });

  it('finds isWorkerThread and workerData of Piscina', async () => {
    const workerData = { given: [1, 2] };
    expect(await file('piscina.cjs', { piscina: { workerData } }).run(1)).toEqual({
      n: 1,
      isWorkerThread: true,
      workerData,
      same: true,
    });
  });
});

describe('what is no worker file fails every job with the reason', () => {
  const bad: [string, Options<unknown, unknown>, object][] = [
    ['not-there.mjs', {}, { code: 'ERR_MODULE_NOT_FOUND' }],
    ['throws.mjs', {}, { code: 'E_IMPORT', cause: { message: 'not on this machine', code: 'E_IMPORT' } }],
    ['throws-text.cjs', {}, { cause: 'just text' }],
  ];

  it.each(bad)('%s', async (name, options, expected) => {
    const pool = file(name, options);
    for (const error of await Promise.all(range(3).map((n) => rejection(pool.run(n))))) {
      expect(error).toMatchObject({ name: 'Error', ...expected });
      expect(error.message).toContain(name);
    }
    await pool.close();
  });

  it('a file with a syntax error', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'beamline-pool-'));
    const filename = join(folder, 'syntax-error.mjs'); // made here: no tool that reads the sources could read it
    await writeFile(filename, 'export default (n) => {{ n;');
    const error = await rejection(poolOf('', { filename, threads: 1 }).run(1));
    expect(error).toMatchObject({ cause: { name: 'SyntaxError' } });
    expect(error.message).toContain('syntax-error.mjs');
    await rm(folder, { recursive: true });
  });

  it.each<[string, Options<unknown, unknown>]>([
    ['no-export.mjs', {}],
    ['esm.mjs', { name: 'missing' }],
    ['names.cjs', { name: 'missing' }],
  ])('%s without the export', async (name, options) => {
    const error = await rejection(file(name, options).run(1));
    expectInvalid(error, 'TypeError');
    expect(error.message).toContain(name);
    expect(error.message).toContain(options.name ?? 'default');
  });

  const dying: [string, object][] = [
    ['exits.mjs', { message: expect.stringContaining('exited with code: 5') as string }],
    [
      'throws-later.mjs',
      { message: expect.stringContaining('right after the start') as string, cause: { message: 'right after the start' } },
    ],
  ];

  it.each(dying)('%s, whose workers end before they can take a job', async (name, expected) => {
    const pool = file(name, { threads: 2 });
    const error = await rejection(pool.run(1));
    expect(error).toMatchObject(expected);
    expect(error.message).toContain(name);
    expect(await rejection(pool.run(2))).toMatchObject(expected); // it does not go on trying
    expect(await rejection(pool.close())).toMatchObject(expected);
    await pool.destroy();
  });

  it('the same for jobs from a shared receiver: the pool ends, and what was not taken is there for others', async () => {
    const [tx, jobs] = channel<unknown>();
    const keep = jobs.clone();
    tx.sendManySync(range(3));
    const pool = file('exits.mjs', { jobs });
    const outcomes: JobOutcome<unknown, unknown>[] = await allOf(pool.results);
    expect(outcomes).toEqual([]);
    expect((await rejection(pool.close())).message).toContain('exited with code: 5');
    expect([...keep.tryIter()]).toEqual([0, 1, 2]);
    keep.drop();
  });

  it('workers that the platform cannot start end the pool', async () => {
    const pool = file('esm.mjs', { piscina: { execArgv: ['--require', './not-there.cjs'] } });
    expect((await rejection(pool.run(1))).message).toContain('not-there.cjs');
    expect((await rejection(pool.close())).message).toContain('not-there.cjs');
  });

  it('options that no worker can be started with are refused', () => {
    const before = inspect().channels.length;
    let error: unknown;
    try {
      file('esm.mjs', { piscina: { execArgv: ['--no-such-option'] } });
    } catch (thrown) {
      error = thrown;
    }
    expectInvalid(error, 'TypeError');
    expect(inspect().channels).toHaveLength(before);
  });

  it('run after that is refused with the same reason, not as closed', async () => {
    const pool = file('exits.mjs');
    await rejection(pool.run(1));
    const again = await rejection(pool.run(1));
    expect(again.message).toContain('exited with code: 5');
    await pool.destroy();
  });
});
