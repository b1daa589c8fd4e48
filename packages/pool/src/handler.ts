/**
 * Finding the handler in a worker file, as Piscina does: CommonJS and ES modules, default and named exports, and promises of a
 * handler.
 *
 * Called by: worker-entry.ts.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Handler } from './job.js';

/**
 * Loads the handler that a file exports under a name.
 * @throws Error naming the file, with the reason as its cause and the reason's code.
 */
export async function loadHandler(filename: string, name: string): Promise<Handler> {
  let handler: unknown;
  try {
    handler = await exported(await load(filename), name);
  } catch (error) {
    const { message, code } = (error ?? {}) as { message?: unknown; code?: unknown };
    const failure = new Error(`cannot load the worker file ${filename}: ${String(message ?? error)}`, { cause: error });
    throw typeof code === 'string' ? Object.assign(failure, { code }) : failure;
  }
  if (typeof handler === 'function') return handler as Handler;
  throw Object.assign(
    new TypeError(`cannot use the worker file ${filename}: it has no export ${JSON.stringify(name)} that is a function`),
    {
      code: 'ERR_INVALID_ARGUMENT',
    },
  );
}

/**
 * What Node knows to be an ES module is imported. Otherwise `require` first, as Piscina has it: hooks that compile on the fly are mostly
 * hooks of `require`. Whatever that cannot load is tried as an ES module, and its error is the one that counts.
 *
 * `require` could load ES modules as well, but Node 20 aborts the process if a worker is terminated in the middle of that.
 */
async function load(filename: string): Promise<unknown> {
  if (!isModule(filename)) {
    try {
      return createRequire(filename)(filename) as unknown;
    } catch {
      // not to be required: import it, or find out why not
    }
  }
  return import(pathToFileURL(filename).href);
}

/** Whether a file is an ES module by its name or its package, as Node has it. */
function isModule(filename: string): boolean {
  return extname(filename) === '.mjs' || (extname(filename) === '.js' && packageTypeOf(dirname(filename)) === 'module');
}

/** The `type` of the package that a directory is in. */
function packageTypeOf(directory: string): unknown {
  const manifest = join(directory, 'package.json');
  if (existsSync(manifest)) return (JSON.parse(readFileSync(manifest, 'utf8')) as { type?: unknown }).type;
  const parent = dirname(directory);
  return parent === directory || basename(directory) === 'node_modules' ? undefined : packageTypeOf(parent);
}

/** A CommonJS module may be the function itself, which is its default export then. */
function exported(module: unknown, name: string): unknown {
  const isFunction = typeof module === 'function' || isThenable(module);
  const named = (module as Record<string, unknown> | null | undefined)?.[name];
  return isFunction && typeof named !== 'function' && name === 'default' ? module : named;
}

function isThenable(value: unknown): boolean {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
