/** The tree indexer as a process of its own. */
import { spawnSync } from 'node:child_process';
import { fileOf, LIMIT_MS, Program, type Finished, type ProgramOptions, type User } from '../../../../test/support/program.js';
import type { Report } from '../../src/report.js';

export { LIMIT_MS, Program, type Finished, type ProgramOptions };

export const NAME = 'tree-index';
export const PROGRAM = fileOf(NAME);

export const start = (args: readonly string[], options?: ProgramOptions): Program => new Program(NAME, args, options);
export const run = (args: readonly string[], options?: ProgramOptions): Promise<Finished> => start(args, options).finished();

/** The document of a run with `--json`. It must be all that is on standard output. */
export const reportOf = ({ stdout }: Finished): Report => JSON.parse(stdout) as Report;

/**
 * Root may read everything, so where the tests run as root the program runs as nobody, if that user can reach it. `undefined`
 * where no such user is to be had.
 */
export function ordinaryUser(): { readonly user?: User } | undefined {
  if (process.getuid?.() !== 0) return {};
  const user = { uid: 65534, gid: 65534 };
  const { status } = spawnSync(process.execPath, [PROGRAM, '--help'], { ...user, timeout: LIMIT_MS });
  return status === 0 ? { user } : undefined;
}
