/**
 * A set of cases that outlives a select: its channels stay watched between calls, so that a call costs what became ready.
 *
 * Made by: dynamic.ts (Select), each.ts (selectEach). Stands on: core's waiting/watch.ts, whose invariants WA1–WA3 decide which cases
 * a call looks at.
 *
 * Invariants
 *   CS1  Cases whose interest is no news were not ready when they were last tried, and nothing came for them since. Timers fall due
 *        without news, and a partner that comes to a rendezvous rings only who stands there, so theirs always is.
 *   CS2  A call that does not wait answers "nothing" only after it has looked at all cases: a wake-up may have gone to another thread
 *        that has not used it yet.
 *   CS3  A case whose handle was dropped or moved is not watched any more, and every call fails until it is removed, or the handle is
 *        back.
 */
import { TimeoutError } from '@beamline/core';
import {
  isRendezvous,
  Offers,
  Operation,
  runtime,
  Watch,
  type Abandoned,
  type Interest,
  type OfferCase,
  type Runtime,
  type WatchedCases,
} from '@beamline/core/internal';
import type { CheckedCase, Outcome, RunningCase } from './case.js';
import { noneReady, shuffle } from './choice.js';

/** So many cases are tried without registering first: most calls find something at once. */
const FEW = 2;

/** A case in a set. */
export interface Member {
  /** Never used again. */
  readonly number: number;
  readonly checked: CheckedCase;
  readonly onSuspend: () => void;
  /** With the others of its interest; not while its handle is lost (CS3). */
  watched: WatchedCases<Member> | undefined;
}

/** What a call gives: the member that was selected, and what came of it. */
export interface SetSelection {
  readonly member: Member;
  readonly outcome: Outcome;
}

export class CaseSet {
  readonly watch = new Watch<Member>();
  private latest: Call<unknown> | undefined;
  private readonly members = new Map<number, Member>();
  /** CS3. */
  private readonly lost = new Set<Member>();
  /** Cases that cost something at every call: plain values to encode, offers to make. */
  private readonly costly = new Set<Member>();
  private readonly timers = new Set<Member>();
  /** Cases that become ready without news (CS1). */
  private readonly unannounced = new Set<Member>();
  private next = 0;

  constructor(readonly biased: boolean) {}

  get size(): number {
    return this.members.size;
  }

  get all(): Iterable<Member> {
    return this.members.values();
  }

  /** The heap of its cases is the one to wait on. */
  get runtime(): Runtime {
    for (const { checked } of this.all) return checked.state.runtime;
    return runtime();
  }

  /** The call that waits in the event loop, if one does. */
  get call(): Call<unknown> | undefined {
    return this.latest?.isPending === true ? this.latest : undefined;
  }

  /** Runs a call in the event loop. */
  run<R>(call: Call<R>, signal: AbortSignal | undefined): Promise<R> {
    this.latest = call;
    return this.runtime.parking.runAsync(call, signal);
  }

  add(checked: CheckedCase): Member {
    const member: Member = { number: this.next++, checked, onSuspend: () => this.lose(member), watched: undefined };
    const { state, isPlainSend } = checked;
    this.members.set(member.number, member);
    state.observe(member.onSuspend);
    const meets = isRendezvous(state.channel);
    const isTimer = state.channel.kind === 'at' || state.channel.kind === 'tick';
    if (isPlainSend || meets) this.costly.add(member);
    if (isTimer) this.timers.add(member);
    if (isTimer || meets) this.unannounced.add(member);
    this.enter(member);
    this.call?.join(member);
    return member;
  }

  get(number: number): Member | undefined {
    return this.members.get(number);
  }

  remove(member: Member): void {
    const { state } = member.checked;
    this.members.delete(member.number);
    state.stopObserving(member.onSuspend);
    this.costly.delete(member);
    this.timers.delete(member);
    this.unannounced.delete(member);
    this.call?.part(member);
    if (!this.lost.delete(member)) this.leave(member);
    if (isRendezvous(state.channel) && this.call !== undefined) state.runtime.parking.retry(this.call); // it offers the others anew
  }

  /** @throws HandleError (CS3). */
  check(what: string): void {
    for (const member of this.lost) {
      const { state } = member.checked;
      state.check(what);
      this.lost.delete(member); // the message that it was in came back
      this.enter(member);
    }
  }

  /** Why a call ends whose case was lost. */
  lossFor(what: string): unknown {
    const [member] = this.lost;
    return (member as Member).checked.state.gone(what);
  }

  /** The members of what is news, in the order in which a call tries them. */
  membersOf(news: Iterable<WatchedCases<Member>>): Member[] {
    const found: Member[] = [];
    for (const { cases } of news) found.push(...cases);
    if (this.biased) found.sort((a, b) => a.number - b.number);
    else shuffle(found);
    return found;
  }

  get costlyOnes(): Iterable<Member> {
    return this.costly;
  }

  /**
   * Takes what is news, registered from now on: unless it turns out to be ready it is news no more. What comes meanwhile is (CS1).
   */
  takeNews(): WatchedCases<Member>[] {
    const { news } = this.watch;
    const taken = [...news];
    news.clear();
    for (const { interest } of taken) this.runtime.parking.register(interest);
    this.returnNews(this.unannounced);
    return taken;
  }

  /** Members that were taken and may be ready still. */
  returnNews(members: Iterable<Member>): void {
    for (const { watched } of members) if (watched !== undefined) this.watch.news.add(watched);
  }

  get dueAt(): number {
    let due = Infinity;
    for (const { checked } of this.timers) due = Math.min(due, checked.state.channel.dueAt);
    return due;
  }

  private lose(member: Member): void {
    this.lost.add(member);
    this.leave(member);
    const { call } = this;
    if (call !== undefined) member.checked.state.runtime.parking.abandon(call, { why: 'dropped' });
  }

  private enter(member: Member): void {
    const { interest, state } = member.checked;
    member.watched = state.runtime.parking.addWatch(this.watch, interest, member);
  }

  private leave(member: Member): void {
    const { watched, checked } = member;
    member.watched = undefined;
    checked.state.runtime.parking.removeWatch(watched as WatchedCases<Member>, member);
  }
}

/** One call over a set: it completes with one of its members. */
export abstract class Call<Result> extends Operation<Result> {
  readonly interests: readonly Interest[] = [];
  override readonly watch: Watch<Member>;

  constructor(
    protected readonly what: string,
    protected readonly set: CaseSet,
    deadline: number,
  ) {
    super();
    this.watch = set.watch;
    this.deadline = deadline;
    this.keepsAlive = set.size === 0;
    for (const { checked } of set.all) {
      if (!checked.state.keepsAlive) continue;
      this.keepsAlive = true;
      break;
    }
  }

  override get dueAt(): number {
    return this.set.dueAt;
  }

  attempt(): boolean {
    const { isWaiting, news } = this.watch;
    if (!isWaiting) this.set.runtime.parking.readNews();
    try {
      if (news.size <= FEW && this.tryMembers(news)) return true;
      return (isWaiting || news.size > FEW) && this.tryRegistered();
    } catch (error) {
      return this.giveUp(error);
    }
  }

  /** A call that does not wait (CS2). */
  attemptAll(): boolean {
    const { set, watch } = this;
    if (this.attempt()) return true;
    const members = [...set.all];
    const cases = members.map(({ checked }) => checked);
    try {
      return !noneReady(cases, () => {
        set.returnNews(members.filter(({ checked }) => checked.isReady));
        return this.tryMembers(watch.news);
      });
    } catch (error) {
      return this.giveUp(error);
    }
  }

  abandon(reason: Abandoned): unknown {
    this.end();
    const { what, set } = this;
    if (reason.why === 'abort') return reason.reason;
    if (reason.why === 'dropped') return set.lossFor(what);
    return new TimeoutError(`cannot ${what}: none of ${set.size} cases was ready until the time was up`);
  }

  override giveUp(error: unknown): true {
    this.end();
    return this.fail(error);
  }

  /** A case that is added while the call waits takes part in it. */
  join(_member: Member): void {
    this.set.runtime.parking.retry(this);
  }

  /** A case is being removed while the call waits. */
  abstract part(member: Member): void;

  /** The call is over. Gives up what it has not used. */
  abstract end(): void;

  /** The lost-wake-up guard. */
  private tryRegistered(): boolean {
    const members = this.set.membersOf(this.set.takeNews());
    let tried = 0;
    try {
      while (tried < members.length && !this.tryMember(members[tried] as Member)) tried++;
      return tried < members.length;
    } finally {
      this.set.returnNews(members.slice(tried));
    }
  }

  private tryMembers(news: Iterable<WatchedCases<Member>>): boolean {
    for (const member of this.set.membersOf(news)) if (this.tryMember(member)) return true;
    return false;
  }

  protected abstract tryMember(member: Member): boolean;
}

/** Executes a case. */
export class SelectCall extends Call<SetSelection> {
  private readonly running = new Map<Member, RunningCase>();
  private offered: Member[] = [];

  /** @throws what the codec throws on a plain value. */
  constructor(what: string, set: CaseSet, deadline: number) {
    super(what, set, deadline);
    try {
      for (const member of set.costlyOnes) this.runningOf(member);
    } catch (error) {
      this.end();
      throw error;
    }
    this.makeOffers();
  }

  override accept(): boolean {
    const { runtime } = this.set;
    const batch = runtime.lendBatch();
    try {
      const member = this.offered[(this.offers as Offers).collect(batch)] as Member;
      return this.select(member, this.runningOf(member).accept(batch));
    } catch (error) {
      return this.giveUp(error);
    } finally {
      runtime.returnBatch(batch);
    }
  }

  override join(member: Member): void {
    this.renewOffers(member);
    super.join(member);
  }

  part(member: Member): void {
    this.renewOffers(member);
    this.running.get(member)?.giveUp();
    this.running.delete(member);
  }

  end(): void {
    for (const each of this.running.values()) each.giveUp();
    this.running.clear();
  }

  protected tryMember(member: Member): boolean {
    const outcome = this.runningOf(member).attempt();
    return outcome !== undefined && this.select(member, outcome);
  }

  private select(member: Member, outcome: Outcome): true {
    this.end();
    return this.succeed({ member, outcome });
  }

  private runningOf(member: Member): RunningCase {
    let running = this.running.get(member);
    if (running === undefined) this.running.set(member, (running = member.checked.start()));
    return running;
  }

  private makeOffers(): void {
    this.offered = [...this.set.costlyOnes].filter((member) => this.runningOf(member).offer !== undefined);
    if (!this.set.biased) shuffle(this.offered);
    this.offers =
      this.offered.length === 0
        ? undefined
        : new Offers(
            this.set.runtime.heap,
            this.offered.map((member) => this.runningOf(member).offer as OfferCase),
          );
    for (const member of this.offered) this.runningOf(member).onMade = () => this.offers?.release();
  }

  /** The set changed while the call waits: what it offers is another. */
  private renewOffers(member: Member): void {
    if (!isRendezvous(member.checked.state.channel)) return;
    if (this.offers?.stands === true && this.offers.withdraw(true) === 'taken up') return this.set.runtime.parking.retry(this);
    this.offers?.release();
    this.makeOffers();
  }
}

/** Only finds out whether a case is ready. */
export class ReadyCall extends Call<Member> {
  constructor(what: string, set: CaseSet, deadline: number) {
    super(what, set, deadline);
    this.ask();
  }

  override join(member: Member): void {
    this.ask();
    super.join(member);
  }

  part(): void {
    this.ask();
  }

  end(): void {
    // nothing was begun
  }

  protected tryMember(member: Member): boolean {
    return member.checked.isReady && this.succeed(member);
  }

  /** Makes its questions, instead of those that it had made. Nobody can have taken one up. */
  private ask(): void {
    this.offers?.withdraw();
    this.offers?.release();
    const members = [...this.set.costlyOnes].filter(({ checked }) => isRendezvous(checked.state.channel));
    this.offers = members.length === 0 ? undefined : new Offers(this.set.runtime.heap, members.map(questionOf));
  }
}

/** An offer that asks to be told of partners, and cannot be taken up. */
function questionOf({ checked }: Member): OfferCase {
  const { channel, side } = checked.state;
  return {
    channel: channel as OfferCase['channel'],
    side,
    isLazy: true,
    holdsHandles: false,
    lease: 0,
    load: nothing,
    unload: nothing,
  };
}

function nothing(): void {
  // a question has no message
}
