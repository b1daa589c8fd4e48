/**
 * Why is this blocked? In words: who holds the other side of a channel, who waits for what, and whether anybody is left to end it.
 *
 * Called by: users, through index.ts; and in debug mode by the main thread's exit and by SIGUSR2, for all that waits.
 */
import { HANDLE, isHandle } from './brand.js';
import { awaitedBy, circleFrom, stuckWaits, waitsOf, type Wait } from './deadlock.js';
import { describe } from './describe.js';
import { invalidType } from './errors.js';
import type { Handle } from './handles/handle.js';
import type { HandleState } from './handles/state.js';
import type { WeakHandle } from './handles/weak.js';
import { channelViews, threadSnapshots, type ChannelView, type HandleSnapshot, type ThreadSnapshot } from './inspect.js';
import { LAYOUT_VERSION, SIDE_SENDER } from './memory/layout.js';
import { isMainThread, onExitOrSignal, printError, threadId as here } from './platform/threads.js';
import { onBeginning, type Runtime } from './runtime.js';

/**
 * Why an operation on this handle waits, in a few lines for people: the live handles of the other side, on which threads, or in messages
 * and tokens, they are, in debug mode where they were made, and what those threads wait for themselves. If all that could end the wait are
 * threads that wait for each other, it says so: a deadlock.
 *
 * In debug mode (`configure({ debug: true })`, or BEAMLINE_DEBUG=1) the main thread prints the same for everything that waits when the
 * process exits, and whenever it gets SIGUSR2.
 *
 * @throws TypeError `ERR_INVALID_ARGUMENT`.
 * @example
 * ```ts
 * import { bounded, explain } from '@beamline/core';
 *
 * const [tx, rx] = bounded<string>(1, { name: 'jobs' });
 * const forgotten = tx.clone();
 * tx.drop();
 * console.log(explain(rx).includes('its only sender is on thread 0')); // true
 * forgotten.drop();
 * ```
 */
export function explain(handle: Handle | WeakHandle<object>): string {
  if (!isHandle(handle)) throw invalidType(`cannot explain: expected a handle, received ${describe(handle)}`);
  const state: HandleState = handle[HANDLE];
  if (state.layout !== LAYOUT_VERSION) {
    throw invalidType('cannot explain a handle: it belongs to a copy of the library with another memory layout');
  }
  const { status, type, channel, runtime } = state;
  const label = `the ${type} of channel ${nameOf(channel)}`;
  if (status !== 'live') return `${label} was ${status}: nothing can wait on it`;
  const situation = look(runtime);
  const view = situation.channels.find(({ id }) => id === channel.id);
  if (view === undefined) return `${label} was ${state.status}: nothing can wait on it`;
  return [`${label}:`, ...aboutSide(view, state.side === SIDE_SENDER ? 'send' : 'recv', situation)].join('\n');
}

/** What there is to see at one instant. */
interface Situation {
  readonly debug: boolean;
  readonly channels: readonly ChannelView[];
  readonly threads: readonly ThreadSnapshot[];
  readonly waits: readonly Wait[];
  readonly stuck: ReadonlyMap<number, readonly Wait[]>;
}

function look({ heap }: Runtime): Situation {
  const channels = channelViews(heap);
  const threads = threadSnapshots(heap);
  return { debug: heap.debug, channels, threads, waits: waitsOf(channels), stuck: stuckWaits(channels, threads, here) };
}

function aboutSide(view: ChannelView, side: Wait['side'], situation: Situation): string[] {
  const waiting = view.waiting.filter((wait) => wait.side === side);
  return [
    `  ${contents(view)}`,
    ...holders(view, side, situation).map((line) => `  ${line}`),
    ...waiting.map(({ threadId, operation }) => `  ${threadName(threadId, situation)} waits here in ${operation}`),
    ...deadlock(waiting, situation).map((line) => `  ${line}`),
  ];
}

function contents({ kind, length, capacity, closed, senders, receivers }: ChannelView): string {
  const room = capacity === null ? 'without a limit' : `room for ${capacity}`;
  const end = !closed ? '' : senders.length > 0 && receivers.length > 0 ? '; it was closed' : '; it is disconnected';
  return `${kind}, ${count(length, 'message')} buffered, ${room}${end}`;
}

/** The handles of the other side: whose wait they could end. */
function holders(view: ChannelView, side: Wait['side'], situation: Situation): string[] {
  const noun = side === 'recv' ? 'sender' : 'receiver';
  const others = side === 'recv' ? view.senders : view.receivers;
  if (others.length === 0) return [`there is no ${noun}`];
  const places = new Map<string, number>();
  for (const handle of others) {
    const place = placeOf(handle, situation);
    places.set(place, (places.get(place) ?? 0) + 1);
  }
  const [only] = places.keys();
  if (others.length === 1) return [`its only ${noun} is ${only}`, ...hint(situation)];
  const inOrder = [...places].sort(([a, timesA], [b, timesB]) => timesB - timesA || a.localeCompare(b));
  const lines = inOrder.map(([place, times]) => `  ${times} ${place}`);
  return [`its ${others.length} ${noun}s:`, ...lines, ...hint(situation)];
}

function hint({ debug }: Situation): string[] {
  return debug ? [] : ['(BEAMLINE_DEBUG=1 shows where handles are made)'];
}

function placeOf({ in: place, threadId, createdAt }: HandleSnapshot, situation: Situation): string {
  const made = createdAt === undefined ? '' : `, made ${createdAt}`;
  if (place === 'message') return `in a message that nobody has received${made}`;
  const thread = threadId === null ? 'a thread that is being started' : `thread ${threadId}`;
  if (place === 'token')
    return `in a token that ${threadId === null ? 'a thread that is gone' : thread} made and nobody has opened${made}`;
  const waits = situation.waits.filter((wait) => wait.threadId === threadId);
  const busy = waits.length === 0 ? '' : `, which waits to ${[...new Set(waits.map(waitText))].join(' and to ')}`;
  return `on ${thread}${made}${busy}`;
}

function waitText({ channel, side }: Wait): string {
  return side === 'recv' ? `receive from ${nameOf(channel)}` : `send to ${nameOf(channel)}`;
}

/** The circle that the threads which wait here are caught in. */
function deadlock(waiting: ChannelView['waiting'], { stuck, threads }: Situation): string[] {
  for (const { threadId } of waiting) {
    const circle = stuck.has(threadId) ? circleFrom(threadId, stuck) : [];
    if (circle.length === 0) continue;
    const stateOf = new Map(threads.map((thread) => [thread.threadId, thread.state]));
    const isCertain = circle.every((wait) => stateOf.get(wait.threadId) === 'blocked');
    const rest = isCertain
      ? 'only a time limit can end it'
      : 'only a time limit, or an event other than of a channel, can end it';
    return [
      `deadlock: ${rest}`,
      ...circle.map((wait) => `  thread ${wait.threadId} waits to ${waitText(wait)}, for thread ${awaitedBy(wait).join(', ')}`),
    ];
  }
  return [];
}

function threadName(threadId: number, { threads }: Situation): string {
  const states = threads.filter((thread) => thread.threadId === threadId).map(({ state }) => state);
  const how = threadId === here ? 'this one' : (states.find((state) => state !== 'running') ?? 'running');
  return `thread ${threadId} (${how})`;
}

function nameOf({ id, name }: { readonly id: number; readonly name?: string | undefined }): string {
  return name === undefined ? `#${id}` : `${JSON.stringify(name)} #${id}`;
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}

// ── debug mode ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Everything that waits, of all threads; empty if nothing does. */
function explainAll(runtime: Runtime): string {
  const situation = look(runtime);
  const lines = situation.channels.flatMap((view) =>
    (['recv', 'send'] as const).flatMap((side) => {
      if (!view.waiting.some((wait) => wait.side === side)) return [];
      return [`waiting to ${waitText({ threadId: here, channel: view, side })}:`, ...aboutSide(view, side, situation)];
    }),
  );
  return lines.length === 0 ? '' : `beamline: operations are pending\n${lines.join('\n')}\n`;
}

onBeginning((runtime) => {
  if (!isMainThread || !runtime.heap.debug) return;
  runtime.whenLeaving(
    onExitOrSignal(() => {
      const text = explainAll(runtime);
      if (text !== '') printError(text);
    }),
  );
});
