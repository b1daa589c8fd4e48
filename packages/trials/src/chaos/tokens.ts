/**
 * Every token is given to two threads that race to open it, and are killed meanwhile. A token opens once: for one of the two, or, if
 * neither got so far, for their parent.
 */
import { bounded, open, type Handle, type HandleToken, type Sender } from 'beamline';
import type { Actor } from '../frame/cast.js';
import { moment, wayOf } from '../frame/exchangers.js';
import type { Round } from '../frame/round.js';
import type { Scenario } from '../frame/scenario.js';
import type { Stage } from '../frame/stage.js';

const TOKENS = 60;
const WAVES = 3;

interface Race {
  readonly tokens: readonly HandleToken<Sender<number>>[];
  /** A word per token: how often it was opened. */
  readonly opened: Int32Array;
}

export const roles = {
  async opener(stage: Stage, { tokens, opened }: Race): Promise<void> {
    const held: Handle[] = [];
    for (const [i, token] of tokens.entries()) {
      stage.obey();
      const handle = stage.doesSync('opening', () => {
        const got = openIfLeft(token);
        if (got !== undefined) Atomics.add(opened, i, 1);
        return got;
      });
      if (handle !== undefined) held.push(handle);
      if (stage.random.chance(20)) await stage.rest(stage.random.chance(50));
    }
    for (const handle of held) stage.doesSync('dropping', () => handle.drop());
  },
};

function openIfLeft(token: HandleToken<Sender<number>>): Sender<number> | undefined {
  try {
    return open(token);
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_HANDLE_MOVED') return undefined;
    throw error;
  }
}

export const tokens: Scenario = {
  name: 'tokens',
  about: 'two threads race to open each token and are killed: it opens once',
  module: import.meta.url,

  async run(round) {
    for (let wave = 0; wave < WAVES; wave++) await race(round);
  },
};

async function race(round: Round): Promise<void> {
  const [tx, rx] = bounded<number>(1);
  const race: Race = {
    tokens: Array.from({ length: TOKENS }, () => tx.clone().transfer()),
    opened: new Int32Array(new SharedArrayBuffer(4 * TOKENS)),
  };
  const openers = [false, true].map((spawned) => round.start({ role: 'opener', data: race, spawned }));
  await round.until('somebody opens', () => openers.some(({ isReady, isOver }) => isReady || isOver));
  await moment(round, 4);
  await round.kill(openers.map((actor) => [actor, wayOf(round)]));
  const left = race.tokens.map((token) => openIfLeft(token));
  judge(round, race.opened, left, openers);
  for (const handle of left) handle?.drop();
  round.expect('senders after all died', rx.senderCount, 1);
  tx.drop();
  round.expect('the channel is disconnected', rx.isDisconnected, true);
  rx.drop();
}

function judge(round: Round, opened: Int32Array, left: readonly unknown[], openers: readonly Actor[]): void {
  const times = left.map((handle, i) => Atomics.load(opened, i) + (handle === undefined ? 0 : 1));
  const unknown = times.filter((count) => count === 0).length;
  const inDoubt = openers.filter(({ part }) => round.ledger.booksOf(part).op === 'opening').length;
  if (times.some((count) => count > 1)) round.finding(`tokens were opened ${times.join(', ')} times`);
  if (unknown > inDoubt) round.finding(`${unknown} tokens were opened by nobody and do not open; ${inDoubt} are in doubt`);
}
