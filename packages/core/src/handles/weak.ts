/**
 * Weak handles: they keep a channel's memory, not its connection.
 *
 * Extended by: handles/sender.ts (`WeakSender`), next to the class that it upgrades to.
 *
 * A weak handle is an entry of the handle table in PHASE_WEAK, which counts on no side. It moves through tokens, messages and deaths
 * like every other entry; giving it up is freeing the entry. Upgrading is making another entry and counting it in, in one transaction
 * under TAIL that does nothing once the count is 0: a channel that has disconnected stays so (docs/protocols.md, "Handles").
 */
import { HANDLE } from '../brand.js';
import { E_KIND, PHASE_LIVE, PHASE_WEAK } from '../memory/layout.js';
import { addEntry, entryAt, removeEntry } from '../ownership/entries.js';
import { noteCreation } from './creation.js';
import { HandleState, makeHandle } from './state.js';
import { createToken, type HandleToken } from './token.js';

/** What upgrades to a handle of type `H`, as long as there is one. */
export abstract class WeakHandle<out H extends object> implements Disposable {
  /** @internal */
  readonly [HANDLE]: HandleState;

  protected constructor(state: HandleState) {
    this[HANDLE] = state;
  }

  /**
   * A handle that counts, if there is still another one: on any thread, in a message or in a token. `undefined` once the last was
   * dropped, and from then on always. Mirrors tokio's `WeakSender::upgrade`.
   *
   * @throws HandleError `ERR_HANDLE_DROPPED`, `ERR_HANDLE_MOVED`; MemoryError.
   * @example
   * ```ts
   * import { bounded } from '@beamline/core';
   *
   * const [tx, rx] = bounded<string>(1);
   * using weak = tx.downgrade();
   * const second = weak.upgrade();
   * console.log(rx.senderCount); // 2
   * second?.drop();
   * tx.drop();
   * console.log(weak.upgrade()); // undefined
   * ```
   */
  upgrade(): H | undefined {
    const state = this[HANDLE];
    state.check('upgrade');
    const { runtime, channel, side } = state;
    const { heap } = runtime;
    const index = addEntry(heap, channel.at, side);
    if (!channel.countUnlessNone(side, entryAt(heap, index) + E_KIND, side | PHASE_LIVE)) {
      removeEntry(heap, index, channel);
      return undefined;
    }
    noteCreation(runtime, index);
    return makeHandle(new HandleState(runtime, channel, index, side)) as H;
  }

  /** Another weak handle of the same channel. @throws HandleError; MemoryError. */
  clone(): this {
    const state = this[HANDLE];
    state.check('clone');
    return makeHandle(weaken(state)) as this;
  }

  /** Gives this handle up. Idempotent. One that is garbage-collected is dropped without a warning: it held up nobody. */
  drop(): void {
    const state = this[HANDLE];
    if (state.status !== 'live') return;
    state.retire('dropped');
    state.runtime.releaser.release(state.index);
  }

  /** The same as `drop()`, for `using`. */
  [Symbol.dispose](): void {
    this.drop();
  }

  /** Moves this handle out of this thread, as `Sender.transfer()` does. @throws HandleError. */
  transfer(): HandleToken<this> {
    const state = this[HANDLE];
    state.check('transfer');
    const token = createToken<this>(state);
    state.retire('moved');
    return token;
  }

  /** Number of the channel, the same on all threads. */
  get id(): number {
    return this[HANDLE].channel.id;
  }

  /** The name given when the channel was made. */
  get name(): string | undefined {
    return this[HANDLE].channel.name;
  }

  /** What `console.log` shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this[HANDLE].show(({ senders }) => `senders ${senders}`);
  }
}

/** State of a new weak handle to the same side of the same channel. */
export function weaken({ runtime, channel, side }: HandleState): HandleState {
  const index = addEntry(runtime.heap, channel.at, side, PHASE_WEAK);
  noteCreation(runtime, index);
  return new HandleState(runtime, channel, index, side, true);
}
