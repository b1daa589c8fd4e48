/**
 * Which threads wait for each other in a circle.
 *
 * Called by: explain.ts.
 *
 * A thread may go on if it does not wait, or if something could end one of its waits: what is in the channel already, the time or an
 * event from outside, a handle of the other side on a thread that may go on, or one that is under way in a message or a token and so
 * may come to any thread. What is left when no more such threads are found is stuck: only threads that are stuck themselves could wake it.
 */
import type { ChannelView, ThreadSnapshot } from './inspect.js';

/** A thread waits on a side of a channel. */
export interface Wait {
  readonly threadId: number;
  readonly channel: ChannelView;
  readonly side: 'send' | 'recv';
}

/** All waits of all threads. */
export function waitsOf(channels: readonly ChannelView[]): Wait[] {
  return channels.flatMap((channel) => channel.waiting.map(({ threadId, side }) => ({ threadId, channel, side })));
}

/**
 * The waits of the threads that are stuck, by thread. `observer`: the thread that asks, which waits although it is running right now; others
 * that are running may do anything next.
 */
export function stuckWaits(
  channels: readonly ChannelView[],
  threads: readonly ThreadSnapshot[],
  observer: number,
): ReadonlyMap<number, readonly Wait[]> {
  const stuck = new Map<number, Wait[]>();
  for (const wait of waitsOf(channels)) stuck.set(wait.threadId, [...(stuck.get(wait.threadId) ?? []), wait]);
  for (const { threadId, state } of threads) if (state === 'running' && threadId !== observer) stuck.delete(threadId);
  for (let before = -1; before !== stuck.size;) {
    before = stuck.size;
    for (const [threadId, waits] of stuck) if (waits.some((wait) => canEnd(wait, stuck))) stuck.delete(threadId);
  }
  return stuck;
}

function canEnd({ channel, side }: Wait, stuck: ReadonlyMap<number, unknown>): boolean {
  const { closed, kind, length, capacity, isSource } = channel;
  if (closed || isSource || kind === 'at' || kind === 'tick') return true;
  const isThere = length > 0 && kind !== 'broadcast'; // who waits there has read what is kept
  if (side === 'recv' ? isThere : capacity === null || length < capacity) return true;
  const others = side === 'recv' ? channel.senders : channel.receivers;
  return others.some(({ in: place, threadId }) => place !== 'thread' || threadId === null || !stuck.has(threadId));
}

/** The threads that a wait is for. */
export function awaitedBy({ channel, side }: Wait): number[] {
  const others = side === 'recv' ? channel.senders : channel.receivers;
  return [...new Set(others.map(({ threadId }) => threadId).filter((threadId) => threadId !== null))];
}

/** One wait after another, each for the thread of the next and the last for that of the first; empty if there is no such circle. */
export function circleFrom(threadId: number, stuck: ReadonlyMap<number, readonly Wait[]>): Wait[] {
  const path: Wait[] = [];
  for (let current: number | undefined = threadId; current !== undefined;) {
    const start = path.findIndex((wait) => wait.threadId === current);
    if (start >= 0) return path.slice(start);
    const next = stuck.get(current)?.find((wait) => awaitedBy(wait).length > 0);
    if (next === undefined) return [];
    path.push(next);
    [current] = awaitedBy(next);
  }
  return [];
}
