/**
 * Shapes: lists of property names that many objects share, so that a name is written and read once and not once per object.
 *
 * Called by: encoder.ts (`KeyTrie`) and decoder.ts (`ShapeCache`).
 *
 * A shape's names travel as one *key block*: their count, then each name as text. A message carries the block of each shape that
 * it uses, once; so every message can be decoded alone, on a thread that has seen none before. The caches only save the work of
 * writing and parsing blocks. Each thread has its own.
 *
 * Invariants
 *   S1  A cache never decides what a block means: the decoder compares all bytes before it uses a cached entry.
 *   S2  Caches are bounded. Objects with ever new names (dictionaries) are written without shapes.
 */

/** Longer lists, or longer names, are no records but dictionaries. */
const MAX_KEYS = 64;
const MAX_KEY_LENGTH = 128;
const MAX_BLOCK = 2048;
const MAX_NODES = 4096;
const MAX_CREDIT = 512;

/** A list of names on the sending side. */
export class Shape {
  /** The run of the encoder in which this shape was last written, and its number in that message. */
  run = 0;
  index = 0;

  constructor(
    readonly block: Uint8Array,
    readonly hash: number,
  ) {}
}

/** A prefix of names. Nearly always the next name is the one that came after this prefix the last time. */
export class KeyNode {
  likelyKey: string | undefined = undefined;
  likelyNext: KeyNode | undefined = undefined;
  children: Map<string, KeyNode> | undefined = undefined;
  /** Of the names up to here; null if they are to be written as a dictionary, undefined if nobody has needed it yet. */
  shape: Shape | null | undefined = undefined;
  constructor(readonly depth: number) {}
}

/** Stands for all lists that have no shape; every step from it leads to it. */
const DICTIONARY = new KeyNode(MAX_KEYS);
DICTIONARY.shape = null;

/** Finds shapes name by name. */
export class KeyTrie {
  root = new KeyNode(0);
  private nodes = 0;
  /** What may still be learned. Known names earn it, new names cost it. */
  private credit = MAX_CREDIT;

  constructor(private readonly blockOf: (keys: readonly string[]) => Uint8Array) {}

  /** One name further, when it is not the likely one. */
  step(node: KeyNode, key: string): KeyNode {
    const known = node.children?.get(key);
    if (known === undefined) return this.learn(node, key);
    if (this.credit < MAX_CREDIT) this.credit++;
    node.likelyKey = key;
    node.likelyNext = known;
    return known;
  }

  private learn(node: KeyNode, key: string): KeyNode {
    if (node.depth >= MAX_KEYS || key.length > MAX_KEY_LENGTH) return DICTIONARY;
    // Traffic without any known name still teaches a little, or a thread that began with dictionaries would never recover.
    if (this.credit < 1) {
      this.credit += 1 / 16;
      return DICTIONARY;
    }
    this.credit--;
    if (++this.nodes > MAX_NODES) this.forget();
    const child = new KeyNode(node.depth + 1);
    (node.children ??= new Map<string, KeyNode>()).set(key, child);
    return child;
  }

  private forget(): void {
    this.root = new KeyNode(0);
    this.nodes = 0;
  }

  /** The shape of the names that lead to a node, or null for a dictionary. */
  makeShape(node: KeyNode, keys: readonly string[]): Shape | null {
    const block = this.blockOf(keys);
    const hasShape = block.length <= MAX_BLOCK;
    node.shape = hasShape ? new Shape(block, hashOf(block)) : null;
    return node.shape;
  }
}

/** FNV-1a, folded to 16 bits: only chooses a place in the receiver's cache. */
function hashOf(block: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < block.length; i++) hash = Math.imul(hash ^ block[i], 0x01000193);
  return (hash ^ (hash >>> 16)) & 0xffff;
}

/** Whether a property name is an array index. */
export function isIndex(key: string): boolean {
  const index = Number(key) >>> 0;
  return String(index) === key && index !== 0xffffffff;
}

/** A list of names on the receiving side. */
export interface KeyList {
  readonly keys: readonly string[];
  /** No name that assignment would treat specially: each can be assigned. */
  readonly isPlain: boolean;
}

const CACHE_SIZE = 512;

/** From key blocks to names, direct-mapped by the hash that the sender computed. */
export class ShapeCache {
  private readonly blocks = new Array<Uint8Array | undefined>(CACHE_SIZE).fill(undefined);
  private readonly lists = new Array<KeyList | undefined>(CACHE_SIZE).fill(undefined);

  find(hash: number, bytes: Uint8Array, start: number, length: number): KeyList | undefined {
    const place = hash & (CACHE_SIZE - 1);
    const block = this.blocks[place];
    if (block === undefined || block.length !== length) return undefined;
    for (let i = 0; i < length; i++) if (block[i] !== bytes[start + i]) return undefined; // S1
    return this.lists[place];
  }

  add(hash: number, block: Uint8Array, keys: readonly string[]): KeyList {
    const place = hash & (CACHE_SIZE - 1);
    const list: KeyList = { keys, isPlain: keys.every(isAssignable) };
    if (block.length <= MAX_BLOCK) {
      this.blocks[place] = block;
      this.lists[place] = list;
    }
    return list;
  }
}

/**
 * Whether `object[key] = value` makes an own property of a fresh plain object. Not for `__proto__`, nor, where built-ins are
 * frozen, for any name that Object.prototype has.
 */
export function isAssignable(key: string): boolean {
  return !(key in Object.prototype);
}
