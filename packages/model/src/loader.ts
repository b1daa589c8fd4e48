/**
 * Loads the build of core, select and the pool with some of its modules exchanged for stand-ins, its constants scaled down, and at most one
 * mutation switched on. Everything is done to the text of the build as it is loaded: the product knows nothing of it.
 */
import { readFileSync } from 'node:fs';
import Module from 'node:module';
import { dirname, join, relative, sep } from 'node:path';

/** A change of the text of one file of the build. What it looks for must occur in it, once or `times` times. */
export interface Patch {
  /** Below core's dist/, or `select/` or `pool/` and below theirs. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  readonly times?: number;
}

export const coreBuild = dirname(require.resolve('@beamline/core'));
const selectBuild = dirname(require.resolve('@beamline/select'));
const poolBuild = dirname(require.resolve('@beamline/pool'));

const STAND_INS: Readonly<Record<string, string>> = {
  'platform/atomics.js': './stand-ins/atomics.js',
  'platform/clock.js': './stand-ins/clock.js',
  'platform/collection.js': './stand-ins/collection.js',
  'platform/threads.js': './stand-ins/threads.js',
  'memory/views.js': './stand-ins/views.js',
};

interface Loadable {
  exports: unknown;
  _compile(code: string, file: string): void;
}
type Extension = (module: Loadable, file: string) => void;

/** From now on, modules of the build are loaded patched. Call it before the first of them is loaded. */
export function patchBuild(patches: readonly Patch[]): void {
  const extensions = (Module as unknown as { _extensions: Record<string, Extension> })._extensions;
  const load = extensions['.js'];
  extensions['.js'] = (module, file) => {
    const name = nameOf(file);
    const standIn = name === undefined ? undefined : STAND_INS[name];
    const wanted = patches.filter((patch) => patch.file === name);
    if (standIn !== undefined) module.exports = require(standIn);
    else if (wanted.length > 0) module._compile(wanted.reduce(apply, readFileSync(file, 'utf8')), file);
    else load(module, file);
  };
}

function nameOf(file: string): string | undefined {
  if (file.startsWith(coreBuild + sep)) return relative(coreBuild, file).replaceAll(sep, '/');
  if (file.startsWith(selectBuild + sep)) return 'select/' + relative(selectBuild, file).replaceAll(sep, '/');
  if (file.startsWith(poolBuild + sep)) return 'pool/' + relative(poolBuild, file).replaceAll(sep, '/');
  return undefined;
}

/** @throws Error when the text is not there: the product changed, and with it the patch must. */
export function apply(text: string, { file, find, replace, times = 1 }: Patch): string {
  const parts = text.split(find);
  if (parts.length !== times + 1)
    throw new Error(`patch of ${file}: expected ${times} × ${JSON.stringify(find)}, found ${parts.length - 1}`);
  return parts.join(replace);
}

/** A module of core's build, as core itself sees it. */
export function fromCore<M>(file: string): M {
  return require(join(coreBuild, file)) as M;
}

/** A module of the pool's build. Not its entry, which would load Piscina. */
export function fromPool<M>(file: string): M {
  return require(join(poolBuild, file)) as M;
}

export function buildFile(file: string): string {
  if (file.startsWith('pool/')) return join(poolBuild, file.slice(5));
  return file.startsWith('select/') ? join(selectBuild, file.slice(7)) : join(coreBuild, file);
}
