/** The command line: what may be asked for, and what is said when it is asked wrongly. */
import { availableParallelism } from 'node:os';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

export const USAGE = `\
Usage: npm start -- [DIR] [--threads N] [--json] [--compare]

Indexes the files below DIR: size, lines, words and SHA-256 of each.

  DIR          the directory; without it this repository, with its node_modules
  --threads N  worker threads, 1 to 256; without it as many as there are processors
  --json       print one JSON document instead of tables
  --compare    do the same work with Piscina and with postMessage too, and compare the times
  --help       print this
`;

const MAX_THREADS = 256;

export interface Options {
  readonly root: string;
  readonly threads: number;
  readonly json: boolean;
  readonly compare: boolean;
}

export type ParsedOptions =
  | { readonly kind: 'run'; readonly options: Options }
  | { readonly kind: 'help' }
  | { readonly kind: 'mistake'; readonly message: string };

/** What is wrong with the command line, in words for the user. */
class Mistake extends Error {}

export function parseOptions(args: readonly string[], env: NodeJS.ProcessEnv): ParsedOptions {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        threads: { type: 'string' },
        json: { type: 'boolean', default: false },
        compare: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return { kind: 'help' };
    const { json, compare } = values;
    return { kind: 'run', options: { root: rootFrom(positionals, env), threads: threadsFrom(values.threads), json, compare } };
  } catch (error) {
    if (error instanceof Mistake || isParseError(error)) return { kind: 'mistake', message: error.message };
    throw error;
  }
}

const isParseError = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');

function threadsFrom(given: string | undefined): number {
  if (given === undefined) return Math.min(availableParallelism(), MAX_THREADS);
  const threads = /^\d+$/.test(given) ? Number(given) : 0;
  if (threads >= 1 && threads <= MAX_THREADS) return threads;
  throw new Mistake(`--threads must be a whole number from 1 to ${MAX_THREADS}, not '${given}'`);
}

function rootFrom(positionals: readonly string[], env: NodeJS.ProcessEnv): string {
  const [directory, ...more] = positionals;
  if (more.length > 0) throw new Mistake(`one DIR at a time, not ${positionals.length}`);
  if (directory === undefined) return fileURLToPath(new URL('../../..', import.meta.url)).replace(/[\\/]$/, '');
  if (directory === '') throw new Mistake('DIR must not be empty');
  return resolve(directoryOfUser(env), directory);
}

/** npm runs scripts in the folder of their package, whereas DIR is meant from where the user is. */
function directoryOfUser(env: NodeJS.ProcessEnv): string {
  const manifest = env['npm_package_json'];
  const movedByNpm = manifest !== undefined && dirname(manifest) === process.cwd();
  return (movedByNpm ? env['INIT_CWD'] : undefined) ?? process.cwd();
}
