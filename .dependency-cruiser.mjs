/** Imports that may not be: layers, packages, cycles, undeclared dependencies. The table itself is scripts/layers.mjs. */
import { coreLayers, homes, packageUses } from './scripts/layers.mjs';

const escape = (path) => path.replaceAll('.', '\\.');
const startsWithAny = (prefixes) => `^(?:${prefixes.map(escape).join('|')})`;

const CORE = 'packages/core/src/';
const SOURCES = '^packages/[^/]+/src/';
const inLayers = (layers) => startsWithAny(layers.flatMap((layer) => layer.holds.map((path) => CORE + path)));

/** Files that stand in one of the layer's folders and are listed in another layer. */
const listedElsewhere = (layer) => {
  const others = coreLayers.filter((other) => other !== layer).flatMap((other) => other.holds);
  return others.filter((path) => layer.holds.some((folder) => folder !== path && path.startsWith(folder)));
};

const upwardImports = coreLayers.slice(0, -1).map((layer, level) => ({
  name: `core-layers: ${layer.name}`,
  comment: 'A file imports from its own layer or a lower one (scripts/layers.mjs).',
  severity: 'error',
  from: { path: inLayers([layer]), pathNot: listedElsewhere(layer).map((path) => `^${escape(CORE + path)}$`) },
  to: { path: inLayers(coreLayers.slice(level + 1)) },
}));

const packageImports = Object.entries(packageUses).map(([name, uses]) => ({
  name: `packages: ${name}`,
  comment: `${name} may import ${uses.length > 0 ? uses.join(', ') : 'no other package'}.`,
  severity: 'error',
  from: { path: `^packages/${name}/src/` },
  to: { path: `^packages/(?!(?:${[name, ...uses].join('|')})/)` },
}));

export default {
  forbidden: [
    ...upwardImports,
    ...packageImports,
    {
      name: 'core-layers: homeless file',
      comment: 'Every file of core is in a layer of scripts/layers.mjs.',
      severity: 'error',
      from: { path: `^${CORE}`, pathNot: inLayers(coreLayers) },
      to: {},
    },
    {
      name: 'no-cycle',
      comment: 'Two files that need each other are one file, or three.',
      severity: 'error',
      from: { path: '^(?:packages|examples|benchmarks|test|scripts)/' },
      to: { circular: true },
    },
    {
      name: 'packages import each other by name',
      comment: 'A relative path into another package would load a second copy of it.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/src/' },
      to: { path: '^packages/', pathNot: '^packages/$1/', dependencyTypes: ['local'] },
    },
    {
      name: 'examples use the facade',
      comment: 'An example shows what a user writes.',
      severity: 'error',
      from: { path: '^examples/[^/]+/src/' },
      to: { path: '^packages/(?!beamline/)' },
    },
    {
      name: 'worker_threads has a home',
      severity: 'error',
      from: { path: SOURCES, pathNot: startsWithAny(homes.workerThreads) },
      to: { path: '^(?:node:)?worker_threads$' },
    },
    {
      name: 'piscina has a home',
      severity: 'error',
      from: { path: SOURCES, pathNot: startsWithAny(homes.piscina) },
      to: { path: 'node_modules/piscina/' },
    },
    {
      name: 'sources do not import tests or scripts',
      severity: 'error',
      from: { path: '/src/' },
      to: { path: ['^test/', '^scripts/', '/test/'], pathNot: 'node_modules' },
    },
    {
      name: 'undeclared dependency',
      comment: 'What a workspace imports stands in its own package.json.',
      severity: 'error',
      from: { path: '/src/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev', 'npm-bundled'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.test.json' },
    doNotFollow: { path: ['node_modules', '/dist/'] },
    exclude: { path: ['/fixtures/', '/test/.+/workers/'] },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
    moduleSystems: ['cjs', 'es6'],
  },
};
