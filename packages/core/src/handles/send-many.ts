/**
 * Batches: sending the values of an iterable with one transaction, one wake-up, for as many of them as there is room for.
 *
 * Called by: handles/sender.ts.
 *
 * Invariants
 *   SM1  Without room at most one value is taken from the source, so a bounded channel bounds what is taken and not sent.
 *   SM2  What was encoded and found no room (another sender was faster) waits as parcels, in front of everything else.
 */
import { MemoryError, SendError, TimeoutError } from '../errors.js';
import { DISCONNECTED } from '../flavors/channel.js';
import { Offers } from '../flavors/offers.js';
import { BATCH, type Batch } from '../memory/batch.js';
import { FLAG_SENDERS } from '../memory/layout.js';
import { Operation, type Abandoned, type Interest } from '../waiting/operation.js';
import { encode, holdHandles, neverReady, Parcel, publish, reclaim, restoreHandles } from './message.js';
import { isRendezvous, OfferedMessage } from './offered.js';
import type { HandleState } from './state.js';

/** After so many messages an asynchronous batch ends its step, so that the event loop may turn. */
const STEP = 1024;

/** A series of sends. Completes when the source is exhausted, after `quota` messages, or with an error. */
export class SendMany extends Operation<void> {
  readonly interests: readonly Interest[];
  private readonly offered: OfferedMessage | undefined;
  /** Messages accepted. */
  count = 0;
  /** The source has no more values, and all were accepted. */
  isDone = false;
  isDisconnected = false;
  private readonly iterator: Iterator<unknown>;
  private readonly numbers: boolean;
  private readonly isArray: boolean;
  /** Values taken from the source and not accepted, and those of them that are encoded already (SM2). */
  private readonly taken: unknown[] = [];
  private readonly parcels: Parcel[] = [];
  private exhausted = false;
  private problem: { error: unknown } | undefined;
  private quota = Infinity;

  constructor(
    readonly state: HandleState,
    private readonly source: Iterable<unknown>,
    deadline: number,
  ) {
    super();
    this.interests = [state.channel.sending];
    this.deadline = deadline;
    this.keepsAlive = state.keepsAlive;
    this.numbers = state.channel.carriesNumbers;
    this.isArray = Array.isArray(source);
    this.iterator = source[Symbol.iterator]();
    const { runtime, channel } = state;
    if (!isRendezvous(channel)) return;
    this.offered = new OfferedMessage(runtime, channel, () => this.parcels[0]);
    this.offers = new Offers(runtime.heap, [this.offered]);
  }

  /** Allows so many more messages before it completes for now. */
  allow(messages: number): this {
    this.quota = this.count + messages;
    return this;
  }

  attempt(): boolean {
    try {
      if (this.state.status !== 'live' && this.parcels.length === 0) return this.end(this.state.gone('sendMany'));
      while (this.count < this.quota) {
        const outcome = this.parcels.length > 0 ? this.sendParcel() : this.sendUnit();
        if (outcome === DISCONNECTED) {
          this.isDisconnected = true;
          return this.end(
            new SendError(
              `cannot send: channel ${this.state.channel.id} is disconnected, nobody can receive any more`,
              this.rest(),
            ),
          );
        }
        if (this.parcels.length === 0 && this.problem !== undefined) return this.end(this.problem.error);
        if (this.parcels.length === 0 && this.exhausted) {
          this.isDone = true;
          return this.succeed(undefined);
        }
        if (outcome === 0) return false;
      }
      return this.succeed(undefined);
    } catch (error) {
      return this.end(error);
    }
  }

  /** The first parcel was on offer. */
  override accept(): boolean {
    (this.offers as Offers).collect(this.state.runtime.batch);
    (this.offered as OfferedMessage).accepted();
    this.parcels.shift();
    this.accepted(1);
    return this.attempt();
  }

  override giveUp(error: unknown): true {
    return this.end(error);
  }

  abandon(reason: Abandoned): unknown {
    const rest = this.rest();
    this.close();
    if (reason.why === 'abort') return reason.reason;
    if (reason.why === 'dropped') return this.state.gone('sendMany');
    return new TimeoutError(`cannot sendMany: ${neverReady(this.state.channel)} until the time was up`, true, rest);
  }

  /** One message that was encoded before. */
  private sendParcel(): number {
    const parcel = this.parcels[0];
    const outcome = publish(this.state.runtime, this.state.channel, parcel);
    if (outcome <= 0) return outcome;
    this.offers?.release(); // what is still on offer is this very message
    this.parcels.shift();
    this.accepted(1);
    return outcome;
  }

  /** As many messages as there seems to be room for. Without room one value is taken: only that tells whether there is another. */
  private sendUnit(): number {
    const { runtime } = this.state;
    const batch = runtime.lendBatch();
    try {
      return this.sendBatch(batch);
    } finally {
      runtime.returnBatch(batch);
    }
  }

  private sendBatch(batch: Batch): number {
    const { channel, runtime } = this.state;
    const isGone = channel.isDisconnected;
    const isReady = !isGone && (channel.readiness() & FLAG_SENDERS) !== 0;
    const room = isReady ? Math.max(1, Math.min(BATCH, channel.capacity - channel.length, this.quota - this.count)) : 1;
    const filled = this.fill(batch, room);
    const isUsable = this.state.status === 'live'; // the source may have dropped the handle
    let done = 0;
    let outcome = isReady ? 1 : 0;
    try {
      while (isReady && isUsable && done < filled) {
        outcome = channel.send(batch, done, filled);
        if (outcome <= 0) break;
        done += outcome;
      }
    } catch (error) {
      this.problem ??= { error }; // no memory for the list's next block
    }
    this.accepted(done);
    for (let i = done; i < filled; i++) this.parcels.splice(i - done, 0, reclaim(runtime, batch, i));
    if (!isUsable) throw this.state.gone('sendMany');
    if (this.problem !== undefined && this.problem.error instanceof MemoryError) throw this.problem.error;
    return isGone && this.parcels.length > 0 ? DISCONNECTED : outcome;
  }

  /** Encodes up to `room` values into the batch. A message with handles goes alone, as a parcel behind the others. */
  private fill(batch: Batch, room: number): number {
    const { state } = this;
    const { runtime } = state;
    batch.clear();
    for (let i = 0; i < room; i++) {
      try {
        const next = this.iterator.next();
        if (next.done === true) {
          this.exhausted = true;
          return i;
        }
        const { value } = next;
        if (this.numbers && typeof value === 'number') batch.putNumber(i, value);
        else {
          this.keep(value);
          const out = encode(state, value);
          if (out.handles.length > 0) {
            const parcel = new Parcel(out);
            holdHandles(parcel);
            this.parcels.push(parcel);
            return i;
          }
          batch.put(runtime.heap, i, out);
          continue;
        }
        this.keep(value);
      } catch (error) {
        this.problem = { error };
        return i;
      }
    }
    return room;
  }

  /** Values of an array need not be kept: the array has them. */
  private keep(value: unknown): void {
    if (!this.isArray) this.taken.push(value);
  }

  private accepted(messages: number): void {
    this.count += messages;
    if (!this.isArray) this.taken.splice(0, messages);
  }

  /** What a failed batch hands back. */
  private rest(): unknown[] {
    return this.isArray ? (this.source as unknown[]).slice(this.count) : this.taken;
  }

  private end(error: unknown): true {
    this.close();
    return this.fail(error);
  }

  /** Gives back the handles of what was not sent, and tells an unfinished source that no more will be read. */
  private close(): void {
    for (const parcel of this.parcels.splice(0)) restoreHandles(parcel);
    if (this.exhausted) return;
    this.exhausted = true;
    closeSource(this.iterator);
  }
}

/** The asynchronous form over an ordinary iterable. */
export async function sendAll(
  state: HandleState,
  source: Iterable<unknown>,
  deadline: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  const operation = new SendMany(state, source, deadline);
  while (!operation.isDone) {
    if (signal?.aborted === true) throw operation.abandon({ why: 'abort', reason: signal.reason as unknown });
    await state.runtime.parking.runAsync(operation.allow(STEP), signal);
  }
  return operation.count;
}

/** The asynchronous form over an asynchronous source: one value after another. */
export async function sendSource(
  state: HandleState,
  source: AsyncIterable<unknown>,
  deadline: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  const iterator = source[Symbol.asyncIterator]();
  for (let count = 0; ; count++) {
    const next = await nextOf(state, iterator, deadline, signal).catch((error: unknown) => {
      void closeAsyncSource(iterator); // not waited for: a source that has not answered yet answers `return()` only after that
      throw error;
    });
    if (next.done === true) return count;
    try {
      state.check('sendMany');
      await state.runtime.parking.runAsync(new SendMany(state, [next.value], deadline), signal);
    } catch (error) {
      await closeAsyncSource(iterator);
      throw error;
    }
  }
}

/** The next value of a source, unless time runs out, or the signal aborts, or the source fails. */
function nextOf(
  state: HandleState,
  iterator: AsyncIterator<unknown>,
  deadline: number,
  signal: AbortSignal | undefined,
): Promise<IteratorResult<unknown>> {
  const { parking, elsewhere } = state.runtime;
  const step = new SourceStep(state, deadline);
  const onSuspend = () => parking.abandon(step, { why: 'dropped' });
  elsewhere.add(step);
  state.observe(onSuspend);
  iterator.next().then(
    (result) => step.answer(result),
    (error: unknown) => step.refuse(error),
  );
  return parking.runAsync(step, signal).finally(() => {
    elsewhere.delete(step);
    state.stopObserving(onSuspend);
  });
}

/** Waiting for a source rather than for a channel. */
class SourceStep extends Operation<IteratorResult<unknown>> {
  readonly interests: readonly Interest[] = [];
  private hasAnswer = false;

  constructor(
    readonly state: HandleState,
    deadline: number,
  ) {
    super();
    this.deadline = deadline;
    this.keepsAlive = state.keepsAlive;
  }

  answer(result: IteratorResult<unknown>): void {
    this.hasAnswer = this.succeed(result);
    this.state.runtime.parking.retry(this);
  }

  refuse(error: unknown): void {
    this.hasAnswer = this.fail(error);
    this.state.runtime.parking.retry(this);
  }

  attempt(): boolean {
    return this.hasAnswer;
  }

  abandon(reason: Abandoned): unknown {
    if (reason.why === 'abort') return reason.reason;
    if (reason.why === 'dropped') return this.state.gone('sendMany');
    return new TimeoutError('cannot sendMany: the source gave no value until the time was up', true, []);
  }
}

/** Closes a source that will not be read to its end. A failure of that must not hide why. */
function closeSource(iterator: Iterator<unknown>): void {
  try {
    iterator.return?.();
  } catch (error) {
    ignore(error);
  }
}

async function closeAsyncSource(iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch (error) {
    ignore(error);
  }
}

function ignore(_error: unknown): void {}
