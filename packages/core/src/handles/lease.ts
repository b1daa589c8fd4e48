/**
 * Leases: a message that a worker took stays in shared memory until its answer is published, in one transaction with that. If the
 * worker dies in between, the reaper sends the message on to whoever answers for the worker.
 *
 * Called by: @beamline/pool. Stands on: the `lease` argument of Channel.recv and Channel.send, ownership/reaper.ts (orphanLeases).
 *
 * Invariants
 *   LE1  While a lease's tag is not zero, its message (and chunk) belongs to the lease.
 *   LE2  Taking fills the lease in the transaction that takes the message off its channel; answering empties it in the transaction
 *        that publishes the answer. So a message is always in the channel, in one lease, or answered.
 */
import { HANDLE } from '../brand.js';
import { TAG_NUMBER } from '../codec/wire.js';
import { MemoryError, TimeoutError } from '../errors.js';
import { DISCONNECTED } from '../flavors/channel.js';
import { Batch } from '../memory/batch.js';
import { LEASES, LEASE_WORDS, L_ORPHANS, L_TAG, S_AUX, T_LEASES } from '../memory/layout.js';
import type { Runtime } from '../runtime.js';
import { Operation, type Abandoned, type Interest } from '../waiting/operation.js';
import type { Handle, HandleState } from './handle.js';
import { decode, decodeBody, encode, holdHandles, Parcel, publish, restoreHandles } from './message.js';
import { Receive } from './receiver.js';
import { disconnected } from './sender.js';

/** One lease of this thread, used for one message after another. */
export class Lease {
  /** Absolute index of its words. */
  readonly at: number;
  private readonly leased = new Batch();

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

  /** Takes a message off a channel into this lease: how many (0 or 1), or DISCONNECTED. */
  take(state: HandleState): number {
    return state.channel.recv(this.leased, 1, this.at);
  }

  /** The value of the message, which stays in the lease. @throws what the codec throws; the lease still holds it then. */
  decode(state: HandleState): unknown {
    const { runtime, leased } = this;
    const { heap, incoming } = runtime;
    leased.take(heap, 0, incoming);
    if (leased.hasBody(0)) return decodeBody(runtime, state.channel, leased.chunk(0));
    if (incoming.tag === TAG_NUMBER && state.channel.carriesNumbers) return incoming.number;
    return state.channel.codec.decode(incoming);
  }

  /** After an answer was published: the message is on top of the held stack if it had a body. */
  private free(): void {
    if (this.leased.hasBody(0)) this.runtime.releaser.discardHeld();
  }

  /** An operation that publishes the answer to this lease's message. */
  answer(state: HandleState, value: unknown): Answer {
    return new Answer(this, state, value, () => this.free());
  }
}

/**
 * Claims a lease of this thread whose messages, should the thread die, are sent on through `orphans`.
 * @throws MemoryError when the thread has none left.
 */
export function claimLease(orphans: Handle): Lease {
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

/** Takes one message into a lease, waiting for it. Results in whether there was one; false once the channel is drained. */
export class LeaseOperation extends Receive<boolean> {
  constructor(
    state: HandleState,
    private readonly lease: Lease,
    deadline = Infinity,
  ) {
    super(state, deadline);
  }

  protected take(): boolean {
    const count = this.lease.take(this.state);
    if (count > 0) return this.succeed(true);
    return count === DISCONNECTED ? this.succeed(false) : false;
  }
}

/** Publishes the answer to a leased message, waiting for room. Fails with SendError if nobody can receive it; the lease stays. */
export class Answer extends Operation<void> {
  readonly interests: readonly Interest[];
  private readonly parcel: Parcel;

  constructor(
    private readonly lease: Lease,
    readonly state: HandleState,
    private readonly value: unknown,
    private readonly free: () => void,
  ) {
    super();
    this.interests = [state.channel.sending];
    this.parcel = new Parcel(encode(state.runtime, state.channel, value));
    if (this.parcel.handles.length > 0) holdHandles(this.parcel);
  }

  attempt(): boolean {
    const { state, parcel, lease } = this;
    try {
      const outcome = publish(state.runtime, state.channel, parcel, lease.at);
      if (outcome > 0) {
        this.free();
        return this.succeed(undefined);
      }
      if (outcome !== DISCONNECTED) return false;
      restoreHandles(parcel);
      return this.fail(disconnected(state.channel, this.value));
    } catch (error) {
      restoreHandles(parcel);
      return this.fail(error);
    }
  }

  abandon(reason: Abandoned): unknown {
    restoreHandles(this.parcel);
    if (reason.why === 'abort') return reason.reason;
    if (reason.why === 'dropped') return this.state.gone('answer');
    return new TimeoutError('cannot answer: the results channel stayed full until the time was up', true, this.value);
  }
}

/**
 * Receives from a channel of orphans: jobs whose worker died, as they were sent. `jobs` is a handle of the channel that they were
 * taken from: its codec reads them. The handles that a job carried died with the worker and arrive dropped.
 */
export function decodeOrphan(orphans: HandleState, jobs: HandleState['channel'], batch: Batch): { threadId: number; value: unknown } {
  const threadId = (batch.words[S_AUX] as number) - 1;
  return { threadId, value: decode(orphans.runtime, jobs, batch, 0) };
}

