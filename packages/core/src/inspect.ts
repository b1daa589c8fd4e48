/**
 * Looking inside: a snapshot of all channels, threads and memory, as plain data.
 *
 * Called by: users, through index.ts. While the channels are read no handle can be freed, so they all stay; nothing is waited
 * for meanwhile, and each number was true at some instant.
 */
import type { Channel, Kind } from './flavors/channel.js';
import { openChannel } from './flavors/open.js';
import { creationOf } from './handles/creation.js';
import { usedBytes } from './memory/allocator.js';
import type { Heap } from './memory/heap.js';
import {
  ARENA,
  ARENA_END,
  E_CHANNEL,
  E_KIND,
  E_OWNER,
  OWNER_ID,
  OWNER_KIND,
  OWNER_THREAD,
  OWNER_SLOT,
  OWNER_TOKEN,
  PHASE_LIVE,
  PHASE_MASK,
  RECEIVER_SET,
  SENDER_SET,
  SET_WORDS,
  SIDE_MASK,
  SIDE_SENDER,
  MAIL_WORDS,
  T_CALLS,
  T_DOOR,
  T_SELECTS,
  T_WATCHED,
  threadRecord,
} from './memory/layout.js';
import { eachEntry, withEntriesHeld } from './ownership/entries.js';
import { load } from './platform/atomics.js';
import { currentSettings, existingRuntime } from './runtime.js';
import { eachSlot, threadIdOf } from './threads/registry.js';
import { PARKED_ASYNC, PARKED_SYNC } from './waiting/door.js';

/** One handle: on a thread (`threadId`), or in a message or a token (`threadId` absent, or the maker's of the token). */
export interface HandleSnapshot {
  readonly threadId: number | null;
  /** Where it is: on a thread, in a message that nobody received yet, or in a token that nobody opened yet. */
  readonly in: 'thread' | 'message' | 'token';
  /** Stack line where it was made; debug mode only. */
  readonly createdAt?: string;
}

/** One channel. */
export interface ChannelSnapshot {
  readonly id: number;
  readonly name?: string;
  readonly kind: Kind;
  /** null: unbounded. */
  readonly capacity: number | null;
  readonly length: number;
  /** Closed, or one side is gone. */
  readonly closed: boolean;
  /** Messages ever sent and received; of a broadcast, `received` are those that it no longer keeps. */
  readonly sent: number;
  readonly received: number;
  readonly senders: HandleSnapshot[];
  readonly receivers: HandleSnapshot[];
  /** Threads with operations that wait here. Several of one thread count as one; `select` if one of them is. */
  readonly waiting: { readonly threadId: number; readonly operation: 'send' | 'recv' | 'select' }[];
}

/** The same for explain.ts, which needs to know on which side somebody waits, in a select too. */
export interface ChannelView extends ChannelSnapshot {
  readonly waiting: (ChannelSnapshot['waiting'][number] & { readonly side: 'send' | 'recv' })[];
  /** Its messages come from outside. Nobody waits to send without a limit: who stands there waits for the end (handles/ending.ts). */
  readonly isSource: boolean;
}

/** One thread (or one realm of it) that uses the heap. */
export interface ThreadSnapshot {
  readonly threadId: number;
  /** `parked`: asleep until something happens; `blocked`: in a blocking call. */
  readonly state: 'running' | 'parked' | 'blocked';
  readonly handles: number;
}

/** All that is in the shared heap. Plain data, JSON-able; never the contents of messages. */
export interface RuntimeSnapshot {
  readonly channels: ChannelSnapshot[];
  readonly threads: ThreadSnapshot[];
  /** Bytes: in use by channels and messages, taken from the system so far, and the limit. */
  readonly memory: { readonly used: number; readonly reserved: number; readonly limit: number };
}

/**
 * What is in the shared heap right now, on all threads.
 *
 * @example
 * ```ts
 * for (const { name, length, senders } of inspect().channels) console.log(name, length, senders.length);
 * ```
 */
export function inspect(): RuntimeSnapshot {
  const runtime = existingRuntime();
  if (runtime === undefined)
    return { channels: [], threads: [], memory: { used: 0, reserved: 0, limit: currentSettings().maxMemory } };
  const { heap } = runtime;
  return {
    channels: channelViews(heap).map(({ waiting, isSource: _, ...channel }) => ({
      ...channel,
      waiting: waiting.map(({ threadId, operation }) => ({ threadId, operation })),
    })),
    threads: threadSnapshots(heap),
    memory: {
      used: usedBytes(heap),
      reserved: (heap.table[ARENA_END] - ARENA) * 4,
      limit: heap.arenaLimit * 4,
    },
  };
}

/** All channels, by id. */
export function channelViews(heap: Heap): ChannelView[] {
  return withEntriesHeld(heap, () => findChannels(heap)).sort((a, b) => a.id - b.id);
}

interface FoundHandle {
  readonly side: number;
  readonly snapshot: HandleSnapshot;
}

function findChannels(heap: Heap): ChannelView[] {
  const byChannel = new Map<number, FoundHandle[]>();
  eachEntry(heap, (_, at) => {
    const { words } = heap;
    const owner = load(words, at + E_OWNER);
    const kind = words[at + E_KIND];
    const channel = words[at + E_CHANNEL];
    const createdAt = heap.debug ? creationOf(heap, at) : undefined;
    const list = byChannel.get(channel) ?? [];
    byChannel.set(channel, list);
    if ((kind & PHASE_MASK) !== PHASE_LIVE) return; // it is being made or given up
    list.push({
      side: kind & SIDE_MASK,
      snapshot: { ...placeOf(heap, owner), ...(createdAt === undefined ? {} : { createdAt }) },
    });
  });
  return [...byChannel].map(([at, handles]) => viewOf(heap, openChannel(heap, at), handles));
}

function placeOf(heap: Heap, owner: number): Pick<HandleSnapshot, 'threadId' | 'in'> {
  const kind = owner & OWNER_KIND;
  if (kind === OWNER_THREAD) return { threadId: threadIdOf(heap, owner & OWNER_ID) ?? null, in: 'thread' };
  if (kind === OWNER_TOKEN) return { threadId: threadIdOf(heap, owner & OWNER_SLOT) ?? null, in: 'token' };
  return { threadId: null, in: 'message' };
}

function viewOf(heap: Heap, channel: Channel, handles: readonly FoundHandle[]): ChannelView {
  const sideOf = (sender: boolean) =>
    handles.filter(({ side }) => (side === SIDE_SENDER) === sender).map(({ snapshot }) => snapshot);
  const { sent, received, length, closed } = channel.glance();
  const hasLimit = channel.capacity !== Infinity;
  return {
    id: channel.id,
    ...(channel.name === undefined ? {} : { name: channel.name }),
    kind: channel.kind,
    capacity: channel.capacity === Infinity ? null : channel.capacity,
    length,
    closed,
    sent,
    received,
    senders: sideOf(true),
    receivers: sideOf(false),
    waiting: [
      ...waitingIn(heap, channel, RECEIVER_SET, 'recv'),
      ...(hasLimit ? waitingIn(heap, channel, SENDER_SET, 'send') : []),
    ],
    isSource: !hasLimit && isAnybodyIn(channel, SENDER_SET),
  };
}

function isAnybodyIn({ words }: Channel, set: number): boolean {
  for (let word = 0; word < SET_WORDS; word++) if (load(words, set + word) !== 0) return true;
  return false;
}

function waitingIn(heap: Heap, channel: Channel, set: number, side: 'recv' | 'send'): ChannelView['waiting'] {
  const waiting: ChannelView['waiting'] = [];
  for (let word = 0; word < SET_WORDS; word++) {
    for (let bits = load(channel.words, set + word); bits !== 0; bits &= bits - 1) {
      const slot = (word << 5) | (31 - Math.clz32(bits & -bits));
      const threadId = threadIdOf(heap, slot);
      const operation = operationOn(heap, slot, channel, side);
      if (threadId !== undefined && operation !== undefined) waiting.push({ threadId, operation, side });
    }
  }
  return waiting;
}

/** What a thread whose bit is set waits in. Nothing, if only a reusable select that is between two calls keeps the bit. */
function operationOn<S>({ table }: Heap, slot: number, { id }: Channel, side: S): S | 'select' | undefined {
  const record = threadRecord(slot);
  const has = (words: number) => (table[record + words + ((id >>> 5) & (MAIL_WORDS - 1))] & (1 << (id & 31))) !== 0;
  if (has(T_SELECTS)) return 'select';
  if (!has(T_WATCHED)) return side;
  return table[record + T_CALLS] > 0 ? 'select' : undefined;
}

export function threadSnapshots(heap: Heap): ThreadSnapshot[] {
  const counts = new Map<number, number>();
  eachEntry(heap, (_, at) => {
    const owner = heap.words[at + E_OWNER];
    if ((owner & OWNER_KIND) === OWNER_THREAD) counts.set(owner & OWNER_ID, (counts.get(owner & OWNER_ID) ?? 0) + 1);
  });
  const threads: ThreadSnapshot[] = [];
  eachSlot(heap, (slot) => {
    const threadId = threadIdOf(heap, slot);
    if (threadId === undefined) return;
    const door = load(heap.table, threadRecord(slot) + T_DOOR);
    const state = door === PARKED_SYNC ? 'blocked' : door === PARKED_ASYNC ? 'parked' : 'running';
    threads.push({ threadId, state, handles: counts.get(slot) ?? 0 });
  });
  return threads;
}
