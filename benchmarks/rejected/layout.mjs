/**
 * What the rings of this folder share: the words (indices into an Int32Array, hot ones 128 bytes apart), and what their operations
 * answer: how many numbers were put or taken, or one of the two below.
 */

/** Nothing was done: full, or empty. */
export const NOT_READY = 0;
/** Nothing was done: another thread holds the side. Only the rings with an owner say this. */
export const CONTENDED = -1;

export const TAIL = 32;
export const HEAD = 64;
/** How many threads sleep until something changes. */
export const SLEEPERS = 96;
/** Changed by whoever wakes them. */
export const EPOCH = 128;

export const SLOTS = 256;
/** A word for the ring, a word unused, a number. */
export const SLOT_WORDS = 4;

/** Room for the numbers of the nodes that threads hold (lock-free only) is beyond the slots. */
export const bytesFor = (capacity) => 4 * (SLOTS + SLOT_WORDS * (capacity + 64));
