/**
 * What the bytes of the default codec mean: tags of a slot, operation bytes of a body.
 *
 * Called by: encoder.ts and decoder.ts, which are each other's mirror; text.ts and typed.ts (tags).
 *
 * A body is one value, followed by the values that were too deep to be written in place (`DEFERRED`), in the order of their
 * numbers. A value is one operation byte and what that byte calls for. Lengths and counts are varints: seven bits per byte,
 * lowest first, the eighth bit set on all but the last.
 *
 *   00–7f           the integer itself
 *   80–bf           Latin-1 text of 0–63 characters, which follow
 *   c0–             one of the operations below
 *
 * Objects that may be referred to again are numbered in the order in which they begin.
 */

// Inline tags: the slot is all there is. TAG_NUMBER (1) stands in wire.ts.
export const TAG_UNDEFINED = 2;
export const TAG_NULL = 3;
export const TAG_TRUE = 4;
export const TAG_FALSE = 5;
/** A bigint that fits 64 bits. */
export const TAG_BIGINT = 6;
/** An int32 in `lo`, of the int32 codec. */
export const TAG_INT32 = 7;
/** A struct of at most eight bytes. */
export const TAG_SHORT_STRUCT = 8;
/** Plus the length, 0–8: Latin-1 text. */
export const TAG_SHORT_LATIN1 = 16;
/** Plus the length, 1–4: UCS-2 text. */
export const TAG_SHORT_UCS2 = 32;
/** Plus the length, 0–8: a Uint8Array. */
export const TAG_SHORT_BYTES = 48;

// Tags with a body; the first is FIRST_BODY_TAG (128) of wire.ts.
export const TAG_LATIN1 = 128;
export const TAG_UCS2 = 129;
/** Operations as below, no object of which occurs twice. */
export const TAG_TREE = 130;
/** Operations as below, with references to earlier objects or deferred values. */
export const TAG_GRAPH = 131;
/** What a custom codec made. */
export const TAG_CUSTOM = 132;
/** Fields as struct.ts describes them. */
export const TAG_STRUCT = 133;
/** Plus the index in `VIEW_KINDS`: the bytes that a view shows. */
export const TAG_VIEW = 144;

export const OP_SHORT_LATIN1 = 0x80;
export const SHORT_LATIN1_MAX = 63;

export const OP_UNDEFINED = 0xc0;
export const OP_NULL = 0xc1;
export const OP_TRUE = 0xc2;
export const OP_FALSE = 0xc3;
/** Two, four bytes, signed. */
export const OP_INT16 = 0xc4;
export const OP_INT32 = 0xc5;
/** Eight bytes. */
export const OP_FLOAT64 = 0xc6;
/** Eight bytes, signed. */
export const OP_BIGINT64 = 0xc7;
/** Sign (0, 1), then the hexadecimal digits as text. */
export const OP_BIGINT = 0xc8;
/** Byte length, bytes. */
export const OP_LATIN1 = 0xc9;
export const OP_UCS2 = 0xca;

/** Number of an earlier object. */
export const OP_REF = 0xcb;
/** Number of a deferred value. */
export const OP_DEFERRED = 0xcc;
/** Index in `Incoming.handles`. */
export const OP_HANDLE = 0xcd;

/** Hash (2 bytes), length (2 bytes) and bytes of a key block; then the values. Defines the next shape of this message. */
export const OP_OBJECT_NEW_SHAPE = 0xce;
/** Number of a shape of this message; then the values. */
export const OP_OBJECT = 0xcf;
/** Count, then key and value in turn. */
export const OP_DICTIONARY = 0xd0;
/** Length, then the elements; `OP_HOLES` stands for several of them. */
export const OP_ARRAY = 0xd1;
/** As OP_ARRAY, then a dictionary's content: the properties that are no elements. */
export const OP_ARRAY_WITH_PROPERTIES = 0xd2;
/** Count of elements that are absent. */
export const OP_HOLES = 0xd3;
/** Count, then key and value in turn. */
export const OP_MAP = 0xd4;
/** Count, then the members. */
export const OP_SET = 0xd5;
/** A float64: the time value. */
export const OP_DATE = 0xd6;
/** Source and flags, as texts. */
export const OP_REGEXP = 0xd7;
/** The primitive value. */
export const OP_BOXED = 0xd8;
/** Index in `ERROR_KINDS`, a set of `ERROR_HAS` bits, and the values that the bits announce, in the order of the bits. */
export const OP_ERROR = 0xd9;
/** Byte length, padding, bytes. */
export const OP_BUFFER = 0xda;
/** Maximal byte length, byte length, padding, bytes. */
export const OP_RESIZABLE_BUFFER = 0xdb;
/** Index in `VIEW_KINDS`, byte length, padding, bytes. */
export const OP_VIEW = 0xdc;
/** Count, padding to a multiple of eight, so many int32 or float64: an array of nothing but such numbers. */
export const OP_INT32S = 0xdd;
export const OP_FLOAT64S = 0xde;

/**
 * From here on, bytes begin at a multiple of eight, as the body itself does: engines copy shared memory byte by byte, ten times
 * slower, unless source and target are aligned alike.
 */
export const ALIGNED_LENGTH = 256;

/** How many bytes to leave out so that the next one is at a multiple of eight. */
export function padding(offset: number): number {
  return -offset & 7;
}

export const HAS_NAME = 1;
export const HAS_MESSAGE = 2;
export const HAS_STACK = 4;
export const HAS_CODE = 8;
export const HAS_CAUSE = 16;
export const HAS_ERRORS = 32;

export const ERROR_KINDS: readonly ErrorConstructor[] = [
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  AggregateError as unknown as ErrorConstructor,
];
export const AGGREGATE_ERROR = 7;

interface ViewClass {
  readonly name: string;
  new (buffer: ArrayBuffer): ArrayBufferView;
}
/** Typed arrays by class; DataView last. Uint8Array first, the one that matters. */
export const VIEW_KINDS: readonly ViewClass[] = [
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
  ...float16(),
];

/** Newer engines have one more. All threads of a process run the same engine. */
function float16(): ViewClass[] {
  const kind = (globalThis as { Float16Array?: ViewClass }).Float16Array;
  return kind === undefined ? [] : [kind];
}

/**
 * How deep values are written in place. What is deeper is deferred and starts again from depth 0, so that neither side ever
 * recurses further than this, whatever is sent.
 */
export const MAX_DEPTH = 100;
