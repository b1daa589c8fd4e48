/**
 * The scaled-down layout as the driving process reads it: where things are in a heap, and what they are called in a trace.
 */
import { fromCore } from './loader.js';

export type Constants = Record<string, number>;

export interface Layout {
  readonly constants: Constants;
  createHeapBuffer(bytes: number, debug: boolean): SharedArrayBuffer;
  threadRecord(slot: number): number;
  /** `sent`: messages ever. */
  channelState(words: Int32Array, at: number): { sent: number; length: number; capacity: number; closed: boolean };
}

/** Call it after `patchBuild`. */
export function loadLayout(): Layout {
  const constants = fromCore<Constants & { threadRecord(slot: number): number }>('memory/layout.js');
  const { createHeapBuffer } = fromCore<{ createHeapBuffer(bytes: number, debug: boolean): SharedArrayBuffer }>('memory/heap.js');
  const {
    TAIL,
    HEAD,
    TAIL_HI,
    HEAD_HI,
    INDEX_SHIFT,
    INDEX_MARK,
    CH_KIND,
    CH_MODULUS,
    CH_CAPACITY,
    KIND_ZERO,
    KIND_BROADCAST,
    KIND_AT,
    KIND_TICK,
    DISCARDED,
  } = constants as Constants;
  const lengthOf = (words: Int32Array, at: number, tail: number, buffered: number, capacity: number): number => {
    if (words[at + CH_KIND] === KIND_BROADCAST) return Math.min(tail - words[at + DISCARDED], capacity);
    return [KIND_ZERO, KIND_AT, KIND_TICK].includes(words[at + CH_KIND]) ? 0 : buffered;
  };
  return {
    constants,
    createHeapBuffer,
    threadRecord: (slot) => constants.threadRecord(slot),
    channelState(words, at) {
      const modulus = words[at + CH_MODULUS];
      const tail = words[at + TAIL_HI] * modulus + (words[at + TAIL] >>> INDEX_SHIFT);
      const head = words[at + HEAD_HI] * modulus + (words[at + HEAD] >>> INDEX_SHIFT);
      const capacity = words[at + CH_CAPACITY];
      return {
        sent: tail,
        length: lengthOf(words, at, tail, tail - head, capacity),
        capacity: capacity < 0 ? Infinity : capacity,
        closed: (words[at + TAIL] & INDEX_MARK) !== 0,
      };
    },
  };
}
