/**
 * The scheduler's half inside a modelled thread: before each shared operation it decides who goes on, and hands the baton.
 *
 * Called by: stand-ins/ (every operation on shared memory, sleeping, the clock's tasks), actor.ts.
 *
 * Whoever runs decides who runs next, from control memory alone, so a run is a function of its choices. A killed thread's pending
 * operation, and every one after it, throws: nothing that its unwinding does reaches shared memory.
 *
 * Invariants
 *   S1  Between two turns of a thread nobody else runs (control.ts, B1).
 *   S2  A thread's options are computed from control memory only, so whoever decides sees what everybody else would.
 */
import {
  Access,
  actionOf,
  choiceOf,
  type Control,
  DIE,
  Fault,
  LIFE,
  Mode,
  MOST_ACCESSES,
  MOST_POINTS,
  MOST_THREADS,
  OPERATIONS,
  Phase,
  PROGRESS,
  State,
  STEP,
  storeOf,
  TASK_RING,
  TASK_TIMER,
  TASK_TURN,
  threadOf,
  TIME,
  TIME_OUT,
  WAKE_SPURIOUSLY,
  type OperationName,
} from './control.js';

/** Thrown at a killed thread's operations. */
export class Killed extends Error {
  constructor() {
    super('this modelled thread was killed');
  }
}

/** Rounds in which only threads run that wait for somebody else's change. */
const MOST_IDLE = 400;
/** Operations of one thread in one run; beyond, it counts as endless. */
const MOST_OPERATIONS = 50_000;
/** Shorter waits are naps: a pause until something changes. */
const SHORTEST_WAIT_MS = 1;
/** Where there are timers, which fall due between whole ms, only the nap before a lock is looked at again. */
const SHORTEST_TIMED_MS = 0.06;
/** Waits from here on are slices and longer: no wake-up may depend on them, so they never time out. */
const SLICE_MS = 100;

export class Stepper {
  dead = false;
  /** A death chosen in the middle of the step: before how many more plain stores. */
  private storesToLive = 0;
  private stores = 0;

  constructor(
    readonly control: Control,
    readonly me: number,
  ) {}

  get isFree(): boolean {
    return this.control.phase === Phase.Free;
  }

  // ── operations ────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The turn before a shared operation. Returns when this thread goes on; throws if it is killed instead. */
  turn(): void {
    if (this.dead) throw new Killed();
    this.control.put(this.me, 'state', State.Ready);
    this.countOperation();
    if (this.control.of(this.me, 'operations') > MOST_OPERATIONS) this.abort(Fault.TooLong);
    if (this.me === this.control.get('closer')) return; // nobody else could go on when it began
    this.pass();
  }

  record(kind: Access, word: number, operation: OperationName, value: number): void {
    const { control, me } = this;
    if (kind === Access.Write || kind === Access.PlainWrite) this.wakeAwaiting();
    if (control.phase !== Phase.Run) return;
    const at = control.get('accesses');
    if (at >= MOST_ACCESSES) this.abort(Fault.TooLong);
    const { accesses } = control;
    accesses[3 * at] = (kind << 28) | word;
    accesses[3 * at + 1] = OPERATIONS.indexOf(operation) | (me << 8);
    accesses[3 * at + 2] = value;
    control.set('accesses', at + 1);
  }

  plainRead(word: number): void {
    if (this.dead) throw new Killed();
    this.record(Access.PlainRead, word, 'read', 0);
  }

  /** A plain store is a place to die, not to switch: nobody may look at the word meanwhile, or it is reported as a race. */
  plainWrite(word: number, value: number): void {
    if (this.dead) throw new Killed();
    this.stores++;
    if (this.storesToLive > 0 && --this.storesToLive === 0) this.die();
    if (this.countOperation()) this.dieInStep();
    this.record(Access.PlainWrite, word, 'write', value);
  }

  /** Counts this thread's operations; says whether a random run lets it die at this one. */
  private countOperation(): boolean {
    const { control, me } = this;
    const operation = control.of(me, 'operations') + 1;
    control.put(me, 'operations', operation);
    const isDue = control.mode === Mode.Random && control.of(me, 'dieAt') === operation && control.get('kills') > 0;
    return isDue && control.phase === Phase.Run;
  }

  // ── time ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  now(): number {
    const time = this.control.get('time');
    if (this.isTimed) this.record(Access.Read, TIME, 'time?', time);
    return time;
  }

  /** It is that late, or later. */
  passTime(instant: number): void {
    const { control } = this;
    const time = Math.max(control.get('time'), Math.ceil(instant));
    control.set('time', time);
    if (this.isTimed) this.record(Access.Write, TIME, 'passes', time);
  }

  private get isTimed(): boolean {
    return this.control.get('timed') === 1;
  }

  // ── sleeping ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Sleeps on a word. The caller has compared already. */
  sleep(word: number, ms: number): 'ok' | 'timed-out' {
    const { control, me } = this;
    if (ms < (this.isTimed ? SHORTEST_TIMED_MS : SHORTEST_WAIT_MS)) {
      this.awaitChange(0);
      return 'timed-out';
    }
    control.put(me, 'sleepsOn', word + 1);
    control.put(me, 'finite', ms < SLICE_MS ? 1 : 0);
    control.put(me, 'due', Math.ceil(control.get('time') + Math.min(ms, 1e6)));
    control.put(me, 'woken', 0);
    control.put(me, 'state', State.Blocked);
    const action = this.pass(); // killed here, it stays in the queue: a wake-up may be wasted on it
    control.put(me, 'sleepsOn', 0);
    this.record(Access.Queue, word, 'wait', 1);
    if (action !== TIME_OUT) return 'ok';
    this.passTime(control.of(me, 'due'));
    return 'timed-out';
  }

  /** Lets others go on until one of them, or the one named (its slot), has written something or died. */
  awaitChange(owner: number): void {
    const { control, me } = this;
    control.put(me, 'owner', owner);
    control.put(me, 'changed', 0);
    control.put(me, 'state', State.Awaiting);
    this.pass();
  }

  /** Waits for a death that it has not seen; false when the run is over. */
  watch(): boolean {
    const { control, me } = this;
    if (this.dead) throw new Killed();
    control.put(me, 'state', State.Watching);
    this.pass();
    for (let thread = 0; thread < control.get('closer'); thread++)
      this.record(Access.Read, LIFE + thread, 'lives?', control.of(thread, 'alive'));
    const isNew = control.get('deaths') > control.of(me, 'seen');
    control.put(me, 'seen', control.get('deaths'));
    return isNew;
  }

  private wakeAwaiting(): void {
    const { control, me } = this;
    control.set('idle', 0);
    for (let thread = 0; thread < control.get('threads'); thread++) {
      if (thread === me) continue;
      const owner = control.of(thread, 'owner');
      if (owner === 0 || owner === me + 1) control.put(thread, 'changed', 1);
    }
  }

  /** Wakes sleepers on a word, and resolves `waitAsync`; `most` of them, the stale and the dead first. */
  notify(word: number, most: number): void {
    const { control } = this;
    const threads = control.get('threads');
    for (let thread = 0; thread < threads && most > 0; thread++) {
      if (control.of(thread, 'asyncWord') !== word + 1) continue;
      control.put(thread, 'asyncWord', 0);
      control.put(thread, 'rings', control.of(thread, 'rings') + 1);
      most--;
    }
    for (let thread = 0; thread < threads && most > 0; thread++) {
      if (control.of(thread, 'sleepsOn') !== word + 1) continue;
      control.put(thread, 'sleepsOn', 0);
      control.put(thread, 'woken', 1);
      most--;
    }
  }

  // ── life ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** A random run lets the thread die here: as if its step had been chosen to end so, which makes the run replayable. */
  private dieInStep(): never {
    const { control, me, stores } = this;
    control.points[(control.get('points') - 1) * (1 + MOST_THREADS)] = choiceOf(me, DIE, stores);
    this.die();
  }

  private die(): never {
    const { control, me } = this;
    this.dead = true;
    control.set('kills', control.get('kills') - 1);
    control.set('deaths', control.get('deaths') + 1);
    control.put(me, 'alive', 0);
    this.record(Access.Write, LIFE + me, 'dies', 0);
    throw new Killed();
  }

  /** The run is over for everybody, with a fault. */
  private abort(fault: Fault): never {
    this.fail(fault);
    this.dead = true;
    throw new Killed();
  }

  fail(fault: Fault): void {
    if (this.control.fault === Fault.None) this.control.set('fault', fault);
  }

  // ── deciding ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Gives the decision away; returns what this thread is to do when its turn comes. Dies if it is chosen to. */
  pass(): number {
    const { control, me } = this;
    const next = decide(control);
    const thread = next === undefined ? control.get('closer') : threadOf(next);
    if (thread !== me) {
      control.hand(thread);
      this.await();
    }
    return this.resume();
  }

  /** Blocks until the baton comes. */
  await(): void {
    this.control.await(this.me);
  }

  /** What this thread was chosen to do. */
  resume(): number {
    const { control, me } = this;
    control.set('running', me);
    const choice = control.of(me, 'choice');
    const action = actionOf(choice);
    if (action === DIE && storeOf(choice) === 0) this.die();
    this.storesToLive = action === DIE ? storeOf(choice) : 0;
    this.stores = 0;
    return action;
  }
}

/** What a thread could do now. */
function optionsOf(control: Control, thread: number): number {
  const state = control.stateOf(thread);
  const phase = control.phase;
  let options = 0;
  switch (state) {
    case State.New:
      return phase === Phase.Run && thread === control.get('closer') ? 0 : STEP;
    case State.Ready:
      options = STEP;
      break;
    case State.Blocked:
      if (control.of(thread, 'woken') === 1) options = STEP;
      else if (control.of(thread, 'finite') === 1) options = TIME_OUT;
      if (control.of(thread, 'woken') === 0 && control.get('spurious') > 0) options |= WAKE_SPURIOUSLY;
      break;
    case State.Awaiting:
      if (control.of(thread, 'changed') === 1) options = STEP;
      break;
    case State.Watching:
      if (phase === Phase.Teardown || control.get('deaths') > control.of(thread, 'seen')) options = STEP;
      break;
    case State.Loop:
      if (control.of(thread, 'turns') > 0) options |= TASK_TURN;
      if (control.of(thread, 'timers') > 0) options |= TASK_TIMER;
      if (control.of(thread, 'rings') > 0) options |= TASK_RING;
      break;
    case State.Finished:
      return phase === Phase.Teardown ? STEP : 0;
    case State.Gone:
    case State.Dead:
      return 0;
  }
  const mayDie = control.get('kills') > 0 && phase === Phase.Run && (control.get('killable') & (1 << thread)) !== 0;
  return mayDie ? options | DIE : options;
}

const options = new Int32Array(MOST_THREADS);

/** The next choice, written where the chosen thread finds it; undefined when nobody can go on. */
export function decide(control: Control): number | undefined {
  const threads = control.get('threads');
  let any = 0;
  for (let thread = 0; thread < threads; thread++) any |= options[thread] = optionsOf(control, thread);
  if (control.fault !== Fault.None) return undefined;
  if ((any & (PROGRESS & ~TIME_OUT)) === 0 && !letAwaitingGoOn(control, threads) && (any & TIME_OUT) === 0) return undefined;
  const point = control.get('points');
  let choice: number;
  if (control.phase === Phase.Run) {
    if (point >= MOST_POINTS) {
      control.set('fault', Fault.TooLong);
      return undefined;
    }
    choice = point < control.get('prefix') ? control.prefixes[point] : choose(control, threads);
    const at = point * (1 + MOST_THREADS);
    control.points[at] = choice;
    for (let thread = 0; thread < threads; thread++) control.points[at + 1 + thread] = options[thread];
    control.pointAccesses[point] = control.get('accesses');
    control.set('points', point + 1);
  } else choice = goOn(control, threads);
  control.put(threadOf(choice), 'choice', choice);
  return choice;
}

/** Nobody else can change anything: those who wait for a change look again, but not for ever. */
function letAwaitingGoOn(control: Control, threads: number): boolean {
  let any = false;
  for (let thread = 0; thread < threads; thread++) {
    if (control.stateOf(thread) !== State.Awaiting) continue;
    options[thread] |= STEP;
    any = true;
  }
  if (!any) return false;
  const idle = control.get('idle') + 1;
  control.set('idle', idle);
  if (idle > MOST_IDLE) control.set('fault', Fault.Livelock);
  return true;
}

function choose(control: Control, threads: number): number {
  if (control.mode === Mode.Systematic) return goOn(control, threads);
  const running = control.get('running');
  const switches = (random(control) & 255) < control.get('restless') || (options[running] & PROGRESS) === 0;
  const thread = switches ? randomThread(control, threads) : running;
  return choiceOf(thread, isDueToDie(control, thread) ? DIE : randomAction(control, options[thread]));
}

function isDueToDie(control: Control, thread: number): boolean {
  const dieAt = control.of(thread, 'dieAt');
  return (options[thread] & DIE) !== 0 && dieAt !== 0 && control.of(thread, 'operations') >= dieAt;
}

/** The running thread as long as it can, else the first that can; time passes only when nothing else can happen. */
function goOn(control: Control, threads: number): number {
  const running = control.get('running');
  for (const wanted of [PROGRESS & ~TIME_OUT, TIME_OUT]) {
    for (let i = 0; i < threads; i++) {
      const thread = (running + i) % threads;
      const available = options[thread] & wanted;
      if (available !== 0) return choiceOf(thread, available & -available);
    }
  }
  throw new Error('nobody can go on');
}

function randomThread(control: Control, threads: number): number {
  const able: number[] = [];
  for (let thread = 0; thread < threads; thread++) {
    if ((options[thread] & ~DIE) !== 0 || isDueToDie(control, thread)) able.push(thread);
  }
  return able[random(control) % able.length];
}

function randomAction(control: Control, mask: number): number {
  const actions: number[] = [];
  for (let bit = 1; bit <= mask; bit <<= 1) if ((mask & bit) !== 0 && bit !== DIE) actions.push(bit);
  const action = actions[random(control) % actions.length];
  if (action === WAKE_SPURIOUSLY) control.set('spurious', control.get('spurious') - 1);
  return action;
}

/** Xorshift on a word of control memory: whoever decides draws from the one sequence of the run. */
function random(control: Control): number {
  let x = control.get('random');
  x ^= x << 13;
  x ^= x >>> 17;
  x ^= x << 5;
  control.set('random', x);
  return x >>> 1;
}
