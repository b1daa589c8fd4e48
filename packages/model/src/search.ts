/**
 * Which runs to make: all that differ (systematic), or as many random ones as time allows.
 *
 * Systematic: depth-first over the choices, with dynamic partial-order reduction (Flanagan and Godefroid, 2005) and sleep sets
 * (Godefroid, 1996). Two steps depend on each other when they touch the same word and one of them writes it; only runs that order
 * dependent steps differently are made. A thread's death is a choice at each of its steps, and before each plain store in it.
 *
 * Used by: explore.ts.
 *
 * Invariants
 *   E1  Every run begins with the choices of the stack and is checked against what they led to before: the threads are deterministic.
 *   E2  A node's choices are taken at most once each. Those taken sleep in the others' subtrees until something depends on them.
 */
import { Access, actionOf, choiceOf, DIE, LIFE, PROGRESS, threadOf, TIME_OUT, type Control } from './control.js';
import type { Outcome, Plan, Point } from './outcome.js';
import type { Stage } from './run.js';

/** A scheduling point on the current path. */
interface Node {
  choice: number;
  readonly options: readonly number[];
  accesses: Touch[];
  readonly done: Map<number, readonly Touch[]>;
  readonly wanted: Set<number>;
  /** Choices that need not be taken here: runs with them first were made, and nothing since depends on them. */
  readonly sleep: Map<number, readonly Touch[]>;
}

/** A word that a step touched, and whether it wrote it. */
interface Touch {
  readonly word: number;
  readonly writes: boolean;
}

export interface Result {
  runs: number;
  /** Runs whose end had been made before, in another order. */
  redundant: number;
  deaths: number;
  isExhaustive: boolean;
  /** The run that found something; its steps are still in control memory. */
  found: Outcome | undefined;
  races: readonly string[];
}

export interface Budget {
  readonly until: number;
  readonly runs: number;
}

/** One random run in so many is without deaths: it shows how long the threads' parts are, and so where there is to die. */
const SURVIVALS = 16;

export class Search {
  readonly result: Result = { runs: 0, redundant: 0, deaths: 0, isExhaustive: false, found: undefined, races: [] };
  private readonly nodes: Node[] = [];

  constructor(private readonly stage: Stage) {}

  /** Makes every run that differs, as far as the budget goes. */
  exhaust({ until, runs }: Budget): void {
    let prefix: number[] | undefined = [];
    for (let made = 0; prefix !== undefined; made++) {
      if (made >= runs || performance.now() >= until) return;
      const outcome = this.make({ prefix });
      if (outcome === undefined) return;
      this.grow(outcome.points, Math.max(0, prefix.length - 1));
      this.findRaces();
      prefix = this.backtrack();
    }
    this.result.isExhaustive = true;
  }

  /** Random runs. How restless the scheduler is, who dies and when, differ from run to run. */
  wander({ until, runs }: Budget, seed: number): void {
    const { stage } = this;
    const { kills = 0, killable, threads } = stage.scenario;
    const victims = killable ?? threads.map((_, thread) => thread);
    let state = seed | 1;
    const draw = (below: number) => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 1) % below;
    };
    const lengths = threads.map(() => 1);
    for (let made = 0; made < runs && performance.now() < until; made++) {
      const dieAt = threads.map(() => 0);
      for (let kill = 0; kill < kills && made % SURVIVALS !== 0; kill++) {
        const victim = victims[draw(victims.length)];
        dieAt[victim] = 1 + draw(lengths[victim]);
      }
      const restless = [8, 40, 100, 200][draw(4)];
      if (this.make({ prefix: [], random: { seed: draw(0x7fffffff) | 1, restless, dieAt } }) === undefined) return;
      threads.forEach((_, thread) => (lengths[thread] = Math.max(lengths[thread], stage.control.of(thread, 'operations'))));
    }
  }

  /** Makes a run; undefined if it found something. */
  private make(plan: Plan): Outcome | undefined {
    const outcome = this.stage.run(plan);
    this.result.runs++;
    this.result.deaths += outcome.deaths;
    if (outcome.problems.length === 0) return outcome;
    this.result.found = outcome;
    return undefined;
  }

  // ── the stack ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Puts a run's points on the stack. `from`: the first whose choice is new. */
  private grow(points: readonly Point[], from: number): void {
    const { nodes, stage } = this;
    for (let i = 0; i < points.length; i++) {
      const { choice, options } = points[i];
      const accesses = touches(stage.control, points[i]);
      let node = nodes[i];
      if (i < nodes.length) {
        if (node.choice !== choice || node.options.some((mask, thread) => mask !== options[thread]))
          throw new Error(`${stage.scenario.name}: the same choices led elsewhere at point ${i}`); // E1
        node.accesses = accesses;
      } else {
        const sleep = i === 0 ? new Map<number, readonly Touch[]>() : awake(nodes[i - 1]);
        if (sleep.has(choice)) {
          this.result.redundant++;
          break; // the rest of this run was made before
        }
        node = { choice, options, accesses, done: new Map(), wanted: new Set(), sleep };
        nodes.push(node);
      }
      if (i >= from) {
        node.done.set(choice, accesses);
        this.wantAll(node, threadOf(choice));
        this.wantDeaths(node, points[i]);
      }
    }
  }

  /** All that a thread could do at a node, deaths apart. */
  private wantAll(node: Node, thread: number): void {
    const mask = node.options[thread] & PROGRESS;
    for (let action = 1; action <= mask; action <<= 1) {
      if ((mask & action) !== 0) node.wanted.add(choiceOf(thread, action));
    }
  }

  private wantDeaths(node: Node, { choice, from, to }: Point): void {
    const thread = threadOf(choice);
    if ((node.options[thread] & DIE) === 0 || actionOf(choice) === DIE) return;
    node.wanted.add(choiceOf(thread, DIE));
    let stores = 0;
    for (let at = from; at < to; at++) if (kindAt(this.stage.control, at) === Access.PlainWrite) stores++;
    for (let store = 1; store <= stores; store++) node.wanted.add(choiceOf(thread, DIE, store));
  }

  /** The next run's choices: the deepest choice that is wanted and was not made. */
  private backtrack(): number[] | undefined {
    const { nodes } = this;
    for (let i = nodes.length - 1; i >= 0; i--) {
      const node = nodes[i];
      for (const choice of node.wanted) {
        if (node.done.has(choice) || node.sleep.has(choice)) continue;
        nodes.length = i + 1;
        node.choice = choice;
        return nodes.map((each) => each.choice);
      }
    }
    return undefined;
  }

  // ── dependence ────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** For every step, the last one of another thread that it could have come before: there, its thread is wanted too. */
  private findRaces(): void {
    const { nodes } = this;
    const threads = this.stage.threads;
    const clocks = Array.from({ length: threads }, () => new Int32Array(threads).fill(-1));
    const words = new Map<number, WordHistory>();
    nodes.forEach((node, i) => {
      const thread = threadOf(node.choice);
      const clock = clocks[thread];
      const before = clock.slice();
      for (const { word, writes } of node.accesses) {
        let history = words.get(word);
        if (history === undefined) words.set(word, (history = new WordHistory(threads)));
        this.reverse(history.writer, thread, before);
        join(clock, history.writeClock);
        if (writes) {
          for (const reader of history.readers) this.reverse(reader, thread, before);
          join(clock, history.readClock);
        }
      }
      clock[thread] = i;
      for (const { word, writes } of node.accesses) (words.get(word) as WordHistory).note(i, thread, writes, clock);
      this.wantTimeouts(node);
    });
  }

  /** Step `i` of another thread might have come after the one that `thread` makes now: if nothing orders them, both ways are wanted. */
  private reverse(i: number, thread: number, before: Int32Array): void {
    if (i < 0) return;
    const node = this.nodes[i];
    const other = threadOf(node.choice);
    if (other === thread || before[other] >= i) return;
    if ((node.options[thread] & PROGRESS) !== 0) this.wantAll(node, thread);
    else node.options.forEach((_, each) => this.wantAll(node, each));
  }

  /** A wait with a limit can run out at any time: before somebody wakes it, to be exact. */
  private wantTimeouts(node: Node): void {
    if (!node.accesses.some(({ word, writes }) => writes && word >= QUEUES)) return;
    node.options.forEach((mask, thread) => {
      if ((mask & TIME_OUT) !== 0) node.wanted.add(choiceOf(thread, TIME_OUT));
    });
  }
}

/** Queues of sleepers are objects of their own, beside the words they belong to. */
const QUEUES = 0x10000000;

class WordHistory {
  writer = -1;
  readonly writeClock: Int32Array;
  readonly readClock: Int32Array;
  /** The last read of each thread since the last write. */
  readonly readers = new Set<number>();
  private readonly lastRead: Int32Array;

  constructor(threads: number) {
    this.writeClock = new Int32Array(threads).fill(-1);
    this.readClock = new Int32Array(threads).fill(-1);
    this.lastRead = new Int32Array(threads).fill(-1);
  }

  note(i: number, thread: number, writes: boolean, clock: Int32Array): void {
    if (writes) {
      this.writer = i;
      this.writeClock.set(clock);
      this.readClock.fill(-1);
      this.readers.clear();
      this.lastRead.fill(-1);
      return;
    }
    join(this.readClock, clock);
    this.readers.delete(this.lastRead[thread]);
    this.readers.add(i);
    this.lastRead[thread] = i;
  }
}

function join(clock: Int32Array, other: Int32Array): void {
  for (let i = 0; i < clock.length; i++) if (other[i] > clock[i]) clock[i] = other[i];
}

/** What still sleeps after a node's step: what slept there or was taken there before, and does not depend on the step. */
function awake(node: Node): Map<number, readonly Touch[]> {
  const sleep = new Map<number, readonly Touch[]>();
  for (const from of [node.sleep, node.done]) {
    for (const [choice, accesses] of from) {
      if (choice === node.choice || threadOf(choice) === threadOf(node.choice)) continue;
      if (!dependent(accesses, node.accesses)) sleep.set(choice, accesses);
    }
  }
  return sleep;
}

function dependent(some: readonly Touch[], others: readonly Touch[]): boolean {
  return some.some((one) => others.some((other) => one.word === other.word && (one.writes || other.writes)));
}

function kindAt(control: Control, at: number): Access {
  return control.accesses[3 * at] >>> 28;
}

/** The shared words of a step. Plain accesses count: those that race are reported (races.ts), the others order nothing anew. */
function touches(control: Control, { from, to, choice }: Point): Touch[] {
  const seen = new Map<number, boolean>();
  for (let at = from; at < to; at++) {
    const kind = kindAt(control, at);
    const word = (control.accesses[3 * at] & 0x0fffffff) + (kind === Access.Queue ? QUEUES : 0);
    const writes = kind === Access.Write || kind === Access.PlainWrite || kind === Access.Queue;
    seen.set(word, writes || seen.get(word) === true);
  }
  if (actionOf(choice) === DIE) seen.set(LIFE + threadOf(choice), true);
  return [...seen].map(([word, writes]) => ({ word, writes }));
}
