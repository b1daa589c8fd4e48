/**
 * A built-in codec used without a channel: `codecs.any.encode(value)` and back. A user's codec may build on it.
 *
 * Called by: codecs.ts.
 *
 * The bytes are the slot's tag, then the body, or the slot's eight bytes. They hold for this version of the library and this
 * engine; they are not a format to store.
 */
import { DataCloneError, describe, invalidType } from '../errors.js';
import { isUint8Array } from './parts.js';
import { corrupt } from './reader.js';
import { FIRST_BODY_TAG, Incoming, Outgoing, TAG_NUMBER, type WireCodec } from './wire.js';

interface Standalone {
  encode(value: unknown): Uint8Array;
  decode(bytes: Uint8Array): unknown;
}

export function standalone(wire: WireCodec): Standalone {
  return {
    encode(value) {
      const out = new Outgoing();
      wire.encode(value, out);
      if (out.handles.length > 0)
        throw new DataCloneError('cannot encode value: a handle moves only inside a message of a channel');
      return toBytes(out);
    },
    decode(bytes) {
      if (!isUint8Array(bytes)) throw invalidType(`cannot decode: bytes must be a Uint8Array, received ${describe(bytes)}`);
      return wire.decode(fromBytes(bytes));
    },
  };
}

function toBytes(out: Outgoing): Uint8Array {
  if (out.tag >= FIRST_BODY_TAG) {
    const bytes = new Uint8Array(1 + out.length);
    bytes[0] = out.tag;
    bytes.set(out.body.subarray(0, out.length), 1);
    return bytes;
  }
  const view = new DataView(new ArrayBuffer(9));
  view.setUint8(0, out.tag);
  if (out.tag === TAG_NUMBER) view.setFloat64(1, out.number, true);
  else view.setInt32(1, out.lo, true);
  if (out.tag !== TAG_NUMBER) view.setInt32(5, out.hi, true);
  return new Uint8Array(view.buffer);
}

function fromBytes(bytes: Uint8Array): Incoming {
  const input = new Incoming();
  const tag = bytes[0];
  if (tag === undefined) throw corrupt('it is empty');
  input.tag = tag;
  // Not the bytes themselves: of a Buffer, or a user's class, `slice` is not what decoders take it for.
  input.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  input.start = 1;
  input.length = bytes.length - 1;
  if (tag >= FIRST_BODY_TAG) return input;
  if (bytes.length !== 9) throw corrupt('it has another length');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  input.number = view.getFloat64(1, true);
  input.lo = view.getInt32(1, true);
  input.hi = view.getInt32(5, true);
  return input;
}
