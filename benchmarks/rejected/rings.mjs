/** The rings by name. */
import { LockFree } from './lock-free.mjs';
import { OwnerPacked } from './owner-packed.mjs';
import { StampPerSlot } from './stamp-per-slot.mjs';
import { TwoWords } from './two-words.mjs';

export { bytesFor } from './layout.mjs';

export const RINGS = {
  'owner-packed': OwnerPacked,
  'two words': TwoWords,
  'stamp per slot': StampPerSlot,
  'lock-free': LockFree,
};
