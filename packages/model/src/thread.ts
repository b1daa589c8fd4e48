/**
 * A thread's part in a run: the handles it is given, and operations on them for the bodies of scenarios. Every operation is entered
 * into the ledger before and after.
 *
 * Used by: actor.ts. Loads the (patched) build.
 */
import type * as Core from '@beamline/core';
import type * as Internal from '@beamline/core/internal';
import type { BroadcastReceiver, BroadcastSender, Receiver, Sender } from '@beamline/core';
import type * as Select from '@beamline/select';
import { State, type Control } from './control.js';
import { fromCore } from './loader.js';
import { EVENT_WORDS, Event, FOR_ITS_END } from './events.js';
import { nextTurn, now, timer } from './stand-ins/clock.js';
import { current } from './stand-ins/current.js';
import { Killed } from './stepper.js';
import { FILLED, isTimer, type ChannelPlan, type Form, type Given, type HandleName, type Setting } from './setting.js';

const core = fromCore<typeof Core>('index.js');
const select = require('@beamline/select') as typeof Select;
/** Core's key of the state behind a handle. */
const HANDLE = Symbol.for('beamline.handle');
const stateOf = (handle: object) => (handle as { [HANDLE]: Internal.HandleState })[HANDLE];
const internal = fromCore<typeof Internal>('internal.js');
const { runtimeFor } = fromCore<{ runtimeFor(heap: SharedArrayBuffer, place?: object): Internal.Runtime }>('runtime.js');
const layout = fromCore<Record<string, number> & { threadRecord(slot: number): number }>('memory/layout.js');
const { E_OWNER, OWNER_THREAD, LAYOUT_VERSION, T_STATE, THREADS_HIGH } = layout as Record<string, number>;
const registry = fromCore<{ markDead(heap: object, slot: number): boolean }>('threads/registry.js');
const { openChannel } = fromCore<{ openChannel(heap: object, at: number): Internal.Channel }>('flavors/open.js');
const { makeHandle, HandleState } = fromCore<{
  makeHandle(state: object): object;
  HandleState: new (runtime: Internal.Runtime, channel: Internal.Channel, entry: number, side: number) => object;
}>('handles/state.js');
const { entryAt } = fromCore<{ entryAt(heap: object, index: number): number }>('ownership/entries.js');

const LONG = 'a text that is too long for a slot and so lies in a chunk: ';

/** A thread's part in a run. */
export class Part {
  readonly core = core;
  readonly runtime: Internal.Runtime;
  private readonly senders = new Map<number, Sender<unknown>>();
  private readonly receivers = new Map<number, Receiver<unknown>>();
  private serial = 0;

  constructor(
    private readonly control: Control,
    readonly me: number,
    heap: SharedArrayBuffer,
    private readonly given: Given,
  ) {
    delete (globalThis as { [key: symbol]: unknown })[Symbol.for(`beamline.runtime/${LAYOUT_VERSION}`)];
    const slot = me + 1;
    this.runtime = runtimeFor(heap, { slot, parent: -1 });
    for (const [name, token] of given.tokens?.[me] ?? []) {
      const side = name.startsWith('tx') ? 0 : 1;
      const channel = Number(name.slice(2));
      const handle = this.handleOf(given.channels[channel].at, (token as { entry: number }).entry, side);
      (side === 0 ? this.senders : this.receivers).set(channel, handle as never);
    }
  }

  /** A handle whose entry is this thread's already. Takes no step that others could see, or would have to wait for. */
  private handleOf(at: number, entry: number, side: number): object {
    const { runtime } = this;
    const channel = runtime.channels.get(at) ?? openChannel(runtime.heap, at);
    return makeHandle(new HandleState(runtime, channel, entry, side));
  }

  /** Gives every thread its slot, so that joining changes nothing: thread ids are slot numbers. */
  static claimSlots(heap: SharedArrayBuffer, threads: number): void {
    const words = new Int32Array(heap);
    for (let slot = 1; slot <= threads; slot++) words[layout.threadRecord(slot) + T_STATE] = slot + 1;
    words[THREADS_HIGH] = threads;
  }

  // ── setup and end, by the closer ──────────────────────────────────────────────────────────────────────────────────────────

  /** Makes the channels and everybody's handles. */
  setUp(scenario: Setting): Given {
    const channels: Given['channels'][number][] = [];
    const tokens: [HandleName, object][][] = [...scenario.threads, undefined].map(() => []);
    const shared: [HandleName, object][] = [];
    scenario.channels.forEach((plan, channel) => {
      const [tx, rx] = isTimer(plan) ? [undefined, makeTimer(plan)] : this.makeChannel(plan);
      channels.push({
        form: plan.form,
        at: stateOf(rx).channel.at,
        isBroadcast: plan.kind === 'broadcast',
        isTimer: isTimer(plan),
      });
      const put = (message: unknown) => (plan.kind === 'broadcast' ? asBroadcast(tx).send(message) : tx?.trySend(message));
      for (let i = 0; i < (plan.shift ?? 0); i++) {
        put(0);
        rx.tryRecv();
      }
      for (let i = 1; i <= (plan.filled ?? 0); i++) put(encode(plan.form, FILLED + i));
      scenario.gives.forEach((names, thread) => {
        if (tx !== undefined && names.includes(`tx${channel}`)) tokens[thread].push([`tx${channel}`, this.assign(thread, tx)]);
        if (names.includes(`rx${channel}`)) tokens[thread].push([`rx${channel}`, this.assign(thread, rx)]);
      });
      for (const name of scenario.shares ?? []) {
        if (tx !== undefined && name === `tx${channel}`) shared.push([name, tx.clone().transfer()]);
        if (name === `rx${channel}`) shared.push([name, rx.clone().transfer()]);
      }
      const keeps = plan.keeps ?? 'txrx';
      if (tx !== undefined && keeps.includes('tx')) tokens[this.me].push([`tx${channel}`, this.assign(this.me, tx)]);
      if (keeps.includes('rx')) tokens[this.me].push([`rx${channel}`, this.assign(this.me, rx)]);
      tx?.drop();
      rx.drop();
    });
    return { channels, tokens, shared };
  }

  private makeChannel(plan: ChannelPlan): [Sender<unknown>, Receiver<unknown>] {
    const { capacity, positions } = plan;
    return internal.createChannel(kindOf(plan), capacity, undefined, ...(positions === undefined ? [] : [positions]));
  }

  /** A handle that belongs to a thread before it runs. */
  private assign(thread: number, handle: Sender<unknown> | Receiver<unknown>): object {
    const token = handle.clone().transfer() as unknown as { entry: number };
    const { heap } = this.runtime;
    heap.words[entryAt(heap, token.entry) + E_OWNER] = OWNER_THREAD | (thread + 1);
    return token;
  }

  /** When nobody goes on: whoever is dead is found dead, and reaped; and so are threads that have ended. */
  reap(ended: readonly number[]): void {
    for (const thread of ended) registry.markDead(this.runtime.heap, thread + 1);
    for (let slot = 1; slot <= this.me; slot++) this.runtime.witness.isGone(slot);
    this.runtime.witness.reaper.reap();
  }

  /** The end of a run: what is left is taken, everything is let go. */
  close(): void {
    for (const channel of this.receivers.keys()) {
      if (this.given.channels[channel].isBroadcast) while (['got', 'lagged'].includes(this.read(channel)));
      else while (this.tryRecv(channel));
    }
    this.leave();
  }

  leave(): void {
    this.runtime.leave();
  }

  // ── for the bodies ────────────────────────────────────────────────────────────────────────────────────────────────────────

  tx(channel = 0): Sender<unknown> {
    return this.senders.get(channel) as Sender<unknown>;
  }

  rx(channel = 0): Receiver<unknown> {
    return this.receivers.get(channel) as Receiver<unknown>;
  }

  /** States something that must be so here. */
  check(number: number, holds: boolean): void {
    if (!holds) this.log(Event.Wrong, 0, number);
  }

  /** The killed write no more: the library may go on for a while with what it caught. */
  private log(event: Event, channel: number, value: number): void {
    if (current()?.dead === true) throw new Killed();
    this.control.write(this.me, event, channel, value);
  }

  private next(channel: number): number {
    const value = 1000 * this.me + ++this.serial;
    this.log(Event.Sending, channel, value);
    return value;
  }

  /** A message; one that carries a handle carries a clone of this thread's sender of the channel after its own. */
  private encode(channel: number, value: number): unknown {
    const { form } = this.given.channels[channel];
    return form === 'handle' ? { text: encode('text', value), handle: this.tx(channel + 1).clone() } : encode(form, value);
  }

  trySend(channel = 0): boolean {
    const value = this.next(channel);
    const result = this.tx(channel).trySend(this.encode(channel, value));
    this.log(result.ok ? Event.Sent : Event.Refused, channel, value);
    return result.ok;
  }

  sendSync(channel = 0, timeout?: number): boolean {
    const value = this.next(channel);
    this.log(Event.Waiting, channel, 0);
    const sent = tells(() => this.tx(channel).sendSync(this.encode(channel, value), timeout === undefined ? {} : { timeout }));
    this.log(Event.Waited, channel, 0);
    this.log(sent === 'done' ? Event.Sent : Event.Refused, channel, value);
    return sent === 'done';
  }

  async send(channel = 0, timeout?: number): Promise<boolean> {
    const value = this.next(channel);
    this.log(Event.Waiting, channel, 0);
    const sent = await tellsLater(this.tx(channel).send(this.encode(channel, value), timeout === undefined ? {} : { timeout }));
    this.log(Event.Waited, channel, 0);
    this.log(sent ? Event.Sent : Event.Refused, channel, value);
    return sent;
  }

  trySendMany(count: number, channel = 0): boolean {
    const values = Array.from({ length: count }, () => this.next(channel));
    const result = this.tx(channel).trySendMany(values.map((value) => this.encode(channel, value)));
    values.forEach((value, i) => this.log(i < result.count ? Event.Sent : Event.Refused, channel, value));
    return result.ok;
  }

  tryRecv(channel = 0): boolean {
    const since = this.takes(channel);
    const result = this.rx(channel).tryRecv();
    if (result.ok) this.got(channel, result.value, since);
    this.log(Event.Took, channel, 0);
    return result.ok;
  }

  /** About to take one message; the time. */
  private takes(channel: number): number {
    this.log(Event.Taking, channel, 1);
    return now();
  }

  private got(channel: number, value: unknown, since: number): void {
    if (!this.given.channels[channel].isTimer) return this.log(Event.Got, channel, decode(value));
    this.check(100, now() >= (value as number)); // never early
    this.log(Event.Since, channel, 10 * since);
    this.log(Event.Got, channel, Math.round(10 * (value as number)));
  }

  tryRecvMany(max: number, channel = 0): number {
    this.log(Event.Taking, channel, max);
    const result = this.rx(channel).tryRecvMany(max);
    const values = result.ok ? result.value : [];
    for (const value of values) this.log(Event.Got, channel, decode(value));
    this.log(Event.Took, channel, 0);
    return values.length;
  }

  recvSync(channel = 0, timeout?: number): boolean {
    const since = this.takes(channel);
    this.log(Event.Waiting, channel, 1);
    const got = tells(() => this.rx(channel).recvSync(timeout === undefined ? {} : { timeout }));
    return this.received(channel, got, since);
  }

  recv(channel = 0, timeout?: number): Promise<boolean> {
    return this.awaits(channel, timeout === undefined ? {} : { timeout });
  }

  /** A receive that is aborted at some turn of the event loop. */
  recvAborted(channel = 0): Promise<boolean> {
    const controller = new AbortController();
    timer(5, () => controller.abort());
    return this.awaits(channel, { signal: controller.signal });
  }

  private async awaits(channel: number, options: { timeout?: number; signal?: AbortSignal }): Promise<boolean> {
    const since = this.takes(channel);
    this.log(Event.Waiting, channel, 1);
    let value: unknown;
    const ok = await tellsLater(
      this.rx(channel)
        .recv(options)
        .then((got) => (value = got)),
    );
    return this.received(channel, ok ? { value } : undefined, since);
  }

  private received(channel: number, got: 'done' | { value: unknown } | undefined, since: number): boolean {
    this.log(Event.Waited, channel, 1);
    if (typeof got === 'object') this.got(channel, got.value, since);
    this.log(Event.Took, channel, 0);
    return got !== undefined;
  }

  /** Entries around something that takes one message of one of several channels. */
  taking(channels: readonly number[], take: () => { channel: number; value: unknown } | undefined): boolean {
    const since = now();
    for (const channel of channels) {
      this.takes(channel);
      this.log(Event.Waiting, channel, 1);
    }
    const got = take();
    for (const channel of channels) {
      this.log(Event.Waited, channel, 1);
      if (got?.channel === channel) this.got(channel, got.value, since);
      this.log(Event.Took, channel, 0);
    }
    return got !== undefined;
  }

  /** Something in which nobody may sleep while there is a message in one of these channels. */
  async waitingFor(channels: readonly number[], run: () => Promise<void>): Promise<void> {
    for (const channel of channels) this.log(Event.Waiting, channel, 1);
    await run();
    for (const channel of channels) this.log(Event.Waited, channel, 1);
  }

  /** Another operation that puts one message into a channel, or none. */
  putting(channel: number, put: (message: unknown) => boolean): void {
    const value = this.next(channel);
    this.log(put(this.encode(channel, value)) ? Event.Sent : Event.Refused, channel, value);
  }

  // ── broadcast ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Sends; how many receivers there were. */
  cast(channel = 0): number {
    const value = this.next(channel);
    let receivers = 0;
    try {
      receivers = asBroadcast(this.tx(channel)).send(this.encode(channel, value));
    } catch (error) {
      if (!isExpected(error)) throw error;
    }
    this.log(receivers > 0 ? Event.Sent : Event.Refused, channel, value);
    return receivers;
  }

  /** A try to receive, by this thread's receiver. */
  read(channel = 0): string {
    const result = asReader(this.rx(channel)).tryRecv();
    if (result.ok) this.log(Event.Got, channel, decode(result.value));
    else if (result.reason === 'lagged') this.log(Event.Missed, channel, result.missed);
    return result.ok ? 'got' : result.reason;
  }

  readSync(channel = 0): boolean {
    this.log(Event.Waiting, channel, 1);
    return this.hasRead(
      channel,
      tellsRead(() => asReader(this.rx(channel)).recvSync()),
    );
  }

  async readLater(channel = 0, timeout?: number): Promise<boolean> {
    this.log(Event.Waiting, channel, 1);
    const reading = asReader(this.rx(channel)).recv(timeout === undefined ? {} : { timeout });
    const outcome = await reading.then(
      (value) => () => value,
      (error: unknown) => () => {
        throw error;
      },
    );
    return this.hasRead(channel, tellsRead(outcome));
  }

  private hasRead(channel: number, outcome: { value: unknown } | { missed: number } | undefined): boolean {
    this.log(Event.Waited, channel, 1);
    if (outcome === undefined) return false;
    if ('missed' in outcome) this.log(Event.Missed, channel, outcome.missed);
    else this.log(Event.Got, channel, decode(outcome.value));
    return true;
  }

  subscribe(channel = 0): BroadcastReceiver<unknown> {
    return asBroadcast(this.tx(channel)).subscribe();
  }

  /** What a receiver of this thread's own finds: messages, and how many it missed, as negative numbers. */
  drain(receiver: BroadcastReceiver<unknown>): number[] {
    const found: number[] = [];
    for (;;) {
      const result = receiver.tryRecv();
      if (result.ok) found.push(decode(result.value));
      else if (result.reason === 'lagged') found.push(-result.missed);
      else return found;
    }
  }

  /** What a thread was told that it has sent, so far. */
  sentBy(thread: number, channel = 0): number[] {
    const log = this.control.logOf(thread);
    const sent: number[] = [];
    for (let at = 0; at < log.length; at += EVENT_WORDS) {
      if (log[at] === (Event.Sent as number) && log[at + 1] === channel) sent.push(log[at + 2]);
    }
    return sent;
  }

  selectSync(channels: readonly number[]): boolean {
    return this.taking(channels, () => {
      const event = select.selectSync(channels.map((channel) => this.rx(channel)));
      return event.ok ? { channel: channels[event.key], value: event.value } : undefined;
    });
  }

  async select(channels: readonly number[], timeout?: number): Promise<void> {
    for (const channel of channels) {
      this.log(Event.Taking, channel, 1);
      this.log(Event.Waiting, channel, 1);
    }
    let got: { channel: number; value: unknown } | undefined;
    const cases = channels.map((channel) => this.rx(channel));
    await tellsLater(
      select.select(cases, timeout === undefined ? {} : { timeout }).then((event) => {
        if (event.ok) got = { channel: channels[event.key], value: event.value };
      }),
    );
    this.taking(channels, () => got);
    for (const channel of channels) this.log(Event.Waited, channel, 1);
  }

  /** A select over receives (`r0`), sends (`s0`) and sends whose message is made last (`t0`), blocking. */
  mixedSync(cases: readonly MixedCase[], timeout?: number): void {
    const mix = this.mix(cases);
    const event = tells(() => select.selectSync(mix.cases, timeout === undefined ? {} : { timeout }));
    mix.end(typeof event === 'object' ? event.value : undefined);
  }

  /** The same in an event loop. */
  async mixed(cases: readonly MixedCase[], timeout?: number): Promise<void> {
    const mix = this.mix(cases);
    let event: MixedEvent | undefined;
    await tellsLater(
      select
        .select(mix.cases, timeout === undefined ? {} : { timeout })
        .then((selected) => (event = selected as unknown as MixedEvent)),
    );
    mix.end(event);
  }

  private mix(cases: readonly MixedCase[]): { cases: never[]; end(event: MixedEvent | undefined): void } {
    const begun = new Map<number, number>();
    const channels = cases.map((each) => Number(each.slice(1)));
    const begin = (index: number) => begun.set(index, this.next(channels[index])).get(index) as number;
    const made = cases.map((each, index) => {
      const channel = channels[index];
      if (each.startsWith('r')) this.log(Event.Taking, channel, 1);
      this.log(Event.Waiting, channel, each.startsWith('r') ? 1 : 0);
      if (each.startsWith('r')) return this.rx(channel);
      if (each.startsWith('t')) return select.send(this.tx(channel), () => this.encode(channel, begin(index)));
      return select.send(this.tx(channel), this.encode(channel, begin(index)));
    });
    const end = (event: MixedEvent | undefined) =>
      cases.forEach((each, index) => {
        const channel = channels[index];
        const isSelected = event?.key === index && event.ok;
        this.log(Event.Waited, channel, each.startsWith('r') ? 1 : 0);
        const value = begun.get(index);
        if (value !== undefined) this.log(isSelected ? Event.Sent : Event.Refused, channel, value);
        if (!each.startsWith('r')) return;
        if (isSelected) this.log(Event.Got, channel, decode(event.value));
        this.log(Event.Took, channel, 0);
      });
    return { cases: made as never[], end };
  }

  /** Asks a reusable select which of its cases is ready: the first letter says what for, as in `mixed`. */
  asks(cases: readonly MixedCase[], timeout: number): boolean {
    const set = this.setOf(cases);
    const index = tells(() => set.readySync({ timeout }));
    set.clear();
    return index !== undefined;
  }

  /** The same in an event loop, for as long as it takes. */
  async isTold(cases: readonly MixedCase[]): Promise<void> {
    const set = this.setOf(cases);
    await set.ready();
    set.clear();
  }

  private setOf(cases: readonly MixedCase[]): Select.Select {
    const set = new select.Select();
    for (const each of cases) {
      const channel = Number(each.slice(1));
      if (each.startsWith('r')) set.recv(this.rx(channel));
      else set.send(this.tx(channel), 0);
    }
    return set;
  }

  /** Until nobody can receive from a channel any more. */
  async ended(channel = 0): Promise<void> {
    let told = 0;
    this.log(Event.Waiting, channel, FOR_ITS_END);
    await internal.onEnding(stateOf(this.tx(channel)), () => told++);
    this.log(Event.Waited, channel, FOR_ITS_END);
    this.check(101, told === 1);
  }

  /** A reusable select over receives: what its calls take is booked like any receive. */
  watching(channels: readonly number[]): () => boolean {
    const set = new select.Select();
    const byIndex = new Map(channels.map((channel) => [set.recv(this.rx(channel)), channel]));
    return () =>
      this.taking(channels, () => {
        const event = set.selectSync();
        return event.ok ? { channel: byIndex.get(event.index) as number, value: event.value } : undefined;
      });
  }

  /**
   * Takes a job, if there is one, and answers it with the same message: on lease, or by an ordinary receive and send.
   */
  answer(jobs: number, results: number, onLease: boolean): void {
    this.log(Event.Taking, jobs, 1);
    const lease = onLease ? internal.claimLease(this.tx(results)) : undefined;
    const job = lease === undefined ? this.rx(jobs).tryRecv() : this.takeLease(lease, jobs);
    if (job.ok) {
      const value = decode(job.value);
      this.log(Event.Sending, results, value);
      if (lease === undefined) this.tx(results).trySend(job.value);
      else internal.post(stateOf(this.tx(results)), job.value, { aux: 1, lease });
      this.log(Event.Sent, results, value);
      this.log(Event.Got, jobs, value);
    }
    if (lease !== undefined) internal.returnLease(this.runtime, lease);
    this.log(Event.Took, jobs, 0);
  }

  private takeLease(lease: Internal.Lease, jobs: number): { ok: true; value: unknown } | { ok: false } {
    const state = stateOf(this.rx(jobs));
    return lease.take(state) === 1 ? { ok: true, value: lease.decode(state) } : { ok: false };
  }

  /** Gives its sender up, and then tries to have one again; whether it has. */
  upgradeAfterDrop(channel = 0): boolean {
    const weak = this.tx(channel).downgrade();
    this.dropTx(channel);
    const again = weak.upgrade();
    weak.drop();
    if (again === undefined) return false;
    this.putting(channel, (message) => again.trySend(message).ok);
    again.drop();
    return true;
  }

  /** Opens the shared token of a channel's sender, unless somebody else has. */
  openShared(): Sender<unknown> | undefined {
    const [, token] = this.given.shared?.[0] ?? [];
    return this.open(token);
  }

  /** Opens a token, unless somebody else has. */
  open(token: unknown): Sender<unknown> | undefined {
    try {
      return core.open(token as Core.HandleToken<Sender<unknown>>);
    } catch (error) {
      if ((error as { code?: string }).code === 'ERR_HANDLE_MOVED') return undefined;
      throw error;
    }
  }

  /** Lets the event loop turn. */
  turn(): Promise<void> {
    return new Promise((resolve) => nextTurn(resolve));
  }

  /** Computes, for as long as one of these threads is still at it: this thread does nothing for anybody meanwhile. */
  computeUntilEnded(threads: readonly number[]): void {
    const isOver = (thread: number) => [State.Finished, State.Gone, State.Dead].includes(this.control.stateOf(thread));
    while (!threads.some(isOver)) current()?.awaitChange(0);
  }

  /** What every thread does about deaths while it waits, at any time: waits for one and cleans up. Ends with the run. */
  bury(): void {
    while (current()?.watch() === true) {
      for (let slot = 1; slot <= this.control.get('closer'); slot++) if (slot !== this.me + 1) this.runtime.witness.isGone(slot);
      this.runtime.witness.reaper.reap();
    }
  }

  dropTx(channel = 0): void {
    this.tx(channel).drop();
  }

  dropRx(channel = 0): void {
    this.rx(channel).drop();
  }
}

function makeTimer({ kind, period = 0, policy = 'delay' }: ChannelPlan): Receiver<unknown> {
  return kind === 'at' ? select.after(period) : select.tick(period, { policy });
}

function kindOf({ kind, capacity }: ChannelPlan): number {
  if (kind === 'oneshot') return internal.KIND_ONESHOT;
  if (kind === 'broadcast') return internal.KIND_BROADCAST;
  if (capacity === 0) return internal.KIND_ZERO;
  return capacity === Infinity ? internal.KIND_LIST : internal.KIND_ARRAY;
}

/** The handles of a broadcast are kept with the others. */
function asBroadcast(handle: unknown): BroadcastSender<unknown> {
  return handle as BroadcastSender<unknown>;
}

function asReader(handle: unknown): BroadcastReceiver<unknown> {
  return handle as BroadcastReceiver<unknown>;
}

/** Outcome of a receive from a broadcast; undefined when it timed out or the channel was disconnected. */
function tellsRead(receive: () => unknown): { value: unknown } | { missed: number } | undefined {
  try {
    return { value: receive() };
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_LAGGED') return { missed: (error as Core.LaggedError).missed };
    if (isExpected(error)) return undefined;
    throw error;
  }
}

/** A case of a mixed select: what it does, and on which channel. */
export type MixedCase = `${'r' | 's' | 't'}${number}`;

interface MixedEvent {
  readonly key: number;
  readonly ok: boolean;
  readonly value?: unknown;
}

function encode(form: Form, value: number): unknown {
  return form === 'number' ? value : LONG + String(value);
}

function decode(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'object' && value !== null) {
    const { text, handle } = value as { text: unknown; handle: Sender<unknown> };
    handle.drop();
    return decode(text);
  }
  if (typeof value === 'string' && value.startsWith(LONG)) return Number(value.slice(LONG.length));
  throw new Error(`a message arrived damaged: ${String(value)}`);
}

/** Outcome of a blocking operation; undefined when it timed out or the channel was disconnected. */
function tells<R>(operation: () => R): 'done' | { value: R } | undefined {
  try {
    const value = operation();
    return value === undefined ? 'done' : { value };
  } catch (error) {
    if (isExpected(error)) return undefined;
    throw error;
  }
}

async function tellsLater(operation: Promise<unknown>): Promise<boolean> {
  try {
    await operation;
    return true;
  } catch (error) {
    if (isExpected(error)) return false;
    throw error;
  }
}

function isExpected(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === 'ERR_TIMEOUT' || code === 'ERR_DISCONNECTED' || (error as Error).name === 'AbortError';
}
