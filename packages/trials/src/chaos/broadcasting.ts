/**
 * Senders and receivers of one broadcast, in all forms, are killed at once or one by one and started again. The place of a message is how
 * many were sent before it; who starts a receiver tells it where it begins. All receivers must find the same message in the same place,
 * those that they missed counted, and the ones that live to the end come to the number of messages sent.
 */
import { broadcast, inspect, type BroadcastReceiver, type BroadcastSender } from 'beamline';
import type { Actor } from '../frame/cast.js';
import { churn } from '../frame/exchangers.js';
import type { Round } from '../frame/round.js';
import type { Scenario } from '../frame/scenario.js';
import type { Stage } from '../frame/stage.js';

const CAPACITIES = [1, 2, 3, 64, 1024];
const FORMS = ['sync', 'async', 'try'] as const;
const PLACES = 5;
const KILLS = 24;
/** Messages of one sender, and of all. */
const EACH = 1 << 15;
const TABLE = 1 << 20;

type Form = (typeof FORMS)[number];

/** What all receivers share. */
interface Books {
  /** By place: the message found there, plus one. */
  readonly places: Int32Array;
  /** Word 0: how often another message was found. */
  readonly faults: Int32Array;
}

interface ListenerData extends Books {
  readonly rx: BroadcastReceiver<unknown>;
  readonly form: Form;
  /** Where it begins. */
  readonly at: number;
  /** By part: where those that came to the end had come to. */
  readonly ends: Int32Array;
}

export const roles = {
  async caster(stage: Stage, { tx }: { tx: BroadcastSender<unknown> }): Promise<void> {
    for (let i = 0; !stage.obey(); i++) {
      if (i < EACH) stage.doesSync('sending', () => tx.send(dress(stage.part * EACH + i)));
      if (i >= EACH || stage.random.chance(3)) await stage.rest(stage.random.chance(50));
    }
  },

  async listener(stage: Stage, { rx, form, at, ends, ...books }: ListenerData): Promise<void> {
    const reader = new Reader(rx, at, books);
    while (!stage.obey()) {
      if (await stage.does('receiving', () => reader.read(form))) continue;
      Atomics.store(ends, stage.part, reader.at);
      return;
    }
  },
};

class Reader {
  constructor(
    readonly rx: BroadcastReceiver<unknown>,
    public at: number,
    private readonly books: Books,
  ) {}

  /** Reads what comes next, if it comes soon. False: that was all. */
  async read(form: Form): Promise<boolean> {
    try {
      if (form === 'try') return this.readNow();
      this.note(form === 'sync' ? this.rx.recvSync({ timeout: 5 }) : await this.rx.recv({ timeout: 5 }));
    } catch (error) {
      const { code, missed } = error as { code?: string; missed?: number };
      if (code === 'ERR_DISCONNECTED') return false;
      if (code === 'ERR_LAGGED') this.at += missed!;
      else if (code !== 'ERR_TIMEOUT') throw error;
    }
    return true;
  }

  private readNow(): boolean {
    const result = this.rx.tryRecv();
    if (result.ok) this.note(result.value);
    else if (result.reason === 'lagged') this.at += result.missed;
    return result.ok || result.reason !== 'disconnected';
  }

  private note(message: unknown): void {
    const { places, faults } = this.books;
    const found = undress(message) + 1;
    const before = Atomics.compareExchange(places, this.at++, 0, found);
    if (before !== 0 && before !== found) Atomics.add(faults, 0, 1);
  }
}

function dress(n: number): unknown {
  if (n % 3 === 0) return n;
  return n % 3 === 1 ? `${n}:${'t'.repeat(n % 300)}` : { n, pad: 'o'.repeat(n % 2000) };
}

function undress(message: unknown): number {
  if (typeof message === 'number') return message;
  return typeof message === 'string' ? parseInt(message, 10) : (message as { n: number }).n;
}

export const broadcasting: Scenario = {
  name: 'broadcasting',
  about: 'senders and receivers of one broadcast, killed one or several at once: one order for all',
  module: import.meta.url,

  async run(round) {
    const { random } = round;
    const [tx, rx] = broadcast<unknown>(random.pick(CAPACITIES), { name: 'news' });
    const books: Books = { places: shared(TABLE), faults: shared(1) };
    const ends = shared(4096);
    const own = new Reader(rx, 0, books);
    const begin = (place: number): Actor =>
      place % 2 === 0 ? startCaster(round, tx) : startListener(round, own, { ...books, ends });
    const stayers = [begin(0), begin(1), begin(1)];
    const actors = Array.from({ length: PLACES }, (_, place) => begin(place));
    await churn(round, actors, begin, KILLS);
    const all = [...stayers, ...actors];
    const casters = all.filter(({ plan }) => plan.role === 'caster');
    casters.forEach((actor) => actor.finish());
    await round.ends(casters);
    round.expect('senders at the end', tx.senderCount, 1);
    const { sent } = inspect().channels.find(({ id }) => id === tx.id)!;
    tx.drop();
    const listeners = all.filter(({ plan }) => plan.role === 'listener');
    await round.ends(listeners);
    for (const { part } of listeners) round.expect('where a receiver came to', Atomics.load(ends, part), sent);
    while (await own.read('try'));
    round.expect('where the last receiver came to', own.at, sent);
    round.expect('messages found in two places', books.places.filter((n) => n !== 0).length - distinct(books.places), 0);
    round.expect('messages found out of place', Atomics.load(books.faults, 0), 0);
    round.expect('receivers at the end', rx.receiverCount, 1);
    round.messages += sent;
    rx.drop();
  },
};

function startCaster(round: Round, tx: BroadcastSender<unknown>): Actor {
  return round.start({ role: 'caster', handles: { tx: tx.clone() }, spawned: round.random.chance(40) });
}

function startListener(round: Round, own: Reader, books: Books & { ends: Int32Array }): Actor {
  const form = round.random.pick(FORMS);
  const data = { ...books, form, at: own.at };
  return round.start({ role: 'listener', handles: { rx: own.rx.clone() }, data, spawned: round.random.chance(40) });
}

function shared(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4 * length));
}

function distinct(words: Int32Array): number {
  return new Set(words.filter((n) => n !== 0)).size;
}
