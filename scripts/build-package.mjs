/**
 * Builds the workspace in the current directory: compiles src/ to CommonJS in dist/, then writes the ES module wrapper of every
 * public entry. Run by turbo, dependencies first; nothing outside this workspace is written.
 *
 * The wrapper re-exports each name of the CommonJS build, so that `import` and `require` give the same classes and share one
 * runtime in a process. The names are spelled out: ES module linkers and bundlers need not guess what a CommonJS file exports.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { sweep } from './sweep.mjs';
import { manifestOf, wrappedEntries } from './workspaces.mjs';

const workspace = process.cwd();
const require = createRequire(join(workspace, 'package.json'));

function compile() {
  const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.json'], { cwd: workspace, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

function writeIfChanged(file, text) {
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
}

function wrap({ common, module, moduleTypes }) {
  const names = Object.keys(require(join(workspace, common))).filter((name) => name !== '__esModule');
  if (names.includes('default')) throw new Error(`${common} has a default export; packages export names only`);
  const source = `./${basename(common)}`;
  const list = names.sort().map((name) => `  ${name},\n`);
  writeIfChanged(join(workspace, module), `export {\n${list.join('')}} from '${source}';\n`);
  writeIfChanged(join(workspace, moduleTypes), `export * from '${source}';\n`);
}

/**
 * Turbo takes the hash under which it caches a result before anything is built. Sources that were edited in the meantime would
 * be cached under the hash of the old ones, so such a build fails instead.
 */
function refuseSourcesEditedMeanwhile() {
  const started = Number(process.env.BEAMLINE_BUILD_STARTED ?? Infinity);
  for (const entry of readdirSync(join(workspace, 'src'), { recursive: true })) {
    const edited = statSync(join(workspace, 'src', entry)).mtimeMs;
    if (edited <= started || edited > Date.now()) continue; // later than now: a clock that differs, not an edit
    console.error(`src/${entry} was edited while this build was running: build again.`);
    process.exit(1);
  }
}

sweep(workspace);
compile();
wrappedEntries(manifestOf(workspace)).forEach(wrap);
refuseSourcesEditedMeanwhile();
