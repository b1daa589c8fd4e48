/** A hash as it is stored: `$scrypt$ln=14,r=8,p=5$SALT$KEY` (the PHC string format), so it says how it was made. */
import { COST, KEY_BYTES } from './scrypt.js';

export const SALT_BYTES = 16;

const PREFIX = `$scrypt$ln=${Math.log2(COST.N)},r=${COST.r},p=${COST.p}$`;
const base64 = (bytes: number): string => `[A-Za-z0-9+/]{${Math.ceil((bytes * 8) / 6)}}`;
const REST = new RegExp(`^${base64(SALT_BYTES)}\\$${base64(KEY_BYTES)}$`);

export interface SaltAndKey {
  readonly salt: Uint8Array;
  readonly key: Uint8Array;
}

export function format({ salt, key }: SaltAndKey): string {
  return PREFIX + [salt, key].map((bytes) => Buffer.from(bytes).toString('base64').replaceAll('=', '')).join('$');
}

/** Only those that were made here, at this cost: otherwise a hash from outside could have a thread work for hours. */
export function isStoredHash(text: unknown): text is string {
  return typeof text === 'string' && text.startsWith(PREFIX) && REST.test(text.slice(PREFIX.length));
}

export function parse(hash: string): SaltAndKey {
  const [salt, key] = hash
    .slice(PREFIX.length)
    .split('$')
    .map((text) => Buffer.from(text, 'base64'));
  return { salt: salt!, key: key! };
}
