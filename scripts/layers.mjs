/**
 * Who may import whom: the one table that eslint.config.mjs and .dependency-cruiser.mjs enforce. `import type` counts too.
 *
 * A layer is a list of files and folders. A file imports from its own layer and from those listed before it, never from one
 * listed after it; files within a layer may import each other as long as no cycle comes of it. A file that is in no layer is an
 * error, so a new folder finds its place here first. A file listed by itself belongs where it is listed, whatever its folder.
 */

/** packages/core/src, lowest first. */
export const coreLayers = [
  { name: 'brand', holds: ['brand.ts'] },
  { name: 'platform', holds: ['platform/'] },
  { name: 'errors', holds: ['errors.ts', 'describe.ts'] },
  { name: 'memory and messages', holds: ['memory/', 'codec/'] },
  { name: 'threads and waiting', holds: ['threads/', 'waiting/'] },
  { name: 'flavors', holds: ['flavors/'] },
  { name: 'ownership', holds: ['ownership/'] },
  { name: 'runtime', holds: ['runtime.ts'] },
  { name: 'handles', holds: ['handles/', 'inspect.ts', 'explain.ts', 'deadlock.ts'] },
  { name: 'entries', holds: ['index.ts', 'internal.ts', 'platform/thread-entry.ts'] },
];

/** The packages: what each may import of the others. Programs (examples, benchmarks) use the facade like any user. */
export const packageUses = {
  core: [],
  select: ['core'],
  pool: ['core', 'select'],
  beamline: ['core', 'select', 'pool'],
  trials: ['beamline'],
  model: ['core', 'select', 'pool'],
};

/** Capabilities that have one home each, as path prefixes under the repository. */
export const homes = {
  /** The model checker exchanges this file; a second mention of Atomics would escape it. Trials keep books of their own. */
  atomics: ['packages/core/src/platform/atomics.ts', 'packages/trials/', 'packages/model/'],
  /** Everything else names memory by offset. The pool's board holds figures, by which nothing is decided. */
  sharedMemory: [
    'packages/core/src/memory/',
    'packages/core/src/platform/',
    'packages/pool/src/board.ts',
    'packages/trials/',
    'packages/model/',
  ],
  /** What only Node has stays behind the platform files, so that core and select can run in a browser. */
  workerThreads: ['packages/core/src/platform/', 'packages/pool/', 'packages/trials/', 'packages/model/'],
  /** Nobody loads Piscina who has not asked for the pool. */
  piscina: ['packages/pool/'],
};
