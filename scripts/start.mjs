/**
 * Builds what a program needs and runs it: `node scripts/start.mjs PROGRAM ARGS…`. PROGRAM is a workspace, which means its `main`,
 * or a built file of one: `examples/tree-index`, `examples/patterns/dist/pipeline/main.js`.
 *
 * The program runs in this process, so its exit code, its signals and its standard streams are this process's own. (The scripts
 * in package.json say `exec node …`: without it a signal sent to npm ends the shell between them and never gets here.) The
 * build writes to standard error only, and nothing at all when there is nothing to do.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runTurbo } from './turbo.mjs';
import { manifestOf, root, workspaces } from './workspaces.mjs';

const [node, , path, ...args] = process.argv;
const workspace = workspaces().find((directory) => join(root, path, '/').startsWith(join(directory, '/')));
const { name, main } = manifestOf(workspace);
const program = workspace === join(root, path) ? join(workspace, main) : join(root, path);

if (!existsSync(program)) console.error('Building; the first time takes a few seconds.');
const build = runTurbo(['build', `--filter=${name}`, '--output-logs=errors-only'], 'pipe');
if (build.status !== 0) {
  console.error(build.stdout + build.stderr);
  process.exit(build.status ?? 1);
}

process.argv = [node, program, ...args];
await import(pathToFileURL(program).href);
