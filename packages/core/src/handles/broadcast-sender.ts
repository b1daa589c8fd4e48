/**
 * The sending end of a broadcast channel.
 *
 * Follow a message from here: `send` → `encode` (message.ts) → `BroadcastChannel.send` (flavors/broadcast.ts) → `wakeAll`. No send ever
 * waits, so there is no operation for it.
 */
import { HANDLE } from '../brand.js';
import { EMPTY } from '../codec/wire.js';
import { DataCloneError, SendError } from '../errors.js';
import type { BroadcastChannel } from '../flavors/broadcast.js';
import { DISCONNECTED } from '../flavors/channel.js';
import { freeHeld } from '../memory/allocator.js';
import { type BroadcastReceiver, subscribeTo } from './broadcast-receiver.js';
import { Handle } from './handle.js';
import { encode } from './message.js';
import { makers, MAKE, type HandleState } from './state.js';

/**
 * The sending end of a broadcast channel. Clone it to send from several places: all receivers see all messages in one order. Mirrors
 * tokio's `broadcast::Sender`.
 *
 * `length` is how many messages are kept for receivers, however many of those have read them.
 */
export class BroadcastSender<in out T> extends Handle {
  private readonly kind!: 'broadcast sender';
  /** Keeps `T` invariant for the type checker: it takes messages, and makes receivers that give them. */
  declare private readonly carries: (value: T) => T;

  private constructor(state: HandleState) {
    super(state);
  }

  /** @internal */
  static [MAKE](state: HandleState): BroadcastSender<unknown> {
    return new BroadcastSender(state);
  }

  /**
   * Sends to all receivers that there are, and says how many: also those in messages and tokens. Never waits for any of them; the
   * oldest message is overwritten if there are more than `capacity`.
   *
   * @throws SendError with the value if there are no receivers right now (others may subscribe later), or the channel was closed;
   * DataCloneError for a value that cannot be cloned, or that has a handle inside, which cannot be delivered twice; TypeError
   * `ERR_INVALID_ARGUMENT` (typed codecs); MemoryError; HandleError.
   * @example
   * ```ts
   * import { broadcast } from '@beamline/core';
   *
   * const [tx, rx] = broadcast<number>(2);
   * for (let i = 1; i <= 5; i++) tx.send(i);
   * console.log(rx.tryRecv()); // { ok: false, reason: 'lagged', missed: 3 }
   * console.log([...rx.tryIter()]); // [ 4, 5 ]
   * ```
   */
  send(value: T): number {
    const state = this[HANDLE];
    state.check('send');
    const { runtime, channel } = state;
    let receivers: number;
    if (typeof value === 'number' && channel.carriesNumbers) {
      runtime.batch.putNumber(0, value);
      receivers = (channel as BroadcastChannel).send(runtime.batch);
    } else receivers = sendEncoded(state, value);
    if (receivers > 0) return receivers;
    const why = receivers === DISCONNECTED ? 'was closed' : 'has no receivers';
    throw new SendError(`cannot send: broadcast channel ${channel.id} ${why}`, value);
  }

  /**
   * A new receiver, which sees every message that is sent from now on.
   *
   * @throws HandleError `ERR_HANDLE_DROPPED`, `ERR_HANDLE_MOVED`; MemoryError.
   * @example
   * ```ts
   * import { broadcast } from '@beamline/core';
   *
   * const [tx, rx] = broadcast<string>(16);
   * tx.send('early');
   * const late = tx.subscribe();
   * tx.send('later');
   * console.log([...rx.tryIter()], [...late.tryIter()]); // [ 'early', 'later' ] [ 'later' ]
   * ```
   */
  subscribe(): BroadcastReceiver<T> {
    const state = this[HANDLE];
    state.check('subscribe');
    return subscribeTo<T>(state);
  }
}

makers['broadcast sender'] = (state) => BroadcastSender[MAKE](state);

function sendEncoded(state: HandleState, value: unknown): number {
  const { runtime, channel } = state;
  const { heap, batch } = runtime;
  const out = encode(state, value);
  if (out.handles.length > 0) {
    throw new DataCloneError(
      `cannot send: a message of broadcast channel ${channel.id} must not contain handles, as each of its receivers gets it and a handle cannot be delivered twice; received ${out.handles.length}`,
    );
  }
  batch.clear();
  batch.put(heap, 0, out);
  let receivers = 0;
  try {
    receivers = (channel as BroadcastChannel).send(batch);
  } finally {
    if (batch.hasBody(0)) {
      if (receivers <= 0) freeHeld(heap);
      else runtime.outgoing.body = EMPTY; // a large message must not live on here
    }
  }
  return receivers;
}
