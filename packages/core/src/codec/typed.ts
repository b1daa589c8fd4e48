/**
 * The typed codecs: one kind of value each, nothing to find out about it.
 *
 * Called by: codecs.ts.
 *
 * Invariant: a value of another kind is refused with a TypeError before anything else happens.
 */
import { DataCloneError, describe, invalidType } from '../errors.js';
import { isSharedArrayBuffer } from '../platform/types.js';
import { decodeBytes, decodeText, encodeBytes, encodeText } from './any.js';
import { TAG_INT32 } from './ops.js';
import { isUint8Array } from './parts.js';
import { corrupt } from './reader.js';
import { NO_HANDLES, TAG_NUMBER, type Incoming, type Outgoing, type WireCodec } from './wire.js';

function refuse(codec: string, expected: string, value: unknown): TypeError {
  return invalidType(`cannot send value: the ${codec} codec takes ${expected}, received ${describe(value)}`);
}

export const float64Codec: WireCodec = {
  name: 'float64',
  isBuiltIn: true,
  encode(value: unknown, out: Outgoing): void {
    if (typeof value !== 'number') throw refuse('float64', 'numbers', value);
    out.tag = TAG_NUMBER;
    out.number = value;
    out.handles = NO_HANDLES;
  },
  decode(input: Incoming): number {
    if (input.tag !== TAG_NUMBER) throw corrupt('a number is expected');
    return input.number;
  },
};

export const int32Codec: WireCodec = {
  name: 'int32',
  isBuiltIn: true,
  encode(value: unknown, out: Outgoing): void {
    // Object.is: -0 has no int32.
    if (typeof value !== 'number' || !Object.is(value | 0, value)) {
      throw refuse('int32', 'integers from -2147483648 to 2147483647', value);
    }
    out.tag = TAG_INT32;
    out.lo = value;
    out.hi = 0;
    out.handles = NO_HANDLES;
  },
  decode(input: Incoming): number {
    if (input.tag !== TAG_INT32) throw corrupt('an integer is expected');
    return input.lo;
  },
};

export const utf8Codec: WireCodec = {
  name: 'utf8',
  isBuiltIn: true,
  encode(value: unknown, out: Outgoing): void {
    if (typeof value !== 'string') throw refuse('utf8', 'strings', value);
    encodeText(value, out);
  },
  decode: requireText,
};

function requireText(input: Incoming): string {
  const text = decodeText(input);
  if (text === undefined) throw corrupt('text is expected');
  return text;
}

export const bytesCodec: WireCodec = {
  name: 'bytes',
  isBuiltIn: true,
  encode(value: unknown, out: Outgoing): void {
    if (!isUint8Array(value)) throw refuse('bytes', 'Uint8Arrays', value);
    if (isSharedArrayBuffer(value.buffer))
      throw new DataCloneError('cannot send value: a view on shared memory cannot be cloned');
    encodeBytes(value, out);
  },
  decode: requireBytes,
};

export function requireBytes(input: Incoming): Uint8Array {
  const bytes = decodeBytes(input);
  if (bytes === undefined) throw corrupt('bytes are expected');
  return bytes;
}

export const jsonCodec: WireCodec = {
  name: 'json',
  isBuiltIn: true,
  encode(value: unknown, out: Outgoing): void {
    encodeText(stringify(value), out);
  },
  decode(input: Incoming): unknown {
    const text = requireText(input);
    try {
      return JSON.parse(text);
    } catch (error) {
      throw corrupt((error as Error).message, { cause: error });
    }
  },
};

function stringify(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : describe(cause);
    throw invalidType(`cannot send value: the json codec takes what JSON.stringify takes, which failed: ${reason}`, { cause });
  }
  if (text === undefined) throw refuse('json', 'what has a JSON form', value);
  return text;
}
