/** @jest-config-loader esbuild-register */
/**
 * Three projects. `unit` and `contract` run on the sources, in this process; `threads` runs on the build, because a worker
 * thread cannot load TypeScript: there the packages resolve by name through node_modules to dist/. `npm test` builds first.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from 'jest';

type Manifest = { name: string; exports?: Record<string, unknown> };
type Project = Exclude<NonNullable<Config['projects']>[number], string>;

/** The public entries of every package to their sources, so that a test and the code under test share one module instance. */
const onSource: Record<string, string> = {};
for (const directory of readdirSync(join(__dirname, 'packages'))) {
  const { name, exports = {} } = JSON.parse(
    readFileSync(join(__dirname, 'packages', directory, 'package.json'), 'utf8'),
  ) as Manifest;
  for (const entry of Object.keys(exports).filter((path) => path !== './package.json')) {
    const file = entry === '.' ? 'index' : entry.slice(2);
    onSource[`^${name}${entry.slice(1)}$`] = `<rootDir>/packages/${directory}/src/${file}.ts`;
  }
}

/** Sources and tests import each other as the build will find them, `./x.js`; from a source file that is `./x.ts`. */
const onTypeScript: Record<string, string[]> = { '^(\\.{1,2}/.*)\\.js$': ['$1.ts', '$1.js'] };

const shared: Project = {
  testEnvironment: 'node',
  // Transformed file by file, without type checks (that is `npm run typecheck`), and always to CommonJS, whatever format the
  // package is in: jest runs that without experimental flags, dynamic import() included.
  transform: {
    '\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.jest.json' }],
  },
  // Files in these folders belong to tests but are none: worker modules, programs for child processes, data.
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/fixtures/', '/workers/'],
  setupFilesAfterEnv: ['<rootDir>/test/setup-realm.ts'],
};

const config: Config = {
  testTimeout: 30_000,
  // Set, it makes jest run every file in a process of its own workers, even if there is one worker only. So a process that is
  // ended by the watchdog (test/setup-realm.ts), or ends itself, fails its file and not the whole run.
  workerIdleMemoryLimit: '2GB',
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/packages/*/test/unit/**/*.test.ts'],
      moduleNameMapper: { ...onSource, ...onTypeScript },
    },
    {
      ...shared,
      displayName: 'contract',
      testMatch: ['<rootDir>/packages/*/test/contract/**/*.test.ts'],
      moduleNameMapper: { ...onSource, ...onTypeScript },
    },
    {
      ...shared,
      displayName: 'threads',
      moduleNameMapper: onTypeScript,
      testMatch: [
        '<rootDir>/packages/*/test/threads/**/*.test.ts',
        '<rootDir>/examples/*/test/**/*.test.ts',
        '<rootDir>/benchmarks/test/**/*.test.ts',
        '<rootDir>/test/**/*.test.ts',
      ],
    },
  ],
};

export default config;
