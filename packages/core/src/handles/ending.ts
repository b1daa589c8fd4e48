/**
 * Being told, without sending, that nobody can receive any more. Mirrors tokio's `Sender::closed`.
 *
 * Called by: @beamline/select (sources.ts), whose senders would otherwise not learn it before the next event.
 *
 * The operation waits in an interest of its own (`channel.ending`), with this thread's bit among the senders, and is ready when the
 * channel is marked. It suits unbounded channels only: nobody ever waits to send there, so those bits mean "tell me of the end", and
 * nothing else rings them (flavors/list.ts). A wake-up that comes by mistake is tried in vain and passed on like any other.
 *
 * Waiting so costs nothing, for however long and however many: no timer, no slice, nothing that other handles have to go through.
 */
import { Interest, Operation, type Waitable } from '../waiting/operation.js';
import type { Channel } from '../flavors/channel.js';
import { FLAG_SENDERS } from '../memory/layout.js';
import type { HandleState } from './state.js';

/**
 * Calls back once: when the channel of a sender (unbounded, and without other waits on this thread) disconnects or is closed, or when
 * the sender is given up. On this thread that is before the `drop()` of the last receiver returns. Keeps no process alive.
 * `callback` must not throw and not drop the sender; `finished` may do so.
 */
export function onEnding(state: HandleState, callback: () => void): Promise<void> {
  return state.runtime.parking.runAsync(new EndOperation(state, callback), undefined).catch(() => undefined); // the sender is gone
}

class EndOperation extends Operation<void> {
  readonly interests: readonly Interest[];
  override readonly needsSlices = false;
  override keepsAlive = false;

  constructor(
    readonly state: HandleState,
    private readonly callback: () => void,
  ) {
    super();
    const { channel } = state;
    this.interests = [(channel.ending ??= new Interest(new Ending(channel), FLAG_SENDERS))];
  }

  attempt(): boolean {
    if (!this.state.channel.isDisconnected) return false;
    this.callback();
    return this.succeed(undefined);
  }

  abandon(): unknown {
    this.callback();
    return this.state.gone('wait for the end');
  }
}

/** A channel to those who wait for its end: ready when it has come. */
class Ending implements Waitable {
  readonly words: Int32Array;
  readonly id: number;
  readonly capacity = Infinity;
  readonly dueAt = Infinity;
  readonly triesAll = false;

  constructor(private readonly channel: Channel) {
    this.words = channel.words;
    this.id = channel.id;
  }

  get isDisconnected(): boolean {
    return this.channel.isDisconnected;
  }

  readiness(): number {
    return this.isDisconnected ? FLAG_SENDERS : 0;
  }

  signal(): void {
    this.channel.signal();
  }
}
