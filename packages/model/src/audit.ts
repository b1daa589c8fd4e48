/**
 * The accounts of a heap at the end of a run, when everybody has left: nothing is owned, and every chunk is somewhere.
 *
 * Called by: run.ts. Reads memory alone, by the (scaled) layout.
 */
import type { Layout } from './layout.js';

/** What is wrong; empty if nothing is. */
export function audit(layout: Layout, words: Int32Array): string[] {
  const problems: string[] = [];
  const say = (problem: string) => problems.push(`heap: ${problem}`);
  const L = layout.constants;

  for (const lock of ['HEAP_LOCK', 'HANDLES_LOCK', 'REAP_LOCK']) {
    if ((words[L[lock]] & L.INDEX_OWNER) !== 0) say(`${lock} is held by slot ${words[L[lock]] & L.INDEX_OWNER}`);
  }
  for (let slot = 1; slot <= words[L.THREADS_HIGH]; slot++) {
    const state = words[layout.threadRecord(slot) + L.T_STATE];
    if (state !== 0) say(`slot ${slot} is in use (${state})`);
  }

  const chunks = chunksOf(L, words, say);
  const owned = new Map<number, string>();
  const own = (chunk: number, owner: string) => {
    if (owned.has(chunk)) say(`chunk ${chunk} belongs to ${owned.get(chunk)} and to ${owner}`);
    if (((chunks.get(chunk) ?? 0) & L.CHUNK_USED) === 0) say(`${owner} names ${chunk}, which is no chunk in use`);
    owned.set(chunk, owner);
  };

  checkFreeLists(L, words, chunks, say);
  for (let page = 0; page < words[L.HANDLES_PAGES]; page++)
    own(words[L.HANDLE_PAGE_TABLE + page], `page ${page} of the handle table`);
  for (let order = 0; order < L.MAGAZINE_ORDERS; order++) {
    let bundles = 0;
    for (let bundle = words[L.DEPOT_HEADS + order]; bundle !== 0 && bundles < 1000; bundle = words[bundle + L.C_PREV]) {
      bundles++;
      for (let chunk = bundle, n = 0; chunk !== 0 && n < 100; chunk = words[chunk + L.C_NEXT], n++)
        own(chunk, `the depot (order ${order})`);
    }
    if (bundles !== words[L.DEPOT_COUNTS + order])
      say(`the depot counts ${words[L.DEPOT_COUNTS + order]} bundles of order ${order}, there are ${bundles}`);
  }
  for (const [chunk, state] of chunks) {
    if ((state & L.CHUNK_USED) !== 0 && !owned.has(chunk))
      say(`chunk ${chunk} (order ${state & L.CHUNK_ORDER}) is in use and belongs to nobody`);
  }
  checkEntries(L, words, say);
  return problems;
}

/**
 * The accounts while threads still have handles, but nobody is in the middle of anything: a channel's counts of senders and receivers
 * are those of the live entries, no place in it is reserved any more, and its length is possible.
 */
export function auditCounts(layout: Layout, words: Int32Array): string[] {
  const problems: string[] = [];
  const L = layout.constants;
  const counts = new Map<number, [senders: number, receivers: number, entries: number]>();
  eachEntry(L, words, (at) => {
    if (words[at + L.E_OWNER] === 0) return;
    const channel = words[at + L.E_CHANNEL];
    const kind = words[at + L.E_KIND];
    const count = counts.get(channel) ?? [0, 0, 0];
    counts.set(channel, count);
    count[2]++;
    if ((kind & L.PHASE_MASK) === L.PHASE_LIVE) count[kind & L.SIDE_MASK]++;
  });
  for (const [channel, [senders, receivers, entries]] of counts) {
    const id = words[channel + L.CH_ID];
    const say = (what: string, is: number, should: number) => {
      if (is !== should) problems.push(`heap: channel ${id} has ${is} ${what}, by its handles ${should}`);
    };
    say('senders', words[channel + L.SENDERS], senders);
    say('receivers', words[channel + L.RECEIVERS], receivers);
    say('references', words[channel + L.CH_REFS], entries);
    say('reserved places', words[channel + L.RESERVED], 0);
    const { length, capacity } = layout.channelState(words, channel);
    if (length < 0 || length > capacity) problems.push(`heap: channel ${id} has ${length} messages of at most ${capacity}`);
  }
  return problems;
}

/** Visits every entry of the handle table. */
export function eachEntry(L: Record<string, number>, words: Int32Array, visit: (at: number, index: number) => void): void {
  for (let page = 0, index = 0; page < words[L.HANDLES_PAGES]; page++) {
    const first = words[L.HANDLE_PAGE_TABLE + page] + L.C_BODY;
    for (let i = 0; i < L.HANDLE_PAGE << page; i++, index++) visit(first + i * L.ENTRY_WORDS, index);
  }
}

/** Every chunk from the start of the arena to its end, which they tile, and the count of those in use. */
function chunksOf(L: Record<string, number>, words: Int32Array, say: (problem: string) => void): Map<number, number> {
  const chunks = new Map<number, number>();
  let used = 0;
  for (let at = L.ARENA; at < words[L.ARENA_END];) {
    const state = words[at + L.C_STATE];
    const order = state & L.CHUNK_ORDER;
    if ((state !== (L.CHUNK_USED | order) && state !== (L.CHUNK_FREE | order)) || order >= L.ORDERS) {
      say(`at ${at} there should be a chunk, there is ${state}`);
      break;
    }
    chunks.set(at, state);
    if ((state & L.CHUNK_USED) !== 0) used += 2 ** order;
    at += L.CHUNK_MIN_WORDS * 2 ** order;
  }
  if (used !== words[L.ARENA_USED]) say(`${words[L.ARENA_USED]} units are said to be in use, ${used} are`);
  return chunks;
}

function checkFreeLists(
  L: Record<string, number>,
  words: Int32Array,
  chunks: Map<number, number>,
  say: (problem: string) => void,
): void {
  const listed = new Set<number>();
  for (let order = 0; order < L.ORDERS; order++) {
    let previous = 0;
    for (let chunk = words[L.FREE_HEADS + order]; chunk !== 0; chunk = words[chunk + L.C_NEXT]) {
      if (listed.has(chunk)) return say(`chunk ${chunk} is in the free lists twice`);
      if (chunks.get(chunk) !== (L.CHUNK_FREE | order))
        return say(`the free list of order ${order} names ${chunk}, which is no such chunk`);
      if (words[chunk + L.C_PREV] !== previous) say(`the free list of order ${order} is torn at ${chunk}`);
      listed.add(chunk);
      previous = chunk;
    }
  }
  for (const [chunk, state] of chunks) {
    if ((state & L.CHUNK_FREE) !== 0 && !listed.has(chunk)) say(`chunk ${chunk} is free and in no list`);
  }
}

/** All entries of the handle table are free, and in the free list. */
function checkEntries(L: Record<string, number>, words: Int32Array, say: (problem: string) => void): void {
  const places: number[] = [];
  eachEntry(L, words, (at, index) => {
    places.push(at);
    if (words[at + L.E_OWNER] !== 0) say(`handle ${index} is still owned (${words[at + L.E_OWNER].toString(16)})`);
  });
  let free = 0;
  for (let number = words[L.HANDLES_FREE]; number !== 0 && free <= places.length; number = words[places[number - 1] + L.E_NEXT])
    free++;
  if (free !== places.length) say(`${free} of ${places.length} handle entries are in the free list`);
}
