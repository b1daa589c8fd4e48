/**
 * What the codec tests share: a message's way through memory, and a comparison of object graphs.
 *
 * Values from `structuredClone` come from another realm than the tests', where `instanceof` and prototypes say nothing. So both
 * sides are described as text, and the texts are compared.
 */
import { types } from 'node:util';
import { anyCodec } from '../../../src/codec/any.js';
import { FIRST_BODY_TAG, Incoming, Outgoing, type WireCodec } from '../../../src/codec/wire.js';

/** A heap in miniature: shared, full of other things' bytes, and messages do not begin at round offsets. */
const START = 13;
const GARBAGE = 0xa5;

/** One message as it lies in the channel: what a receiver gets to see of it. */
export function post(value: unknown, codec: WireCodec = anyCodec): Incoming {
  const out = new Outgoing();
  codec.encode(value, out);
  return load(out);
}

export function load(out: Outgoing): Incoming {
  const input = new Incoming();
  const length = out.tag >= FIRST_BODY_TAG ? out.length : 0;
  const heap = new Uint8Array(new SharedArrayBuffer(START + length + 64)).fill(GARBAGE);
  if (length > 0) heap.set(out.body.subarray(0, length), START);
  input.tag = out.tag;
  input.number = out.number;
  input.lo = out.lo;
  input.hi = out.hi;
  input.bytes = heap;
  input.start = START;
  input.length = length;
  input.handles = [...out.handles];
  return input;
}

/** Through the codec and back, as from one thread to another. */
export function carry<T>(value: T, codec: WireCodec = anyCodec): T {
  const input = post(value, codec);
  const result = codec.decode(input);
  // The chunk is free again as soon as the value is decoded.
  input.bytes.fill(0xff);
  return result as T;
}

/** The error that a call throws. */
export function errorOf(call: () => unknown): Error & { code?: unknown } {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

/** A graph as text: kinds, contents, identity, order. Two values with one description cannot be told apart by a program. */
export function describeGraph(value: unknown): string {
  const ids = new Map<object, number>();
  const lines: string[] = [];

  function token(part: unknown): string {
    if (typeof part === 'number') return Object.is(part, -0) ? '-0' : String(part);
    if (typeof part === 'bigint') return `${part}n`;
    if (typeof part === 'string') return units(part);
    if (typeof part !== 'object' || part === null) return String(part);
    const known = ids.get(part);
    if (known !== undefined) return `#${known}`;
    const id = ids.size;
    ids.set(part, id);
    lines[id] = '';
    lines[id] = content(part);
    return `#${id}`;
  }

  function properties(part: object, keys: readonly string[]): string {
    return keys.map((key) => `${units(key)}: ${token((part as Record<string, unknown>)[key])}`).join(', ');
  }

  function content(part: object): string {
    if (Array.isArray(part)) return `array ${part.length} {${properties(part, Object.keys(part))}}`;
    if (types.isMap(part)) return `map ${[...part].map(([key, item]) => `${token(key)} => ${token(item)}`).join(', ')}`;
    if (types.isSet(part)) return `set ${[...part].map(token).join(', ')}`;
    if (types.isDate(part)) return `date ${part.getTime()}`;
    if (types.isRegExp(part)) return `regexp ${String(part)} ${part.lastIndex}`;
    if (types.isNativeError(part)) return errorContent(part);
    if (types.isBoxedPrimitive(part)) return `boxed ${Object.prototype.toString.call(part)} ${token(part.valueOf())}`;
    if (ArrayBuffer.isView(part)) return viewContent(part);
    if (types.isArrayBuffer(part)) return `buffer ${bufferContent(part)}`;
    const parent = Object.getPrototypeOf(part) as object | null;
    const isPlain = parent !== null && Object.getPrototypeOf(parent) === null;
    return `${isPlain ? 'object' : 'instance'} {${properties(part, Object.keys(part))}}`;
  }

  function errorContent(error: Error): string {
    const parent = Object.getPrototypeOf(error) as Error;
    const own = Object.getOwnPropertyNames(error).sort();
    return `error ${parent.name} {${properties(error, own)}}`;
  }

  const root = token(value);
  return [root, ...lines.map((line, id) => `#${id} ${line}`)].join('\n');
}

/** Readable where possible; exact for lone surrogates, which a test report would show as one and the same character. */
function units(text: string): string {
  if (text.length > 300) return `text of ${text.length}, ${hash(text)}`;
  return JSON.stringify(text);
}

function hash(text: string): number {
  let value = 0;
  for (let i = 0; i < text.length; i++) value = (Math.imul(value, 31) + text.charCodeAt(i)) | 0;
  return value;
}

function viewContent(view: ArrayBufferView): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const isShared = types.isSharedArrayBuffer(view.buffer);
  return `${Object.prototype.toString.call(view)} ${view.byteLength} ${isShared ? 'SHARED ' : ''}${hex(bytes)}`;
}

function bufferContent(buffer: ArrayBuffer): string {
  const { resizable, maxByteLength } = buffer as { resizable?: boolean; maxByteLength?: number };
  return `${resizable === true ? `resizable to ${maxByteLength}` : 'fixed'} ${hex(new Uint8Array(buffer))}`;
}

function hex(bytes: Uint8Array): string {
  if (bytes.length > 100) return `${bytes.length} bytes, ${hash(String.fromCharCode(...bytes.subarray(0, 10_000)))}`;
  return Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length).toString('hex');
}

/** Pseudo-random numbers that a failing test can be repeated with. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
