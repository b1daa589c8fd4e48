/**
 * Tokens: handles on their way to another thread as plain values.
 *
 * Called by: handles/handle.ts (`transfer`), index.ts (`open`), handles/spawn.ts.
 *
 * Invariants
 *   TO1  An entry in a token belongs to nobody (OWNER_TOKEN) until one CAS gives it to whoever opens it: once. The word that is
 *        exchanged says which token it is, so a late CAS with an earlier token of the same handle fails.
 *   TO2  A token names its entry by number, generation and a random number: a forged, stale or reused one does not match.
 */
import type { Codec } from '../codec/codecs.js';
import { resolveCodec } from '../codec/codecs.js';
import type { WireCodec } from '../codec/wire.js';
import { describe } from '../describe.js';
import { CodecError, HandleError, invalidType } from '../errors.js';
import type { Side } from '../flavors/channel.js';
import { codecNameOf, hasCustomCodec, openChannel } from '../flavors/open.js';
import { layoutOf, type Heap } from '../memory/heap.js';
import {
  E_CHANNEL,
  E_GENERATION,
  E_KIND,
  E_NONCE,
  E_OWNER,
  LAYOUT_VERSION,
  OWNER_GENERATION_SHIFT,
  OWNER_ID,
  OWNER_SLOT,
  OWNER_THREAD,
  OWNER_TOKEN,
  PHASE_MASK,
  PHASE_WEAK,
  SIDE_MASK,
} from '../memory/layout.js';
import { entryAt } from '../ownership/entries.js';
import { cas, load, store } from '../platform/atomics.js';
import { isSharedArrayBuffer } from '../platform/types.js';
import { runtimeFor, type Runtime } from '../runtime.js';
import { HandleState, makeHandle } from './state.js';

declare const HANDLE_TYPE: unique symbol;

/** A handle on its way to another thread: a plain value for `workerData` or `postMessage`. `open` makes it a handle again, once. */
export interface HandleToken<out H> {
  readonly [HANDLE_TYPE]: H;
}

/** What the message type of a handle is. */
export type MessageOf<H> = H extends { trySend(value: infer T): unknown }
  ? T
  : H extends { recv(): Promise<infer T> } | { send(value: infer T): number }
    ? T
    : H extends { upgrade(): infer S }
      ? MessageOf<Exclude<S, undefined>>
      : never;

/** What a token is made of. */
interface Token {
  readonly beamline: 'token';
  readonly layout: number;
  readonly heap: SharedArrayBuffer;
  readonly entry: number;
  readonly generation: number;
  readonly nonce: number;
}

/** A handle in the data of `spawn`, on its way. The thread entry opens it; a token that the user put there stays one. */
export interface MovedHandle extends Token {
  readonly moved: true;
}

/** The entry of a handle goes into a token. The caller retires the handle. */
export function createToken<H>(state: HandleState): HandleToken<H> {
  const { heap } = state.runtime;
  const at = entryAt(heap, state.index);
  const nonce = Math.floor(Math.random() * 2 ** 32) | 0;
  heap.words[at + E_NONCE] = nonce;
  const generation = (heap.words[at + E_GENERATION] + 1) | 0; // E4: an earlier token of this handle is used up, not forged
  heap.words[at + E_GENERATION] = generation;
  store(heap.words, at + E_OWNER, tokenOwner(heap.slot, generation));
  const token: Token = { beamline: 'token', layout: LAYOUT_VERSION, heap: heap.buffer, entry: state.index, generation, nonce };
  return token as unknown as HandleToken<H>;
}

/** A token for a handle that already belongs to the thread which will open it (a spawned thread's data). */
export function describeEntry(runtime: Runtime, index: number): MovedHandle {
  const { heap } = runtime;
  const at = entryAt(heap, index);
  const generation = heap.words[at + E_GENERATION];
  return {
    beamline: 'token',
    layout: LAYOUT_VERSION,
    heap: heap.buffer,
    entry: index,
    generation,
    nonce: heap.words[at + E_NONCE],
    moved: true,
  };
}

/** Whether a value looks like a token. */
function isToken(value: unknown): value is Token {
  return typeof value === 'object' && value !== null && (value as { beamline?: unknown }).beamline === 'token';
}

/** Whether a value stands for a handle in the data of `spawn`. */
export function isMovedHandle(value: unknown): value is MovedHandle {
  return isToken(value) && (value as Partial<MovedHandle>).moved === true;
}

/**
 * Turns a token back into a handle, on whatever thread. A token opens once.
 *
 * @param options `codec`: the custom codec that the channel was made with; not needed for built-in ones.
 * @throws TypeError `ERR_INVALID_ARGUMENT` (no token, forged, of another heap or library version), HandleError `ERR_HANDLE_MOVED`
 * (opened already), CodecError (custom codec missing or another).
 * @example
 * ```ts
 * import { workerData } from 'node:worker_threads';
 * const jobs = open<Receiver<Job>>(workerData.jobs);
 * ```
 */
export function open<H>(token: HandleToken<H>, options?: { readonly codec?: Codec<MessageOf<H>> }): H {
  if (!isToken(token)) throw invalidType(`cannot open token: expected what transfer() gave, received ${describe(token)}`);
  if (options !== undefined && (typeof options !== 'object' || options === null)) {
    throw invalidType(`cannot open token: options must be an object, received ${describe(options)}`);
  }
  const parts = partsOf(token);
  const runtime = runtimeFor(checkHeap(parts));
  const { heap, channels } = runtime;
  const given = options?.codec === undefined ? undefined : resolveCodec(options.codec);
  const { at, owner } = findEntry(runtime, parts);
  const { words } = heap;
  if (cas(words, at + E_OWNER, owner, OWNER_THREAD | heap.slot) !== owner) throw alreadyOpened(); // TO1
  const channelAt = words[at + E_CHANNEL];
  const refusal = refuseCodec(heap, channelAt, given);
  if (refusal !== undefined) {
    store(words, at + E_OWNER, owner); // with the right codec it still opens
    throw refusal;
  }
  words[at + E_NONCE] = 0;
  const kind = words[at + E_KIND];
  const channel = channels.get(channelAt) ?? openChannel(heap, channelAt, given);
  const isWeak = (kind & PHASE_MASK) === PHASE_WEAK;
  return makeHandle(new HandleState(runtime, channel, parts.entry, (kind & SIDE_MASK) as Side, isWeak)) as H;
}

/** A copy: every part is looked at once only, so that what was checked is what is used. */
function partsOf({ beamline, layout, heap, entry, generation, nonce }: Token): Token {
  return { beamline, layout, heap, entry, generation, nonce };
}

function checkHeap(token: Token): SharedArrayBuffer {
  const { heap, layout } = token;
  if (layout !== LAYOUT_VERSION) {
    throw invalidType(
      `cannot open token: it was made by a copy of the library with memory layout ${describe(layout)}, this one has ${LAYOUT_VERSION}`,
    );
  }
  if (!isSharedArrayBuffer(heap) || layoutOf(heap) !== LAYOUT_VERSION)
    throw invalidType('cannot open token: it does not lead to a shared heap of this library');
  return heap;
}

/** TO2. A number that was freed, or is used for another handle by now, means that the token was used up. */
function findEntry({ heap }: Runtime, token: Token): { at: number; owner: number } {
  const { entry, generation, nonce } = token;
  const at = Number.isInteger(entry) && Number.isInteger(generation) && Number.isInteger(nonce) ? entryAt(heap, entry) : 0;
  if (at === 0) throw invalidType(`cannot open token: it names no handle, received ${describe(token)}`);
  const { words } = heap;
  const owner = load(words, at + E_OWNER);
  const current = words[at + E_GENERATION];
  if (generation > current) throw invalidType(`cannot open token: it names no handle, received ${describe(token)}`);
  if (generation < current || words[at + E_NONCE] === 0) throw alreadyOpened();
  if (words[at + E_NONCE] !== nonce) throw invalidType('cannot open token: it was not made by transfer()');
  const isMine = owner === (OWNER_THREAD | heap.slot); // in the data of `spawn`
  if (!isMine && owner !== tokenOwner(owner & OWNER_SLOT, generation)) throw alreadyOpened();
  return { at, owner };
}

/** E_OWNER of an entry that is in a token. */
function tokenOwner(slot: number, generation: number): number {
  return OWNER_TOKEN | ((generation << OWNER_GENERATION_SHIFT) & OWNER_ID) | slot;
}

function alreadyOpened(): HandleError {
  return new HandleError('cannot open token: a token opens once, and this one was opened before', 'ERR_HANDLE_MOVED');
}

/** What is wrong with the codec that was given for a channel. */
function refuseCodec(heap: Heap, at: number, given: WireCodec | undefined): CodecError | undefined {
  const name = codecNameOf(heap, at);
  if (given === undefined) {
    if (!hasCustomCodec(heap, at)) return undefined;
    return new CodecError(
      `cannot open token: the channel was made with the custom codec ${describe(name)}; pass it as open(token, { codec })`,
    );
  }
  if (given.name === name) return undefined;
  return new CodecError(
    `cannot open token: the channel was made with the codec ${describe(name)}, received ${describe(given.name)}`,
  );
}
