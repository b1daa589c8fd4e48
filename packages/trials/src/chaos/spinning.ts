/**
 * Threads that do nothing but short operations of the library, without books, so that a kill nearly always falls inside one: sends and
 * receives on shared channels, allocation, clones, channels that come and go. Afterwards the channels work as if nothing had happened,
 * and not one byte is left in use.
 */
import { bounded, unbounded, type Receiver, type Sender } from 'beamline';
import { churn } from '../frame/exchangers.js';
import type { Round, Stream } from '../frame/round.js';
import type { Scenario } from '../frame/scenario.js';
import type { Stage } from '../frame/stage.js';

const THREADS = 3;
const KILLS = 24;
/** Operations between two looks for orders. */
const AT_A_TIME = 500;

interface Common {
  readonly tx0: Sender<unknown>;
  readonly rx0: Receiver<unknown>;
  readonly tx1: Sender<unknown>;
  readonly rx1: Receiver<unknown>;
  readonly what: keyof typeof spins;
}

/** What one thread does, for all its life. */
const spins = {
  numbers({ tx0, rx0 }: Common, i: number): void {
    if (i % 2 === 0) tx0.trySend(i);
    else rx0.tryRecv();
  },

  bodies({ tx1, rx1 }: Common, i: number): void {
    if (i % 2 === 0) tx1.trySend('b'.repeat((i * 7) % 700));
    else takeOne(rx1);
  },

  batches({ tx1, rx1 }: Common, i: number): void {
    if (i % 2 === 0) tx1.trySendMany([i, 'some text that needs a body', 'x'.repeat(2000), i, 'and another']);
    else {
      const got = rx1.tryRecvMany(5);
      if (got.ok) got.value.forEach(dropReply);
    }
  },

  clones({ tx0, rx1 }: Common, i: number): void {
    (i % 2 === 0 ? tx0 : rx1).clone().drop();
  },

  channels(_: Common, i: number): void {
    const [tx, rx] = i % 2 === 0 ? bounded<unknown>(1 + (i % 40)) : unbounded<unknown>();
    tx.trySend('dropped');
    rx.drop();
    tx.drop();
  },

  handles({ tx1, rx1 }: Common, i: number): void {
    if (i % 2 === 0) {
      const [reply, replied] = bounded<unknown>(1);
      replied.drop();
      if (!tx1.trySend({ reply }).ok) reply.drop();
      return;
    }
    takeOne(rx1);
  },
};

function takeOne(rx: Receiver<unknown>): void {
  const got = rx.tryRecv();
  if (got.ok) dropReply(got.value);
}

function dropReply(message: unknown): void {
  (message as { reply?: Sender<unknown> }).reply?.drop();
}

export const roles = {
  spinner(stage: Stage, common: Common): void {
    const spin = spins[common.what];
    stage.ledger.begin(stage.part, 'sending');
    for (let i = stage.random.below(1000); !stage.obey(); i += AT_A_TIME) {
      for (let n = 0; n < AT_A_TIME; n++) spin(common, i + n);
    }
  },
};

export const spinning: Scenario = {
  name: 'spinning',
  about: 'threads that do nothing but short operations are killed inside them',
  module: import.meta.url,

  async run(round) {
    const { random } = round;
    const streams = [round.stream(random.pick([1, 3, 64])), round.stream(random.pick([3, 64, undefined]))] as const;
    const begin = () => startSpinner(round, streams);
    const threads = Array.from({ length: THREADS }, begin);
    await churn(round, threads, begin, KILLS);
    threads.forEach((thread) => thread.finish());
    await round.ends(threads);
    for (const stream of streams) await stillWorks(round, stream);
  },
};

function startSpinner(round: Round, [first, second]: readonly [Stream, Stream]) {
  const handles = { tx0: first.tx.clone(), rx0: first.rx.clone(), tx1: second.tx.clone(), rx1: second.rx.clone() };
  const what = round.random.pick(Object.keys(spins));
  return round.start({ role: 'spinner', handles, data: { what }, spawned: round.random.chance(40) });
}

async function stillWorks(round: Round, stream: Stream): Promise<void> {
  const { rx, capacity } = stream;
  const { length } = rx;
  const left = [...rx.tryIter()];
  left.forEach(dropReply);
  round.expect('messages that were left', left.length, length);
  if (capacity === Infinity) return;
  round.expect('what fits in', await round.fill(stream), capacity);
  round.expect('what comes out', (await round.drain(stream)).count, capacity);
}
