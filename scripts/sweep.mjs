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

/** The files that a build of the workspace may leave in dist/, relative to it. */
function expectedOutputs(workspace) {
  const expected = new Set(['.tsbuildinfo']);
  for (const source of filesBelow(join(workspace, 'src'))) {
    const [, stem, extension] = /^(.*?)(\.[mc]?ts)$/.exec(source) ?? [];
    for (const suffix of COMPILED[extension] ?? []) {
      expected.add(stem + suffix);
      expected.add(`${stem}${suffix}.map`);
    }
  }
  for (const entry of wrappedEntries(manifestOf(workspace))) {
    expected.add(posix(relative('dist', entry.module)));
    expected.add(posix(relative('dist', entry.moduleTypes)));
  }
  return expected;
}

export function sweep(workspace) {
  const expected = expectedOutputs(workspace);
  for (const file of filesBelow(join(workspace, 'dist'))) {
    if (!expected.has(file)) rmSync(join(workspace, 'dist', file));
  }
}

export function sweepAll() {
  workspaces().forEach(sweep);
}
