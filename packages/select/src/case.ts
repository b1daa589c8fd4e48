/**
 * One case of a select: when it is ready; and while a select runs, how it is tried, offered, and given up.
 *
 * Made by: cases.ts, from what callers pass. Used by: operation.ts, set.ts.
 *
 * A case is tried by really receiving, or sending, so a case that does not win has had nothing done to it.
 *
 * Invariants
 *   CA1  A plain value is encoded when a select starts; the handles in it count as moved until that select is over.
 *   CA2  A thunk is called at most once per select: when room, or a receive that waits, has been reserved for what it makes, or the
 *        channel is disconnected. If the reserved receive is gone by then, the message waits like a plain value.
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

/** A case as it was given. A select starts it anew each time. */
export interface CheckedCase {
  readonly state: HandleState;
  readonly interest: Interest;
  /** Whether trying it would complete it, as far as one look tells. */
  readonly isReady: boolean;
  /** How much has happened that could have made it ready: while this stands still, what was not ready is not. */
  readonly progress: number;
  /** A plain value is to be sent: it has to be encoded when a select starts. */
  readonly isPlainSend: boolean;
  /** @throws what the codec throws on a plain value; HandleError. */
  start(): RunningCase;
}

/** A case of a select that runs. */
export interface RunningCase {
  /** What it leaves on a rendezvous channel while it waits. */
  readonly offer: OfferCase | undefined;
  /** Of a send: to be called when its message has been made and has to wait. */
  onMade?: () => void;
  /** Completes the case if that is possible now. @throws what the codec or the thunk throws; then it was selected, too. */
  attempt(): Outcome | undefined;
  /** A partner took up its offer: what that left is in slot 0 of the batch, the body on top of the held stack. */
  accept(batch: Batch): Outcome;
  /** The select is over, and this case was not selected, or its message was not accepted. */
  giveUp(): void;
}

export class Receive implements CheckedCase, RunningCase {
  readonly interest: Interest;
  readonly offer: OfferCase | undefined;
  readonly isPlainSend = false;

  constructor(readonly state: HandleState) {
    const { channel } = state;
    this.interest = channel.receiving;
    this.offer = isRendezvous(channel) ? offeredPlace(channel) : undefined;
  }

  get progress(): number {
    return this.state.channel.sent;
  }

  get isReady(): boolean {
    return isReady(this);
  }

  start(): RunningCase {
    return this;
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
export class BroadcastReceive implements CheckedCase, RunningCase {
  readonly interest: Interest;
  readonly offer = undefined;
  readonly isPlainSend = false;

  constructor(readonly state: HandleState) {
    this.interest = state.channel.receiving;
  }

  get progress(): number {
    return this.state.channel.sent;
  }

  get isReady(): boolean {
    return isBroadcastReadable(this.state);
  }

  start(): RunningCase {
    return this;
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

export class Send implements CheckedCase {
  readonly interest: Interest;
  readonly isPlainSend: boolean;

  constructor(
    readonly state: HandleState,
    private readonly value: unknown,
  ) {
    this.interest = state.channel.sending;
    this.isPlainSend = typeof value !== 'function';
  }

  get progress(): number {
    return this.state.channel.received;
  }

  get isReady(): boolean {
    return isReady(this);
  }

  start(): RunningCase {
    return new RunningSend(this.state, this.value);
  }
}

class RunningSend implements RunningCase {
  /** What a thunk has made waits on another kind of offer than the thunk itself: those that were made have to be made anew. */
  onMade: () => void = nothing;
  private readonly message: OfferedMessage | undefined;
  private parcel: Parcel | undefined;

  constructor(
    private readonly state: HandleState,
    private value: unknown,
  ) {
    const { runtime, channel } = state;
    if (typeof value !== 'function') this.pack(value);
    if (isRendezvous(channel)) this.message = new OfferedMessage(runtime, channel, () => this.parcel);
  }

  get offer(): OfferCase | undefined {
    return this.message;
  }

  attempt(): Outcome | undefined {
    const { parcel, state } = this;
    if (parcel === undefined) return this.make();
    const outcome = publish(state.runtime, state.channel, parcel);
    if (outcome === NOT_READY) return undefined;
    return outcome === DISCONNECTED ? this.disconnected() : this.sent();
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

/** A look that is also right about a rendezvous, where not everybody who stands in line can be met. */
function isReady({ state: { channel, side }, interest }: CheckedCase): boolean {
  return isRendezvous(channel) ? channel.hasPartner(side) : interest.isReady;
}

function nothing(): void {
  // there are no offers
}
