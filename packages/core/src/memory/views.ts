/**
 * The only file that makes views on the heap. The model checker replaces it, so that plain loads and stores are observed too.
 *
 * Views have a fixed length: on a growable buffer a length-tracking view costs 13 to 18 ns per plain access instead of half a
 * nanosecond. They stay valid when the buffer grows; what lies beyond their end needs new ones (Heap.cover).
 */

export function wordsView(buffer: SharedArrayBuffer, firstWord: number, length: number): Int32Array {
  return new Int32Array(buffer, firstWord * 4, length);
}

/** The same memory as float64s: word i of the matching words view is float i >> 1. `firstWord` and `length` are even. */
export function floatsView(buffer: SharedArrayBuffer, firstWord: number, length: number): Float64Array {
  return new Float64Array(buffer, firstWord * 4, length >> 1);
}

export function bytesView(buffer: SharedArrayBuffer, byteLength: number): Uint8Array {
  return new Uint8Array(buffer, 0, byteLength);
}
