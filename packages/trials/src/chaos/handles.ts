/**
 * Threads make, clone, pass on, close and drop channels of all kinds, with handles in messages, also of the channel that carries
 * them, and are killed while they do. Nothing of it may be left afterwards.
 */
import { after, bounded, codecs, never, tick, unbounded, type Handle, type Receiver, type Sender } from 'beamline';
import { churn } from '../frame/exchangers.js';
import type { Scenario } from '../frame/scenario.js';
import type { Stage } from '../frame/stage.js';

const THREADS = 4;
const KILLS = 24;

interface Common {
  /** Where the threads send each other handles. */
  readonly tx: Sender<unknown>;
  readonly rx: Receiver<unknown>;
}

type Trick = (stage: Stage, common: Common) => void;

/** Each leaves nothing behind if its thread lives. */
const tricks: readonly Trick[] = [
  function comesAndGoes(stage) {
    const capacity = stage.random.pick([1, 3, 1024]);
    const [tx, rx] = stage.doesSync('creating', () => bounded(capacity, { name: `of part ${stage.part}` }));
    stage.doesSync('sending', () => tx.trySend({ a: 'message', that: 'is never received' }));
    stage.doesSync('dropping', () => drop(stage.random.chance(50) ? [tx, rx] : [rx, tx]));
  },

  function longList(stage) {
    const [tx, rx] = stage.doesSync('creating', () => unbounded<number>({ codec: codecs.int32 }));
    stage.doesSync('sending', () => tx.trySendMany(Array.from({ length: 200 }, (_, i) => i)));
    stage.doesSync('receiving', () => rx.tryRecvMany(130));
    stage.doesSync('dropping', () => drop([tx, rx]));
  },

  function crowd(stage, { tx, rx }) {
    const clones = Array.from({ length: 5 }, (_, i) =>
      stage.doesSync('cloning', (): Handle => (i % 2 === 0 ? tx.clone() : rx.clone())),
    );
    stage.doesSync('dropping', () => drop(clones));
  },

  /** A sender in its own channel goes with the receiver. */
  function throughItself(stage) {
    const [tx, rx] = stage.doesSync('creating', () => bounded<unknown>(2));
    stage.doesSync('sending', () => tx.trySend({ self: tx.clone(), again: [tx.clone()] }));
    if (stage.random.chance(50)) stage.doesSync('closing', () => tx.close());
    stage.doesSync('dropping', () => drop([tx, rx]));
  },

  /** A channel in a channel in a channel, whose outermost receiver goes. */
  function nested(stage) {
    let inner: Handle[] = [];
    for (let depth = 0; depth < 4; depth++) {
      const [tx, rx] = stage.doesSync('creating', () => bounded<unknown>(2));
      stage.doesSync('sending', () => tx.trySend(inner));
      inner = [tx, rx];
    }
    stage.doesSync('dropping', () => drop(inner));
  },

  function passesOn(stage, { tx, rx }) {
    const [mine, yours] = stage.doesSync('creating', () => bounded<unknown>(1));
    const clones = [tx.clone(), rx.clone()];
    const sent = stage.doesSync('sending', () => tx.trySend({ yours, clones, text: 'x'.repeat(stage.random.below(5000)) }));
    if (!sent.ok) stage.doesSync('dropping', () => drop([yours, ...clones]));
    stage.doesSync('dropping', () => mine.drop());
  },

  function takesOver(stage, { rx }) {
    const result = stage.doesSync('receiving', () => rx.tryRecv());
    if (!result.ok) return;
    const { yours, clones } = result.value as { yours: Handle; clones: Handle[] };
    stage.doesSync('dropping', () => drop([yours, ...clones]));
  },

  function timers(stage) {
    const made = stage.doesSync('creating', () => [after(1), tick(1), never()] as Receiver<unknown>[]);
    for (const rx of made) stage.doesSync('receiving', () => rx.tryRecv());
    stage.doesSync('dropping', () => drop(made));
  },
];

function drop(handles: readonly Handle[]): void {
  for (const handle of handles) handle.drop();
}

export const roles = {
  async juggler(stage: Stage, common: Common): Promise<void> {
    while (!stage.obey()) {
      for (let i = 0; i < 20; i++) stage.random.pick(tricks)(stage, common);
      await stage.rest(stage.random.chance(50));
    }
  },
};

export const handles: Scenario = {
  name: 'handles',
  about: 'threads that make, clone, pass on and drop channels are killed: nothing of it is left',
  module: import.meta.url,

  async run(round) {
    const { random } = round;
    const [tx, rx] = random.chance(50) ? bounded<unknown>(64) : unbounded<unknown>();
    const begin = () => round.start({ role: 'juggler', handles: { tx: tx.clone(), rx: rx.clone() }, spawned: random.chance(50) });
    const threads = Array.from({ length: THREADS }, begin);
    await churn(round, threads, begin, KILLS);
    threads.forEach((thread) => thread.finish());
    await round.ends(threads);
    // What is left in the channel holds handles of the channel itself, so it is emptied and not just dropped.
    for (const message of rx.tryIter()) takeApart(message);
    drop([tx, rx]);
  },
};

function takeApart(message: unknown): void {
  const { yours, clones } = message as { yours: Handle; clones: Handle[] };
  drop([yours, ...clones]);
}
