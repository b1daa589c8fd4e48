/** What the pools do: the worker file of beamline, Piscina and tinypool, and what the worker files of the others export. */

export interface TinyJob {
  readonly id: number;
  /** 16 characters. */
  readonly payload: string;
}

/** A job of which the way to the worker and back is all there is. */
export function tiny({ id, payload }: TinyJob): { id: number; length: number } {
  return { id, length: payload.length };
}

/** A job that is heavy to carry. */
export function bytes(array: Uint8Array): number {
  return array.length;
}

/** A job of some 100 µs: a fixed amount of work, not of time, so that a worker that is kept waiting is not let off. */
export function busy(seed: number): number {
  let x = seed | 1;
  for (let i = 0; i < BUSY_STEPS; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
  }
  return x;
}
const BUSY_STEPS = 70_000;
