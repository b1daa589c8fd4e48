/**
 * The error of blocking forms where the platform forbids blocking.
 */
import { ThreadError } from '../errors.js';

export function cannotBlock(what: string): ThreadError {
  return new ThreadError(
    `cannot ${what}: this thread must not block (a browser's main thread); use the async form`,
    'ERR_CANNOT_BLOCK',
  );
}
