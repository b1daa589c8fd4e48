/** @jest-config-loader esbuild-register */
/**
 * Three projects. `unit` and `contract` run on the sources, in this process; `threads` runs on the build, because a worker
 * thread cannot load TypeScript: there the packages resolve by name through node_modules to dist/. `npm test` builds first.
 */
import type { Config } from 'jest';

type Project = Exclude<NonNullable<Config['projects']>[number], string>;

/** Package names to sources, entry by entry, so that a test and the code under test share one module instance. */
const onSource: Record<string, string> = {
  '^@beamline/core$': '<rootDir>/packages/core/src/index.ts',
  '^@beamline/core/internal$': '<rootDir>/packages/core/src/internal.ts',
  '^@beamline/select$': '<rootDir>/packages/select/src/index.ts',
  '^@beamline/pool$': '<rootDir>/packages/pool/src/index.ts',
  '^beamline$': '<rootDir>/packages/beamline/src/index.ts',
  '^beamline/pool$': '<rootDir>/packages/beamline/src/pool.ts',
};

/** Sources import each other as the build will find them, `./x.js`; under jest those are `./x.ts`. Not so in node_modules. */
const tsSpecifiers: Record<string, string[]> = { '^(\\.{1,2}/(?:.*/)?[^/]+)\\.js$': ['$1.ts', '$1.js'] };

const shared: Project = {
  rootDir: __dirname,
  testEnvironment: 'node',
  transform: { '\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.test.json' }] },
  // Files in these folders belong to tests but are none: worker modules, programs for child processes, data.
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/fixtures/', '/workers/'],
};

const config: Config = {
  testTimeout: 30_000,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/packages/*/test/unit/**/*.test.ts'],
      moduleNameMapper: { ...onSource, ...tsSpecifiers },
      setupFilesAfterEnv: ['<rootDir>/test/setup-realm.ts'],
    },
    {
      ...shared,
      displayName: 'contract',
      testMatch: ['<rootDir>/packages/*/test/contract/**/*.test.ts'],
      moduleNameMapper: { ...onSource, ...tsSpecifiers },
      setupFilesAfterEnv: ['<rootDir>/test/setup-realm.ts'],
    },
    {
      ...shared,
      displayName: 'threads',
      testMatch: [
        '<rootDir>/packages/*/test/threads/**/*.test.ts',
        '<rootDir>/examples/*/test/**/*.test.ts',
        '<rootDir>/benchmarks/test/**/*.test.ts',
        '<rootDir>/test/**/*.test.ts',
      ],
      setupFilesAfterEnv: ['<rootDir>/test/setup-realm.ts'],
    },
  ],
};

export default config;
