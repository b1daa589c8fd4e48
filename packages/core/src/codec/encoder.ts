/**
 * The default codec's sending side: a value becomes the body of a message.
 *
 * Called by: any.ts, for everything that does not fit into a slot or is not a string or bytes.
 * Stands on: writer.ts (numbers, texts, bytes), shapes.ts (property names), classify.ts (what an object is), ops.ts (the format).
 *
 * Invariants
 *   E1  Getters and proxy traps run while an object is being read, and nowhere else. They may send messages themselves, which
 *       then go through another encoder (any.ts): one encoder serves one value at a time.
 *   E2  The properties of an object are all read before any of their values is written, so a getter that changes its own object
 *       cannot make names and values disagree.
 *   E3  Recursion is never deeper than MAX_DEPTH; deeper values are queued and written after the others.
 *   E4  Whatever throws, `reset` puts the encoder back; the message that was being written never existed.
 */
import { isHandle } from '../brand.js';
import * as builtins from '../platform/builtins.js';
import { mayHaveProperties } from '../platform/types.js';
import { Kind, classify, isPlainClass } from './classify.js';
import * as op from './ops.js';
import { bufferBytes, errorParts, maxByteLength, viewBytes, viewKind } from './parts.js';
import { Refusal, propertySegment } from './refusal.js';
import { KeyTrie, isIndex, type KeyNode, type Shape } from './shapes.js';
import { MARGIN, Writer } from './writer.js';

/** Up to here objects are recognised again by a linear search, which engines do several elements at a time. */
const FEW_OBJECTS = 128;
/** From here on an array of numbers is written as it lies in memory. */
const PACKED_LENGTH = 32;
const KEPT_STACK = 4096;
const NOTHING = {};

const hasOwn = builtins.hasOwn;
const plainPrototype = Object.prototype;

const blockWriter = new Writer();
const tries = new KeyTrie((keys) => blockWriter.keyBlock(keys));

export class Encoder extends Writer {
  /** Handles found so far; the body refers to them by index. */
  handles: object[] = [];
  /** Whether the body refers to earlier objects or defers values: the decoder then keeps count of objects. */
  hasReferences = false;

  private run = 0;
  private isPrototypeClean = true;
  private shapes = 0;
  private depth = 0;
  /** Names and values of the objects that are being written, in turn. */
  private stack: unknown[] = [];
  private top = 0;
  /** Objects by number: the first, then a list while they are few, else a map. A deferred one has -1 - its deferred number. */
  private first: object = NOTHING;
  private others: object[] = [];
  private numbers: Map<object, number> | undefined = undefined;
  private objects = 0;
  private deferred: object[] = [];
  /** Of the array whose elements were written last. */
  private holesWritten = 0;

  /** Writes a value into `bytes` and returns how many there are. After it, `reset`. */
  encode(value: unknown): number {
    this.run = ++runs;
    this.isPrototypeClean = !hasEnumerable(plainPrototype);
    let at = this.value(value, 0);
    // The queue grows while it is worked off.
    for (let i = 0; i < this.deferred.length; i++) at = this.deferredValue(this.deferred[i], at);
    return at;
  }

  /** Forgets the value. `bytes` stays as it is until the next `encode`. */
  reset(): void {
    this.shapes = 0;
    this.depth = 0;
    this.hasReferences = false;
    if (this.handles.length > 0) this.handles = [];
    this.first = NOTHING;
    if (this.objects > 1) this.others = [];
    this.objects = 0;
    this.numbers = undefined;
    if (this.deferred.length > 0) this.deferred = [];
    // What completed took its names and values off the stack.
    if (this.top > 0 || this.stack.length > KEPT_STACK) this.stack = [];
    this.top = 0;
  }

  private value(value: unknown, at: number): number {
    if (at + MARGIN > this.bytes.length) this.reserve(at, 0);
    switch (typeof value) {
      case 'string':
        return this.text(value, at);
      case 'number':
        return this.number(value, at);
      case 'object':
        return value === null ? this.op(op.OP_NULL, at) : this.object(value, at);
      case 'boolean':
        return this.op(value ? op.OP_TRUE : op.OP_FALSE, at);
      case 'undefined':
        return this.op(op.OP_UNDEFINED, at);
      case 'bigint':
        return this.bigint(value, at);
      default:
        throw new Refusal(typeof value === 'function' ? 'functions cannot be cloned' : 'symbols cannot be cloned');
    }
  }

  // ── objects ──

  private object(value: object, at: number): number {
    const known = this.numberOf(value);
    if (known !== undefined) return this.reference(known, at);
    if (this.depth >= MAX_DEPTH) return this.defer(value, at);
    this.register(value);
    this.depth++;
    at = this.content(value, at);
    this.depth--;
    return at;
  }

  private content(value: object, at: number): number {
    if (isHandle(value)) return this.handle(value, at);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === plainPrototype && this.isPrototypeClean) return this.record(value, at);
    if (prototype === plainPrototype) return this.properties(value, false, at);
    if (Array.isArray(value)) return this.array(value, at);
    if (prototype === null || isPlainClass(prototype as object)) return this.properties(value, false, at);
    return this.exotic(value, at);
  }

  private exotic(value: object, at: number): number {
    switch (classify(value)) {
      case Kind.PLAIN:
        return this.properties(value, true, at);
      case Kind.VIEW:
        return this.view(value as ArrayBufferView, at);
      case Kind.MAP:
        return this.map(value, at);
      case Kind.SET:
        return this.set(value, at);
      case Kind.DATE:
        return this.float64(op.OP_DATE, builtins.timeOfDate(value), at);
      case Kind.REGEXP:
        return this.regExp(value, at);
      case Kind.ERROR:
        return this.error(value, at);
      case Kind.BUFFER:
        return this.buffer(value as ArrayBuffer, at);
      case Kind.BOXED:
        return this.boxed(value, at);
    }
  }

  private numberOf(value: object): number | undefined {
    if (value === this.first) return 0;
    if (this.numbers !== undefined) return this.numbers.get(value);
    if (this.objects <= 1) return undefined;
    const place = this.others.indexOf(value);
    return place < 0 ? undefined : place + 1;
  }

  private register(value: object): void {
    const number = this.objects++;
    if (number === 0) this.first = value;
    else if (number < FEW_OBJECTS && this.numbers === undefined) this.others.push(value);
    else this.registerInMap(value, number);
  }

  private registerInMap(value: object, number: number): void {
    this.numbers ??= new Map(this.others.map((object, place) => [object, place + 1] as const));
    this.numbers.set(value, number);
  }

  private reference(known: number, at: number): number {
    this.hasReferences = true;
    if (known < 0) return this.varint(-1 - known, this.op(op.OP_DEFERRED, at));
    return this.varint(known, this.op(op.OP_REF, at));
  }

  /** E3. */
  private defer(value: object, at: number): number {
    const number = -1 - (this.deferred.push(value) - 1);
    this.registerInMap(value, number);
    return this.reference(number, at);
  }

  private deferredValue(value: object, at: number): number {
    if (at + MARGIN > this.bytes.length) this.reserve(at, 0);
    this.numbers!.delete(value);
    try {
      return this.object(value, at);
    } catch (error) {
      throw inside(error, '…');
    }
  }

  private handle(value: object, at: number): number {
    const index = this.handles.push(value) - 1;
    return this.varint(index, this.op(op.OP_HANDLE, at));
  }

  /** What literals make, nearly always. */
  private record(value: object, at: number): number {
    const base = this.top;
    const node = this.collect(value);
    return this.top === base ? this.exotic(value, at) : this.collected(value, node, base, at);
  }

  /** `isPlain`: known to be so. Otherwise only the prototype says it, which lies for some objects without properties. */
  private properties(value: object, isPlain: boolean, at: number): number {
    const base = this.top;
    const node = this.collectOwn(value);
    return this.top === base && !isPlain ? this.exotic(value, at) : this.collected(value, node, base, at);
  }

  /** Writes what is on the stack from `base` on, and takes it off. */
  private collected(value: object, node: KeyNode, base: number, at: number): number {
    const stack = this.stack;
    const top = this.top;
    // It may be an `arguments` object, which cannot be cloned.
    if (stack[base] === '0') classify(value);
    const shape = node.shape === undefined ? tries.makeShape(node, evens(stack, base, top)) : node.shape;
    at = shape === null ? this.dictionary(base, top, this.op(op.OP_DICTIONARY, at)) : this.shaped(shape, base, top, at);
    for (let i = base; i < top; i++) stack[i] = undefined;
    this.top = base;
    return at;
  }

  /** Puts names and values on the stack and returns where the names lead. */
  private collect(value: object): KeyNode {
    const stack = this.stack;
    let top = this.top;
    let node = tries.root;
    for (const key in value) {
      stack[top] = key;
      stack[top + 1] = (value as Record<string, unknown>)[key];
      top += 2;
      node = node.likelyKey === key ? node.likelyNext! : tries.step(node, key);
    }
    this.top = top;
    return node;
  }

  /** The same for objects that inherit enumerable names. The test for own ones takes as long as all the rest. */
  private collectOwn(value: object): KeyNode {
    const stack = this.stack;
    let top = this.top;
    let node = tries.root;
    for (const key in value) {
      if (!hasOwn.call(value, key)) continue;
      stack[top] = key;
      stack[top + 1] = (value as Record<string, unknown>)[key];
      top += 2;
      node = node.likelyKey === key ? node.likelyNext! : tries.step(node, key);
    }
    this.top = top;
    return node;
  }

  private shaped(shape: Shape, base: number, top: number, at: number): number {
    at = this.shape(shape, at);
    const stack = this.stack;
    let i = base + 1;
    try {
      for (; i < top; i += 2) at = this.value(stack[i], at);
    } catch (error) {
      throw inside(error, propertySegment(stack[i - 1] as string));
    }
    return at;
  }

  private shape(shape: Shape, at: number): number {
    if (shape.run === this.run) return this.varint(shape.index, this.op(op.OP_OBJECT, at));
    shape.run = this.run;
    shape.index = this.shapes++;
    const block = shape.block;
    const length = block.length;
    if (at + length + MARGIN > this.bytes.length) this.reserve(at, length);
    const bytes = this.bytes;
    bytes[at] = op.OP_OBJECT_NEW_SHAPE;
    bytes[at + 1] = shape.hash;
    bytes[at + 2] = shape.hash >> 8;
    bytes[at + 3] = length;
    bytes[at + 4] = length >> 8;
    at += 5;
    if (length > 64) bytes.set(block, at);
    else for (let i = 0; i < length; i++) bytes[at + i] = block[i];
    return at + length;
  }

  private dictionary(base: number, top: number, at: number): number {
    const stack = this.stack;
    at = this.varint((top - base) / 2, at);
    let i = base;
    try {
      for (; i < top; i += 2) {
        at = this.value(stack[i], at);
        at = this.value(stack[i + 1], at);
      }
    } catch (error) {
      throw inside(error, propertySegment(stack[i] as string));
    }
    return at;
  }

  private array(array: readonly unknown[], at: number): number {
    const start = at;
    const length = array.length;
    if (length >= PACKED_LENGTH && typeof array[0] === 'number') {
      at = this.packed(array, length, start);
      if (at > 0 && !mayHaveProperties(array, length)) return at;
      at = start;
    }
    at = this.varint(length, this.op(op.OP_ARRAY, at));
    at = this.elements(array, length, at);
    if (!mayHaveProperties(array, length - this.holesWritten)) return at;
    const keys = Object.keys(array).filter((key) => !isIndex(key));
    if (keys.length === 0) return at;
    this.bytes[start] = op.OP_ARRAY_WITH_PROPERTIES;
    return this.extras(array, keys, at);
  }

  /** An array of nothing but numbers, as they lie in memory. 0 if it is none, and when it changes while it is read. */
  private packed(array: readonly unknown[], length: number, start: number): number {
    const operation = packedKind(array);
    if (operation === 0) return 0;
    const size = operation === op.OP_INT32S ? 4 : 8;
    this.reserve(start, size * length);
    const at = this.align(this.varint(length, this.op(operation, start)));
    const memory = this.bytes.buffer as ArrayBuffer;
    const offset = this.bytes.byteOffset + at;
    const isFilled =
      size === 4
        ? fillInt32s(new Int32Array(memory, offset, length), array)
        : fillFloat64s(new Float64Array(memory, offset, length), array);
    return isFilled ? at + size * length : 0;
  }

  private elements(array: readonly unknown[], length: number, at: number): number {
    let gaps: Gaps | undefined;
    let holes = 0;
    let i = 0;
    try {
      while (i < length) {
        const element = array[i];
        if (element !== undefined || hasOwn.call(array, i)) {
          at = this.value(element, at);
          i++;
        } else {
          gaps ??= new Gaps(array, length);
          const next = gaps.end(i);
          at = this.holes(next - i, at);
          holes += next - i;
          i = next;
        }
      }
    } catch (error) {
      throw inside(error, `[${i}]`);
    }
    this.holesWritten = holes;
    return at;
  }

  private holes(count: number, at: number): number {
    if (at + MARGIN > this.bytes.length) this.reserve(at, 0);
    return this.varint(count, this.op(op.OP_HOLES, at));
  }

  private extras(array: readonly unknown[], keys: string[], at: number): number {
    const base = this.top;
    for (const key of keys) {
      if (!hasOwn.call(array, key)) continue;
      const content = (array as unknown as Record<string, unknown>)[key];
      this.stack[this.top++] = key;
      this.stack[this.top++] = content;
    }
    this.reserve(at, 0);
    at = this.dictionary(base, this.top, at);
    this.stack.fill(undefined, base, this.top);
    this.top = base;
    return at;
  }

  // ── other built-ins ──

  private map(map: object, at: number): number {
    // A copy: a getter further inside may change the map.
    const entries = builtins.entriesOfMap(map);
    at = this.varint(entries.length / 2, this.op(op.OP_MAP, at));
    let i = 0;
    try {
      for (; i < entries.length; i++) at = this.value(entries[i], at);
    } catch (error) {
      throw inside(error, `<map ${i % 2 === 0 ? 'key' : 'value'} ${i >> 1}>`);
    }
    return at;
  }

  private set(set: object, at: number): number {
    const members = builtins.membersOfSet(set);
    at = this.varint(members.length, this.op(op.OP_SET, at));
    let i = 0;
    try {
      for (; i < members.length; i++) at = this.value(members[i], at);
    } catch (error) {
      throw inside(error, `<set member ${i}>`);
    }
    return at;
  }

  private regExp(value: object, at: number): number {
    at = this.value(builtins.sourceOfRegExp(value), this.op(op.OP_REGEXP, at));
    return this.value(builtins.flagsOfRegExp(value), at);
  }

  private boxed(value: object, at: number): number {
    const primitive = builtins.unbox(value);
    if (primitive === undefined) throw new Refusal('symbols cannot be cloned');
    return this.value(primitive, this.op(op.OP_BOXED, at));
  }

  private error(value: object, at: number): number {
    const { kind, has, contents } = errorParts(value);
    const bytes = this.bytes;
    bytes[at] = op.OP_ERROR;
    bytes[at + 1] = kind;
    bytes[at + 2] = has;
    at += 3;
    let i = 0;
    try {
      for (; i < contents.length; i++) at = this.value(contents[i], at);
    } catch (error) {
      // Only these two can hold anything that is refused; they stand last.
      const isCause = has & op.HAS_CAUSE && !(has & op.HAS_ERRORS && i === contents.length - 1);
      throw inside(error, isCause ? '.cause' : '.errors');
    }
    return at;
  }

  private buffer(buffer: ArrayBuffer, at: number): number {
    const content = bufferBytes(buffer);
    const max = maxByteLength(buffer);
    if (max === undefined) at = this.op(op.OP_BUFFER, at);
    else at = this.varint(max, this.op(op.OP_RESIZABLE_BUFFER, at));
    return this.raw(content, at);
  }

  private view(view: ArrayBufferView, at: number): number {
    const kind = viewKind(view);
    const shown = viewBytes(view);
    this.bytes[at] = op.OP_VIEW;
    this.bytes[at + 1] = kind;
    return this.raw(shown, at + 2);
  }
}

let runs = 0;
const MAX_DEPTH = op.MAX_DEPTH;

/** Adds a container to the place of a refused value. What a getter threw passes as it is. */
function inside(error: unknown, segment: string): unknown {
  return error instanceof Refusal ? error.within(segment) : error;
}

/** The operation for an array of numbers, or 0. Stops at the first hole: an array may have 2³² of them. */
function packedKind(array: readonly unknown[]): number {
  let kind: number = op.OP_INT32S;
  for (let i = 0; i < array.length; i++) {
    const number = array[i];
    if (typeof number !== 'number') return 0;
    if (!isInt32(number)) kind = op.OP_FLOAT64S;
  }
  return kind;
}

function isInt32(number: number): boolean {
  return (number | 0) === number && (number !== 0 || 1 / number > 0);
}

// Both check again: a getter among the elements may give something else the second time.

function fillInt32s(target: Int32Array, array: readonly unknown[]): boolean {
  for (let i = 0; i < target.length; i++) {
    const number = array[i];
    if (typeof number !== 'number' || !isInt32(number)) return false;
    target[i] = number;
  }
  return true;
}

function fillFloat64s(target: Float64Array, array: readonly unknown[]): boolean {
  for (let i = 0; i < target.length; i++) {
    const number = array[i];
    if (typeof number !== 'number') return false;
    target[i] = number;
  }
  return true;
}

/** Some program has put a name on Object.prototype that every object now inherits. */
function hasEnumerable(prototype: object): boolean {
  for (const _ in prototype) return true;
  return false;
}

function evens(stack: readonly unknown[], base: number, top: number): string[] {
  const keys: string[] = [];
  for (let i = base; i < top; i += 2) keys.push(stack[i] as string);
  return keys;
}

/** Where runs of holes end. An array may have 2³² holes: after a few steps it asks for the list of names, once. */
class Gaps {
  private indices: readonly number[] | undefined = undefined;
  private next = 0;

  constructor(
    private readonly array: readonly unknown[],
    private readonly length: number,
  ) {}

  end(hole: number): number {
    const near = Math.min(this.length, hole + NEAR);
    for (let i = hole + 1; i < near; i++) if (hasOwn.call(this.array, i)) return i;
    if (near === this.length) return near;
    this.indices ??= Object.keys(this.array).filter(isIndex).map(Number);
    while (this.next < this.indices.length && this.indices[this.next] < near) this.next++;
    return Math.min(this.length, this.indices[this.next] ?? this.length);
  }
}
const NEAR = 32;
