/**
 * The built-in codecs as users see them, and how a `codec` option becomes a codec for the wire.
 *
 * Called by: index.ts (exports), everything that takes a `codec` option (`resolveCodec`), and `open` (`builtInCodec`).
 *
 * Invariant: built-in codecs are recognised by brand, so that those of another copy of this library are too.
 */
import { describe, invalidType } from '../errors.js';
import { anyCodec } from './any.js';
import type { Codec, UniversalCodec } from './codec.js';
import { customCodec } from './custom.js';
import { structCodec, structCodecNamed, type StructField, type StructOf } from './struct.js';
import { bytesCodec, float64Codec, int32Codec, jsonCodec, utf8Codec } from './typed.js';
import { standalone } from './standalone.js';
import type { WireCodec } from './wire.js';

export type { Codec, StructField, StructOf, UniversalCodec };

/** On a built-in codec: what channels use in its place. */
const WIRE = Symbol.for('beamline.codec');

function builtIn(wire: WireCodec): UniversalCodec & Codec<never> {
  const codec = { name: wire.name, ...standalone(wire) };
  Object.defineProperty(codec, WIRE, { value: wire });
  return Object.freeze(codec) as UniversalCodec & Codec<never>;
}

/**
 * The built-in codecs. `any`, the default, carries all that structured clone carries by copy, and handles; the others carry one
 * kind of value each, and are faster for it.
 *
 * @example
 * import { bounded, codecs } from '@beamline/core';
 *
 * const [tx, rx] = bounded<number>(16, { codec: codecs.int32 });
 * tx.sendSync(7);
 * console.log(rx.recvSync()); // 7
 */
export const codecs: {
  readonly any: UniversalCodec;
  readonly float64: Codec<number>;
  readonly int32: Codec<number>;
  readonly utf8: Codec<string>;
  readonly bytes: Codec<Uint8Array>;
  readonly json: UniversalCodec;
  /**
   * A codec for objects that all have the same fields: integers `u8` to `i64` (those of 64 bits are bigints), `f32`, `f64`, `bool`, `utf8`
   * (strings) and `bytes` (Uint8Arrays). Much smaller on the way than with `any`: no names travel.
   *
   * Objects with a field missing, out of range or of another kind, or with further fields, are refused with a TypeError
   * `ERR_INVALID_ARGUMENT`. `f32` rounds to a 32-bit float. Two layouts are the same if they have the same fields in the same order; `open`
   * needs no codec for them.
   *
   * @throws TypeError `ERR_INVALID_ARGUMENT`.
   * @example
   * ```ts
   * import { bounded, codecs } from '@beamline/core';
   *
   * const reading = codecs.struct({ sensor: 'u16', celsius: 'f64', label: 'utf8' });
   * const [tx, rx] = bounded(16, { codec: reading });
   * tx.trySend({ sensor: 7, celsius: 21.5, label: 'hall' });
   * console.log(rx.recvSync().celsius); // 21.5
   * ```
   */
  struct<const F extends Record<string, StructField>>(fields: F): Codec<StructOf<F>>;
} = Object.freeze({
  any: builtIn(anyCodec),
  float64: builtIn(float64Codec),
  int32: builtIn(int32Codec),
  utf8: builtIn(utf8Codec),
  bytes: builtIn(bytesCodec),
  json: builtIn(jsonCodec),
  struct: <const F extends Record<string, StructField>>(fields: F) => builtIn(structCodec(fields)) as Codec<StructOf<F>>,
});

const BUILT_IN: readonly WireCodec[] = [anyCodec, float64Codec, int32Codec, utf8Codec, bytesCodec, jsonCodec];

/** The built-in codec of this name on the wire; undefined if it is a user's. */
export function builtInCodec(name: string): WireCodec | undefined {
  return BUILT_IN.find((codec) => codec.name === name) ?? structCodecNamed(name);
}

/** What a channel uses for its `codec` option. Throws ERR_INVALID_ARGUMENT for what is no codec. */
export function resolveCodec(codec: Codec<unknown> | undefined): WireCodec {
  if (codec === undefined) return anyCodec;
  if (typeof codec !== 'object' || codec === null) {
    throw invalidType(`cannot use codec: it must be an object with a name, encode and decode, received ${describe(codec)}`);
  }
  const wire = (codec as { [WIRE]?: WireCodec })[WIRE];
  return wire ?? customCodec(codec);
}
