/**
 * This realm's part in the shared heap: its view, its thread record, its channels. One per realm and layout version, made by the
 * first call that needs it, never by an import.
 *
 * Called by: handles/, inspect.ts, @beamline/select and @beamline/pool (through internal.ts).
 *
 * Where the heap comes from, in this order: the realm itself (another copy of the library made one), the thread's environment data
 * (its parent had one; Piscina's workers have it too), the token that is being opened, and if there is none a new one. It is
 * published for threads started later.
 */
import { Incoming, Outgoing } from './codec/wire.js';
import type { Channel } from './flavors/channel.js';
import { openChannel } from './flavors/open.js';
import { invalidRange, invalidType } from './errors.js';
import { describe } from './describe.js';
import { Batch } from './memory/batch.js';
import {
  createHeapBuffer,
  DEFAULT_ARENA_BYTES,
  FIRST_ARENA_BYTES,
  Heap,
  LARGEST_ARENA_BYTES,
  layoutOf,
  runtimeId,
} from './memory/heap.js';
import { LAYOUT_VERSION, threadRecord } from './memory/layout.js';
import { Releaser } from './ownership/release.js';
import { Witness } from './ownership/witness.js';
import {
  debugFromEnvironment,
  getEnvironmentData,
  isMainThread,
  onThisThreadExit,
  onWorkerExit,
  setEnvironmentData,
  thisOsThread,
  threadId,
} from './platform/threads.js';
import { claimSlot, noteOsThread, occupySlot } from './threads/registry.js';
import type { Operation } from './waiting/operation.js';
import { Parking } from './waiting/parking.js';

/** Realm and environment keys carry the layout version: copies with other layouts have a heap of their own. */
const REALM_KEY = Symbol.for(`beamline.runtime/${LAYOUT_VERSION}`);
const HEAP_KEY = `beamline.heap/${LAYOUT_VERSION}`;
const PARENT_KEY = `beamline.parent/${LAYOUT_VERSION}`;

const MISSES_PER_LOOK = 256;

/** The slot that a parent claimed for this thread before it started it. */
export interface ReservedPlace {
  readonly slot: number;
  readonly parent: number;
}

export class Runtime {
  readonly heap: Heap;
  readonly id: string;
  readonly releaser: Releaser;
  readonly witness: Witness;
  readonly parking: Parking;
  /** Channels of which this thread has handles, by their place in the heap. */
  readonly channels = new Map<number, Channel>();
  readonly outgoing = new Outgoing();
  readonly incoming = new Incoming();
  /** For operations of one message. Whoever runs user code between filling and publishing takes one of its own. */
  readonly batch = new Batch();
  /** This realm has left the heap: its handles count as dropped. */
  left = false;
  /** Operations that wait for something other than a channel: ended when this realm leaves. */
  readonly elsewhere = new Set<Operation>();
  private readonly stopListening: (() => void)[] = [];
  private spareBatch: Batch | undefined;
  private misses = 0;

  constructor(buffer: SharedArrayBuffer, place?: ReservedPlace) {
    const heap = (this.heap = new Heap(buffer));
    this.id = runtimeId(buffer);
    heap.slot =
      place !== undefined && occupySlot(heap, place.slot, threadId, place.parent)
        ? place.slot
        : claimSlot(heap, threadId, parentThread());
    heap.record = threadRecord(heap.slot);
    noteOsThread(heap, heap.slot, thisOsThread());
    const open = (at: number) => this.channels.get(at) ?? openChannel(heap, at);
    this.releaser = new Releaser(heap, open);
    this.witness = new Witness(heap, open, this.releaser);
    this.parking = new Parking(heap, () => this.witness.probe());
    setEnvironmentData(HEAP_KEY, buffer);
    setEnvironmentData(PARENT_KEY, threadId);
    this.stopListening.push(onWorkerExit((id) => this.left || this.witness.onExit(id)));
    // The main thread takes all others along when it exits, so there is nobody to clean up for.
    if (!isMainThread) this.stopListening.push(onThisThreadExit(() => this.leave()));
  }

  /** A try found nothing to do. Whoever only ever tries gets no news of deaths otherwise, so it looks for them now and then. */
  missed(): void {
    if (++this.misses % MISSES_PER_LOOK === 0) this.witness.probe();
  }

  /** A batch for an operation that runs user code meanwhile; given back afterwards, so that mostly one serves all. */
  lendBatch(): Batch {
    const batch = this.spareBatch ?? new Batch();
    this.spareBatch = undefined;
    return batch;
  }

  returnBatch(batch: Batch): void {
    this.spareBatch = batch;
  }

  /** Called when this realm leaves the heap: stops what was begun for it. */
  whenLeaving(stop: () => void): void {
    this.stopListening.push(stop);
  }

  /** There is a handle more on a channel: its view stays as long as there is one. */
  hold(channel: Channel): void {
    channel.handles++;
    this.channels.set(channel.at, channel);
  }

  letGo(channel: Channel): void {
    if (--channel.handles === 0) this.channels.delete(channel.at);
  }

  /** This realm stops using the heap: its handles are dropped, its slot is free. Idempotent. */
  leave(): void {
    if (this.left) return;
    this.left = true;
    for (const stop of this.stopListening) stop();
    for (const { receiving, sending, ending } of this.channels.values()) {
      for (const interest of [receiving, sending, ending])
        if (interest !== undefined) this.parking.abandonAll(interest, () => true);
    }
    for (const operation of this.elsewhere) this.parking.abandon(operation, { why: 'dropped' });
    this.channels.clear();
    this.parking.stop();
    this.witness.reaper.leave();
    if (realm[REALM_KEY] === this) delete realm[REALM_KEY];
  }
}

const realm = globalThis as { [REALM_KEY]?: Runtime | undefined };
let wanted: { maxMemory: number; debug: boolean } | undefined;

const beginnings: ((runtime: Runtime) => void)[] = [];

/** Calls back when this realm joins a heap: for files above this one that have something to do for all of a realm. */
export function onBeginning(callback: (runtime: Runtime) => void): void {
  beginnings.push(callback);
}

function begin(runtime: Runtime): Runtime {
  realm[REALM_KEY] = runtime;
  for (const callback of beginnings) callback(runtime);
  return runtime;
}

/** The runtime of this realm, made if there is none yet. */
export function runtime(): Runtime {
  return realm[REALM_KEY] ?? begin(new Runtime(inheritedHeap() ?? newHeap()));
}

/** The runtime of this realm, if it has one. */
export function existingRuntime(): Runtime | undefined {
  return realm[REALM_KEY];
}

/** The runtime for a heap that came with a token, or with `spawn` and a place claimed by the parent. */
export function runtimeFor(buffer: SharedArrayBuffer, place?: ReservedPlace): Runtime {
  const existing = realm[REALM_KEY];
  const ours = existing?.heap.buffer ?? inheritedHeap();
  if (ours !== undefined && runtimeId(ours) !== runtimeId(buffer)) {
    throw invalidType(
      'cannot open token: it belongs to another shared heap than the one this thread uses. This thread was started before its ' +
        'parent made its first channel and made one of its own; make or open a channel in the parent before starting it',
    );
  }
  return existing ?? begin(new Runtime(ours ?? buffer, place));
}

/** Drops all that this realm has in the heap, as when its thread ends. For test frameworks that run many realms in one thread. */
export function leave(): void {
  realm[REALM_KEY]?.leave();
}

function inheritedHeap(): SharedArrayBuffer | undefined {
  const buffer = getEnvironmentData(HEAP_KEY) as unknown as SharedArrayBuffer | undefined;
  return buffer !== undefined && layoutOf(buffer) === LAYOUT_VERSION ? buffer : undefined;
}

/** The parent's thread id; -1 on the main thread and where the entry is this thread's own (another realm set it). */
function parentThread(): number {
  const parent = getEnvironmentData(PARENT_KEY) as unknown as number | undefined;
  return parent === undefined || parent === threadId ? -1 : parent;
}

function newHeap(): SharedArrayBuffer {
  const { maxMemory, debug } = settings();
  return createHeapBuffer(maxMemory, debug);
}

function settings(): { maxMemory: number; debug: boolean } {
  return wanted ?? { maxMemory: DEFAULT_ARENA_BYTES, debug: debugFromEnvironment() };
}

/** What `configure` accepts. */
export interface Configuration {
  /** Bytes for channels and messages; default 1 GiB, at least 64 KiB. Address space only: memory is committed as it is used. */
  readonly maxMemory?: number;
  /** Note where handles are made. Slower; also switched on by the environment variable BEAMLINE_DEBUG=1. */
  readonly debug?: boolean;
}

/**
 * Sets the limits of the shared heap. Once there is one (the first channel makes it), only what would change nothing is accepted.
 *
 * @throws RangeError or TypeError `ERR_INVALID_ARGUMENT`: bad values, or too late to change.
 * @example
 * ```ts
 * configure({ maxMemory: 64 * 1024 * 1024, debug: true });
 * ```
 */
export function configure(options: Configuration): void {
  if (typeof options !== 'object' || options === null) {
    throw invalidType(`cannot configure: options must be an object, received ${describe(options)}`);
  }
  const { maxMemory, debug } = options;
  if (
    maxMemory !== undefined &&
    !(Number.isSafeInteger(maxMemory) && maxMemory >= FIRST_ARENA_BYTES && maxMemory <= LARGEST_ARENA_BYTES)
  ) {
    throw invalidRange(
      `cannot configure: maxMemory must be a whole number of bytes from ${FIRST_ARENA_BYTES} to ${LARGEST_ARENA_BYTES}, received ${describe(maxMemory)}`,
    );
  }
  if (debug !== undefined && typeof debug !== 'boolean') {
    throw invalidType(`cannot configure: debug must be a boolean, received ${describe(debug)}`);
  }
  const current = currentSettings();
  const next = { maxMemory: maxMemory ?? current.maxMemory, debug: debug ?? current.debug };
  if (current.fixed && (Math.ceil(next.maxMemory / 64) !== Math.ceil(current.maxMemory / 64) || next.debug !== current.debug)) {
    throw invalidType(
      `cannot configure: the shared heap exists already, with maxMemory ${current.maxMemory} and debug ${String(current.debug)}; ` +
        `call configure before the first channel, received ${describe(options)}`,
    );
  }
  if (!current.fixed) wanted = next;
}

/** Settings in force, and whether a heap has fixed them. */
export function currentSettings(): { maxMemory: number; debug: boolean; fixed: boolean } {
  const heap = realm[REALM_KEY]?.heap ?? headerOf(inheritedHeap());
  if (heap === undefined) return { ...settings(), fixed: false };
  return { maxMemory: heap.arenaLimit * 4, debug: heap.debug, fixed: true };
}

function headerOf(buffer: SharedArrayBuffer | undefined): Heap | undefined {
  return buffer === undefined ? undefined : new Heap(buffer);
}
