/**
 * What an operation that waits on rendezvous channels leaves in them, and what becomes of it: one offer per case, one context for all.
 *
 * Made by: handles/ and @beamline/select for their operations. Driven by: waiting/parking.ts, through the interface Standing.
 * Stands on: flavors/zero.ts, whose invariants Z1–Z5 it keeps. Proof: docs/protocols.md, "Rendezvous".
 *
 * Making is: context WAITING, then each offer linked (or, if it is in its list already, the other side looked at) in turn. A partner
 * that is found on the way is not claimed from here: the operation withdraws (Z3), tries, and stands again.
 *
 * Invariants
 *   OF1  `made[i]` is in a list of the channel of case i, or 0. The context is in the offer of case 0, which is made first and taken
 *        out last (Z5).
 *   OF2  Between `withdraw` and the next `make` the context is IDLE: nobody claims.
 */
import { caseOf, claimerOf, CLAIMED, DONE, IDLE, isReserved, stateOf, WAITING, type ZeroChannel } from './zero.js';
import type { Side } from './channel.js';
import { freeHeld, takeChunk } from '../memory/allocator.js';
import { Batch } from '../memory/batch.js';
import type { Heap } from '../memory/heap.js';
import {
  OFFER_ASYNC,
  OFFER_LAZY,
  OFFER_WORDS,
  O_AUX,
  O_CASE,
  O_CONTEXT,
  O_FIRST,
  O_HI,
  O_LEASE,
  O_LO,
  O_OWNER,
  O_TAG,
  S_AUX,
  S_HI,
  S_LO,
  S_TAG,
  T_HELD,
} from '../memory/layout.js';
import { cas, load, store } from '../platform/atomics.js';
import type { Standing, Withdrawal } from '../waiting/operation.js';

/** One case of an operation on a rendezvous channel. */
export interface OfferCase {
  readonly channel: ZeroChannel;
  readonly side: Side;
  /** It cannot be taken up, and is told of partners: a send whose message is still to be made, or the question whether there are any. */
  readonly isLazy: boolean;
  /** Handles are in the message that is on offer. */
  readonly holdsHandles: boolean;
  /** The lease that a message is taken into, or that it answers; NO_LEASE. */
  readonly lease: number;
  /**
   * Puts what is sent into slot 0 of a batch, its body on top of the held stack; of a receive, nothing (tag 0).
   * @throws MemoryError, and then nothing has happened.
   */
  load(batch: Batch): void;
  /** What was sent came back: slot 0 of a batch, its body on top of the held stack. */
  unload(batch: Batch): void;
}

export class Offers implements Standing {
  stands = false;
  private readonly batch = new Batch();
  private readonly made: number[] = [];
  /** Absolute index of the context word; 0 while there is none. */
  private context = 0;

  constructor(
    private readonly heap: Heap,
    private readonly cases: readonly OfferCase[],
  ) {}

  get hasNews(): boolean {
    return this.context !== 0 && load(this.heap.words, this.context) !== WAITING;
  }

  make(isAsync: boolean): boolean {
    this.stands = true;
    for (let i = 0; i < this.cases.length; i++) {
      const made = this.made[i] ?? 0;
      if (made === 0 ? !this.add(i, isAsync) : !this.renew(i, made)) return false;
    }
    return true;
  }

  withdraw(revokes = false): Withdrawal {
    const { heap, context } = this;
    for (let attempt = 0; context !== 0; attempt++) {
      const seen = load(heap.words, context);
      if (stateOf(seen) === DONE) return 'taken up';
      if (stateOf(seen) !== CLAIMED) {
        if (seen === IDLE || cas(heap.words, context, seen, IDLE) === seen) break;
      } else if (!isReserved(seen))
        heap.contended(claimerOf(seen), attempt); // soon committed, or undone if the claiming thread is dead
      else if (!revokes) return 'reserved';
      else if (cas(heap.words, context, seen, IDLE) === seen) break;
    }
    this.stands = false;
    if (this.cases.some(({ holdsHandles }) => holdsHandles)) this.release(); // the try that follows may send them by itself
    return 'withdrawn';
  }

  get isLazy(): boolean {
    return this.cases.some(({ isLazy }) => isLazy);
  }

  /**
   * An offer was taken up: which case. What its partner left there is in slot 0 of the batch, the body on top of the held stack: the
   * message of a receive; of a send, the message whose lease it answered, if there was one.
   */
  collect(batch: Batch): number {
    const index = caseOf(load(this.heap.words, this.context));
    this.removeAll(index, batch);
    return index;
  }

  release(): void {
    if (this.context !== 0) this.removeAll(-1, this.batch);
  }

  private add(index: number, isAsync: boolean): boolean {
    const { heap, batch } = this;
    const { channel, side, lease, isLazy } = this.cases[index];
    const below = heap.table[heap.record + T_HELD];
    this.loadCase(index);
    const offer = this.takeOffer(index);
    const { words } = heap;
    words[offer + O_FIRST] = index === 0 ? offer : this.made[0];
    words[offer + O_CASE] = index;
    words[offer + O_OWNER] = heap.slot | (isAsync ? OFFER_ASYNC : 0) | (isLazy ? OFFER_LAZY : 0);
    words[offer + O_LEASE] = lease;
    words[offer + O_TAG] = batch.words[S_TAG];
    words[offer + O_AUX] = batch.words[S_AUX];
    words[offer + O_LO] = batch.words[S_LO];
    words[offer + O_HI] = batch.words[S_HI];
    if (index === 0) store(words, offer + O_CONTEXT, WAITING);
    if (channel.link(offer, side, below)) {
      this.made[index] = offer;
      if (index === 0) this.context = offer + O_CONTEXT;
      return true;
    }
    freeHeld(heap);
    this.cases[index].unload(batch);
    return false;
  }

  /** @throws MemoryError, and then what the case had put onto the held stack is gone. */
  private takeOffer(index: number): number {
    try {
      return takeChunk(this.heap, OFFER_WORDS);
    } catch (error) {
      this.cases[index].unload(this.batch);
      throw error;
    }
  }

  private renew(index: number, offer: number): boolean {
    const { heap } = this;
    const { channel, side } = this.cases[index];
    if (index === 0) store(heap.words, offer + O_CONTEXT, WAITING);
    return channel.isStill(side, offer);
  }

  /** OF1: from the last to the first. `taken`: the case whose message goes into `batch`; what the others had goes back. */
  private removeAll(taken: number, batch: Batch): void {
    const { heap, cases, made } = this;
    for (let i = made.length - 1; i >= 0; i--) {
      const offer = made[i] ?? 0;
      if (offer === 0) continue;
      const target = i === taken ? batch : this.batch;
      cases[i].channel.removeOffer(offer, target);
      freeHeld(heap);
      if (i !== taken) cases[i].unload(target);
    }
    made.length = 0;
    this.context = 0;
    this.stands = false;
  }

  private loadCase(index: number): void {
    const { batch } = this;
    batch.clear();
    batch.words[S_TAG] = 0;
    this.cases[index].load(batch);
  }
}
