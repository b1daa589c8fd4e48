/**
 * The default codec's receiving side: the body of a message becomes a value. The counterpart of encoder.ts.
 *
 * Called by: any.ts.
 * Stands on: reader.ts (numbers, texts, bytes), shapes.ts (property names), ops.ts (the format).
 *
 * Invariants
 *   D1  As reader.ts: nothing of the result aliases the bytes, and lengths are checked before they are believed.
 *   D2  Nesting deeper than an encoder writes, and more elements than there are bytes for, are errors: whatever the bytes are, the
 *       result is a value or an error, and in proportion.
 *   D3  Properties are always own ones: `__proto__` is a name like any other.
 *   D4  No code of a user runs.
 *   D5  A message has one way to name things: no name, key, member or deferred value is lost behind another. So a handle that was read
 *       is in the value, where whoever received it can drop it.
 */
import { addToSet, hasOwn, setInMap } from '../platform/builtins.js';
import * as op from './ops.js';
import { Reader, corrupt } from './reader.js';
import { ShapeCache, isAssignable, type KeyList } from './shapes.js';
import type { Incoming } from './wire.js';

const cache = new ShapeCache();

const OP_SHORT_LATIN1 = op.OP_SHORT_LATIN1;
/** The first operation that is neither a small integer nor a short text. */
const FIRST_OTHER = OP_SHORT_LATIN1 + op.SHORT_LATIN1_MAX + 1;

/** Stands for a deferred value until that has been read. */
const PENDING: object = Object.freeze({});

const KEPT_SHAPES = 256;

export class Decoder extends Reader {
  private depth = 0;
  private handles: readonly object[] = [];
  private handlesRead = 0;
  /** How many elements arrays may still get memory for before they are read. */
  private room = 0;
  /** The shapes of this message: the first `shapeCount`. */
  private readonly shapes: KeyList[] = [];
  private shapeCount = 0;
  /** Objects by number, kept only for messages that refer to them. */
  private objects: object[] | undefined = undefined;
  /** Which deferred value PENDING stands for, and what is to be done once all of them are there. */
  private pending = 0;
  private readonly deferredSeen = new Set<number>();
  private fixes: ((deferred: readonly unknown[]) => void)[] = [];

  decode(input: Incoming, hasReferences: boolean): unknown {
    this.begin(input);
    this.handles = input.handles;
    this.handlesRead = 0;
    this.room = input.length;
    if (hasReferences) this.objects = [];
    let value = this.value();
    if (this.fixes.length > 0) value = this.withDeferred(value);
    else if (this.at !== this.end) throw corrupt('it goes on after its end');
    input.handlesRead = this.handlesRead;
    return value;
  }

  /** Forgets the message. Needed after errors too. */
  reset(): void {
    this.depth = 0;
    this.handles = NO_OBJECTS;
    this.shapeCount = 0;
    if (this.shapes.length > KEPT_SHAPES) this.shapes.length = 0;
    this.objects = undefined;
    if (this.fixes.length > 0) {
      this.fixes = [];
      this.deferredSeen.clear();
    }
  }

  private withDeferred(value: unknown): unknown {
    const deferred: unknown[] = [];
    while (this.at < this.end) deferred.push(this.value());
    for (const fix of this.fixes) fix(deferred);
    if (this.deferredSeen.size !== deferred.length) throw corrupt('nothing refers to a deferred value'); // D5
    return value;
  }

  private fix(number: number, put: (value: unknown) => void): void {
    this.fixes.push((deferred) => {
      if (number >= deferred.length) throw corrupt('a deferred value is missing');
      this.deferredSeen.add(number);
      put(deferred[number]);
    });
  }

  private value(): unknown {
    if (this.at >= this.end) throw corrupt('it ends too early');
    const operation = this.bytes[this.at++];
    if (operation < OP_SHORT_LATIN1) return operation;
    if (operation < FIRST_OTHER) return this.shortText(operation - OP_SHORT_LATIN1);
    const read = Decoder.readers[operation];
    if (read === undefined) throw corrupt(`there is no operation ${operation}`);
    return read(this);
  }

  /** How each operation is read. A table: a switch over names from another file compares them one after the other. */
  private static readonly readers = table<(decoder: Decoder) => unknown>([
    [op.OP_UNDEFINED, () => undefined],
    [op.OP_NULL, () => null],
    [op.OP_TRUE, () => true],
    [op.OP_FALSE, () => false],
    [op.OP_INT16, (decoder) => decoder.int16()],
    [op.OP_INT32, (decoder) => decoder.int32()],
    [op.OP_FLOAT64, (decoder) => decoder.float64()],
    [op.OP_BIGINT64, (decoder) => decoder.bigint64()],
    [op.OP_BIGINT, (decoder) => decoder.bigint()],
    [op.OP_LATIN1, (decoder) => decoder.latin1()],
    [op.OP_UCS2, (decoder) => decoder.ucs2()],
    [op.OP_REF, (decoder) => decoder.reference()],
    [op.OP_DEFERRED, (decoder) => decoder.deferred()],
    [op.OP_HANDLE, (decoder) => decoder.handle()],
    [op.OP_OBJECT_NEW_SHAPE, (decoder) => decoder.record(decoder.newShape())],
    [op.OP_OBJECT, (decoder) => decoder.record(decoder.knownShape())],
    [op.OP_DICTIONARY, (decoder) => decoder.entries(decoder.object({}))],
    [op.OP_ARRAY, (decoder) => decoder.array()],
    [op.OP_ARRAY_WITH_PROPERTIES, (decoder) => decoder.entries(decoder.array())],
    [op.OP_INT32S, (decoder) => decoder.int32s()],
    [op.OP_FLOAT64S, (decoder) => decoder.float64s()],
    [op.OP_MAP, (decoder) => decoder.map()],
    [op.OP_SET, (decoder) => decoder.set()],
    [op.OP_DATE, (decoder) => decoder.object(new Date(decoder.float64()))],
    [op.OP_REGEXP, (decoder) => decoder.regExp()],
    [op.OP_BOXED, (decoder) => decoder.boxed()],
    [op.OP_ERROR, (decoder) => decoder.error()],
    [op.OP_BUFFER, (decoder) => decoder.object(decoder.raw().buffer)],
    [op.OP_RESIZABLE_BUFFER, (decoder) => decoder.resizableBuffer()],
    [op.OP_VIEW, (decoder) => decoder.view()],
  ]);

  // ── primitives ──

  private bigint(): bigint {
    const sign = this.value();
    const digits = this.value();
    if (sign !== 0 && sign !== 1) throw corrupt('a bigint has another sign');
    if (typeof digits !== 'string' || !/^[\da-f]+$/.test(digits)) throw corrupt('a bigint has other digits');
    const value = BigInt(`0x${digits}`);
    return sign === 1 ? -value : value;
  }

  private text(): string {
    const text = this.value();
    if (typeof text !== 'string') throw corrupt('text is expected');
    return text;
  }

  // ── objects ──

  /** Gives an object its number. To be called before anything inside it is read. */
  private object<T extends object>(object: T): T {
    if (this.objects !== undefined) this.objects.push(object);
    return object;
  }

  private reference(): object {
    const object = this.objects?.[this.varint()];
    if (object === undefined) throw corrupt('a reference leads nowhere');
    return object;
  }

  private deferred(): object {
    this.pending = this.varint();
    return PENDING;
  }

  /** Handles come in their order, each once: so none is left over that nobody would drop. */
  private handle(): object {
    const handle = this.handles[this.handlesRead];
    if (this.varint() !== this.handlesRead || handle === undefined) throw corrupt('a handle is missing');
    this.handlesRead++;
    return this.object(handle);
  }

  private enter(): void {
    if (++this.depth > op.MAX_DEPTH) throw corrupt('it is nested too deeply');
  }

  private newShape(): KeyList {
    const header = this.take(4);
    const bytes = this.bytes;
    const hash = bytes[header] | (bytes[header + 1] << 8);
    const length = bytes[header + 2] | (bytes[header + 3] << 8);
    const start = this.take(length);
    const list = cache.find(hash, bytes, start, length) ?? this.readShape(hash, start, length);
    this.shapes[this.shapeCount++] = list;
    return list;
  }

  private readShape(hash: number, start: number, length: number): KeyList {
    const end = this.at;
    this.at = start;
    const count = this.length();
    const keys: string[] = [];
    for (let i = 0; i < count; i++) keys.push(this.text());
    if (this.at !== end) throw corrupt('a list of names has another length');
    if (new Set(keys).size !== count) throw corrupt('a list of names has one twice'); // D5
    return cache.add(hash, this.bytes.slice(start, start + length), keys);
  }

  private knownShape(): KeyList {
    const index = this.varint();
    if (index >= this.shapeCount) throw corrupt('a list of names is missing');
    return this.shapes[index];
  }

  private record(list: KeyList): object {
    const object: Record<string, unknown> = {};
    if (this.objects !== undefined) this.objects.push(object);
    const keys = list.keys;
    if (keys.length > this.end - this.at) throw corrupt('it ends too early');
    this.enter();
    for (let i = 0; i < keys.length; i++) {
      const value = this.value();
      if (value === PENDING || !list.isPlain) this.define(object, keys[i], value);
      else object[keys[i]] = value;
    }
    this.depth--;
    return object;
  }

  private define(object: object, key: string, value: unknown): void {
    const attributes = { value, writable: true, enumerable: true, configurable: true };
    Object.defineProperty(object, key, attributes);
    if (value === PENDING) this.fix(this.pending, (found) => Object.defineProperty(object, key, { ...attributes, value: found }));
  }

  private entries<T extends object>(object: T): T {
    const count = this.length();
    this.enter();
    for (let i = 0; i < count; i++) {
      const key = this.text();
      if (this.handles.length > 0 && hasOwn.call(object, key)) throw corrupt('a name occurs twice'); // D5
      const value = this.value();
      if (value === PENDING || !isAssignable(key)) this.define(object, key, value);
      else (object as Record<string, unknown>)[key] = value;
    }
    this.depth--;
    return object;
  }

  private array(): unknown[] {
    const length = this.varint();
    const array = this.object(this.makeArray(length));
    this.enter();
    for (let i = 0; i < length;) {
      if (this.bytes[this.at] === op.OP_HOLES && this.at < this.end) {
        this.at++;
        i += this.varint();
      } else {
        this.element(array, i++);
      }
    }
    if (array.length !== length) throw corrupt('an array has another length');
    this.depth--;
    return array;
  }

  /** Arrays of nothing but numbers, which travel as they lie in memory. */
  private int32s(): number[] {
    const bytes = this.numbers(4);
    return this.object(toArray(new Int32Array(bytes.buffer, 0, bytes.length / 4)));
  }

  private float64s(): number[] {
    const bytes = this.numbers(8);
    return this.object(toArray(new Float64Array(bytes.buffer, 0, bytes.length / 8)));
  }

  private numbers(size: number): Uint8Array {
    const length = this.length() * size;
    this.align();
    return this.copy(length);
  }

  /** D2: the lengths of all arrays together are at most that of the message, or they have holes. */
  private makeArray(length: number): unknown[] {
    if (length > this.room) return makeSparseArray(length);
    this.room -= length;
    return new Array<unknown>(length);
  }

  private element(array: unknown[], index: number): void {
    const value = this.value();
    array[index] = value;
    if (value === PENDING) this.fix(this.pending, (found) => (array[index] = found));
  }

  // ── other built-ins ──

  private map(): Map<unknown, unknown> {
    const map = this.object(new Map<unknown, unknown>());
    const entries = this.contents(2 * this.varint());
    this.fill(entries, () => {
      for (let i = 0; i < entries.length; i += 2) setInMap(map, entries[i], entries[i + 1]);
      if (2 * map.size !== entries.length) throw corrupt('a key occurs twice'); // D5
    });
    return map;
  }

  private set(): Set<unknown> {
    const set = this.object(new Set<unknown>());
    const members = this.contents(this.varint());
    this.fill(members, () => {
      for (const member of members) addToSet(set, member);
      if (set.size !== members.length) throw corrupt('a member occurs twice'); // D5
    });
    return set;
  }

  private contents(count: number): unknown[] {
    if (count > this.end - this.at) throw corrupt('a length exceeds it');
    const contents: unknown[] = [];
    this.enter();
    for (let i = 0; i < count; i++) this.element(contents, i);
    this.depth--;
    return contents;
  }

  /** Keys must be complete before they are put in, and in order. A later fix than those of the contents, so it runs after them. */
  private fill(contents: readonly unknown[], put: () => void): void {
    if (contents.includes(PENDING)) this.fixes.push(put);
    else put();
  }

  private regExp(): RegExp {
    const source = this.text();
    return this.object(new RegExp(source, this.text()));
  }

  private boxed(): object {
    const value = this.value();
    if (value === null || value === undefined || typeof value === 'object') throw corrupt('a primitive is expected');
    return this.object(Object(value) as object);
  }

  private error(): Error {
    const kind = op.ERROR_KINDS[this.varint()];
    if (kind === undefined) throw corrupt('there is no such error class');
    const error = this.object(makeError(kind));
    const has = this.bytes[this.take(1)];
    this.enter();
    if (has & op.HAS_NAME) this.hidden(error, 'name');
    if (has & op.HAS_MESSAGE) this.hidden(error, 'message');
    if (has & op.HAS_STACK) this.hidden(error, 'stack');
    if (has & op.HAS_CODE) this.define(error, 'code', this.value());
    if (has & op.HAS_CAUSE) this.hidden(error, 'cause');
    if (has & op.HAS_ERRORS) this.hidden(error, 'errors');
    this.depth--;
    return error;
  }

  /** The properties of errors are not enumerable. */
  private hidden(error: Error, key: string): void {
    const value = this.value();
    const put = (found: unknown): void => {
      Object.defineProperty(error, key, { value: found, writable: true, enumerable: false, configurable: true });
    };
    put(value);
    if (value === PENDING) this.fix(this.pending, put);
  }

  private resizableBuffer(): ArrayBuffer {
    const maxByteLength = this.varint();
    const content = this.raw();
    const Resizable = ArrayBuffer as new (length: number, options: { maxByteLength: number }) => ArrayBuffer;
    const buffer = new Resizable(content.length, { maxByteLength });
    new Uint8Array(buffer).set(content);
    return this.object(buffer);
  }

  private view(): ArrayBufferView {
    const kind = this.varint();
    return this.object(makeView(kind, this.raw()));
  }
}

/** By operation; from 0 on, because reading past either end of an array is slow. */
function table<T>(entries: readonly (readonly [number, T])[]): readonly (T | undefined)[] {
  const result = new Array<T | undefined>(256).fill(undefined);
  for (const [operation, entry] of entries) result[operation] = entry;
  return result;
}

function toArray(numbers: Int32Array | Float64Array): number[] {
  const array = new Array<number>(numbers.length);
  for (let i = 0; i < numbers.length; i++) array[i] = numbers[i];
  return array;
}

const NO_OBJECTS: readonly object[] = [];

/** A view of its own kind over bytes that nobody else has. */
export function makeView(kind: number, bytes: Uint8Array): ArrayBufferView {
  const View = op.VIEW_KINDS[kind];
  if (View === undefined) throw corrupt('there is no such view');
  return kind === 0 ? bytes : new View(bytes.buffer as ArrayBuffer);
}

function makeError(Kind: ErrorConstructor): Error {
  const error = Kind === (AggregateError as unknown) ? new AggregateError([]) : new Kind();
  // What is not sent must not look like an error of the receiver. Not all engines have a stack.
  Reflect.deleteProperty(error, 'stack');
  Reflect.deleteProperty(error, 'errors');
  return error;
}

/**
 * An array that has more elements than the message can fill, so that most of them are holes. A far element, gone at once, makes
 * the engine keep it sparse, whatever its length.
 */
function makeSparseArray(length: number): unknown[] {
  if (length > MAX_ARRAY_LENGTH) throw corrupt('an array is too long');
  const array: unknown[] = [];
  array[MAX_ARRAY_LENGTH - 1] = undefined;
  Reflect.deleteProperty(array, MAX_ARRAY_LENGTH - 1);
  array.length = length;
  return array;
}
const MAX_ARRAY_LENGTH = 0xffffffff;
