/**
 * How a thread waits: blocking on its door, or asynchronously behind it, for any number of operations at once.
 *
 * Called by: handles/ and @beamline/select. Stands on: waiting/door.ts, waiting/signal.ts. Proof: docs/protocols.md, "Waiting".
 *
 * Every wait is register → try again in full → park. The second try is the lost-wake-up guard: whatever changed before the bit was
 * visible is found by it, whatever changes later rings.
 *
 * Invariants
 *   K1  While async operations are pending, either the door says PARKED_ASYNC and an async wait on it is outstanding, or a turn of
 *       the event loop is scheduled that will try them all and park.
 *   K2  At most one async wait is outstanding: they cannot be cancelled, so an abandoned one is used again.
 *   K3  Mail that belongs to a pending async operation and comes while the thread blocks is passed on (`signal`), and its channel
 *       is tried again when the thread is back in its event loop.
 *   K4  Whoever leaves a side on which no local operation waits any more clears the bit and then signals: a wake-up that was meant
 *       for it goes on.
 *   K5  The slice (100 ms, up to 800 after a while without anything; only while something is pending that needs it) serves leases and
 *       witnesses of death; no wake-up depends on it.
 *   K6  An operation for a rendezvous stands while it waits: its offers can be taken up. It is withdrawn before it tries, and before
 *       it ends; if a partner was faster it has completed, whatever it was to end with.
 */
import { Deadlines } from './deadlines.js';
import { PARKED_ASYNC, PARKED_SYNC, RUNNING } from './door.js';
import type { Abandoned, Interest, Operation, Place, Standing, Watched, Watcher } from './operation.js';
import { register, unregister } from './signal.js';
import { WatchedCases, type Watch } from './watch.js';
import type { Heap } from '../memory/heap.js';
import {
  FLAG_SENDERS,
  MAIL_GROUP,
  MAIL_WORDS,
  T_DOOR,
  T_MAIL,
  T_MAIL_SUMMARY,
  T_CALLS,
  T_SELECTS,
  T_WATCHED,
} from '../memory/layout.js';
import { cas, exchange, load, spin, store, wait, waitAsync } from '../platform/atomics.js';
import { nextTurn, now, pulse, type Pulse } from '../platform/clock.js';

export const SLICE_MS = 100;
/** The longest slice, of a thread that has waited in vain for a while. */
const LONGEST_SLICE_MS = 800;
/**
 * Looks at readiness before parking, after pauses that double: where there is a buffer some 23 µs in all, as a wake-up across cores
 * costs 20 to 40. The pause comes first and grows with the buffer: a sender that goes on as soon as one slot is free stays in lockstep
 * with its receiver, and every message then costs both a miss on the other's index.
 */
const SPINS = 5;
const PAUSE_PER_SLOT = 64;
const PAUSE_SLOTS = 32;
/** Looking at more channels than these takes longer than the spin should. */
const SPUN_INTERESTS = 16;
/** Turns of the event loop that look for mail before it parks after something completed: waking it costs the waker far more. */
const POLL_TURNS = 8;
/** Summary of mail that concerns all channels: somebody died, and may have owned a wake-up (door.ts, `ringEveryone`). */
const EVERYTHING = -1;
/** After so many operations that never had to wait, the event loop gets a turn if YIELD_MS have passed. */
const YIELD_EVERY = 32;
const YIELD_MS = 5;

export class Parking {
  private readonly door: number;
  private readonly deadlines = new Deadlines();
  /** Interests with pending operations or watches, in a list for each bit of mail. */
  private readonly mailed: (Interest | undefined)[] = [];
  /** Interests to try again at the next turn. */
  private readonly dirty = new Set<Interest>();
  /** Calls of reusable selects that wait, and those of them that have news. */
  private readonly calls = new Map<Watcher, Operation>();
  private readonly called = new Set<Operation>();
  private readonly aborts = new Map<AbortSignal, AbortGroup>();
  /** How many selects wait on channels, by channel id modulo the number of bits. */
  private readonly selects = new Map<number, number>();
  private pending = 0;
  /** Those of them that need slices. */
  private sliced = 0;
  private keptAlive = 0;
  private turnScheduled = false;
  private polls = 0;
  private stopped = false;
  private waiting = false;
  private pulse: Pulse | undefined;
  private slice = SLICE_MS;
  /** Operations that completed at once, since the clock was last looked at; whether the event loop is owed a turn. */
  private quick = 0;
  private late = false;
  private lastTurn = now();

  constructor(
    private readonly heap: Heap,
    /** Looks for threads that died, now and then (ownership/witness.ts). */
    private readonly probe: () => void,
  ) {
    this.door = heap.record + T_DOOR;
  }

  // ── blocking ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Blocks until the operation completes (true) or its deadline passes (false). The caller has tried once already. */
  runSync(operation: Operation): boolean {
    const { table } = this.heap;
    const { interests, offers, watch } = operation;
    if (this.late) this.tryNoted(); // the turn that untried operations wait for does not come while the thread blocks
    if (offers === undefined && watch === undefined && this.spin(operation)) return true;
    if (watch !== undefined) watch.isWaiting = true;
    let completed: boolean;
    let slice = SLICE_MS;
    this.noteSelect(operation, 1);
    for (const interest of interests) if (interest.watched !== undefined) this.noteWatched(interest, true);
    if (watch !== undefined) this.noteCall(1);
    for (;;) {
      store(table, this.door, RUNNING);
      this.passMailOn(operation);
      for (const { channel, set, flag } of interests) register(this.heap, channel.words, set, flag);
      for (const interest of interests) if (interest.flag === FLAG_SENDERS) this.goFirst(interest);
      completed = this.tryWaiting(operation, undefined, false); // lost-wake-up guard
      if (completed) break;
      const instant = now();
      if (instant >= operation.deadline) {
        const outcome = this.withdraw(operation, false);
        completed = outcome === 'completed';
        if (outcome !== 'reserved') break;
      }
      if (offers !== undefined && spinFor(offers)) continue;
      const limit = Math.min(operation.deadline, operation.dueAt);
      const sleep = limit <= instant && offers !== undefined ? slice : Math.min(slice, Math.max(limit - instant, 0));
      if (cas(table, this.door, RUNNING, PARKED_SYNC) !== RUNNING) continue;
      if (wait(table, this.door, PARKED_SYNC, sleep) !== 'timed-out') continue;
      this.probe();
      slice = Math.min(2 * slice, LONGEST_SLICE_MS);
    }
    store(table, this.door, RUNNING);
    this.noteSelect(operation, -1);
    for (const interest of interests) if (interest.watched !== undefined) this.noteWatched(interest);
    if (watch !== undefined) this.noteCall(-1);
    offers?.release();
    for (const interest of interests) this.leave(interest);
    if (watch !== undefined) endCall(watch);
    if (this.pending > 0) this.scheduleTurn();
    return completed;
  }

  private spin(operation: Operation): boolean {
    if (operation.interests.length > SPUN_INTERESTS) return false;
    let slots = 1;
    for (const { channel } of operation.interests) slots = Math.max(slots, Math.min(channel.capacity, PAUSE_SLOTS));
    for (let i = 0; i < SPINS; i++) {
      spin((slots * PAUSE_PER_SLOT) << Math.min(i, 3));
      for (const interest of operation.interests) if (interest.isReady && operation.attempt()) return true;
    }
    return false;
  }

  /** K3. The blocking operation itself tries again in any case. */
  private passMailOn({ interests: mine, watch }: Operation): void {
    this.eachMailed((interest) => {
      if (interest.first !== undefined) this.dirty.add(interest);
      let isMine = mine.includes(interest);
      for (let watched = interest.watched; watched !== undefined; watched = watched.next) {
        watched.watch.news.add(watched);
        isMine ||= watched.watch === watch;
      }
      if (!isMine) interest.channel.signal();
    });
  }

  // ── asynchronous ────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Tries the operation behind those that already wait; if it cannot complete yet, it waits. When the event loop is owed a turn, an
   * operation without a limit is tried only after it (or before the thread blocks); one with a limit is tried now, as it might run
   * out, and answers after it. So is one for a rendezvous, which others may look for at once.
   */
  runAsync<Result>(operation: Operation<Result>, signal: AbortSignal | undefined): Promise<Result> {
    const late = this.owesTurn();
    const waits = late && operation.deadline === Infinity && operation.offers === undefined;
    if (!waits && operation.interests.every(hasNoQueue) && operation.attempt()) {
      const promise = operation.failed ? Promise.reject(operation.error) : Promise.resolve(operation.result);
      return late ? this.afterTurn(promise) : promise;
    }
    return new Promise<Result>((resolve, reject) => {
      operation.resolve = resolve;
      operation.reject = reject;
      this.enqueue(operation, !waits);
      if (!operation.isPending) return;
      if (now() >= operation.deadline) this.abandon(operation, { why: 'timeout' });
      else {
        try {
          this.watch(operation, signal);
        } catch (reason) {
          this.abandon(operation, { why: 'abort', reason }); // a signal that cannot be listened to
        }
      }
    });
  }

  /** Whether operations that never waited have kept the event loop from turning for long enough. True until it has turned. */
  owesTurn(): boolean {
    if (this.late) return true;
    if (++this.quick < YIELD_EVERY) return false;
    this.quick = 0;
    if (this.stopped) return false;
    this.late = now() - this.lastTurn >= YIELD_MS;
    if (this.late) this.scheduleTurn();
    return this.late;
  }

  afterTurn<Result>(promise: Promise<Result>): Promise<Result> {
    promise.catch(ignore); // the caller gets the rejection, one turn later
    return new Promise((resolve) =>
      nextTurn(() => {
        this.hasTurned();
        resolve(promise);
      }),
    );
  }

  /** Tries a pending operation that something other than a channel may have completed; if it is just being tried, once more then. */
  retry(operation: Operation): void {
    operation.isStale = true;
    if (operation.isPending) this.tryOnce(operation);
  }

  /** Ends a pending operation without effect. */
  abandon(operation: Operation, reason: Abandoned): void {
    if (!operation.isPending) return;
    if (operation.isBusy) {
      operation.ending ??= reason; // decided when the try is over: it may have taken a message
      return;
    }
    const outcome = this.withdraw(operation, reason.why === 'dropped');
    if (outcome === 'completed') return this.settle(operation);
    if (outcome === 'reserved') {
      operation.ending ??= reason; // decided when the partner rings
      return;
    }
    this.dequeue(operation);
    let error: unknown;
    try {
      error = operation.abandon(reason);
    } catch (thrown) {
      error = thrown; // by the source of a batch, whose rest goes into the error
    }
    operation.reject(error);
  }

  /** Ends all operations that wait on an interest and match. */
  abandonAll(interest: Interest, matches: (operation: Operation) => boolean): void {
    for (let place = interest.first; place !== undefined;) {
      const { operation, next } = place;
      const isMatch = matches(operation);
      if (isMatch) this.abandon(operation, { why: 'dropped' });
      place = isMatch && !operation.isPending ? interest.first : next; // other places of the operation may have been next
    }
  }

  /** Changes whether the matching pending operations of an interest keep the process alive. */
  setKeepsAlive(interest: Interest, keeps: boolean, matches: (operation: Operation) => boolean): void {
    for (let place = interest.first; place !== undefined; place = place.next) {
      const { operation } = place;
      if (operation.keepsAlive === keeps || !matches(operation)) continue;
      this.keepAlive(keeps ? 1 : -1);
      operation.keepsAlive = keeps;
    }
  }

  private enqueue(operation: Operation, tryNow: boolean): void {
    this.pending++;
    operation.isPending = true;
    this.noteSelect(operation, 1);
    if (operation.needsSlices) this.slices();
    if (operation.keepsAlive) this.keepAlive(1);
    operation.places = operation.interests.map((interest) => {
      if (interest.isUnused) this.index(interest);
      const place = interest.add(operation);
      if (interest.watched !== undefined) this.noteWatched(interest);
      return place;
    });
    for (const { channel, set, flag } of operation.interests) register(this.heap, channel.words, set, flag);
    for (const interest of operation.interests) {
      if (!operation.isPending) return;
      if (tryNow)
        this.tryFirst(operation, interest); // lost-wake-up guard
      else this.dirty.add(interest); // the guard comes with the turn
    }
    if (operation.watch !== undefined) this.beginCall(operation, operation.watch, tryNow);
    this.scheduleTurn();
  }

  /** Tries what waits on an interest, in order, so that an operation that has just come does not overtake. */
  private tryFirst(operation: Operation, interest: Interest): void {
    const { offers } = (interest.first as Place).operation;
    const isOrdered = !interest.channel.triesAll || (offers !== undefined && !offers.stands);
    if (isOrdered) this.drain(interest, true);
    else this.tryOnce(operation, interest); // those before it stand: whoever could meet this one has met them
  }

  /** Lets the sends of this thread that already wait go first, so that the order of each sender is kept. Says whether all went. */
  goFirst(interest: Interest): boolean {
    if (interest.first !== undefined) this.drain(interest, true);
    return interest.first === undefined;
  }

  /** The realm leaves the heap: nothing is pending any more, and its door belongs to somebody else soon. */
  stop(): void {
    this.stopped = true;
    this.pulse?.stop();
  }

  private watch(operation: Operation, signal: AbortSignal | undefined): void {
    operation.onTime = () => this.onTime(operation);
    this.plan(operation);
    if (signal === undefined) return;
    let group = this.aborts.get(signal);
    if (group === undefined)
      this.aborts.set(
        signal,
        (group = new AbortGroup(signal, (each) => this.abandon(each, { why: 'abort', reason: signal.reason as unknown }))),
      );
    group.operations.add(operation);
    operation.signal = signal;
  }

  private plan(operation: Operation): void {
    operation.wakeAt = Math.min(operation.deadline, operation.dueAt);
    if (operation.wakeAt !== Infinity) this.deadlines.set(operation);
  }

  private onTime(operation: Operation): void {
    if (!operation.isPending) return;
    this.tryOnce(operation);
    if (!operation.isPending) return;
    if (now() >= operation.deadline) this.abandon(operation, { why: 'timeout' });
    else this.plan(operation);
  }

  /** One try of a pending operation, and its end if that completed it. Not while it is being tried: user code may come back here. */
  private tryOnce(operation: Operation, interest?: Interest): void {
    if (operation.isBusy) return;
    operation.isBusy = true;
    let completed: boolean;
    let because = interest;
    do {
      operation.isStale = false;
      completed = this.tryWaiting(operation, because, true);
      because = undefined;
    } while (!completed && operation.isStale);
    operation.isBusy = false;
    if (completed) this.settle(operation);
    else if (operation.ending !== undefined) this.abandon(operation, operation.ending);
  }

  /** A whole try of an operation that waits. If it does not complete, and is one for a rendezvous, it stands afterwards (K6). */
  private tryWaiting(operation: Operation, because: Interest | undefined, isAsync: boolean): boolean {
    const { offers: standing } = operation;
    if (standing === undefined) return operation.attempt(because);
    if (standing.stands) {
      if (!standing.hasNews && !standing.isLazy && !mayComplete(operation, because)) return false;
      const withdrawal = standing.withdraw();
      if (withdrawal === 'reserved') return false;
      if (withdrawal === 'taken up' && operation.accept()) return true;
    }
    for (;;) {
      if (operation.attempt()) return true;
      const { offers } = operation; // others than before, if user code in the try has changed a reusable select
      if (offers === undefined) return false;
      let problem: { error: unknown } | undefined;
      try {
        if (offers.make(isAsync)) return false;
      } catch (error) {
        problem = { error }; // no memory for an offer
      }
      const withdrawal = offers.withdraw(problem !== undefined);
      if (withdrawal === 'reserved') return false;
      if (withdrawal === 'taken up' && operation.accept()) return true;
      if (problem !== undefined) return operation.giveUp(problem.error);
    }
  }

  /** The operation is to end: nobody takes it up any more, or a partner has and that completed it, or it is not decided yet. */
  private withdraw(operation: Operation, revokes: boolean): 'withdrawn' | 'completed' | 'reserved' {
    const { offers } = operation;
    if (offers === undefined || !offers.stands) return 'withdrawn';
    const withdrawal = offers.withdraw(revokes);
    if (withdrawal !== 'taken up') return withdrawal;
    operation.isBusy = true;
    const completed = operation.accept();
    operation.isBusy = false;
    return completed ? 'completed' : 'withdrawn';
  }

  private settle(operation: Operation): void {
    this.polls = POLL_TURNS;
    this.dequeue(operation);
    if (operation.failed) operation.reject(operation.error);
    else operation.resolve(operation.result);
  }

  private dequeue(operation: Operation): void {
    const { places } = operation;
    operation.places = [];
    operation.isPending = false;
    this.noteSelect(operation, -1);
    for (const place of places) {
      const { interest } = place;
      interest.remove(place);
      if (interest.watched !== undefined) this.noteWatched(interest);
      if (interest.isUnused) this.unindex(interest);
    }
    if (operation.watch !== undefined) this.endWait(operation.watch);
    operation.offers?.release();
    this.deadlines.remove(operation);
    this.unwatchAbort(operation);
    this.pending--;
    if (operation.needsSlices) this.sliced--;
    if (operation.keepsAlive) this.keepAlive(-1);
    for (const { interest } of places) this.leave(interest);
  }

  private unwatchAbort(operation: Operation): void {
    const { signal } = operation;
    if (signal === undefined) return;
    operation.signal = undefined;
    const group = this.aborts.get(signal) as AbortGroup;
    group.operations.delete(operation);
    if (group.operations.size > 0) return;
    group.stop();
    this.aborts.delete(signal);
  }

  /** K4. An interest that still has operations keeps its bit; it may be gone, so those are tried again. */
  private leave(interest: Interest): void {
    if (interest.first !== undefined) {
      this.dirty.add(interest);
      this.scheduleTurn();
    } else if (interest.watched === undefined) unregister(this.heap, interest.channel.words, interest.set);
    else
      for (let watched: Watched | undefined = interest.watched; watched !== undefined; watched = watched.next)
        watched.watch.news.add(watched);
    interest.channel.signal();
  }

  /** Completes what can be completed on an interest, in order. `registered`: the bit was set after anybody could have cleared it. */
  private drain(interest: Interest, registered: boolean): void {
    if (interest.channel.triesAll) return this.drainAll(interest, registered);
    for (;;) {
      const operation = interest.first?.operation;
      if (operation === undefined) return;
      this.tryOnce(operation, interest);
      if (!operation.isPending) continue;
      if (registered) return;
      register(this.heap, interest.channel.words, interest.set, interest.flag);
      registered = true;
    }
  }

  /** The same where each operation has to be tried. */
  private drainAll(interest: Interest, registered: boolean): void {
    if (!registered) register(this.heap, interest.channel.words, interest.set, interest.flag);
    for (const operation of interest.operations()) if (operation.isPending) this.tryOnce(operation, interest);
  }

  // ── the event loop's side of the door ───────────────────────────────────────────────────────────────────────────────────────

  private scheduleTurn(): void {
    if (this.turnScheduled) return;
    this.turnScheduled = true;
    nextTurn(() => this.turn());
  }

  /** A turn of the event loop: tries what has news, then parks. A continuation that computes meanwhile runs as RUNNING. */
  private turn(): void {
    this.turnScheduled = false;
    if (this.stopped) return;
    this.hasTurned();
    const { table } = this.heap;
    store(table, this.door, RUNNING);
    this.readMail();
    if (this.pending === 0) return;
    if (this.dirty.size > 0 || this.called.size > 0 || this.turnScheduled || this.polls-- > 0) return this.scheduleTurn();
    if (cas(table, this.door, RUNNING, PARKED_ASYNC) !== RUNNING) return this.scheduleTurn();
    if (this.waiting) return; // K2
    const outcome = waitAsync(table, this.door, PARKED_ASYNC);
    if (!outcome.async) return this.scheduleTurn();
    this.waiting = true;
    outcome.value.then(() => this.onRing()).catch(rethrow);
  }

  private onRing(): void {
    this.waiting = false;
    if (this.stopped) return;
    this.hasTurned();
    store(this.heap.table, this.door, RUNNING);
    this.readMail();
    if (this.pending > 0) this.scheduleTurn();
  }

  private hasTurned(): void {
    this.lastTurn = now();
    this.late = false;
  }

  /** Reads the thread's mail for calls of reusable selects that do not wait. */
  readNews(): void {
    this.eachMailed((interest) => this.takeNews(interest));
    if (this.dirty.size > 0 || this.called.size > 0) this.scheduleTurn();
  }

  private readMail(): void {
    this.eachMailed((interest) => this.takeNews(interest));
    this.tryNoted();
  }

  /** News of a channel, for whoever waits for it; if nobody does, it is handed on (WA2). */
  private takeNews(interest: Interest): void {
    if (interest.first !== undefined) this.dirty.add(interest);
    let isWanted = interest.first !== undefined;
    for (let watched = interest.watched; watched !== undefined; watched = watched.next) {
      const { watch } = watched;
      watch.news.add(watched);
      if (!watch.isWaiting) continue;
      isWanted = true;
      const operation = this.calls.get(watch);
      if (operation !== undefined) this.called.add(operation);
    }
    if (!isWanted) interest.channel.signal();
  }

  // ── reusable selects ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** A watch has one case more; its interest is news then. */
  addWatch<Case>(watch: Watch<Case>, interest: Interest, added: Case): WatchedCases<Case> {
    let watched = watch.on(interest);
    if (watched !== undefined) watched.cases.push(added);
    else {
      if (interest.isUnused) this.index(interest);
      watched = new WatchedCases(watch, interest, added);
      this.noteWatched(interest);
    }
    watch.news.add(watched);
    return watched;
  }

  /** A watch has one case less; with the last one of an interest the thread leaves that. */
  removeWatch<Case>(watched: WatchedCases<Case>, removed: Case): void {
    const { cases, interest } = watched;
    cases.splice(cases.indexOf(removed), 1);
    if (cases.length > 0) return;
    watched.end();
    this.noteWatched(interest);
    if (interest.isUnused) this.unindex(interest);
    this.leave(interest);
  }

  /** Sets this thread's bit for what is news, so that it may stop being news if it is not ready then (WA1). */
  register({ channel, set, flag }: Interest): void {
    register(this.heap, channel.words, set, flag);
  }

  private beginCall(operation: Operation, watch: Watcher, tryNow: boolean): void {
    watch.isWaiting = true;
    this.calls.set(watch, operation);
    this.noteCall(1);
    if (!operation.isPending) return;
    if (tryNow)
      this.tryOnce(operation); // lost-wake-up guard
    else this.called.add(operation); // the guard comes with the turn
  }

  private endWait(watch: Watcher): void {
    if (this.calls.delete(watch)) this.noteCall(-1);
    endCall(watch);
  }

  /** Tries what was noted to be tried. */
  private tryNoted(): void {
    for (const interest of this.dirty) {
      this.dirty.delete(interest);
      this.drain(interest, false);
    }
    for (const operation of this.called) {
      this.called.delete(operation);
      if (operation.isPending) this.tryOnce(operation);
    }
  }

  /** Takes this thread's mail and names the interests it may concern. */
  private eachMailed(visit: (interest: Interest) => void): void {
    const { table, record } = this.heap;
    if (load(table, record + T_MAIL_SUMMARY) === 0) return;
    const summary = exchange(table, record + T_MAIL_SUMMARY, 0);
    if (summary === EVERYTHING) return this.allMailed().forEach(visit);
    for (let groups = summary; groups !== 0; groups &= groups - 1) {
      const first = (31 - Math.clz32(groups & -groups)) * MAIL_GROUP;
      for (let word = first; word < first + MAIL_GROUP; word++) {
        if (load(table, record + T_MAIL + word) === 0) continue;
        for (let bits = exchange(table, record + T_MAIL + word, 0); bits !== 0; bits &= bits - 1) {
          const bit = 31 - Math.clz32(bits & -bits);
          for (const interest of this.mailedAt((word << 5) | bit)) if (!this.isIdle(interest)) visit(interest);
        }
      }
    }
  }

  /**
   * Only watched, and the mail was meant for another channel with the same place in it: our bit is still set, so no wake-up came for
   * this one. Not so where partners ring without looking at bits.
   */
  private isIdle({ channel, set, first, watched }: Interest): boolean {
    if (first !== undefined || watched === undefined || channel.triesAll) return false;
    const { slot } = this.heap;
    return (load(channel.words, set + (slot >>> 5)) & (1 << (slot & 31))) !== 0;
  }

  private mailedAt(bit: number): Interest[] {
    const found: Interest[] = [];
    for (let each = this.mailed[bit]; each !== undefined; each = each.nextMailed) found.push(each);
    return found;
  }

  private allMailed(): Interest[] {
    return this.mailed.flatMap((_, bit) => this.mailedAt(bit));
  }

  private index(interest: Interest): void {
    const bit = mailBit(interest);
    while (this.mailed.length <= bit) this.mailed.push(undefined);
    interest.nextMailed = this.mailed[bit];
    this.mailed[bit] = interest;
  }

  private unindex(interest: Interest): void {
    const bit = mailBit(interest);
    let before: Interest | undefined;
    for (let each = this.mailed[bit]; each !== undefined && each !== interest; each = each.nextMailed) before = each;
    if (before === undefined) this.mailed[bit] = interest.nextMailed;
    else before.nextMailed = interest.nextMailed;
    interest.nextMailed = undefined;
    this.dirty.delete(interest);
  }

  /** For `inspect`: on which channels a select of this thread waits. Ids that are equal modulo the number of bits share one. */
  private noteSelect(operation: Operation, change: 1 | -1): void {
    if (!operation.isSelect) return;
    const { table, record } = this.heap;
    for (const { channel } of operation.interests) {
      const bit = channel.id & (32 * MAIL_WORDS - 1);
      const count = (this.selects.get(bit) ?? 0) + change;
      const word = record + T_SELECTS + (bit >>> 5);
      if (count > 0) {
        this.selects.set(bit, count);
        table[word] |= 1 << (bit & 31);
      } else {
        this.selects.delete(bit);
        table[word] &= ~(1 << (bit & 31));
      }
    }
  }

  /** For `inspect`: whether only reusable selects have to do with a channel, which may be between two calls. */
  private noteWatched({ channel, watched, first }: Interest, isWaitedOn = first !== undefined): void {
    const { table, record } = this.heap;
    const word = record + T_WATCHED + ((channel.id >>> 5) & (MAIL_WORDS - 1));
    const isWatched = watched !== undefined || this.isOtherSideWatched(channel);
    if (isWatched && !isWaitedOn) table[word] |= 1 << (channel.id & 31);
    else table[word] &= ~(1 << (channel.id & 31));
  }

  /** Of a channel one side of which is not, or not any more. */
  private isOtherSideWatched(channel: Interest['channel']): boolean {
    return this.mailedAt(channel.id & (32 * MAIL_WORDS - 1)).some(
      (each) => each.channel === channel && each.watched !== undefined,
    );
  }

  private noteCall(change: 1 | -1): void {
    const { table, record } = this.heap;
    table[record + T_CALLS] += change;
  }

  private keepAlive(change: 1 | -1): void {
    this.keptAlive += change;
    if (this.keptAlive === 0) this.pulse?.unref();
    else if (this.keptAlive === 1 && change === 1) this.pulse?.ref();
  }

  /** One more operation that needs slices: short ones again. */
  private slices(): void {
    this.sliced++;
    if (this.slice !== SLICE_MS || this.pulse === undefined) this.beat(SLICE_MS);
  }

  private beat(ms: number): void {
    this.pulse?.stop();
    this.slice = ms;
    this.pulse = pulse(ms, () => this.onSlice());
    if (this.keptAlive > 0) this.pulse.ref();
  }

  /** K5. */
  private onSlice(): void {
    if (this.sliced === 0) {
      this.pulse?.stop();
      this.pulse = undefined;
      return;
    }
    this.probe();
    if (this.slice < LONGEST_SLICE_MS) this.beat(2 * this.slice);
    for (const interest of this.allMailed()) {
      if (!interest.isReady) continue;
      this.takeNews(interest);
      this.scheduleTurn();
    }
  }
}

/** The operations of this thread that wait on one signal: one listener for all of them. */
class AbortGroup {
  readonly operations = new Set<Operation>();
  readonly stop: () => void;

  constructor(signal: AbortSignal, abandon: (operation: Operation) => void) {
    const onAbort = () => {
      for (const operation of [...this.operations]) abandon(operation);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    this.stop = () => {
      try {
        signal.removeEventListener('abort', onAbort);
      } catch (error) {
        rethrow(error); // not here: an operation is just being completed
      }
    };
  }
}

function mailBit({ channel }: Interest): number {
  return channel.id & (32 * MAIL_WORDS - 1);
}

function hasNoQueue(interest: Interest): boolean {
  return interest.first === undefined;
}

/** WA3. */
function endCall(watch: Watcher): void {
  watch.isWaiting = false;
  for (const { interest } of watch.news) interest.channel.signal();
}

/**
 * Whether an operation that stands, and has no news, has anything to try. Partners find it, so that takes a buffer or the end of a
 * channel. Withdrawn in vain, it could be overtaken by those behind it.
 */
function mayComplete({ interests }: Operation, because: Interest | undefined): boolean {
  if (because !== undefined) return isNewsFor(because);
  return interests.length === 0 || interests.some(isNewsFor);
}

function isNewsFor({ channel, isReady }: Interest): boolean {
  return channel.capacity === 0 ? channel.isDisconnected : isReady;
}

/** A partner on another core may come at once: that is cheaper than to sleep. As long as the spin before a buffered wait. */
function spinFor(offers: Standing): boolean {
  for (let i = 0; i < SPINS; i++) {
    spin((PAUSE_SLOTS * PAUSE_PER_SLOT) << Math.min(i, 3));
    if (offers.hasNews) return true;
  }
  return false;
}

function ignore(): void {}

/** An error that must neither vanish in a promise nor stop what is going on: a bug of this library, or of a signal that is none. */
function rethrow(error: unknown): void {
  nextTurn(() => {
    throw error;
  });
}
