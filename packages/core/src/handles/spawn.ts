/**
 * Starting a thread with data and handles, and joining it. The counterpart of std::thread::spawn.
 *
 * Called by: index.ts. The other side is platform/thread-entry.ts.
 *
 * The child's slot in the thread table is claimed here, before the child runs, and the handles in its data belong to that slot from
 * then on: if the child dies before it opens them, they are dropped like any dead thread's.
 */
import { HANDLE } from '../brand.js';
import { anyCodec } from '../codec/any.js';
import { Incoming } from '../codec/wire.js';
import { describe } from '../describe.js';
import { DataCloneError, ThreadError, invalidType } from '../errors.js';
import { E_NONCE, E_OWNER, OWNER_THREAD } from '../memory/layout.js';
import { entryAt } from '../ownership/entries.js';
import { moveOut } from '../ownership/transit.js';
import { store } from '../platform/atomics.js';
import { threadEntryFile } from '../platform/files.js';
import {
  MessageChannel,
  receiveMessage,
  resolveModule,
  threadId,
  warn,
  Worker,
  type MessagePort,
  type WorkerOptions,
} from '../platform/threads.js';
import { runtime, type ReservedPlace, type Runtime } from '../runtime.js';
import { markDead, occupySlot, reserveSlot } from '../threads/registry.js';
import { replaceHandles } from './spawn-data.js';
import type { AnyHandle, HandleState } from './state.js';
import { describeEntry, open, type HandleToken } from './token.js';

type AnyFunction = (...args: never[]) => unknown;
/** What a spawned function gives. */
export type Outcome<R> = R extends AnyFunction ? Awaited<ReturnType<R>> : R;
/** What a spawned function takes. */
export type DataOf<R> = R extends (data: infer D, ...rest: never[]) => unknown ? D : unknown;

/** Options of `spawn`: those of `Worker`, and the function's argument. */
export interface SpawnOptions<D = unknown> extends Omit<WorkerOptions, 'workerData' | 'eval'> {
  /** Passed to the module's default export. Crosses by structured clone; handles anywhere in it move to the new thread, tokens stay tokens. */
  readonly data?: D;
}

/** A spawned thread. */
export interface Thread<out R> {
  readonly worker: Worker;
  readonly threadId: number;
  /** Resolves with what the function returned, rejects with what it threw, or with ThreadError if the thread died first. */
  join(): Promise<R>;
  /** Stops the thread at whatever instruction it is; its handles are dropped. */
  terminate(): Promise<void>;
}

/** What the parent passes to platform/thread-entry.ts. */
export interface ThreadStart {
  readonly module: string;
  readonly data: unknown;
  readonly heap: SharedArrayBuffer;
  readonly place: ReservedPlace;
  readonly result: MessagePort;
  /** Kept open by the child until it dies: a witness of its death. */
  readonly life: MessagePort;
}

/** What the child answers: an encoded value or error, and tokens for the handles in it. */
export interface ThreadResult {
  readonly ok: boolean;
  readonly tag: number;
  readonly number: number;
  readonly lo: number;
  readonly hi: number;
  readonly body: Uint8Array;
  readonly handles: HandleToken<object>[];
}

/**
 * Runs the default export of a module on a new thread. Mirrors std::thread::spawn.
 *
 * @param module a URL, or a path as for `new Worker`.
 * @throws TypeError `ERR_INVALID_ARGUMENT`, DataCloneError (data that cannot cross; nothing was started), HandleError, MemoryError.
 * @example
 * ```ts
 * const [tx, rx] = bounded<number>(16);
 * const thread = spawn<typeof import('./sum.js').default>(new URL('./sum.js', import.meta.url), { data: { numbers: rx } });
 * await tx.sendMany([1, 2, 3]);
 * tx.drop();
 * console.log(await thread.join()); // 6
 * ```
 */
export function spawn<R = void>(module: string | URL, options: SpawnOptions<DataOf<R>> = {}): Thread<Outcome<R>> {
  const entry = threadEntryFile();
  if (entry === undefined)
    throw new ThreadError('cannot spawn: the library was bundled, and its thread entry file is not there', 'ERR_THREAD_EXITED');
  const href = resolveModule(module);
  if (href === undefined)
    throw invalidType(`cannot spawn: module must be a path or a file: or data: URL, received ${describe(module)}`);
  if (typeof options !== 'object' || options === null)
    throw invalidType(`cannot spawn: options must be an object, received ${describe(options)}`);
  return new SpawnedThread<Outcome<R>>(runtime(), entry, href, options);
}

class SpawnedThread<R> implements Thread<R> {
  readonly worker: Worker;
  readonly threadId: number;
  private readonly outcome: Promise<R>;
  private joined = false;
  private terminated = false;

  constructor(
    private readonly runtime: Runtime,
    entry: string,
    module: string,
    options: SpawnOptions,
  ) {
    const { heap } = runtime;
    const { data, ...workerOptions } = options;
    const result = new MessageChannel();
    const life = new MessageChannel();
    const slot = reserveSlot(heap, threadId);
    const moved: HandleState[] = [];
    try {
      const packed = replaceHandles(data, (handle) => moveTo(runtime, slot, handle, moved));
      const start: ThreadStart = {
        module,
        data: packed,
        heap: heap.buffer,
        place: { slot, parent: threadId },
        result: result.port2,
        life: life.port2,
      };
      const transferList = [...(options.transferList ?? []), result.port2, life.port2];
      this.worker = new Worker(entry, { ...workerOptions, workerData: start, transferList });
    } catch (error) {
      for (const state of moved) {
        moveOut(heap, state.index);
        state.restore();
      }
      markDead(heap, slot);
      runtime.witness.reaper.reap();
      for (const port of [result.port1, life.port1]) port.close();
      throw asCloneError(error);
    }
    for (const state of moved) state.retire('moved');
    this.threadId = this.worker.threadId;
    occupySlot(heap, slot, this.threadId, threadId);
    runtime.witness.watchPort(this.threadId, life.port1);
    this.outcome = this.follow(result.port1, life.port1);
    this.outcome.catch(() => undefined); // reported by join, or as a warning when the thread ends
  }

  join(): Promise<R> {
    this.joined = true;
    return this.outcome;
  }

  async terminate(): Promise<void> {
    this.terminated = true;
    await this.worker.terminate();
  }

  /** Settles with the child's answer, or when it ends without one. */
  private follow(result: MessagePort, life: MessagePort): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      let failure: { error: unknown } | undefined;
      let uncaught: unknown;
      let answered = false;
      const onAnswer = (answer: ThreadResult) => {
        answered = true;
        try {
          const value = this.read(answer);
          if (answer.ok) return resolve(value as R);
          failure = { error: value };
        } catch (error) {
          failure = { error };
        }
        reject(failure.error);
      };
      result.on('message', onAnswer);
      result.unref(); // the worker itself keeps the process alive
      life.unref();
      this.worker.once('error', (error) => (uncaught = error));
      this.worker.once('exit', (exitCode) => {
        this.runtime.witness.onExit(this.threadId);
        const last = answered ? undefined : receiveMessage(result);
        if (last !== undefined) onAnswer(last as ThreadResult);
        result.close();
        life.close();
        if (!answered) {
          const options = uncaught === undefined ? undefined : { cause: uncaught };
          failure = {
            error: new ThreadError(
              `thread ${this.threadId} ended before its function returned`,
              'ERR_THREAD_EXITED',
              exitCode,
              options,
            ),
          };
          reject(failure.error);
        }
        if (failure !== undefined && !this.joined && !this.terminated) {
          warn(`thread ${this.threadId} failed and nobody has joined it: ${String(failure.error)}`, 'BEAMLINE_UNJOINED_THREAD');
        }
      });
    });
  }

  private read({ tag, number, lo, hi, body, handles }: ThreadResult): unknown {
    const incoming = Object.assign(new Incoming(), { tag, number, lo, hi, bytes: body, start: 0, length: body.length });
    incoming.handles = handles.map((token) => open(token));
    return anyCodec.decode(incoming);
  }
}

/** The handle's entry now belongs to the child. The handle itself is retired once the child was started. */
function moveTo(runtime: Runtime, slot: number, handle: object, moved: HandleState[]): unknown {
  const state = (handle as AnyHandle)[HANDLE];
  state.check('move a handle into a thread');
  const { heap } = runtime;
  const at = entryAt(heap, state.index);
  heap.words[at + E_NONCE] = Math.floor(1 + Math.random() * (2 ** 31 - 2));
  store(heap.words, at + E_OWNER, OWNER_THREAD | slot);
  state.status = 'moved'; // a getter further on in the data may try to use it
  moved.push(state);
  return describeEntry(runtime, state.index);
}

function asCloneError(error: unknown): unknown {
  if ((error as { name?: unknown } | null)?.name !== 'DataCloneError' || error instanceof DataCloneError) return error;
  return new DataCloneError(`cannot spawn: the data cannot cross threads: ${(error as Error).message}`, { cause: error });
}
