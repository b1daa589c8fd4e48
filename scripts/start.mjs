/**
 * Builds what a workspace needs and runs its program: `node scripts/start.mjs examples/tree-index ARGS…`.
 *
 * The program runs in this process, so its exit code, its signals and its standard streams are this process's own. (The scripts
 * in package.json say `exec node …`: without it a signal sent to npm ends the shell between them and never gets here.) The
 * build writes to standard error only, and nothing at all when there is nothing to do.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runTurbo } from './turbo.mjs';
import { manifestOf, root } from './workspaces.mjs';

const [node, , workspace, ...args] = process.argv;
const { name, main } = manifestOf(join(root, workspace));
const program = join(root, workspace, main);

if (!existsSync(program)) console.error('Building; the first time takes a few seconds.');
const build = runTurbo(['build', `--filter=${name}`, '--output-logs=errors-only'], 'pipe');
if (build.status !== 0) {
  console.error(build.stdout + build.stderr);
  process.exit(build.status ?? 1);
}

process.argv = [node, program, ...args];
await import(pathToFileURL(program).href);
