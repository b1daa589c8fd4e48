/**
 * Stands in for core's memory/views.ts: views on words are proxies, so that plain loads and stores are observed too. Bytes and
 * floats are not: they are inside chunks and lines that one thread owns, next to words that are observed.
 */
import { current } from './current.js';

export interface Place {
  readonly raw: Int32Array;
  readonly base: number;
}

const places = new WeakMap<object, Place>();

/** What a view really is. Views that nobody made here (a batch's) are themselves. */
export function placeOf(words: Int32Array): Place {
  const place = places.get(words);
  if (place === undefined) throw new Error('an atomic operation on memory that is not the heap');
  return place;
}

export function wordsView(buffer: SharedArrayBuffer, firstWord: number, length: number): Int32Array {
  const raw = new Int32Array(buffer, firstWord * 4, length);
  const view = new Proxy(raw, handlerFor(firstWord));
  places.set(view, { raw, base: firstWord });
  return view;
}

function handlerFor(base: number): ProxyHandler<Int32Array> {
  return {
    get(raw, key) {
      const value = raw[key as unknown as number] as unknown;
      if (typeof value === 'number' && key !== 'length') current()?.plainRead(base + Number(key));
      return typeof value === 'function' ? method(raw, base, key) : value;
    },
    set(raw, key, value: number) {
      current()?.plainWrite(base + Number(key), value);
      raw[key as unknown as number] = value;
      return true;
    },
  };
}

/** The few methods that core calls on words. */
function method(raw: Int32Array, base: number, key: string | symbol): unknown {
  if (key !== 'fill') throw new Error(`views of the model know no ${String(key)}`);
  return (value: number, start: number, end: number) => {
    current()?.plainWrite(base + start, value);
    raw.fill(value, start, end);
  };
}

export function floatsView(buffer: SharedArrayBuffer, firstWord: number, length: number): Float64Array {
  return new Float64Array(buffer, firstWord * 4, length >> 1);
}

export function bytesView(buffer: SharedArrayBuffer, byteLength: number): Uint8Array {
  return new Uint8Array(buffer, 0, byteLength);
}
