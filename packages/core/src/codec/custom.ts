/**
 * A user's codec as channels see it.
 *
 * Called by: codecs.ts.
 *
 * Invariants
 *   C1  `decode` is given bytes of its own, never shared memory: it may keep them, change them, or make views of them.
 *   C2  What the user's functions throw passes as it is.
 */
import { describe, invalidType } from '../errors.js';
import { encodeBytes } from './any.js';
import type { Codec } from './codec.js';
import { isUint8Array } from './parts.js';
import { requireBytes } from './typed.js';
import type { Incoming, Outgoing, WireCodec } from './wire.js';

/** Keeps a user's names apart from the built-in ones. */
const PREFIX = 'custom:';

/** Wraps a user's codec. Its name on the wire is `custom:` and the name that the user gave it. */
export function customCodec(codec: Codec<unknown>): WireCodec {
  validate(codec);
  return {
    name: PREFIX + codec.name,
    isBuiltIn: false,
    encode(value: unknown, out: Outgoing): void {
      const bytes: unknown = codec.encode(value);
      if (!isUint8Array(bytes)) {
        throw invalidType(
          `cannot send value: encode of codec ${describe(codec.name)} must return a Uint8Array, it returned ${describe(bytes)}`,
        );
      }
      encodeBytes(bytes, out);
    },
    decode(input: Incoming): unknown {
      return codec.decode(requireBytes(input));
    },
  };
}

function validate(codec: Codec<unknown>): void {
  const { name, encode, decode } = codec as { name?: unknown; encode?: unknown; decode?: unknown };
  if (typeof name === 'string' && name !== '' && typeof encode === 'function' && typeof decode === 'function') return;
  throw invalidType(`cannot use codec: it must have a name, encode and decode, received ${describe(codec)}`);
}
