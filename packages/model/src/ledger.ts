/**
 * The ledger: the judgement of what modelled threads were about to do and what came of it (events.ts).
 *
 * Called by: run.ts, when a run has ended.
 */
import type { Control } from './control.js';
import { EVENT_WORDS, Event } from './events.js';
import type { Scenario } from './scenario.js';
import { FILLED, isTimer, type ChannelPlan } from './setting.js';

/** An instant and when the attempt began that took it, in tenths of a ms. */
interface Tick {
  readonly instant: number;
  readonly since: number;
}

/** A thread's messages of one channel, as told by its log. */
interface Account {
  readonly begun: number[];
  readonly sent: number[];
  readonly refused: Set<number>;
  readonly got: number[];
  /** Of a receiver of a broadcast: messages, and how many it missed, as negative numbers. */
  readonly path: number[];
  /** Most messages that an attempt to take, which has not come back, may have taken. */
  doubt: number;
  /** Of a timer: when the attempt began whose instant comes next; the instants. */
  since: number;
  readonly ticks: Tick[];
}

export interface Verdict {
  readonly problems: string[];
  /** Per thread: what it waits for, if it does: channel and side (0 to send, 1 to receive, FOR_ITS_END). */
  readonly waiting: Map<number, { channel: number; side: number }[]>;
}

/** Reads all logs. `dead`: threads that were killed. What the closer got is what was left. */
export function judge(control: Control, scenario: Scenario, dead: ReadonlySet<number>): Verdict {
  const closer = scenario.threads.length;
  const problems: string[] = [];
  const waiting: Verdict['waiting'] = new Map();
  const accounts = new Map<number, Map<number, Account>>();
  for (let thread = 0; thread <= closer; thread++) {
    const log = control.logOf(thread);
    const open: { channel: number; side: number }[] = [];
    for (let at = 0; at < log.length; at += EVENT_WORDS) {
      const [event, channel, value] = log.subarray(at, at + EVENT_WORDS) as unknown as [Event, number, number];
      const account = accountOf(accounts, channel, thread);
      switch (event) {
        case Event.Sending:
          account.begun.push(value);
          break;
        case Event.Sent:
          account.sent.push(value);
          break;
        case Event.Refused:
          account.refused.add(value);
          break;
        case Event.Taking:
          account.doubt = value;
          break;
        case Event.Got:
          account.got.push(value);
          account.path.push(value);
          account.ticks.push({ instant: value, since: account.since });
          break;
        case Event.Since:
          account.since = value;
          break;
        case Event.Missed:
          account.path.push(-value);
          break;
        case Event.Took:
          account.doubt = 0;
          break;
        case Event.Waiting:
          open.push({ channel, side: value });
          break;
        case Event.Waited:
          open.splice(
            open.findIndex((each) => each.channel === channel && each.side === value),
            1,
          );
          break;
        case Event.Wrong:
          problems.push(`thread ${thread}: check ${value} of the scenario failed`);
          break;
      }
    }
    waiting.set(thread, open);
  }
  scenario.channels.forEach((plan, channel) => {
    const { kind, capacity, filled = 0, keeps = 'txrx' } = plan;
    const before = accountOf(accounts, channel, FILLED / 1000);
    for (let i = 1; i <= filled; i++) {
      before.begun.push(FILLED + i);
      before.sent.push(FILLED + i);
    }
    const byThread = accounts.get(channel) as Map<number, Account>;
    if (isTimer(plan)) judgeTimer(channel, byThread, dead, plan, problems);
    else if (kind === 'broadcast')
      judgeBroadcast(channel, byThread, dead, keeps.includes('rx') ? closer : undefined, capacity, problems);
    else judgeChannel(channel, byThread, dead, closer, keeps.includes('rx'), problems);
    const accepted = [...byThread.values()].reduce((count, { sent }) => count + sent.length, 0);
    if (kind === 'oneshot' && accepted > 1) problems.push(`channel ${channel}: a oneshot took ${accepted} messages`);
  });
  return { problems, waiting };
}

function accountOf(accounts: Map<number, Map<number, Account>>, channel: number, thread: number): Account {
  let byThread = accounts.get(channel);
  if (byThread === undefined) accounts.set(channel, (byThread = new Map<number, Account>()));
  let account = byThread.get(thread);
  if (account === undefined)
    byThread.set(
      thread,
      (account = { begun: [], sent: [], refused: new Set(), got: [], path: [], doubt: 0, since: 0, ticks: [] }),
    );
  return account;
}

function judgeChannel(
  channel: number,
  byThread: Map<number, Account>,
  dead: ReadonlySet<number>,
  closer: number,
  /** Receivers remain to the end, so nothing is discarded. */
  isKept: boolean,
  problems: string[],
): void {
  const say = (problem: string) => problems.push(`channel ${channel}: ${problem}`);
  const begun = new Set<number>();
  const refused = new Set<number>();
  const seen = new Map<number, number>();
  let doubt = 0;
  for (const [thread, account] of byThread) {
    for (const value of account.begun) begun.add(value);
    for (const value of account.refused) refused.add(value);
    if (dead.has(thread)) doubt += account.doubt;
  }
  for (const [thread, { got }] of byThread) {
    for (const value of got) {
      // What was there before the run may arrive elsewhere: a dead worker's job does, where its answer would have.
      if (!begun.has(value) && value < FILLED) say(`thread ${thread} got ${value}, which nobody sent`);
      else if (refused.has(value)) say(`thread ${thread} got ${value}, which its sender was told is not sent`);
      else if (seen.has(value)) say(`${value} was got by thread ${thread} and by thread ${seen.get(value)}`);
      seen.set(value, thread);
    }
    checkOrder(thread, got, say);
  }
  const taken = [...byThread].filter(([thread]) => thread !== closer);
  const rest = byThread.get(closer)?.got ?? [];
  for (const [thread, { got }] of taken) {
    for (const value of got) {
      const earlier = rest.find((left) => Math.floor(left / 1000) === Math.floor(value / 1000) && left < value);
      if (earlier !== undefined) say(`thread ${thread} got ${value} while ${earlier}, sent before it, was left`);
    }
  }
  const lost: number[] = [];
  for (const { sent } of byThread.values()) for (const value of sent) if (!seen.has(value)) lost.push(value);
  if (isKept && lost.length > doubt)
    say(`${lost.join(', ')} ${lost.length === 1 ? 'was' : 'were'} sent and lost (in doubt: ${doubt})`);
  for (const value of isKept ? lost : []) {
    const earlier = rest.find((left) => Math.floor(left / 1000) === Math.floor(value / 1000) && left < value);
    if (earlier !== undefined) say(`a dead receiver took ${value} while ${earlier}, sent before it, was left`);
  }
}

/**
 * A timer: each instant goes to one thread. Which instant follows the one that was taken is a matter of the policy; where a dead
 * thread may have taken some, those may be missing. That none came early is checked where it was received.
 */
function judgeTimer(
  channel: number,
  byThread: Map<number, Account>,
  dead: ReadonlySet<number>,
  { kind, policy, period = 0 }: ChannelPlan,
  problems: string[],
): void {
  const say = (problem: string) => problems.push(`channel ${channel}: ${problem}`);
  const ticks = [...byThread.values()].flatMap((account) => account.ticks).sort((a, b) => a.instant - b.instant);
  const missing = [...byThread].reduce((sum, [thread, { doubt }]) => sum + (dead.has(thread) ? doubt : 0), 0);
  const numberOf = ({ instant }: Tick) => instant / (10 * period);
  if (kind === 'at' && ticks.length !== 1 && !(ticks.length === 0 && missing > 0)) say(`fired ${ticks.length} times`);
  ticks.forEach((tick, i) => {
    const before = ticks[i - 1] ?? { instant: 0, since: 0 };
    const after = `${tick.instant} was taken after ${before.instant}, by an attempt that began at ${before.since}`;
    if (tick.instant === before.instant) say(`${tick.instant} was taken twice`);
    else if (policy === 'delay' && tick.instant < Math.max(before.instant, before.since) + 10 * period)
      say(`too close: ${after}`);
    else if (policy === 'skip' && tick.instant <= before.since) say(`missed before: ${after}`);
    if ((policy === 'skip' || policy === 'burst') && !Number.isInteger(numberOf(tick))) say(`${tick.instant} is not on the grid`);
  });
  const last = ticks.at(-1);
  if (policy === 'burst' && last !== undefined && numberOf(last) - ticks.length > missing)
    say(`${ticks.map(({ instant }) => instant).join(', ')} were taken, others left out (in doubt: ${missing})`);
}

/**
 * A broadcast: the place of a message is how many were sent before it. Receivers that were there from the start know it, as they are told
 * what they missed; so all find the same in each place, the one at the end (`closer`) comes to the number of messages sent, and
 * what it can still read then is exactly the capacity.
 */
function judgeBroadcast(
  channel: number,
  byThread: Map<number, Account>,
  dead: ReadonlySet<number>,
  closer: number | undefined,
  capacity: number,
  problems: string[],
): void {
  const say = (problem: string) => problems.push(`channel ${channel}: ${problem}`);
  const begun = new Set<number>();
  const refused = new Set<number>();
  const places = new Map<number, number>();
  const found = new Map<number, number>();
  let sent = 0;
  let doubt = 0;
  for (const [thread, account] of byThread) {
    for (const value of account.begun) begun.add(value);
    for (const value of account.refused) refused.add(value);
    sent += account.sent.length;
    if (dead.has(thread)) doubt += account.begun.length - account.sent.length - account.refused.size;
  }
  for (const [thread, { path }] of byThread) {
    let place = 0;
    for (const step of path) {
      if (step < 0) {
        place -= step;
        continue;
      }
      if (!begun.has(step)) say(`thread ${thread} got ${step}, which nobody sent`);
      if (refused.has(step)) say(`thread ${thread} got ${step}, which its sender was told is not sent`);
      if ((places.get(place) ?? step) !== step)
        say(`in place ${place} thread ${thread} got ${step}, another ${places.get(place)}`);
      if ((found.get(step) ?? place) !== place)
        say(`thread ${thread} got ${step} in place ${place}, another in ${found.get(step)}`);
      places.set(place, step);
      found.set(step, place++);
    }
  }
  checkOrder(
    closer ?? -1,
    [...places].sort(([a], [b]) => a - b).map(([, value]) => value),
    say,
  );
  const path = closer === undefined ? undefined : byThread.get(closer)?.path;
  if (path === undefined) return;
  const end = path.reduce((place, step) => place + (step < 0 ? -step : 1), 0);
  if (end < sent || end > sent + doubt) say(`${sent} messages were sent (in doubt: ${doubt}), a receiver counts ${end}`);
  if (path[0] < 0 && path.length !== 1 + capacity)
    say(`a receiver that had fallen behind found ${path.length - 1} of ${capacity}`);
}

function checkOrder(thread: number, got: readonly number[], say: (problem: string) => void): void {
  const last = new Map<number, number>();
  for (const value of got) {
    const sender = Math.floor(value / 1000);
    const before = last.get(sender);
    if (before !== undefined && before > value) say(`thread ${thread} got ${value} after ${before}`);
    last.set(sender, value);
  }
}
