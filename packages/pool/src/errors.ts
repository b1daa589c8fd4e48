/**
 * What was thrown, as an Error that can be passed on.
 *
 * Called by: desk.ts (what handlers throw), crew.ts (what workers die of).
 */
import { types } from 'node:util';

interface ErrorLike {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  readonly code?: unknown;
  readonly cause?: unknown;
}

/** The error itself. What only looks like one (a worker's `error` event gives such), or is none at all, becomes one. */
export function asError(thrown: unknown): Error {
  if (types.isNativeError(thrown)) return thrown;
  if (!isErrorLike(thrown)) return new Error(`what was thrown is no error: ${text(thrown)}`, { cause: thrown });
  return copy(thrown, 'cause' in thrown ? { cause: thrown.cause } : undefined);
}

/** An error with nothing but what all errors have: what else it carries cannot cross threads. */
export function withoutExtras(thrown: unknown): Error {
  if (isErrorLike(thrown)) return copy(thrown, undefined);
  return new Error(`what was thrown is no error: ${text(thrown)}`);
}

function copy({ name, message, stack, code }: ErrorLike, options: ErrorOptions | undefined): Error {
  const error = new Error(message, options);
  Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
  error.stack = stack;
  return typeof code === 'string' || typeof code === 'number' ? Object.assign(error, { code }) : error;
}

/** Looking at what was thrown may itself throw. */
function isErrorLike(thrown: unknown): thrown is ErrorLike {
  try {
    const { name, message, stack } = thrown as ErrorLike;
    return typeof name === 'string' && typeof message === 'string' && typeof stack === 'string';
  } catch {
    return false;
  }
}

function text(value: unknown): string {
  try {
    return String(value);
  } catch {
    return 'something that cannot be printed';
  }
}
