/**
 * Leases: a message that a worker took stays in shared memory until its answer is published, in one transaction with that. If the
 * worker dies in between, the reaper sends the message on to whoever answers for the worker.
 *
 * Called by: @beamline/pool. Stands on: the `lease` argument of Channel.recv and Channel.send, ownership/reaper.ts (orphanLeases).
 *
 * A message has a second, small part here: the number `aux` in its slot, which no codec touches. It tells the pool which job a
 * message is about even if its value cannot be read. An orphan keeps it, with AUX_ORPHAN set.
 *
 * Invariants
 *   LE1  While a lease's tag is not zero, its message (and chunk) belongs to the lease.
 *   LE2  Taking fills the lease in the transaction that takes the message off its channel; answering empties it in the transaction
 *        that publishes the answer. So a message is always in the channel, in one lease, or answered.
 *   LE3  A lease names the handle entry through which the reaper sends its message on. The thread keeps that handle as long as the
 *        lease is claimed.
 */
import { HANDLE } from '../brand.js';
import { TAG_NUMBER, type Outgoing } from '../codec/wire.js';
import { MemoryError, TimeoutError } from '../errors.js';
import { DISCONNECTED, NOT_READY, NO_LEASE, type Channel } from '../flavors/channel.js';
import { BATCH, Batch } from '../memory/batch.js';
import { acquire, commit, note, release } from '../memory/journal.js';
import {
  AUX_ORPHAN,
  C_BODY,
  C_HANDLES,
  C_NEXT,
  HEAP_LOCK,
  LEASES,
  LEASE_WORDS,
  L_AUX,
  L_HI,
  L_LO,
  L_ORPHANS,
  L_TAG,
  SLOT_WORDS,
  S_AUX,
  S_HI,
  S_LO,
  S_TAG,
  T_HELD,
  T_LEASES,
} from '../memory/layout.js';
import type { Runtime } from '../runtime.js';
import { Operation, type Abandoned, type Interest } from '../waiting/operation.js';
import { decode, decodeBody, encode, holdHandles, neverReady, Parcel, publish, restoreHandles } from './message.js';
import { Receive } from './receiver.js';
import { Offers } from '../flavors/offers.js';
import { isRendezvous, OfferedMessage, offersToReceive } from './offered.js';
import { disconnected } from './sender.js';
import type { AnyHandle, HandleState } from './state.js';

/** One lease of this thread, used for one message after another. */
export class Lease {
  /** Absolute index of its words. */
  readonly at: number;
  private readonly leased = new Batch();
  /** Handles that came out of the message when it was decoded: they are this thread's. */
  private readonly handles: object[] = [];

  constructor(
    private readonly runtime: Runtime,
    index: number,
  ) {
    this.at = runtime.heap.record + T_LEASES + index * LEASE_WORDS;
  }

  /** Whether it holds a message. */
  get isHeld(): boolean {
    return this.runtime.heap.table[this.at + L_TAG] !== 0;
  }

  /** What the message's slot says beside the message. */
  get aux(): number {
    return this.leased.words[S_AUX];
  }

  /** Exchanges that number: what the message will bear should it become an orphan. */
  mark(aux: number): void {
    this.leased.words[S_AUX] = aux;
    this.runtime.heap.table[this.at + L_AUX] = aux;
  }

  /** Takes a message off a channel into this lease, which is free: how many (0 or 1), or DISCONNECTED. */
  take(state: HandleState): number {
    return state.channel.recv(this.leased, 1, this.at);
  }

  /** A partner in a rendezvous has put a message into this lease. */
  filled(): void {
    const { leased, at, runtime } = this;
    const { table } = runtime.heap;
    leased.words[S_TAG] = table[at + L_TAG];
    leased.words[S_AUX] = table[at + L_AUX];
    leased.words[S_LO] = table[at + L_LO];
    leased.words[S_HI] = table[at + L_HI];
  }

  /**
   * The value of the message, which stays in the lease. A second call gives the value once more as it was sent, the handles in it
   * dropped.
   * @throws what the codec throws; the lease still holds the message then.
   */
  decode({ channel }: HandleState): unknown {
    const { runtime, leased } = this;
    const { incoming } = runtime;
    leased.take(runtime.heap, 0, incoming);
    if (leased.hasBody(0)) return decodeBody(runtime, channel, leased.chunk(0), this.handles);
    return incoming.tag === TAG_NUMBER && channel.carriesNumbers ? incoming.number : channel.codec.decode(incoming);
  }

  /** Drops the handles that came out of the message, as far as they are still here. */
  dropHandles(): void {
    for (const handle of this.handles) (handle as AnyHandle).drop();
    this.handles.length = 0;
  }

  /** Gives the message up without an answer, with the handles that are still in it. */
  discard(): void {
    const { runtime, leased, at } = this;
    const { heap } = runtime;
    const { table, record } = heap;
    const chunk = leased.hasBody(0) ? leased.chunk(0) : 0;
    if (chunk !== 0) heap.cover(chunk + C_BODY);
    acquire(heap, HEAP_LOCK);
    note(heap, at + L_TAG, 0);
    if (chunk !== 0) {
      note(heap, chunk + C_NEXT, table[record + T_HELD]);
      note(heap, record + T_HELD, chunk);
    }
    commit(heap, HEAP_LOCK);
    release(heap, HEAP_LOCK);
    this.answered();
  }

  /** The lease was emptied: if the message had a body, that is on top of the held stack. */
  answered(): void {
    if (this.handles.length > 0) this.handles.length = 0;
    if (this.leased.hasBody(0)) this.runtime.releaser.discardHeld();
  }
}

/**
 * Claims a lease of this thread whose messages, should the thread die, are sent on through `orphans` (LE3).
 * @throws MemoryError when the thread has none left.
 */
export function claimLease(orphans: AnyHandle): Lease {
  const { runtime, index } = orphans[HANDLE];
  const { table, record } = runtime.heap;
  for (let i = 0; i < LEASES; i++) {
    const at = record + T_LEASES + i * LEASE_WORDS;
    if (table[at + L_ORPHANS] !== 0) continue;
    table[at + L_ORPHANS] = index + 1;
    return new Lease(runtime, i);
  }
  throw new MemoryError(`cannot take another job on this thread: all its ${LEASES} leases are in use`);
}

/** Gives a lease back. It must not hold a message. */
export function returnLease(runtime: Runtime, lease: Lease): void {
  runtime.heap.table[lease.at + L_ORPHANS] = 0;
}

/**
 * Takes one message into a lease, waiting for it: from `before`, as long as there is one, then from `state`. Results in whether there was
 * one; false once `state` is drained, and `before` was found empty ahead of that. `before` is a channel that buffers.
 */
export class LeaseOperation extends Operation<boolean> {
  /** Dropping one of these handles ends the wait (state.ts). */
  readonly states: readonly HandleState[];
  readonly interests: readonly Interest[];

  constructor(
    private readonly state: HandleState,
    private readonly lease: Lease,
    private readonly before?: HandleState,
  ) {
    super();
    this.states = before === undefined ? [state] : [before, state];
    this.interests = this.states.map(({ channel }) => channel.receiving);
    this.keepsAlive = this.states.some((each) => each.keepsAlive);
    this.offers = offersToReceive(state, lease.at);
  }

  attempt(): boolean {
    try {
      const { state, lease, before } = this;
      if (before !== undefined && lease.take(before) > 0) return this.succeed(true);
      const count = lease.take(state);
      if (count > 0) return this.succeed(true);
      return count === DISCONNECTED ? this.succeed(false) : false;
    } catch (error) {
      return this.fail(error);
    }
  }

  /** A partner put its message into the lease at once. */
  override accept(): boolean {
    (this.offers as Offers).collect(this.state.runtime.batch);
    this.lease.filled();
    return this.succeed(true);
  }

  abandon(reason: Abandoned): unknown {
    if (reason.why === 'abort') return reason.reason;
    return (this.states.find(({ status }) => status !== 'live') ?? this.state).gone('take a job');
  }
}

/** What goes along when a value is posted. */
export interface Postage {
  /** For the slot, beside the message. */
  readonly aux?: number;
  /** The lease that the value answers. */
  readonly lease?: Lease | undefined;
  /** Handles that arrived dropped may travel on. */
  readonly takesGone?: boolean;
  /** Who counts what was published. */
  readonly tally?: Tally | undefined;
}

/**
 * Somebody who counts published messages, so that whoever receives one finds it counted: he is told before each try to publish a message,
 * and after it whether it was. One that waits at a rendezvous, where a partner takes it unasked, stays counted while it waits.
 */
export interface Tally {
  count(): void;
  confirm(): void;
  retract(): void;
}

/**
 * Sends a value, with a number beside it, in answer to a lease, or both. If there is no room: the operation that waits for it.
 * @throws SendError if nobody can receive it (a lease stays then), and what encoding throws.
 */
export function post(state: HandleState, value: unknown, postage: Postage): Post | undefined {
  const { runtime, channel } = state;
  const { aux = 0, lease, takesGone = false, tally } = postage;
  const out = encode(state, value, takesGone);
  if (channel.sending.first === undefined) {
    const outcome = publishCounted(runtime, channel, out, lease, aux, tally);
    if (outcome > 0) {
      lease?.answered();
      return undefined;
    }
    if (outcome === DISCONNECTED) throw disconnected(channel, value);
  }
  return new Post(state, value, out, aux, lease, tally);
}

function publishCounted(
  runtime: Runtime,
  channel: Channel,
  out: Outgoing | Parcel,
  lease: Lease | undefined,
  aux: number,
  tally: Tally | undefined,
): number {
  const at = lease?.at ?? NO_LEASE;
  if (tally === undefined) return publish(runtime, channel, out, at, aux);
  let outcome = NOT_READY;
  tally.count();
  try {
    outcome = publish(runtime, channel, out, at, aux);
  } finally {
    if (outcome > 0) tally.confirm();
    else tally.retract();
  }
  return outcome;
}

/** A value that waits for room. */
export class Post extends Operation<void> {
  readonly interests: readonly Interest[];
  private readonly offered: OfferedMessage | undefined;
  private readonly parcel: Parcel;

  constructor(
    readonly state: HandleState,
    private readonly value: unknown,
    out: Outgoing,
    private readonly aux: number,
    private readonly lease: Lease | undefined,
    private readonly tally: Tally | undefined,
  ) {
    super();
    this.interests = [state.channel.sending];
    this.keepsAlive = state.keepsAlive;
    this.parcel = new Parcel(out);
    holdHandles(this.parcel);
    const { runtime, channel } = state;
    if (!isRendezvous(channel)) return;
    this.offered = new OfferedMessage(runtime, channel, () => this.parcel, lease?.at, aux);
    this.offers = new Offers(runtime.heap, [this.offered]);
    tally?.count();
  }

  attempt(): boolean {
    const { state, parcel, lease, aux } = this;
    const tally = this.offered === undefined ? this.tally : undefined;
    try {
      const outcome = publishCounted(state.runtime, state.channel, parcel, lease, aux, tally);
      if (outcome > 0) return this.sent();
      if (outcome === NOT_READY) return false;
      return this.giveUp(disconnected(state.channel, this.value));
    } catch (error) {
      return this.giveUp(error);
    }
  }

  /** The leased message, which came back in place of the answer, is on top of the held stack, as after `publish`. */
  override accept(): boolean {
    (this.offers as Offers).collect(this.state.runtime.batch);
    (this.offered as OfferedMessage).accepted();
    return this.sent();
  }

  override giveUp(error: unknown): true {
    this.end();
    return this.fail(error);
  }

  abandon(reason: Abandoned): unknown {
    this.end();
    if (reason.why === 'abort') return reason.reason;
    if (reason.why === 'dropped') return this.state.gone('send');
    return new TimeoutError(`cannot send: ${neverReady(this.state.channel)} until the time was up`, true, this.value);
  }

  private sent(): true {
    if (this.offered !== undefined) this.tally?.confirm();
    this.lease?.answered();
    return this.succeed(undefined);
  }

  /** It was not sent. */
  private end(): void {
    if (this.offered !== undefined) this.tally?.retract();
    restoreHandles(this.parcel);
  }
}

/** A message in an inbox, to be read or discarded before the visitor returns. */
export interface Letter {
  readonly aux: number;
  /** Whether it was on lease to a thread that died. */
  readonly isOrphan: boolean;
  /** Whether there are handles in it, or were when it was sent. Only until it is read. */
  readonly carriesHandles: boolean;
  /**
   * Its value. `channel`: the one it was sent through first, if that was another one; its codec reads it. The handles in an orphan
   * died with the worker, whether that had come to open them or not: they arrive dropped.
   * @throws what the codec throws; the message is used up then.
   */
  read(channel?: Channel): unknown;
}

/**
 * Receives for ever, in one operation: everything that is there goes to `visit`, which must not throw. Completes when the channel is
 * drained and disconnected. Unlike other operations it takes effect before it completes.
 */
export class Inbox extends Receive<void> {
  private readonly batch = new Batch();

  constructor(
    state: HandleState,
    private readonly visit: (letter: Letter) => void,
  ) {
    super(state, Infinity);
  }

  /** Takes what is there right now. */
  protected take(): boolean {
    const { batch } = this;
    for (;;) {
      const count = this.channel.recv(batch, BATCH);
      if (count <= 0) return count === DISCONNECTED ? this.succeed(undefined) : false;
      for (let i = 0; i < count; i++) this.hand(batch, i);
    }
  }

  protected given(batch: Batch): boolean {
    this.hand(batch, 0);
    return this.take();
  }

  private hand(batch: Batch, index: number): void {
    const letter = new BatchedLetter(this.state, batch, index);
    this.visit(letter);
    letter.close();
  }
}

class BatchedLetter implements Letter {
  readonly aux: number;
  readonly isOrphan: boolean;
  private isOpen = true;

  constructor(
    private readonly state: HandleState,
    private readonly batch: Batch,
    private readonly index: number,
  ) {
    const aux = batch.words[index * SLOT_WORDS + S_AUX];
    this.isOrphan = aux < 0;
    this.aux = aux & ~AUX_ORPHAN;
  }

  get carriesHandles(): boolean {
    const { state, batch, index } = this;
    if (!batch.hasBody(index)) return false;
    const { heap } = state.runtime;
    const chunk = batch.chunk(index);
    heap.cover(chunk + C_BODY);
    return heap.words[chunk + C_HANDLES] > 0;
  }

  read(channel = this.state.channel): unknown {
    const { state, batch, index } = this;
    this.isOpen = false;
    if (this.isOrphan && batch.hasBody(index)) state.runtime.releaser.releaseHandlesOf(batch.chunk(index));
    return decode(state.runtime, channel, batch, index);
  }

  /** A message that nobody read is given up, with the handles in it. */
  close(): void {
    if (this.isOpen && this.batch.hasBody(this.index)) this.state.runtime.releaser.discardHeld();
  }
}
