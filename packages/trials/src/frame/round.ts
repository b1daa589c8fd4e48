/**
 * One round of one scenario: its random numbers, its threads and channels, and whether everything is as it was at the end.
 *
 * Called by: the tools; scenarios are given one.
 */
import { bounded, inspect, unbounded, type Handle, type Receiver, type Sender } from 'beamline';
import { Actor, later, type ActorPlan, type Way } from './cast.js';
import { judge, leastBuffered, messagesTaken } from './judge.js';
import type { Ledger } from './ledger.js';
import { codecOf, dress, forget, undress, type CodecName } from './messages.js';
import { Random } from './random.js';
import { Stage } from './stage.js';

/** How long what is left behind may take to go away: witnesses of some deaths come with slices of up to 800 ms. */
const TIDY_MS = 8000;
const SAMPLE_MS = 1;

/** What there is before a round and has to be there after it. */
export interface Baseline {
  readonly channels: number;
  readonly threads: number;
  readonly handles: number;
  readonly used: number;
}

export function baseline(): Baseline {
  const { channels, threads, memory } = inspect();
  const handles = channels.reduce((sum, { senders, receivers }) => sum + senders.length + receivers.length, 0);
  return { channels: channels.length, threads: threads.length, handles, used: memory.used };
}

/** A channel whose messages are in the books. The round keeps a handle of either side. */
export interface Stream {
  /** In the books. Channels that the same threads receive from share one. */
  readonly number: number;
  readonly tx: Sender<unknown>;
  readonly rx: Receiver<unknown>;
  readonly capacity: number;
  readonly codec: CodecName;
}

export class Round {
  readonly random: Random;
  readonly actors: Actor[] = [];
  readonly findings: string[] = [];
  kills = 0;
  messages = 0;
  private readonly before = baseline();
  private readonly streams: Stream[] = [];
  private readonly discarded = new Set<number>();
  private readonly sampling = setInterval(() => this.checkRoom(), SAMPLE_MS);

  constructor(
    readonly ledger: Ledger,
    readonly module: string,
    private readonly name: string,
    seed: number,
    number: number,
  ) {
    ledger.clear();
    this.random = new Random(seed, number);
    this.say('begins');
  }

  // ── scenarios ──

  finding(text: string): void {
    if (!this.findings.includes(text)) this.findings.push(text);
  }

  /** For the watchdog's report. */
  say(what: string): void {
    this.ledger.say(`${this.name}: the parent ${what}`);
  }

  /** A channel with books of its own, or in one with others. */
  stream(capacity: number | undefined, codec: CodecName = 'any', together?: Stream): Stream {
    const number = together?.number ?? this.streams.length + 1;
    const options = { codec: codecOf(codec), name: `stream ${number}` };
    const [tx, rx] = capacity === undefined ? unbounded(options) : bounded(capacity, options);
    const stream = { number, tx, rx, capacity: capacity ?? Infinity, codec };
    this.streams.push(stream);
    return stream;
  }

  start(plan: ActorPlan): Actor {
    const part = this.ledger.enter(plan.stream ?? 0);
    const actor = new Actor(plan, part, this.ledger, this.module, this.random.fork());
    this.actors.push(actor);
    return actor;
  }

  /** Kills several threads at the same moment, each in its way. */
  async kill(victims: readonly (readonly [Actor, Way])[]): Promise<void> {
    const living = victims.filter(([actor]) => !actor.isOver);
    this.kills += living.length;
    this.say(`waits for the end of ${living.map(([{ part }, way]) => `part ${part} (${way})`).join(', ')}`);
    await Promise.all(living.map(([actor, way]) => actor.kill(way)));
    for (const [actor] of living) this.kills += actor.killedChildren;
  }

  /** Blocks this thread, so that others have to find out by themselves what has happened. */
  hold(ms: number): void {
    this.say(`blocks for ${ms} ms`);
    this.ledger.nap(ms);
  }

  /** Waits until something holds. Never gives up: the watchdog does. */
  async until(what: string, condition: () => boolean): Promise<void> {
    this.say(`waits until ${what}`);
    while (!condition()) await later(1);
  }

  async ends(actors: readonly Actor[]): Promise<void> {
    for (const actor of actors) {
      this.say(`waits for part ${actor.part} (${actor.plan.role}) to end by itself`);
      await actor.ended;
    }
  }

  /** This thread as one more part, for one step. */
  async takesPart<T>(stream: number, act: (stage: Stage) => Promise<T>): Promise<T> {
    const part = this.ledger.enter(stream);
    const result = await act(new Stage(part, this.ledger.memory, 0));
    this.ledger.leave(part, false);
    return result;
  }

  /** Receives, and enters in the books, what is left in a stream. Says how much, and whether it is disconnected then. */
  async drain({ rx, number }: Stream, numberOf = undress): Promise<{ count: number; disconnected: boolean }> {
    this.say(`drains stream ${number}`);
    return this.takesPart(number, async (stage) => {
      for (let count = 0; ;) {
        let reason = '';
        const taken = await stage.receives(64, () => {
          const result = rx.tryRecvMany(64);
          if (!result.ok) reason = result.reason;
          return result.ok ? result.value.map(numberOf) : [];
        });
        if (taken === 0) return { count, disconnected: reason === 'disconnected' };
        count += taken;
      }
    });
  }

  /** Sends until the stream is full. Says how many fitted. */
  async fill({ tx, number, codec }: Stream): Promise<number> {
    this.say(`fills stream ${number}`);
    return this.takesPart(number, async (stage) => {
      for (let count = 0; ; count++) {
        let fits = false;
        await stage.sends(1, ([n]) => {
          const message = dress(stage, codec, n!);
          fits = tx.trySend(message).ok;
          if (!fits) forget(message);
          return fits ? 1 : 0;
        });
        if (!fits) return count;
      }
    });
  }

  /** The messages of a stream that are left are not read: losses in it are none. */
  discard({ number }: Stream): void {
    this.discarded.add(number);
  }

  /** Something that has to be so. */
  expect(what: string, actual: unknown, expected: unknown): void {
    if (!Object.is(actual, expected)) this.finding(`${what}: ${String(actual)}, expected ${String(expected)}`);
  }

  // ── the frame ──

  /** When the scenario has run: every thread has to end, and, unless others use the heap too, everything has to be as it was. */
  async close(inCompany: boolean): Promise<void> {
    await this.ends(this.actors);
    clearInterval(this.sampling);
    for (const { failure } of this.actors) if (failure !== undefined) this.finding(failure);
    for (const { tx, rx } of this.streams) for (const handle of [tx, rx] as Handle[]) handle.drop();
    this.messages += messagesTaken(this.ledger);
    judge(this.ledger, this.discarded).forEach((text) => this.finding(text));
    if (!inCompany) await this.tidy();
  }

  private async tidy(): Promise<void> {
    this.say('waits until everything is as it was before');
    const end = Date.now() + TIDY_MS;
    let after = baseline();
    while (JSON.stringify(after) !== JSON.stringify(this.before) && Date.now() < end) {
      await later(2);
      after = baseline();
    }
    for (const [what, value] of Object.entries(after))
      this.expect(`${what} left behind`, value, this.before[what as keyof Baseline]);
    if (after.channels > this.before.channels) this.finding(JSON.stringify(inspect().channels));
  }

  private checkRoom(): void {
    for (const number of new Set(this.streams.map((stream) => stream.number))) {
      const room = this.streams.reduce((sum, stream) => sum + (stream.number === number ? stream.capacity : 0), 0);
      const buffered = leastBuffered(this.ledger, number);
      if (buffered > room) this.finding(`stream ${number} held at least ${buffered} messages, its capacity is ${room}`);
    }
  }
}
