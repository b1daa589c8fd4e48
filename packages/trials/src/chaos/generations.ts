/**
 * Threads start threads of their own, some of which exchange messages, and kill them; then they are killed themselves, with all that
 * they had started, at whatever instant: while a child starts, while they clean up after one, while they move handles into one.
 */
import type { Receiver, Sender } from 'beamline';
import { Actor } from '../frame/cast.js';
import { later } from '../frame/cast.js';
import { CAPACITIES, moment, roles as exchangers, startReceiver, startSender, wind } from '../frame/exchangers.js';
import { RECEIVE_FORMS, SEND_FORMS } from '../frame/forms.js';
import type { Scenario } from '../frame/scenario.js';
import type { Stage } from '../frame/stage.js';

const PARENTS = 2;
const KILLS = 4;
const CHILDREN = 2;

interface ParentData {
  readonly tx: Sender<unknown>;
  readonly rx: Receiver<unknown>;
  readonly stream: number;
  readonly depth: number;
}

export const roles = {
  ...exchangers,

  /** Starts children and kills them, until it is told to finish; then waits for their end. Children of its kind have no children. */
  async parent(stage: Stage, data: ParentData): Promise<void> {
    const children: Actor[] = [];
    while (!stage.obey()) {
      while (children.length < CHILDREN) children.push(begin(stage, data));
      await stage.does('resting', () => later(stage.random.below(40)));
      const [victim] = children.splice(stage.random.below(CHILDREN), 1);
      // None by a throw: this thread may be terminated meanwhile, and its children with it (see `obeys` in cast.ts).
      await stage.does('joining', () => victim!.kill(stage.random.pick(['terminate', 'exit'])));
      if (victim!.failure !== undefined) throw new Error(victim!.failure);
    }
    await stage.does('joining', () => Promise.all(children.map((child) => child.kill('terminate'))));
  },
};

function begin(stage: Stage, data: ParentData): Actor {
  const { tx, rx, stream, depth } = data;
  const { random } = stage;
  const role = random.pick(depth === 0 ? ['sender', 'receiver', 'parent'] : ['sender', 'receiver']);
  // By `spawn` only: a token that a child did not open before its parent died belongs to nobody, and would keep the channel.
  return stage.doesSync('spawning', () => {
    const handles =
      role === 'parent' ? { tx: tx.clone(), rx: rx.clone() } : role === 'sender' ? { tx: tx.clone() } : { rx: rx.clone() };
    const form = random.pick<string>(role === 'sender' ? SEND_FORMS : RECEIVE_FORMS);
    const plan = { role, handles, data: { form, codec: 'any', stream, depth: depth + 1 }, stream, spawned: true };
    const part = stage.ledger.enter(role === 'parent' ? 0 : stream, stage.part);
    return new Actor(plan, part, stage.ledger, import.meta.url, random.fork());
  });
}

export const generations: Scenario = {
  name: 'generations',
  about: 'threads that start and kill threads of their own are killed with them',
  module: import.meta.url,

  async run(round) {
    const { random } = round;
    const stream = round.stream(random.pick(CAPACITIES));
    const stayers = [startSender(round, stream, false), startReceiver(round, stream, false)] as const;
    const begin = () => {
      const handles = { tx: stream.tx.clone(), rx: stream.rx.clone() };
      return round.start({ role: 'parent', handles, data: { stream: stream.number, depth: 0 }, spawned: random.chance(50) });
    };
    const parents = Array.from({ length: PARENTS }, begin);
    for (let kills = 0; kills < KILLS; kills++) {
      const place = random.below(PARENTS);
      if (random.chance(80)) await round.until('a parent is ready', () => parents[place]!.isReady);
      await moment(round, 200);
      // Not by a throw: the function of a spawned thread has failed then, and its children keep the thread alive.
      await round.kill([[parents[place]!, random.pick(['terminate', 'terminate', 'exit'])]]);
      parents[place] = begin();
    }
    await round.kill(parents.map((parent) => [parent, 'terminate']));
    await wind(round, stream, [stayers[0]], [stayers[1]]);
  },
};
