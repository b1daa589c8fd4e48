/** Where the workspaces are, and what their manifests say about entry points. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

export const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

export const manifestOf = (directory) => readJson(join(directory, 'package.json'));

/** The directories that the root manifest's `workspaces` names (`folder/*` or `folder`), absolute. */
export function workspaces() {
  return manifestOf(root).workspaces.flatMap((pattern) => {
    if (!pattern.endsWith('/*')) return existsSync(join(root, pattern, 'package.json')) ? [join(root, pattern)] : [];
    const parent = join(root, pattern.slice(0, -2));
    if (!existsSync(parent)) return [];
    const children = readdirSync(parent).map((name) => join(parent, name));
    return children.filter((directory) => existsSync(join(directory, 'package.json'))).sort();
  });
}

/** The packages that are published: the workspaces that are not private. */
export const publishedPackages = () => workspaces().filter((directory) => manifestOf(directory).private !== true);

/**
 * The public entries of a package that exist in both module formats: the real build (CommonJS) and the wrapper's files beside
 * it, as paths relative to the package.
 */
export function wrappedEntries(manifest) {
  const targets = Object.values(manifest.exports ?? {}).filter((target) => target.import !== undefined);
  return targets.map((target) => ({
    common: target.require.default,
    module: target.import.default,
    moduleTypes: target.import.types,
  }));
}
