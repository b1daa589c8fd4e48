/**
 * Builds what a workspace needs and runs its program: `node scripts/start.mjs examples/tree-index ARGS…`.
 *
 * The program runs in this process, so its exit code, its signals and its standard streams are this process's own. The build
 * writes to standard error only and is silent when there is nothing to do.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runTurbo } from './turbo.mjs';
import { manifestOf, root } from './workspaces.mjs';

const [, , workspace, ...args] = process.argv;
const { name, main } = manifestOf(join(root, workspace));

const built = runTurbo(
  ['build', `--filter=${name}`, '--output-logs=errors-only', '--log-prefix=none'],
  ['ignore', 'ignore', 'inherit'],
);
if (built !== 0) process.exit(built);

const program = join(root, workspace, main);
process.argv = [process.argv[0], program, ...args];
await import(pathToFileURL(program).href);
