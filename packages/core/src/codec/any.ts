/**
 * The default codec: everything that structured clone carries by copy, and handles.
 *
 * Called by: resolve.ts, which channels ask; typed.ts and custom.ts share its texts and bytes.
 *
 * Numbers, booleans, null, undefined, short texts and short byte arrays live in the slot alone. Long texts and byte arrays are
 * bodies of their own. All else is written by encoder.ts and read by decoder.ts.
 *
 * Invariants
 *   A1  No state outlives a call, except caches that only save work.
 *   A2  Re-entrant: a getter that sends a message while its object is being encoded finds no encoder free and gets another one.
 */
import { DataCloneError } from '../errors.js';
import { isLatin1, readLatin1, readUcs2, takeBytes, writeLatin1, writeUcs2 } from '../platform/bytes.js';
import { Decoder, makeView } from './decoder.js';
import { Encoder } from './encoder.js';
import * as op from './ops.js';
import { checkTypedArray, ordinaryBytes, viewBytes, viewKind } from './parts.js';
import { corrupt } from './reader.js';
import { Refusal } from './refusal.js';
import { NO_HANDLES, TAG_NUMBER, type Incoming, type Outgoing, type WireCodec } from './wire.js';

export const anyCodec: WireCodec = { name: 'any', isBuiltIn: true, encode: encodeAny, decode: decodeAny };

let freeEncoder: Encoder | undefined = new Encoder();
let freeDecoder: Decoder | undefined = new Decoder();

function encodeAny(value: unknown, out: Outgoing): void {
  switch (typeof value) {
    case 'number':
      out.tag = TAG_NUMBER;
      out.number = value;
      break;
    case 'string':
      return encodeText(value, out);
    case 'boolean':
      out.tag = value ? op.TAG_TRUE : op.TAG_FALSE;
      break;
    case 'undefined':
      out.tag = op.TAG_UNDEFINED;
      break;
    case 'object':
      if (value !== null) return encodeObject(value, out);
      out.tag = op.TAG_NULL;
      break;
    case 'bigint':
      return encodeBigInt(value, out);
    default:
      throw new Refusal(typeof value === 'function' ? 'functions cannot be cloned' : 'symbols cannot be cloned').toError();
  }
  out.handles = NO_HANDLES;
}

function encodeBigInt(value: bigint, out: Outgoing): void {
  if (BigInt.asIntN(64, value) !== value) return encodeGraph(value, out);
  out.tag = op.TAG_BIGINT;
  out.lo = Number(BigInt.asIntN(32, value));
  out.hi = Number(value >> 32n);
  out.handles = NO_HANDLES;
}

function encodeObject(value: object, out: Outgoing): void {
  if (!ArrayBuffer.isView(value)) return encodeGraph(value, out);
  try {
    encodeView(value, out);
  } catch (error) {
    throw error instanceof Refusal ? error.toError() : error;
  }
}

/** The body is the caller's own memory (W2). */
function encodeView(view: ArrayBufferView, out: Outgoing): void {
  const kind = viewKind(view);
  if (kind === 0) return encodeUint8Array(view as Uint8Array, out);
  const bytes = viewBytes(view);
  out.tag = op.TAG_VIEW + kind;
  out.body = bytes;
  out.length = bytes.length;
  out.handles = NO_HANDLES;
}

function encodeUint8Array(bytes: Uint8Array, out: Outgoing): void {
  checkTypedArray(bytes);
  encodeBytes(bytes, out);
}

function encodeGraph(value: unknown, out: Outgoing): void {
  const encoder = freeEncoder ?? new Encoder();
  freeEncoder = undefined;
  let length = 0;
  try {
    length = encoder.encode(value);
    out.tag = encoder.hasReferences ? op.TAG_GRAPH : op.TAG_TREE;
    out.body = encoder.bytes;
    out.length = length;
    out.handles = encoder.handles.length === 0 ? NO_HANDLES : encoder.handles;
  } catch (error) {
    throw error instanceof Refusal ? error.toError() : error;
  } finally {
    encoder.reset();
    encoder.fit(length);
    freeEncoder = encoder;
  }
}

// ── texts and bytes, shared with the typed codecs ──

export function encodeText(text: string, out: Outgoing): void {
  const length = text.length;
  if (length <= 8 && encodeShortText(text, length, out)) return;
  const encoder = (freeEncoder ??= new Encoder());
  if (isLatin1(text)) {
    encoder.reserve(0, length);
    writeLatin1(encoder.bytes, text, 0);
    out.tag = op.TAG_LATIN1;
    out.length = length;
  } else {
    encoder.reserve(0, 2 * length);
    writeUcs2(encoder.bytes, text, 0);
    out.tag = op.TAG_UCS2;
    out.length = 2 * length;
  }
  out.body = encoder.bytes;
  out.handles = NO_HANDLES;
  encoder.fit(out.length);
}

/** Up to eight Latin-1 characters, or four others, in the slot. */
function encodeShortText(text: string, length: number, out: Outgoing): boolean {
  let lo = 0;
  let hi = 0;
  let seen = 0;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    seen |= unit;
    if (i < 4) lo |= unit << (8 * i);
    else hi |= unit << (8 * i); // shifts count modulo 32
  }
  if (seen > 0xff) return encodeShortUcs2(text, length, out);
  out.tag = op.TAG_SHORT_LATIN1 + length;
  out.lo = lo;
  out.hi = hi;
  out.handles = NO_HANDLES;
  return true;
}

function encodeShortUcs2(text: string, length: number, out: Outgoing): boolean {
  if (length > 4) return false;
  out.tag = op.TAG_SHORT_UCS2 + length;
  out.lo = unitAt(text, 0) | (unitAt(text, 1) << 16);
  out.hi = unitAt(text, 2) | (unitAt(text, 3) << 16);
  out.handles = NO_HANDLES;
  return true;
}

function unitAt(text: string, index: number): number {
  return index < text.length ? text.charCodeAt(index) : 0;
}

/** `undefined` if the tag is no text's. */
export function decodeText(input: Incoming): string | undefined {
  const { tag, start, length } = input;
  if (tag === op.TAG_LATIN1) return readLatin1(input.bytes, start, start + length);
  if (tag === op.TAG_UCS2) return readUcs2(input.bytes, start, start + length);
  if (tag >= op.TAG_SHORT_LATIN1 && tag <= op.TAG_SHORT_LATIN1 + 8) return decodeShortText(input, tag - op.TAG_SHORT_LATIN1);
  if (tag > op.TAG_SHORT_UCS2 && tag <= op.TAG_SHORT_UCS2 + 4) return decodeShortUcs2(input, tag - op.TAG_SHORT_UCS2);
  return undefined;
}

function decodeShortText({ lo, hi }: Incoming, length: number): string {
  if (length < 4) return upToThree(lo, length);
  const text = String.fromCharCode(
    lo & 0xff,
    (lo >>> 8) & 0xff,
    (lo >>> 16) & 0xff,
    lo >>> 24,
    hi & 0xff,
    (hi >>> 8) & 0xff,
    (hi >>> 16) & 0xff,
    hi >>> 24,
  );
  return length === 8 ? text : text.slice(0, length);
}

function upToThree(units: number, length: number): string {
  let text = '';
  for (let i = 0; i < length; i++) text += String.fromCharCode((units >>> (8 * i)) & 0xff);
  return text;
}

function decodeShortUcs2({ lo, hi }: Incoming, length: number): string {
  return String.fromCharCode(lo & 0xffff, lo >>> 16, hi & 0xffff, hi >>> 16).slice(0, length);
}

export function encodeBytes(given: Uint8Array, out: Outgoing): void {
  const bytes = ordinaryBytes(given);
  const length = bytes.length;
  out.handles = NO_HANDLES;
  if (length > 8) {
    out.tag = op.TAG_VIEW;
    out.body = bytes;
    out.length = length;
    return;
  }
  let lo = 0;
  let hi = 0;
  for (let i = 0; i < length; i++) {
    if (i < 4) lo |= bytes[i] << (8 * i);
    else hi |= bytes[i] << (8 * i);
  }
  out.tag = op.TAG_SHORT_BYTES + length;
  out.lo = lo;
  out.hi = hi;
}

/** `undefined` if the tag is none of a Uint8Array's. */
export function decodeBytes(input: Incoming): Uint8Array | undefined {
  const { tag, start, length } = input;
  if (tag === op.TAG_VIEW) return takeBytes(input.bytes, start, start + length);
  if (tag < op.TAG_SHORT_BYTES || tag > op.TAG_SHORT_BYTES + 8) return undefined;
  const bytes = new Uint8Array(tag - op.TAG_SHORT_BYTES);
  for (let i = 0; i < bytes.length; i++) bytes[i] = (i < 4 ? input.lo : input.hi) >>> (8 * i);
  return bytes;
}

// ── decoding ──

function decodeAny(input: Incoming): unknown {
  switch (input.tag) {
    case TAG_NUMBER:
      return input.number;
    case op.TAG_TREE:
      return decodeGraph(input, false);
    case op.TAG_GRAPH:
      return decodeGraph(input, true);
    case op.TAG_UNDEFINED:
      return undefined;
    case op.TAG_NULL:
      return null;
    case op.TAG_TRUE:
      return true;
    case op.TAG_FALSE:
      return false;
    case op.TAG_BIGINT:
      return (BigInt(input.hi) << 32n) | BigInt(input.lo >>> 0);
    default:
      return decodeText(input) ?? decodeBytes(input) ?? decodeView(input);
  }
}

function decodeView({ tag, bytes, start, length }: Incoming): ArrayBufferView {
  if (tag < op.TAG_VIEW) throw corrupt(`there is no tag ${tag}`);
  return makeView(tag - op.TAG_VIEW, takeBytes(bytes, start, start + length));
}

function decodeGraph(input: Incoming, hasReferences: boolean): unknown {
  const decoder = freeDecoder ?? new Decoder();
  freeDecoder = undefined;
  try {
    return decoder.decode(input, hasReferences);
  } catch (error) {
    // What the engine says to a regular expression or a view that there cannot be.
    throw error instanceof DataCloneError ? error : corrupt((error as Error).message, { cause: error });
  } finally {
    decoder.reset();
    freeDecoder = decoder;
  }
}
