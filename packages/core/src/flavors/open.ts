/**
 * The flavors, and how a channel in the heap is made and found again.
 *
 *   array   bounded ring with exact capacity                                          array.ts
 *   oneshot one message ever                                                          array.ts
 *   list    unbounded: linked blocks; also bounded beyond what a ring can address     list.ts
 *   zero    rendezvous: nothing is buffered                                           zero.ts, offers.ts
 *   broadcast  each message to every receiver                                        broadcast.ts
 *   at      one message at an instant                                                 timers.ts
 *   tick    a message per period                                                      timers.ts
 *   never   no message, ever                                                          timers.ts
 *
 * Called by: runtime.ts, handles/create.ts.
 */
import { ArrayChannel } from './array.js';
import { BroadcastChannel } from './broadcast.js';
import type { Channel } from './channel.js';
import { ListChannel } from './list.js';
import { NeverChannel, TimerChannel } from './timers.js';
import { ZeroChannel } from './zero.js';
import { builtInCodec } from '../codec/codecs.js';
import type { WireCodec } from '../codec/wire.js';
import { CodecError } from '../errors.js';
import { takeChunk } from '../memory/allocator.js';
import type { Heap } from '../memory/heap.js';
import {
  BLOCK_SLOTS,
  CHANNEL_WORDS,
  CH_CAPACITY,
  CH_CODEC,
  CH_ID,
  CH_KIND,
  CH_MODULUS,
  CH_NAME,
  C_BODY,
  C_LENGTH,
  KIND_ARRAY,
  KIND_AT,
  KIND_BROADCAST,
  KIND_LIST,
  KIND_NEVER,
  KIND_ONESHOT,
  KIND_TICK,
  KIND_ZERO,
  NEXT_CHANNEL_ID,
  POSITIONS,
  RECEIVERS,
  RING_LIMIT,
  SENDERS,
  SLOT_WORDS,
} from '../memory/layout.js';
import { add } from '../platform/atomics.js';

/** Codecs by the number that stands in a channel. The order is part of the layout. */
const NUMBERED = ['any', 'float64', 'int32', 'utf8', 'bytes', 'json'];
/** The codec's name stands in the channel: a struct, or a user's. */
const NAMED = 255;

export interface ChannelPlan {
  readonly kind: number;
  /** Infinity: unbounded. */
  readonly capacity: number;
  readonly codec: WireCodec;
  readonly name: string | undefined;
  readonly senders: number;
  /** Largest modulus of positions; smaller in tests, so that positions wrap soon. */
  readonly positions?: number;
}

/** Which flavor serves a capacity. */
export function kindFor(capacity: number): number {
  if (capacity === 0) return KIND_ZERO;
  return capacity <= RING_LIMIT ? KIND_ARRAY : KIND_LIST;
}

/**
 * Lays out a channel in a chunk on top of the held stack (its name right below it). Nobody else can see it yet.
 * @throws MemoryError, and then nothing is left behind.
 */
export function layChannel(heap: Heap, plan: ChannelPlan): number {
  const slots = ringSlots(plan.kind, plan.capacity);
  const period = slots === 0 ? BLOCK_SLOTS : slots;
  const size = CHANNEL_WORDS + slots * SLOT_WORDS;
  const number = plan.codec.isBuiltIn ? NUMBERED.indexOf(plan.codec.name) : -1;
  const codec = number < 0 ? NAMED : number;
  const chunk = takeChunk(heap, size);
  const { words } = heap;
  words.fill(0, chunk + C_BODY, chunk + (plan.kind === KIND_BROADCAST ? size : CHANNEL_WORDS));
  words[chunk + CH_KIND] = plan.kind;
  words[chunk + CH_CAPACITY] = plan.capacity === Infinity ? -1 : plan.capacity;
  words[chunk + CH_ID] = add(heap.table, NEXT_CHANNEL_ID, 1);
  words[chunk + CH_CODEC] = codec;
  words[chunk + CH_MODULUS] = Math.floor((plan.positions ?? POSITIONS) / period) * period;
  words[chunk + SENDERS] = plan.senders;
  words[chunk + RECEIVERS] = 1;
  if (codec === NAMED || plan.name !== undefined) {
    words[chunk + CH_NAME] = storeText(heap, chunk, JSON.stringify([plan.name ?? null, plan.codec.name]));
  }
  return chunk;
}

/** Slots that stand in the channel's own chunk. */
function ringSlots(kind: number, capacity: number): number {
  if (kind === KIND_BROADCAST) return capacity + 1;
  return kind === KIND_ARRAY || kind === KIND_ONESHOT ? capacity : 0;
}

/** The view of a channel on this thread. `given`: the codec, where the caller has one. */
export function openChannel(heap: Heap, at: number, given?: WireCodec): Channel {
  heap.cover(at + CHANNEL_WORDS);
  const { words } = heap;
  const number = words[at + CH_CODEC];
  const nameChunk = words[at + CH_NAME];
  const [name, codecName] = nameChunk === 0 ? [null, ''] : (JSON.parse(loadText(heap, nameChunk)) as [string | null, string]);
  const codec = given ?? builtInCodec(number === NAMED ? codecName : NUMBERED[number]) ?? missingCodec(codecName);
  const kind = words[at + CH_KIND];
  const size = CHANNEL_WORDS + ringSlots(kind, words[at + CH_CAPACITY]) * SLOT_WORDS;
  switch (kind) {
    case KIND_ARRAY:
    case KIND_ONESHOT:
      return new ArrayChannel(heap, at, size, codec, name ?? undefined);
    case KIND_BROADCAST:
      return new BroadcastChannel(heap, at, size, codec, name ?? undefined);
    case KIND_LIST:
      return new ListChannel(heap, at, CHANNEL_WORDS, codec, name ?? undefined);
    case KIND_ZERO:
      return new ZeroChannel(heap, at, CHANNEL_WORDS, codec, name ?? undefined);
    case KIND_AT:
    case KIND_TICK:
      return new TimerChannel(heap, at, CHANNEL_WORDS, codec, name ?? undefined);
    case KIND_NEVER:
      return new NeverChannel(heap, at, CHANNEL_WORDS, codec, name ?? undefined);
    default:
      throw new Error(`corrupt heap: channel ${at} has kind ${kind}`);
  }
}

/** Name of the codec that a channel was made with. */
export function codecNameOf(heap: Heap, at: number): string {
  heap.cover(at + CHANNEL_WORDS);
  const number = heap.words[at + CH_CODEC];
  if (number !== NAMED) return NUMBERED[number];
  return (JSON.parse(loadText(heap, heap.words[at + CH_NAME])) as [string | null, string])[1];
}

/** Whether the channel's codec cannot be found by its name. */
export function hasCustomCodec(heap: Heap, at: number): boolean {
  return builtInCodec(codecNameOf(heap, at)) === undefined;
}

/** Stands in where a handle with a custom codec arrived in a message: it can be passed on, not used. */
function missingCodec(name: string): WireCodec {
  const refuse = (): never => {
    throw new CodecError(
      `cannot use this channel here: it was made with the custom codec ${JSON.stringify(name)}, which this thread was not given; ` +
        'pass the handle as a token and open(token, { codec })',
    );
  };
  return { name, isBuiltIn: false, encode: refuse, decode: refuse };
}

/** A text in a chunk of its own, right below `after` on the held stack, or on top. */
export function storeText(heap: Heap, after: number, text: string): number {
  const chunk = takeChunk(heap, C_BODY + ((text.length + 1) >> 1), after);
  heap.words[chunk + C_LENGTH] = text.length * 2;
  for (let i = 0; i < text.length; i += 2) {
    heap.words[chunk + C_BODY + (i >> 1)] = text.charCodeAt(i) | ((i + 1 < text.length ? text.charCodeAt(i + 1) : 0) << 16);
  }
  return chunk;
}

export function loadText(heap: Heap, chunk: number): string {
  heap.cover(chunk + C_BODY);
  const length = heap.words[chunk + C_LENGTH] >> 1;
  heap.cover(chunk + C_BODY + ((length + 1) >> 1));
  let text = '';
  for (let i = 0; i < length; i++)
    text += String.fromCharCode((heap.words[chunk + C_BODY + (i >> 1)] >>> (16 * (i & 1))) & 0xffff);
  return text;
}
