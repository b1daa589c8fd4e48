/**
 * Finding the handler in a worker file, as Piscina does: CommonJS and ES modules, default and named exports, and promises of a
 * handler.
 *
 * Called by: worker-entry.ts.
 */
import { createRequire } from 'node:module';
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
 * `require` first, as Piscina has it: hooks that compile on the fly are mostly hooks of `require`. Whatever that cannot load is
 * tried as an ES module, and its error is the one that counts.
 */
async function load(filename: string): Promise<unknown> {
  try {
    return createRequire(filename)(filename) as unknown;
  } catch {
    return import(pathToFileURL(filename).href);
  }
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
