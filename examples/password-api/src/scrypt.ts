/** The pool's worker file: a key from a password. It takes its time, that is what it is for. */
import { scryptSync } from 'node:crypto';

export interface KeyJob {
  readonly password: string;
  readonly salt: Uint8Array;
}

export const KEY_BYTES = 32;
/** One of the sets of parameters that OWASP recommends; 16 MB of memory for each key in the making. */
export const COST = { N: 2 ** 14, r: 8, p: 5 };

export default function scrypt({ password, salt }: KeyJob): Uint8Array {
  return scryptSync(password, salt, KEY_BYTES, COST);
}
