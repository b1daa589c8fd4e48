/**
 * One case of a select while it runs: how it is tried, offered, and given up.
 *
 * Made by: cases.ts, from what callers pass. Used by: operation.ts.
 *
 * A case is tried by really receiving, or sending, so a case that does not win has had nothing done to it.
 *
 * Invariants
 *   CA1  A plain value is encoded when its case is made; the handles in it count as moved until the select is over.
 *   CA2  A thunk is called at most once: when room, or a receive that waits, has been reserved for what it makes, or the channel is
 *        disconnected. If the reserved receive is gone by then, the message waits like a plain value.
 */
import {
  decode,
  DISCONNECTED,
  encode,
  entryAt,
  holdHandles,
  isBroadcastReadable,
  isRendezvous,
  NOT_READY,
  offeredPlace,
  OfferedMessage,
  Parcel,
  publish,
  restoreHandles,
  tryReceive,
  type Batch,
  type HandleState,
  type Interest,
  type OfferCase,
} from '@beamline/core/internal';

/** What came of a case that was selected; `Selected` without the key. */
export type Outcome =
  | { readonly ok: true; readonly value?: unknown }
  | { readonly ok: false; readonly reason: 'disconnected'; readonly value?: unknown }
  | { readonly ok: false; readonly reason: 'lagged'; readonly missed: number };

const SENT: Outcome = Object.freeze({ ok: true });
const GONE: Outcome = Object.freeze({ ok: false, reason: 'disconnected' });

export interface RunningCase {
  readonly state: HandleState;
  readonly interest: Interest;
  /** What it leaves on a rendezvous channel while it waits. */
  readonly offer: OfferCase | undefined;
  /** How much has happened that could have made it ready: while this stands still, what was not ready is not. */
  readonly progress: number;
  readonly isReady: boolean;
  /** Completes the case if that is possible now. @throws what the codec or the thunk throws; then it was selected, too. */
  attempt(): Outcome | undefined;
  /** A partner took up its offer: what that left is in slot 0 of the batch, the body on top of the held stack. */
  accept(batch: Batch): Outcome;
  /** Of a send: to be called when its message has been made and has to wait. */
  onMade?: () => void;
  /** The select is over, and this case was not selected, or its message was not accepted. */
  giveUp(): void;
}

export class ReceiveCase implements RunningCase {
  readonly interest: Interest;
  readonly offer: OfferCase | undefined;

  constructor(
    readonly state: HandleState,
    /** Kept, so that it is not collected while it is waited for. */
    readonly handle: object,
  ) {
    const { channel } = state;
    this.interest = channel.receiving;
    this.offer = isRendezvous(channel) ? offeredPlace(channel) : undefined;
  }

  get progress(): number {
    return this.state.channel.sent;
  }

  get isReady(): boolean {
    return this.interest.isReady;
  }

  attempt(): Outcome | undefined {
    const { state } = this;
    const { runtime, channel, failure } = state;
    if (failure !== undefined) {
      state.failure = undefined; // a batch receive ran into it behind good messages, and left it for the next receive
      throw failure.error;
    }
    const count = channel.recv(runtime.batch, 1);
    if (count === NOT_READY) return undefined;
    if (count === DISCONNECTED) return GONE;
    return { ok: true, value: decode(runtime, channel, runtime.batch, 0) };
  }

  accept(batch: Batch): Outcome {
    const { runtime, channel } = this.state;
    return { ok: true, value: decode(runtime, channel, batch, 0) };
  }

  giveUp(): void {
    // nothing was taken
  }
}

/** Each receiver of a broadcast reads for itself. */
export class BroadcastCase implements RunningCase {
  readonly interest: Interest;
  readonly offer = undefined;

  constructor(
    readonly state: HandleState,
    /** Kept, so that it is not collected while it is waited for. */
    readonly handle: object,
  ) {
    this.interest = state.channel.receiving;
  }

  get progress(): number {
    return this.state.channel.sent;
  }

  get isReady(): boolean {
    return isBroadcastReadable(this.state);
  }

  attempt(): Outcome | undefined {
    const result = tryReceive(this.state);
    return !result.ok && result.reason === 'empty' ? undefined : (result as Outcome);
  }

  accept(): never {
    throw new Error('a receive from a broadcast has no partner');
  }

  giveUp(): void {
    // nothing was taken
  }
}

export class SendCase implements RunningCase {
  readonly interest: Interest;
  /** What a thunk has made waits on another kind of offer than the thunk itself: those that were made have to be made anew. */
  onMade: () => void = nothing;
  private readonly message: OfferedMessage | undefined;
  private parcel: Parcel | undefined;

  /** @throws what the codec throws, and HandleError. */
  constructor(
    readonly state: HandleState,
    /** Kept, so that it is not collected while it is waited for. */
    readonly handle: object,
    private value: unknown,
  ) {
    const { runtime, channel } = state;
    this.interest = channel.sending;
    if (typeof value !== 'function') this.pack(value);
    if (isRendezvous(channel)) this.message = new OfferedMessage(runtime, channel, () => this.parcel);
  }

  get progress(): number {
    return this.state.channel.received;
  }

  get isReady(): boolean {
    return this.interest.isReady;
  }

  attempt(): Outcome | undefined {
    const { parcel, state } = this;
    if (parcel === undefined) return this.make();
    const outcome = publish(state.runtime, state.channel, parcel);
    if (outcome === NOT_READY) return undefined;
    return outcome === DISCONNECTED ? this.disconnected() : this.sent();
  }

  get offer(): OfferCase | undefined {
    return this.message;
  }

  accept(): Outcome {
    (this.message as OfferedMessage).accepted();
    return this.sent();
  }

  giveUp(): void {
    if (this.parcel === undefined) return;
    restoreHandles(this.parcel);
    this.parcel = undefined;
  }

  /** CA2. */
  private make(): Outcome | undefined {
    const { state } = this;
    const { runtime, channel } = state;
    const entry = entryAt(runtime.heap, state.index);
    const outcome = channel.reserve(entry);
    if (outcome === NOT_READY) return undefined;
    if (outcome === DISCONNECTED) {
      this.call();
      return this.disconnected();
    }
    state.reserved++;
    try {
      this.pack(this.call());
      return this.publishReserved(entry);
    } catch (error) {
      this.unreserve(entry);
      throw error;
    }
  }

  private call(): unknown {
    return (this.value = (this.value as () => unknown)());
  }

  private pack(value: unknown): void {
    this.parcel = new Parcel(encode(this.state, value));
    holdHandles(this.parcel);
  }

  private publishReserved(entry: number): Outcome | undefined {
    const { state, parcel } = this;
    state.check('select');
    const { runtime, channel } = state;
    const outcome = publish(runtime, channel, parcel as Parcel, undefined, 0, entry);
    if (outcome === DISCONNECTED && !isRendezvous(channel)) this.unreserve(entry);
    else state.reserved--;
    if (outcome === DISCONNECTED) return this.disconnected();
    if (outcome !== NOT_READY) return this.sent();
    this.onMade();
    return undefined;
  }

  /** A handle that was dropped or moved meanwhile has given up what it had reserved. */
  private unreserve(entry: number): void {
    const { state } = this;
    if (state.status !== 'live') return;
    state.reserved--;
    state.channel.unreserve(entry);
  }

  private sent(): Outcome {
    this.parcel = undefined;
    return SENT;
  }

  private disconnected(): Outcome {
    const { value } = this;
    return { ok: false, reason: 'disconnected', value };
  }
}

function nothing(): void {
  // there are no offers
}
