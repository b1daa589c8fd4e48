/**
 * What a user's codec looks like.
 *
 * Called by: codecs.ts, which re-exports it, and custom.ts, which wraps it.
 */

/**
 * How the messages of a channel become bytes and back. Bring your own, or take one of `codecs`.
 *
 * `encode` may return memory that it uses again: it is copied at once. `decode` gets bytes that are its own.
 *
 * @example
 * import { bounded, type Codec } from '@beamline/core';
 *
 * interface Point { readonly x: number; readonly y: number }
 * const point: Codec<Point> = {
 *   name: 'point',
 *   encode: ({ x, y }) => new Uint8Array(Float64Array.of(x, y).buffer),
 *   decode: (bytes) => {
 *     const [x, y] = new Float64Array(bytes.buffer) as unknown as [number, number];
 *     return { x, y };
 *   },
 * };
 * const [tx, rx] = bounded<Point>(1, { codec: point });
 * tx.sendSync({ x: 1, y: 2 });
 * console.log(rx.recvSync()); // { x: 1, y: 2 }
 */
export interface Codec<T> {
  readonly name: string;
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): T;
}

/** A codec for channels of any type. */
export interface UniversalCodec {
  readonly name: string;
  encode(value: unknown): Uint8Array;
  decode<T = unknown>(bytes: Uint8Array): T;
}
