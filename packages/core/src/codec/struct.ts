/**
 * Structs: objects with the same few fields in every message, written one after another, without names.
 *
 * Called by: codecs.ts (`codecs.struct`, and channels that are opened again).
 *
 * The name on the wire is the description itself, so any thread can rebuild the codec from it, and two layouts never match.
 *
 *   u8 … i64, f32, f64   1, 2, 4 or 8 bytes, lowest first, unaligned
 *   bool                 a byte, 0 or 1
 *   utf8                 twice the length, plus 1 if a character takes two bytes (varint); the characters, Latin-1 or UCS-2
 *   bytes                length (varint), padding as in ops.ts, bytes
 *
 * A struct that always fits eight bytes is the slot alone.
 *
 * Invariants
 *   ST1  What arrives equals what was sent (f32: rounded to one). Whatever cannot is refused with a TypeError that names the field, further
 *        fields too, before anything is sent.
 *   ST2  Fields are read in their order, each once. Reading one may run code of the value's owner, which may encode other structs: it
 *        gets a writer of its own.
 */
import { DataCloneError, describe, invalidType } from '../errors.js';
import { hasOwn } from '../platform/builtins.js';
import { isLatin1, readUcs2, writeLatin1, writeUcs2 } from '../platform/bytes.js';
import { isSharedArrayBuffer } from '../platform/types.js';
import { TAG_SHORT_STRUCT, TAG_STRUCT } from './ops.js';
import { isUint8Array, ordinaryBytes } from './parts.js';
import { corrupt, Reader } from './reader.js';
import { isAssignable } from './shapes.js';
import { NO_HANDLES, type Incoming, type Outgoing, type WireCodec } from './wire.js';
import { Writer } from './writer.js';

/** What a field of a struct can be. */
export type StructField = 'u8' | 'i8' | 'u16' | 'i16' | 'u32' | 'i32' | 'u64' | 'i64' | 'f32' | 'f64' | 'bool' | 'utf8' | 'bytes';

type FieldType<F extends StructField> = F extends 'u64' | 'i64'
  ? bigint
  : F extends 'bool'
    ? boolean
    : F extends 'utf8'
      ? string
      : F extends 'bytes'
        ? Uint8Array
        : number;

/** The type of the objects that `codecs.struct(fields)` carries. */
export type StructOf<F extends Record<string, StructField>> = { -readonly [K in keyof F]: FieldType<F[K]> };

/** Bytes of a field, what it takes, and the limits of an integer. */
interface Kind {
  /** 0: it depends on the value. */
  readonly size: number;
  readonly takes: string;
  readonly min: number;
  readonly max: number;
}

function integer(size: number, min: number, max: number): Kind {
  return { size, min, max, takes: `integers from ${min} to ${max}` };
}

function other(size: number, takes: string): Kind {
  return { size, takes, min: 0, max: 0 };
}

const KINDS: Readonly<Record<StructField, Kind>> = {
  u8: integer(1, 0, 0xff),
  i8: integer(1, -0x80, 0x7f),
  u16: integer(2, 0, 0xffff),
  i16: integer(2, -0x8000, 0x7fff),
  u32: integer(4, 0, 0xffffffff),
  i32: integer(4, -0x80000000, 0x7fffffff),
  u64: other(8, `bigints from 0 to ${2n ** 64n - 1n}`),
  i64: other(8, `bigints from ${-(2n ** 63n)} to ${2n ** 63n - 1n}`),
  f32: other(4, 'numbers that a 32-bit float can hold'),
  f64: other(8, 'numbers'),
  bool: other(1, 'booleans'),
  utf8: other(0, 'strings'),
  bytes: other(0, 'Uint8Arrays'),
};

const PREFIX = 'struct:';
/** Bytes of a slot. */
const SLOT_BYTES = 8;

class Field {
  /** Copied from KINDS: an object whose shape is known is looked up faster than a table. */
  readonly size: number;
  readonly min: number;
  readonly max: number;
  readonly isAssignable: boolean;

  constructor(
    readonly name: string,
    readonly kind: StructField,
  ) {
    const { size, min, max } = KINDS[kind];
    this.size = size;
    this.min = min;
    this.max = max;
    this.isAssignable = isAssignable(name);
  }
}

/** The codec for a description by the user. @throws TypeError `ERR_INVALID_ARGUMENT`. */
export function structCodec(fields: unknown): WireCodec {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
    throw invalidType(`cannot make a struct codec: fields must be an object such as { id: 'u32' }, received ${describe(fields)}`);
  }
  const list = Object.entries(fields).map(([name, kind]) => {
    if (typeof kind === 'string' && Object.hasOwn(KINDS, kind)) return new Field(name, kind as StructField);
    const kinds = Object.keys(KINDS).join(', ');
    throw invalidType(`cannot make a struct codec: field ${describe(name)} must be one of ${kinds}, received ${describe(kind)}`);
  });
  return new StructCodec(list);
}

/** The codec of a name on the wire; undefined if it is not that of a struct. */
export function structCodecNamed(name: string): WireCodec | undefined {
  return name.startsWith(PREFIX) ? structCodec(JSON.parse(name.slice(PREFIX.length))) : undefined;
}

class StructCodec implements WireCodec {
  readonly isBuiltIn = true;
  readonly name: string;
  private readonly known: ReadonlySet<string>;
  /** Undefined if the size depends on the values. */
  private readonly size: number | undefined;

  constructor(private readonly fields: readonly Field[]) {
    this.name = PREFIX + JSON.stringify(Object.fromEntries(fields.map(({ name, kind }) => [name, kind])));
    this.known = new Set(fields.map(({ name }) => name));
    const sizes = fields.map(({ size }) => size);
    this.size = sizes.includes(0) ? undefined : sizes.reduce((sum, size) => sum + size, 0);
  }

  encode(value: unknown, out: Outgoing): void {
    if (typeof value !== 'object' || value === null) {
      const names = [...this.known].join(', ');
      throw invalidType(
        `cannot send value: this struct codec takes objects with the fields ${names}, received ${describe(value)}`,
      );
    }
    const writer = freeWriter ?? new StructWriter();
    freeWriter = undefined;
    try {
      const length = this.write(writer, value);
      if (this.size !== undefined && this.size <= SLOT_BYTES) writer.toSlot(length, out);
      else writer.toBody(length, out);
    } finally {
      freeWriter = writer;
    }
  }

  private write(writer: StructWriter, value: object): number {
    const { fields } = this;
    let at = 0;
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i];
      at = writer.field(field, (value as Record<string, unknown>)[field.name], at);
    }
    let next = 0;
    for (const name in value) {
      if (next < fields.length && name === fields[next++].name) continue; // mostly they are in the same order
      if (this.known.has(name) || !hasOwn.call(value, name)) continue;
      throw invalidType(`cannot send value: the struct codec carries what it has fields for, received ${describe(name)}, too`);
    }
    return at;
  }

  decode(input: Incoming): unknown {
    const isInSlot = input.tag === TAG_SHORT_STRUCT;
    if (!isInSlot && input.tag !== TAG_STRUCT) throw corrupt('a struct is expected');
    if (isInSlot) reader.readSlot(input, this.size ?? 0);
    else reader.readBody(input);
    return this.read();
  }

  private read(): object {
    const object: Record<string, unknown> = {};
    const { fields } = this;
    for (let i = 0; i < fields.length; i++) {
      const { name, kind, isAssignable: isPlain } = fields[i];
      const value = reader.field(kind);
      if (isPlain) object[name] = value;
      else Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
    }
    if (!reader.isAtEnd) throw corrupt('it is too long');
    return object;
  }
}

const eight = new Uint8Array(8);
const float64 = new Float64Array(eight.buffer);
const float32 = new Float32Array(eight.buffer);
const int32 = new Int32Array(eight.buffer);
const bigint64 = new BigInt64Array(eight.buffer);

/** Up to here a loop over the characters is faster than a call into the platform. */
const LOOP_CHARS = 24;

class StructWriter extends Writer {
  toSlot(length: number, out: Outgoing): void {
    const { bytes } = this;
    bytes.fill(0, length, SLOT_BYTES);
    out.tag = TAG_SHORT_STRUCT;
    out.lo = bytes[0] | (bytes[1] << 8) | (bytes[2] << 16) | (bytes[3] << 24);
    out.hi = bytes[4] | (bytes[5] << 8) | (bytes[6] << 16) | (bytes[7] << 24);
    out.handles = NO_HANDLES;
  }

  toBody(length: number, out: Outgoing): void {
    out.tag = TAG_STRUCT;
    out.body = this.bytes;
    out.length = length;
    out.handles = NO_HANDLES;
    this.fit(length);
  }

  /** Writes a field and says where the next one goes. @throws TypeError, DataCloneError, MemoryError. */
  field(field: Field, value: unknown, at: number): number {
    this.reserve(at, 0);
    switch (field.kind) {
      case 'f64':
        if (typeof value !== 'number') throw refuse(field, value);
        float64[0] = value;
        return this.scratch(8, at);
      case 'f32':
        if (typeof value !== 'number' || (Number.isFinite(value) && !Number.isFinite(Math.fround(value)))) {
          throw refuse(field, value);
        }
        float32[0] = value;
        return this.scratch(4, at);
      case 'u64':
      case 'i64':
        if (typeof value !== 'bigint' || wrap(field.kind, value) !== value) throw refuse(field, value);
        bigint64[0] = value;
        return this.scratch(8, at);
      case 'bool':
        if (typeof value !== 'boolean') throw refuse(field, value);
        this.bytes[at] = value ? 1 : 0;
        return at + 1;
      case 'utf8':
        if (typeof value !== 'string') throw refuse(field, value);
        return this.characters(value, at);
      case 'bytes':
        if (!isUint8Array(value)) throw refuse(field, value);
        return this.content(field, value, at);
      default:
        return this.integer(field, value, at);
    }
  }

  private integer(field: Field, value: unknown, at: number): number {
    const { size } = field;
    const isOne = typeof value === 'number' && Number.isInteger(value) && value >= field.min && value <= field.max;
    if (!isOne || Object.is(value, -0)) throw refuse(field, value);
    const { bytes } = this;
    bytes[at] = value;
    if (size > 1) bytes[at + 1] = value >> 8;
    if (size > 2) {
      bytes[at + 2] = value >> 16;
      bytes[at + 3] = value >> 24;
    }
    return at + size;
  }

  private scratch(size: number, at: number): number {
    const { bytes } = this;
    for (let i = 0; i < size; i++) bytes[at + i] = eight[i];
    return at + size;
  }

  private characters(text: string, at: number): number {
    const { length } = text;
    if (length > LOOP_CHARS) return this.manyCharacters(text, at);
    const { bytes } = this;
    let seen = 0;
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      seen |= unit;
      bytes[at + 1 + i] = unit;
    }
    if (seen > 0xff) return this.manyCharacters(text, at);
    bytes[at] = 2 * length;
    return at + 1 + length;
  }

  private manyCharacters(text: string, at: number): number {
    const { length } = text;
    const isNarrow = isLatin1(text);
    this.reserve(at, isNarrow ? length : 2 * length);
    at = this.varint(isNarrow ? 2 * length : 2 * length + 1, at);
    if (isNarrow) writeLatin1(this.bytes, text, at);
    else writeUcs2(this.bytes, text, at);
    return at + (isNarrow ? length : 2 * length);
  }

  private content({ name }: Field, value: Uint8Array, at: number): number {
    const bytes = ordinaryBytes(value);
    if (isSharedArrayBuffer(bytes.buffer))
      throw new DataCloneError(`cannot send value: field ${describe(name)} is a view on shared memory, which cannot be cloned`);
    return this.raw(bytes, at);
  }
}

function wrap(kind: StructField, value: bigint): bigint {
  return kind === 'u64' ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value);
}

function refuse({ name, kind }: Field, value: unknown): TypeError {
  return invalidType(
    `cannot send value: field ${describe(name)} of the struct is ${kind} and takes ${KINDS[kind].takes}, received ${describe(value)}`,
  );
}

class StructReader extends Reader {
  private readonly slot = new Uint8Array(SLOT_BYTES);

  readBody(input: Incoming): void {
    this.begin(input);
  }

  /** The first `size` bytes of the slot. */
  readSlot({ lo, hi }: Pick<Incoming, 'lo' | 'hi'>, size: number): void {
    const { slot } = this;
    for (let i = 0; i < 4; i++) {
      slot[i] = lo >>> (8 * i);
      slot[4 + i] = hi >>> (8 * i);
    }
    this.bytes = slot;
    this.at = 0;
    this.end = Math.min(size, SLOT_BYTES);
  }

  get isAtEnd(): boolean {
    return this.at === this.end;
  }

  field(kind: StructField): unknown {
    switch (kind) {
      case 'u8':
        return this.bytes[this.take(1)];
      case 'i8':
        return (this.bytes[this.take(1)] << 24) >> 24;
      case 'u16':
        return this.int16() & 0xffff;
      case 'i16':
        return this.int16();
      case 'u32':
        return this.int32() >>> 0;
      case 'i32':
        return this.int32();
      case 'u64':
        return BigInt.asUintN(64, this.bigint64());
      case 'i64':
        return this.bigint64();
      case 'f32':
        int32[0] = this.int32();
        return float32[0];
      case 'f64':
        return this.float64();
      case 'bool':
        return this.bytes[this.take(1)] !== 0;
      case 'utf8':
        return this.characters();
      case 'bytes':
        return this.raw();
    }
  }

  private characters(): string {
    const code = this.varint();
    const length = Math.floor(code / 2);
    if (code % 2 === 0) return this.shortText(length);
    const at = this.take(2 * length);
    return readUcs2(this.bytes, at, at + 2 * length);
  }
}

const reader = new StructReader();
let freeWriter: StructWriter | undefined = new StructWriter();
