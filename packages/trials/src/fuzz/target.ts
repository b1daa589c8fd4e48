/**
 * What a fuzz target is: a source of inputs and a way to use one.
 *
 * Inputs are recipes: plain data, so that they can be printed, shrunk and made again from a seed. What is hostile about them comes into
 * being when they are used.
 */
import type { Arbitrary } from 'fast-check';

export interface Target<Input = never> {
  readonly name: string;
  /** What it throws at the library, for the list of targets. */
  readonly about: string;
  readonly inputs: Arbitrary<Input>;
  /** How many of them there are between two looks at everything, if one takes long. */
  readonly chunk?: number;
  /** Uses an input; throws an Anomaly if the library breaks a promise. May leave nothing behind. */
  readonly run: (input: Input) => void | Promise<void>;
  /** Whether a process warning, or an exception that nobody catches, is one that the contract announces for such inputs. */
  readonly announces?: (error: Error) => boolean;
}

/** A broken promise. */
export class Anomaly extends Error {
  override name = 'Anomaly';
}

/** What hostile code throws: whoever called it gets to see it, and that is right. */
export class Hostility extends Error {
  override name = 'Hostility';
}

const CODES = new Set([
  'ERR_DISCONNECTED',
  'ERR_TIMEOUT',
  'ERR_HANDLE_DROPPED',
  'ERR_HANDLE_MOVED',
  'ERR_DATA_CLONE',
  'ERR_CODEC_MISMATCH',
  'ERR_SELECT_EMPTY',
  'ERR_OUT_OF_MEMORY',
  'ERR_THREAD_EXITED',
  'ERR_INVALID_ARGUMENT',
  'ERR_POOL_CLOSED',
]);

/**
 * Holds an error against the contract: it has one of its codes and says something, or it is what the input itself threw.
 * `own`: whether errors of the engine may come from the input, as those of revoked proxies do.
 */
export function judgeError(error: unknown, own: boolean): void {
  if (error instanceof Hostility) return;
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (typeof code === 'string' && CODES.has(code) && typeof message === 'string' && message.length > 10) return;
  if (own && (error instanceof TypeError || error instanceof RangeError) && code === undefined) return;
  throw new Anomaly(`an error that the contract does not know: ${show(error)}`);
}

/** Calls `action`; what it throws must be an error of the contract. */
export function attempt<R>(action: () => R, own = false): { value: R } | undefined {
  try {
    return { value: action() };
  } catch (error) {
    if (error instanceof Anomaly) throw error;
    judgeError(error, own);
    return undefined;
  }
}

/** The same with a promise, which must settle. */
export async function attemptAsync<R>(action: () => Promise<R>, own = false): Promise<{ value: R } | undefined> {
  let promise: Promise<R>;
  try {
    promise = action();
  } catch (error) {
    throw new Anomaly(`an asynchronous operation throws instead of rejecting: ${show(error)}`);
  }
  try {
    return { value: await promise };
  } catch (error) {
    if (error instanceof Anomaly) throw error;
    judgeError(error, own);
    return undefined;
  }
}

export function show(error: unknown): string {
  return error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : `not an error (${typeof error})`;
}
