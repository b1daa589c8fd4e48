/**
 * A worker file that is an ES module is imported. Node 20 can `require` it too, but aborts the whole process if the worker is terminated
 * while it does (an assertion in CreateRequiredModuleFacade): so a pool that is destroyed early, or a worker that is killed, could take
 * everything along.
 */
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pools, WORKERS } from '../support/pools';

const { poolOf } = pools();
const SOURCE = join(WORKERS, 'files', 'loaded-how.mjs');

it('by its name', async () => {
  expect(await poolOf(join('files', 'loaded-how.mjs'), { threads: 1 }).run(1)).toBe('import');
});

it('by its package', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'beamline-esm-'));
  try {
    await writeFile(join(directory, 'package.json'), '{ "type": "module" }');
    await copyFile(SOURCE, join(directory, 'worker.js'));
    expect(await poolOf('', { filename: join(directory, 'worker.js'), threads: 1 }).run(1)).toBe('import');
  } finally {
    await rm(directory, { recursive: true });
  }
});
