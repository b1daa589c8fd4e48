/**
 * Checks of what callers pass, and the limits of a wait.
 *
 * Called by: handles/, @beamline/select, @beamline/pool.
 */
import { describe } from '../describe.js';
import { invalidRange, invalidType } from '../errors.js';
import { now } from '../platform/clock.js';

/** Limits of a blocking operation. Of two limits the sooner wins. */
export interface WaitSyncOptions {
  /** Milliseconds from now. Infinity or absent: no limit. */
  readonly timeout?: number;
  /** An instant on the clock of `now()`. Infinity or absent: no limit. */
  readonly deadline?: number;
}

/** Limits of an asynchronous operation. */
export interface WaitOptions extends WaitSyncOptions {
  /** Ends the wait with `signal.reason`; the operation has had no effect then. */
  readonly signal?: AbortSignal;
}

/** The instant at which a wait ends. @throws RangeError or TypeError `ERR_INVALID_ARGUMENT`. */
export function deadlineOf(what: string, options: WaitSyncOptions | undefined): number {
  if (options === undefined) return Infinity;
  if (typeof options !== 'object' || options === null) {
    throw invalidType(`cannot ${what}: options must be an object, received ${describe(options)}`);
  }
  const { timeout, deadline } = options;
  let end = Infinity;
  if (timeout !== undefined) {
    checkNumber(what, 'timeout', timeout);
    if (timeout < 0) throw invalidRange(`cannot ${what}: timeout must not be negative, received ${timeout}`);
    end = now() + timeout;
  }
  if (deadline !== undefined) {
    checkNumber(what, 'deadline', deadline);
    if (deadline < 0) throw invalidRange(`cannot ${what}: deadline must not be negative, received ${deadline}`);
    end = Math.min(end, deadline);
  }
  return end;
}

function checkNumber(what: string, name: string, value: unknown): void {
  if (typeof value !== 'number')
    throw invalidType(`cannot ${what}: ${name} must be a number of milliseconds, received ${describe(value)}`);
  if (Number.isNaN(value)) throw invalidRange(`cannot ${what}: ${name} must be a number of milliseconds, received NaN`);
}

/** The signal of an asynchronous operation. @throws its reason if it is aborted already, TypeError if it is none. */
export function signalOf(what: string, options: WaitOptions | undefined): AbortSignal | undefined {
  const signal = options?.signal;
  if (signal === undefined) return undefined;
  if (
    typeof signal !== 'object' ||
    signal === null ||
    typeof signal.aborted !== 'boolean' ||
    typeof signal.addEventListener !== 'function' ||
    typeof signal.removeEventListener !== 'function'
  ) {
    throw invalidType(`cannot ${what}: signal must be an AbortSignal, received ${describe(signal)}`);
  }
  if (signal.aborted) throw signal.reason;
  return signal;
}

/** A whole number of messages for the Many forms. */
export function checkCount(what: string, max: unknown): void {
  if (typeof max !== 'number') throw invalidType(`cannot ${what}: max must be a number of messages, received ${describe(max)}`);
  if (!(max === Infinity || Number.isInteger(max)) || max < 1) {
    throw invalidRange(`cannot ${what}: max must be a positive whole number of messages, received ${max}`);
  }
}
