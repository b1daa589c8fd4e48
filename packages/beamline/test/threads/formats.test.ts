/** The packages load wherever a user may load them, and are one instance in a process whichever way they came. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type Format } from 'esbuild';
import { fixture, runNode } from './programs.js';

const jestProgram = require.resolve('jest/bin/jest');

/** Runs one of the fixtures as the only test file of a jest of its own. */
function runJest(file: string, ...nodeOptions: string[]): Promise<string> {
  const config = {
    rootDir: fixture(''),
    testMatch: [`<rootDir>/${file}`],
    transform: {},
    moduleFileExtensions: ['js', 'mjs', 'cjs'],
  };
  return runNode([...nodeOptions, jestProgram, '--config', JSON.stringify(config)]);
}

test('import and require of every entry give the same values', async () => {
  const report = JSON.parse(await runNode([fixture('import-and-require.mjs')])) as Record<
    string,
    { names: number; different: string[] }
  >;
  for (const [entry, { names, different }] of Object.entries(report)) {
    expect({ entry, empty: names === 0, different }).toEqual({ entry, empty: false, different: [] });
  }
});

test.each(['round-trip.mjs', 'round-trip.cjs'])('plain Node runs %s', async (program) => {
  expect(await runNode([fixture(program)])).toBe('round trip\n');
});

test('jest loads them in CommonJS', async () => {
  await runJest('jest-common.cjs');
});

test('jest loads them as ES modules', async () => {
  await runJest('jest-module.mjs', '--experimental-vm-modules', '--no-warnings');
});

describe('bundled into one file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'beamline-bundle-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  test.each<[string, Format, string]>([
    ['round-trip.mjs', 'esm', 'bundle.mjs'],
    ['round-trip.mjs', 'cjs', 'bundle.cjs'],
    ['round-trip.cjs', 'cjs', 'bundle.cjs'],
  ])('%s runs as %s', async (program, format, outfile) => {
    const bundle = join(folder, outfile);
    const { outputFiles, warnings } = await build({
      entryPoints: [fixture(program)],
      bundle: true,
      platform: 'node',
      format,
      write: false,
      // A bundle in ES module format has no require() for Node's own modules; this is esbuild's documented way to give it one.
      ...(format === 'esm' && {
        banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
      }),
    });
    expect(warnings).toEqual([]);
    await writeFile(bundle, outputFiles[0].contents);
    expect(await runNode([bundle])).toBe('round trip\n');
  });
});
