/**
 * Removes from dist/ what no source file accounts for any more. The compiler and turbo's cache only ever add files, and a stale
 * file in dist/ is loaded like any other.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { manifestOf, workspaces, wrappedEntries } from './workspaces.mjs';

const COMPILED = { '.ts': ['.js', '.d.ts'], '.mts': ['.mjs', '.d.mts'], '.cts': ['.cjs', '.d.cts'] };

const posix = (path) => path.split(sep).join('/');

/** Every file under `directory`, relative to it. */
export function filesBelow(directory) {
  if (!existsSync(directory)) return [];
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => posix(relative(directory, join(entry.parentPath, entry.name))));
}

/** The files that the compiler makes of src/, relative to dist/. */
function compiledFiles(workspace) {
  const sources = filesBelow(join(workspace, 'src')).filter((file) => !/\.d\.[mc]?ts$/.test(file));
  return sources.flatMap((source) => {
    const [, stem, extension] = /^(.*?)(\.[mc]?ts)$/.exec(source) ?? [];
    return (COMPILED[extension] ?? []).flatMap((suffix) => [stem + suffix, `${stem}${suffix}.map`]);
  });
}

/** The files of the ES module wrappers, relative to dist/. */
function wrapperFiles(workspace) {
  const entries = wrappedEntries(manifestOf(workspace));
  return entries.flatMap(({ module, moduleTypes }) => [module, moduleTypes].map((file) => posix(relative('dist', file))));
}

export function sweep(workspace) {
  const dist = join(workspace, 'dist');
  const present = filesBelow(dist);
  const compiled = compiledFiles(workspace);
  const expected = new Set([...compiled, ...wrapperFiles(workspace), '.tsbuildinfo']);
  for (const file of present) if (!expected.has(file)) rmSync(join(dist, file));

  // The compiler believes its notes on what it has written before; they hold only while all of that is there.
  if (compiled.some((file) => !present.includes(file))) rmSync(join(dist, '.tsbuildinfo'), { force: true });
}

export function sweepAll() {
  workspaces().forEach(sweep);
}
