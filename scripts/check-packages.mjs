/**
 * Checks what no compiler sees: that the packages have one shape, that the lists of workspaces agree, and that the packed
 * packages load in both module formats with their types and sources. Prints every finding; the exit code says whether there
 * was one.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import ts from 'typescript';
import { coreLayers } from './layers.mjs';
import { filesBelow } from './sweep.mjs';
import { manifestOf, publishedPackages, root, workspaces } from './workspaces.mjs';

const findings = [];
const report = (where, what) => findings.push(`${relative(root, where) || '.'}: ${what}`);
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** A JSON file with comments. */
function readConfig(file) {
  const { config, error } = ts.readConfigFile(file, ts.sys.readFile);
  if (error) throw new Error(`${file}: ${ts.flattenDiagnosticMessageText(error.messageText, '\n')}`);
  return config;
}

const dependenciesOf = (manifest) => ({ ...manifest.dependencies, ...manifest.peerDependencies });
const byName = new Map(workspaces().map((directory) => [manifestOf(directory).name, directory]));

// ── One shape ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const ENTRIES = ['LICENSE', 'README.md', 'package.json', 'src', 'test', 'tsconfig.json'];
const MADE_BY_TOOLS = ['.turbo', 'coverage', 'dist', 'node_modules'];

function checkShape(directory) {
  const present = readdirSync(directory).filter((name) => !MADE_BY_TOOLS.includes(name));
  if (!same(present.sort(), ENTRIES)) report(directory, `holds ${present.join(', ')}; every package holds ${ENTRIES.join(', ')}`);
  const licence = join(directory, 'LICENSE');
  if (existsSync(licence) && readFileSync(licence, 'utf8') !== readFileSync(join(root, 'LICENSE'), 'utf8')) {
    report(licence, 'differs from the LICENSE of the repository');
  }
}

function checkManifest(directory) {
  const manifest = manifestOf(directory);
  const { version, license, engines } = manifestOf(join(root, 'packages/beamline'));
  const expected = {
    version,
    license,
    engines,
    type: 'commonjs',
    sideEffects: false,
    main: './dist/index.js',
    types: './dist/index.d.ts',
    files: ['dist', 'src', '!dist/.tsbuildinfo'],
    scripts: { build: 'node ../../scripts/build-package.mjs' },
  };
  for (const [field, value] of Object.entries(expected)) {
    if (!same(manifest[field], value)) report(directory, `"${field}" in package.json is not ${JSON.stringify(value)}`);
  }
  for (const [entry, target] of Object.entries(manifest.exports)) {
    if (entry === './package.json') continue;
    const name = entry === '.' ? 'index' : entry.slice(2);
    const wanted = {
      import: { types: `./dist/${name}.d.mts`, default: `./dist/${name}.mjs` },
      require: { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` },
    };
    if (!same(target, wanted)) report(directory, `exports["${entry}"] is not ${JSON.stringify(wanted)}`);
    checkEntry(join(directory, 'src', `${name}.ts`));
  }
  if (manifest.exports['./package.json'] !== './package.json') report(directory, 'package.json is not exported');
}

/** An entry point only re-exports. */
function checkEntry(file) {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  const others = source.statements.filter((statement) => !ts.isExportDeclaration(statement));
  if (others.length > 0) report(file, 'an entry point holds `export … from …` and nothing else');
}

function checkCoreLayers() {
  const core = join(root, 'packages/core/src');
  const places = coreLayers.flatMap((layer) => layer.holds);
  for (const file of filesBelow(core)) {
    if (!places.some((place) => (place.endsWith('/') ? file.startsWith(place) : file === place))) {
      report(join(core, file), 'is in no layer of scripts/layers.mjs');
    }
  }
}

// ── Lists that must agree ────────────────────────────────────────────────────────────────────────────────────────────────

/** A project refers to exactly the workspaces it depends on: `tsc -b` builds and watches by these. */
function checkReferences(directory) {
  const references = (readConfig(join(directory, 'tsconfig.json')).references ?? []).map(({ path }) => resolve(directory, path));
  const dependencies = Object.keys(dependenciesOf(manifestOf(directory))).flatMap((name) => byName.get(name) ?? []);
  if (!same(references.sort(), dependencies.sort()))
    report(directory, 'the references of tsconfig.json are not the dependencies');
}

function checkLists() {
  const wanted = [...byName.values()].sort();
  for (const file of ['tsconfig.json', 'tsconfig.test.json']) {
    const references = readConfig(join(root, file)).references.map(({ path }) => join(root, path));
    const listed = references.filter((path) => !path.endsWith('.json')).sort();
    if (!same(listed, wanted)) report(join(root, file), 'the references are not the workspaces');
  }
  const waited = new Set();
  const wait = (name) => {
    if (!byName.has(name) || waited.has(name)) return;
    waited.add(name);
    Object.keys(dependenciesOf(manifestOf(byName.get(name)))).forEach(wait);
  };
  for (const task of readConfig(join(root, 'turbo.json')).tasks['//#built'].dependsOn) wait(task.replace(/#build$/, ''));
  for (const name of byName.keys()) {
    if (!waited.has(name)) report(join(root, 'turbo.json'), `//#built does not wait for ${name}`);
  }
}

/** Every workspace asks for the version of a sibling that the sibling has. */
function checkVersions(directory) {
  for (const [name, range] of Object.entries(dependenciesOf(manifestOf(directory)))) {
    const sibling = byName.get(name);
    if (sibling && manifestOf(sibling).version !== range)
      report(directory, `depends on ${name}@${range}, which is another version`);
  }
}

// ── As a user gets them ──────────────────────────────────────────────────────────────────────────────────────────────────

function pack(directory, destination) {
  const args = ['pack', '--json', '--ignore-scripts', '--silent', '--pack-destination', destination];
  const [{ filename }] = JSON.parse(execFileSync('npm', args, { cwd: directory, encoding: 'utf8' }));
  return join(destination, basename(filename));
}

/** Installs the tarball as npm would, with the dependencies of this repository. */
function install(tarball, manifest, modules) {
  const target = join(modules, manifest.name);
  mkdirSync(target, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', target, '--strip-components=1']);
  for (const name of Object.keys(dependenciesOf(manifest)).filter((dependency) => !byName.has(dependency))) {
    const link = join(modules, name);
    mkdirSync(dirname(link), { recursive: true });
    if (!existsSync(link)) symlinkSync(join(root, 'node_modules', name), link);
  }
  return target;
}

async function checkPublint(directory, tarball) {
  const file = readFileSync(tarball);
  const content = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength);
  const { messages, pkg } = await publint({ pack: { tarball: content }, strict: true });
  for (const message of messages) report(directory, `publint: ${formatMessage(message, pkg, { color: false })}`);
}

function checkTypes(directory, tarball) {
  const attw = join(dirname(createRequire(import.meta.url).resolve('@arethetypeswrong/cli/package.json')), 'dist/index.js');
  const args = [attw, tarball, '--profile', 'node16', '--format', 'ascii', '--no-emoji', '--no-color'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) report(directory, `attw:\n${stdout}${stderr}`);
}

/** Every map leads to a source that is packed too. */
function checkMaps(directory, installed) {
  for (const map of filesBelow(installed).filter((file) => file.endsWith('.map'))) {
    const { sources } = JSON.parse(readFileSync(join(installed, map), 'utf8'));
    const lost = sources.filter((source) => !existsSync(join(installed, dirname(map), source)));
    if (lost.length > 0) report(directory, `${map} names ${lost.join(', ')}, which is not packed`);
  }
}

/** `import` and `require` of every entry give the same values under the same names. */
function checkFormats(directory, project) {
  const { name, exports } = manifestOf(directory);
  const specifiers = Object.keys(exports).filter((entry) => entry !== './package.json');
  const program = `
    import { createRequire } from 'node:module';
    const require = createRequire(import.meta.url);
    for (const specifier of ${JSON.stringify(specifiers.map((entry) => name + entry.slice(1)))}) {
      const [module, common] = [await import(specifier), require(specifier)];
      const names = new Set([...Object.keys(module), ...Object.keys(common)]);
      const different = [...names].filter((key) => module[key] !== common[key]);
      if (different.length > 0) console.log(specifier + ': import and require differ in ' + different.join(', '));
    }
    require(${JSON.stringify(`${name}/package.json`)});`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: project,
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (status !== 0 || stdout || stderr) report(directory, `does not load as packed:\n${stdout}${stderr}`);
}

async function checkPacked() {
  const project = mkdtempSync(join(tmpdir(), 'beamline-packed-'));
  try {
    const packed = publishedPackages().map((directory) => {
      const tarball = pack(directory, project);
      return { directory, tarball, installed: install(tarball, manifestOf(directory), join(project, 'node_modules')) };
    });
    for (const { directory, tarball, installed } of packed) {
      await checkPublint(directory, tarball);
      checkTypes(directory, tarball);
      checkMaps(directory, installed);
      checkFormats(directory, project);
    }
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}

for (const directory of publishedPackages()) {
  checkShape(directory);
  checkManifest(directory);
}
for (const directory of workspaces()) {
  checkReferences(directory);
  checkVersions(directory);
}
checkCoreLayers();
checkLists();
await checkPacked();

for (const finding of findings) console.error(finding);
console.log(findings.length === 0 ? `${publishedPackages().length} packages: nothing to report` : `${findings.length} findings`);
process.exitCode = findings.length === 0 ? 0 : 1;
