/**
 * Constants made small, so that the edges of every structure are a few steps away: two slots to a block of a list, two chunks to a
 * bundle, four entries to the first page of the handle table. And what only costs steps without adding behaviour is taken out:
 * tries before parking, empty mail words, polling turns.
 */
import type { Patch } from './loader.js';

const layout = (name: string, from: string, to: string): Patch => ({
  file: 'memory/layout.js',
  find: `exports.${name} = ${from};`,
  replace: `exports.${name} = ${to};`,
});

export const scale: readonly Patch[] = [
  layout('THREAD_SLOTS', '1024', '32'),
  layout('MAIL_WORDS', '256', '1'),
  layout('MAIL_GROUP', 'exports.MAIL_WORDS / 32', '1'),
  layout('HANDLE_PAGE', '128', '4'),
  layout('BLOCK_SLOTS', '62', '2'),
  layout('MAGAZINE_SIZE', '16', '4'),
  {
    file: 'memory/allocator.js',
    find: 'order < 4 ? layout_js_1.MAGAZINE_SIZE : order < 6 ? 8 : 4',
    replace: 'layout_js_1.MAGAZINE_SIZE',
  },
  { file: 'memory/allocator.js', find: 'const GROWTH_ORDER = 10;', replace: 'const GROWTH_ORDER = 5;' },
  { file: 'memory/heap.js', find: 'exports.FIRST_ARENA_BYTES = 64 * 1024;', replace: 'exports.FIRST_ARENA_BYTES = 16 * 1024;' },
  { file: 'memory/batch.js', find: 'exports.BATCH = 64;', replace: 'exports.BATCH = 4;' },
  { file: 'ownership/witness.js', find: 'const SPINS = 32;', replace: 'const SPINS = 0;' },
  { file: 'ownership/witness.js', find: 'const LOOK_EVERY = 8;', replace: 'const LOOK_EVERY = 1;' },
  { file: 'waiting/parking.js', find: 'const SPINS = 5;', replace: 'const SPINS = 0;' },
  { file: 'waiting/parking.js', find: 'const POLL_TURNS = 8;', replace: 'const POLL_TURNS = 0;' },
];
