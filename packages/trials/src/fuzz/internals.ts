/**
 * The library's own modules, for what no user can reach: the bytes of a message in the shared heap.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Receiver, Sender } from 'beamline';

const require = createRequire(import.meta.url);
const build = dirname(require.resolve('@beamline/core'));
const inner = <T>(name: string): T => require(join(build, `${name}.js`)) as T;

interface Internal {
  readonly HANDLE: symbol;
  runtime(): { readonly heap: { readonly words: Int32Array; refresh(): void } };
}
const { HANDLE, runtime } = inner<Internal>('internal');

/** Offsets: packages/core/src/memory/layout.ts. */
export const layout =
  inner<
    Record<'SLOTS' | 'S_TAG' | 'S_LO' | 'S_HI' | 'C_BODY' | 'C_LENGTH' | 'C_HANDLES' | 'C_STATE' | 'REFERENCE_SHIFT', number>
  >('memory/layout');

export const { FIRST_BODY_TAG } = inner<{ FIRST_BODY_TAG: number }>('codec/wire');

/** The state behind a handle. */
const stateOf = (handle: Sender<unknown> | Receiver<unknown>) =>
  (handle as unknown as Record<symbol, { channel: { at: number }; index: number }>)[HANDLE]!;

export const entryOf = (handle: Sender<unknown> | Receiver<unknown>): number => stateOf(handle).index;

/** As messages refer to it. */
export const referenceTo = (handle: Sender<unknown> | Receiver<unknown>): number => entryOf(handle) << layout.REFERENCE_SHIFT;

/** The one message of a ring of capacity 1, as it lies in shared memory. */
export class Lying {
  private readonly words: Int32Array;
  private readonly slot: number;

  constructor(sender: Sender<unknown>) {
    const { heap } = runtime();
    heap.refresh();
    this.words = heap.words;
    this.slot = stateOf(sender).channel.at + layout.SLOTS;
  }

  get tag(): number {
    return this.words[this.slot + layout.S_TAG]!;
  }

  set tag(tag: number) {
    this.words[this.slot + layout.S_TAG] = tag;
  }

  get hasBody(): boolean {
    return this.tag >= FIRST_BODY_TAG;
  }

  /** The eight bytes in the slot. Of a message with a body they lead to it, so they are not to be touched. */
  setInline(lo: number, hi: number): void {
    this.words[this.slot + layout.S_LO] = lo;
    this.words[this.slot + layout.S_HI] = hi;
  }

  private get chunk(): number {
    return this.words[this.slot + layout.S_LO]!;
  }

  get length(): number {
    return this.words[this.chunk + layout.C_LENGTH]!;
  }

  /** At most what the chunk holds. */
  set length(length: number) {
    this.words[this.chunk + layout.C_LENGTH] = length;
  }

  /** Bytes that the chunk can hold. */
  get room(): number {
    const order = this.words[this.chunk + layout.C_STATE]! & 0xff;
    return 4 * (16 * 2 ** order - layout.C_BODY);
  }

  get bytes(): Uint8Array {
    return new Uint8Array(this.words.buffer, (this.chunk + layout.C_BODY) * 4, this.room);
  }

  get handles(): number {
    return this.words[this.chunk + layout.C_HANDLES]!;
  }

  /** A reference to a handle (and its generation) behind those that are there, if there is room for it. */
  forgeHandle(reference: number, generation: number): void {
    const { words, chunk } = this;
    const at = chunk + layout.C_BODY + ((this.length + 3) >>> 2) + 2 * this.handles;
    if (4 * (at + 2 - chunk - layout.C_BODY) > this.room) return;
    words[at] = reference;
    words[at + 1] = generation;
    words[chunk + layout.C_HANDLES]!++;
  }
}
