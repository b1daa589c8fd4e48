/**
 * The process's side of a run: sets memory back, lets the modelled threads go, and judges what they left.
 *
 * Used by: search.ts. One Stage per scenario and set of patches; a run on it takes about a millisecond, most of it for handing the baton.
 */
import { join } from 'node:path';
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import type { ActorData, Orders } from './actor.js';
import { audit, auditCounts, eachEntry } from './audit.js';
import { Control, Fault, Mode, MOST_THREADS, Phase, State, threadOf } from './control.js';
import { judge, type Verdict } from './ledger.js';
import { findRaces } from './races.js';
import { install } from './stand-ins/current.js';
import { become } from './stand-ins/threads.js';
import { decide, Killed, Stepper } from './stepper.js';
import { Part } from './thread.js';
import type { Layout } from './layout.js';
import type { Patch } from './loader.js';
import { Names } from './names.js';
import type { Outcome, Plan, Point } from './outcome.js';
import type { Scenario } from './scenario.js';
import { isTimer, type Given, type GivenHandle } from './setting.js';

/** What a wait is for, by what its event says (events.ts). */
const WAITS = ['to send on', 'to receive from', 'for the end of'];
/** How long a run may take before the checker itself is considered stuck. */
const STUCK_MS = 60_000;
const HEAP_BYTES = 1024 * 1024;

export class Stage {
  readonly control = Control.create();
  readonly threads: number;
  private readonly closer: number;
  private readonly stepper: Stepper;
  private readonly workers: Worker[] = [];
  private readonly ports: MessagePort[] = [];
  private heap!: SharedArrayBuffer;
  private given!: Given;
  private snapshot!: Int32Array;
  /** The closer's part in this run, once it has one. */
  private part: Part | undefined;

  constructor(
    readonly scenario: Scenario,
    private readonly layout: Layout,
    private readonly patches: readonly Patch[],
  ) {
    this.closer = scenario.threads.length;
    this.threads = this.closer + 1;
    this.stepper = new Stepper(this.control, this.closer);
    if (this.threads > MOST_THREADS) throw new Error(`${scenario.name} has too many threads`);
  }

  /** What words of the heap are called. */
  get names(): Names {
    return new Names(this.layout, this.given.channels, new Int32Array(this.heap));
  }

  /** Starts the threads and sets the scenario up. */
  start(): void {
    const { control, scenario } = this;
    for (let thread = 0; thread < this.closer; thread++) {
      const { port1, port2 } = new MessageChannel();
      const workerData: ActorData = {
        control: control.buffer,
        thread,
        scenario: scenario.name,
        patches: this.patches,
        port: port2,
      };
      this.workers.push(new Worker(join(__dirname, 'actor.js'), { workerData, transferList: [port2] }));
      this.ports.push(port1);
    }
    install(this.stepper);
    become(this.closer + 1);
    control.clear();
    control.set('phase', Phase.Free);
    this.heap = this.newHeap();
    Part.claimSlots(this.heap, this.threads);
    this.given = new Part(control, this.closer, this.heap, { channels: [] }).setUp(scenario);
    this.snapshot = new Int32Array(this.heap).slice();
    this.order();
  }

  async stop(): Promise<void> {
    for (const port of this.ports) port.close();
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }

  run(plan: Plan): Outcome {
    const { control } = this;
    this.restore();
    this.prepare(plan);
    this.go();
    const points = this.points();
    const deaths = this.dead().size;
    const problems = this.faults();
    if (problems.length === 0) problems.push(...findRaces(control, this.threads, this.names, points));
    if (problems.length === 0) {
      if (deaths > 0 || this.isAnyoneWaiting()) this.close(Phase.Reap);
      problems.push(...this.faults(), ...this.stuck(), ...auditCounts(this.layout, new Int32Array(this.heap)));
    }
    if (problems.length === 0) this.close(Phase.Teardown);
    if (problems.length === 0) problems.push(...this.faults(), ...this.judge());
    if (problems.length === 0) problems.push(...audit(this.layout, new Int32Array(this.heap)));
    return { problems, points, deaths };
  }

  // ── before ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  private newHeap(): SharedArrayBuffer {
    return this.layout.createHeapBuffer(this.scenario.memory ?? HEAP_BYTES, false);
  }

  /** Tells the threads which heap and which handles are theirs from now on. */
  private order(): void {
    for (const port of this.ports) port.postMessage({ heap: this.heap, given: this.givenHere() } satisfies Orders);
  }

  /** Tokens name the heap: they are the same for another one, with its buffer in them. */
  private givenHere(): Given {
    const { channels, tokens = [], shared = [] } = this.given;
    const here = ([name, token]: GivenHandle): GivenHandle => [name, { ...token, heap: this.heap }];
    return { channels, tokens: tokens.map((list) => list.map(here)), shared: shared.map(here) };
  }

  private restore(): void {
    if (this.heap.byteLength !== this.snapshot.byteLength) {
      this.heap = this.newHeap();
      this.order();
    }
    new Int32Array(this.heap).set(this.snapshot);
    this.part = undefined;
  }

  private prepare({ prefix, random }: Plan): void {
    const { control, scenario } = this;
    control.clear();
    control.set('phase', Phase.Run);
    control.set('threads', this.threads);
    control.set('closer', this.closer);
    control.set('running', 0);
    control.set('kills', scenario.kills ?? 0);
    control.set('timed', scenario.channels.some(isTimer) ? 1 : 0);
    control.set(
      'killable',
      (scenario.killable ?? scenario.threads.map((_, i) => i)).reduce((mask, i) => mask | (1 << i), 0),
    );
    control.set('prefix', prefix.length);
    control.prefixes.set(prefix);
    control.set('mode', random === undefined ? Mode.Systematic : Mode.Random);
    control.set('spurious', random === undefined ? 0 : (scenario.spurious ?? 0));
    if (random === undefined) return;
    control.set('random', random.seed);
    control.set('restless', random.restless);
    random.dieAt.forEach((operation, thread) => control.put(thread, 'dieAt', operation));
  }

  /** Lets the threads go on until none can. */
  private go(): void {
    const first = decide(this.control);
    if (first === undefined || threadOf(first) === this.closer) return;
    this.control.hand(threadOf(first));
    if (!this.control.await(this.closer, STUCK_MS)) this.giveUp();
    this.control.set('running', this.closer);
  }

  /** The closer's part: reaps; in the teardown also takes what is left and leaves. Then everybody else goes on to the end. */
  private close(phase: Phase.Reap | Phase.Teardown): void {
    const { control, stepper, closer } = this;
    stepper.dead = false;
    control.set('phase', Phase.Free);
    this.part ??= new Part(control, closer, this.heap, this.givenHere());
    const { part } = this;
    control.set('phase', phase);
    control.set('running', closer);
    try {
      part.reap(phase === Phase.Teardown ? this.dismiss() : []);
      if (phase === Phase.Teardown) part.close();
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
    control.put(closer, 'state', State.Gone);
    this.go();
  }

  /** Whoever has ended by now need not be asked to leave: it is as good as dead. */
  private dismiss(): number[] {
    const { control } = this;
    const ended: number[] = [];
    for (let thread = 0; thread < this.closer; thread++) {
      if (control.stateOf(thread) !== State.Finished) continue;
      ended.push(thread);
      control.put(thread, 'state', State.Gone);
    }
    return ended;
  }

  private giveUp(): never {
    const { control, scenario } = this;
    const states = Array.from({ length: this.threads }, (_, thread) => State[control.stateOf(thread)]).join(', ');
    throw new Error(
      `${scenario.name}: the checker is stuck in thread ${control.get('running')}; threads: ${states}\n${this.faults().join('\n')}`,
    );
  }

  // ── after ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  private points(): Point[] {
    const { control } = this;
    const count = control.get('points');
    const points: Point[] = [];
    for (let i = 0; i < count; i++) {
      const at = i * (1 + MOST_THREADS);
      const to = i + 1 < count ? control.pointAccesses[i + 1] : control.get('accesses');
      const options = Array.from(control.points.subarray(at + 1, at + 1 + this.threads));
      points.push({ choice: control.points[at], options, from: control.pointAccesses[i], to });
    }
    return points;
  }

  private dead(): Set<number> {
    const dead = new Set<number>();
    for (let thread = 0; thread < this.threads; thread++) if (this.control.of(thread, 'alive') === 0) dead.add(thread);
    return dead;
  }

  private faults(): string[] {
    const { control } = this;
    const problems: string[] = [];
    this.ports.forEach((port, thread) => {
      const answer = receiveMessageOnPort(port)?.message as string | undefined;
      if (answer !== undefined) problems.push(`thread ${thread} threw ${answer}`);
    });
    const fault = control.fault;
    if (fault === Fault.TooLong) problems.push('the run does not end');
    if (fault === Fault.Livelock) problems.push('threads go round for ever, waiting for a lock that nobody gives back');
    return problems;
  }

  private isAnyoneWaiting(): boolean {
    const { control, closer } = this;
    for (let thread = 0; thread < closer; thread++) {
      const state = control.stateOf(thread);
      if (state === State.Blocked || state === State.Loop || state === State.Awaiting) return true;
    }
    return false;
  }

  /** Threads that wait although what they wait for is there, and nobody goes on any more. All the dead have been reaped. */
  private stuck(): string[] {
    const { control, layout, given, heap } = this;
    const problems: string[] = [];
    const words = new Int32Array(heap);
    const { waiting } = judge(control, this.scenario, this.dead());
    for (const [thread, waits] of waiting) {
      const state = control.stateOf(thread);
      if (state !== State.Blocked && state !== State.Loop && state !== State.Awaiting) continue;
      for (const { channel, side } of waits) {
        const { at, isBroadcast } = given.channels[channel];
        const { sent, length: buffered, capacity, closed } = layout.channelState(words, at);
        const length = isBroadcast ? sent - this.positionOf(words, at, thread) : buffered;
        const hasWhatItTakes = [length < capacity, length > 0, false][side];
        const ready = closed || hasWhatItTakes || this.hasPartner(waiting, channel, side, capacity);
        if (ready)
          problems.push(
            `thread ${thread} waits ${WAITS[side]} channel ${channel}, which is ready (${length} of ${capacity}${closed ? ', closed' : ''})`,
          );
      }
    }
    return [...problems, ...this.unnoticed(words)];
  }

  /** How many messages of a broadcast a thread's receiver, which is the only one that waits, has behind it. */
  private positionOf(words: Int32Array, channel: number, thread: number): number {
    const { constants } = this.layout;
    const { E_OWNER, E_CHANNEL, E_KIND, E_POSITION, OWNER_THREAD, PHASE_LIVE, SIDE_RECEIVER } = constants;
    let position = 0;
    eachEntry(constants, words, (at) => {
      const isIts = words[at + E_OWNER] === (OWNER_THREAD | (thread + 1)) && words[at + E_CHANNEL] === channel;
      if (isIts && words[at + E_KIND] === (PHASE_LIVE | SIDE_RECEIVER)) position = words[at + E_POSITION];
    });
    return position;
  }

  /** Offers that were taken up, and whose threads, though they live, do not go on. */
  private unnoticed(words: Int32Array): string[] {
    const { OFFERS_SETTLED, O_OWNER, INDEX_OWNER } = this.layout.constants;
    const dead = this.dead();
    return this.given.channels.flatMap(({ at }, channel) => {
      const offer = words[at + OFFERS_SETTLED];
      const thread = (words[offer + O_OWNER] & INDEX_OWNER) - 1;
      return offer === 0 || dead.has(thread)
        ? []
        : [`thread ${thread} does not notice that its offer on channel ${channel} was taken up`];
    });
  }

  /** Whether somebody waits at the other side of a rendezvous. */
  private hasPartner(waiting: Verdict['waiting'], channel: number, side: number, capacity: number): boolean {
    if (capacity > 0) return false;
    const dead = this.dead();
    return [...waiting].some(
      ([thread, waits]) => !dead.has(thread) && waits.some((wait) => wait.channel === channel && wait.side !== side),
    );
  }

  private judge(): string[] {
    const { control } = this;
    const problems: string[] = [];
    for (let thread = 0; thread < this.closer; thread++) {
      const state = control.stateOf(thread);
      if (state !== State.Gone && state !== State.Dead) problems.push(`thread ${thread} is parked for ever (${State[state]})`);
    }
    problems.push(...judge(control, this.scenario, this.dead()).problems);
    return problems;
  }
}
