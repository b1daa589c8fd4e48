/**
 * The seam between codecs and channels: what a value looks like once encoded, before it is in shared memory and after.
 *
 * Called by: handles/sender.ts and handles/receiver.ts (which drive codecs), flavors (which store and load slots).
 *
 * A message is one slot of four 32-bit words in a channel: tag, aux, lo, hi. Small values live in the slot alone ("inline"):
 * the tag says everything, or a float64 stands in lo/hi, or up to eight bytes do. Anything larger has a *body*, which
 * memory/message.ts puts into a chunk of the heap.
 *
 * Invariants
 *   W1  Encoding touches no shared memory and may throw; nothing after it may.
 *   W2  `Outgoing.body` may be the caller's own bytes: it is copied before the call that encoded it returns or waits.
 *   W3  Decoding copies: no result aliases `Incoming.bytes`.
 */

/** Tag of a message whose payload is one float64 in lo/hi. All other inline tags use lo/hi as two int32. */
export const TAG_NUMBER = 1;
/** Tags from here on have a body; below, the slot is all there is. */
export const FIRST_BODY_TAG = 128;

/** One encoded message on its way out. One per thread, reused: valid until the next `encode`. */
export class Outgoing {
  /** 1…255, never 0. Tags 1…127 are inline, 128…255 have a body. */
  tag = 0;
  /** Payload when `tag === TAG_NUMBER`. */
  number = 0;
  /** Payload of every other inline tag, as two int32. */
  lo = 0;
  hi = 0;
  /** The body when `tag >= FIRST_BODY_TAG`: its first `length` bytes count. */
  body: Uint8Array = EMPTY;
  length = 0;
  /** Handles found in the value, in the order in which the body refers to them by index. Empty for most messages. */
  handles: readonly object[] = NO_HANDLES;
}

/** One message on its way in. One per thread, reused: a decoder reads it and keeps nothing of it. */
export class Incoming {
  tag = 0;
  number = 0;
  lo = 0;
  hi = 0;
  /**
   * The heap's bytes; the body is `bytes[start … start + length)`. A plain Uint8Array: for a Buffer, `slice` is no copy. Bodies are
   * copied many times faster when `start` is a multiple of eight.
   */
  bytes: Uint8Array = EMPTY;
  start = 0;
  length = 0;
  /** The handles that travelled with the message, already opened on this thread, by the index that the body uses. */
  handles: readonly object[] = NO_HANDLES;
  /** How many of them the decoder has put into the value. */
  handlesRead = 0;
}

/** A codec as channels see it. Public codecs (`Codec<T>`) are wrapped into one by codec/custom.ts. */
export interface WireCodec {
  /** What both ends must agree on. */
  readonly name: string;
  /** One of this library's: it does not throw on what it encoded itself, and any thread can find it by its name. */
  readonly isBuiltIn: boolean;
  /** Fills `out` completely. Throws `DataCloneError` or a TypeError with `ERR_INVALID_ARGUMENT`; then `out` means nothing. */
  encode(value: unknown, out: Outgoing): void;
  /** Rebuilds the value. A throw uses the message up and rejects that one receive. */
  decode(input: Incoming): unknown;
}

export const EMPTY = new Uint8Array(0);
export const NO_HANDLES: readonly object[] = Object.freeze([]);
