/**
 * Threads allocate and free memory of all sizes, in messages, batches and channels, and are killed meanwhile: most of their time is
 * spent in the allocator and in encoding. Not one byte may be left in use afterwards, and every message arrives undamaged.
 */
import { bounded, type Receiver, type Sender } from 'beamline';
import { churn } from '../frame/exchangers.js';
import { isDisconnection } from '../frame/forms.js';
import type { Scenario } from '../frame/scenario.js';
import type { Stage } from '../frame/stage.js';

const THREADS = 4;
const KILLS = 24;
/** Bodies have up to 2^18 bytes. */
const ORDERS_OF_SIZE = 19;
const CHANNELS_UP_TO = 3000;

interface Common {
  readonly tx: Sender<Uint8Array>;
  readonly rx: Receiver<Uint8Array>;
}

function bodyOf(n: number): Uint8Array {
  const body = new Uint8Array(4 + 2 ** (n % ORDERS_OF_SIZE));
  body.fill(n, 4);
  new DataView(body.buffer).setInt32(0, n);
  return body;
}

function numberOf(body: Uint8Array): number {
  const n = new DataView(body.buffer, body.byteOffset).getInt32(0);
  return body.length === 4 + 2 ** (n % ORDERS_OF_SIZE) && body[4] === n % 256 && body.at(-1) === n % 256 ? n : NaN;
}

export const roles = {
  async hoarder(stage: Stage, { tx, rx }: Common): Promise<void> {
    while (!stage.obey()) {
      const size = 1 + stage.random.below(6);
      await stage.sends(size, (numbers) => {
        const result = tx.trySendMany(numbers.map(bodyOf));
        return result.ok ? numbers.length : result.count;
      });
      await stage.receives(8, () => {
        const result = rx.tryRecvMany(stage.random.chance(20) ? 8 : 3);
        return result.ok ? result.value.map(numberOf) : [];
      });
      const capacity = 1 + stage.random.below(CHANNELS_UP_TO);
      const [some, other] = stage.doesSync('creating', () => bounded<unknown>(capacity));
      stage.doesSync('sending', () => some.trySend('x'.repeat(stage.random.below(2000))));
      stage.doesSync('dropping', () => other.drop());
      stage.doesSync('dropping', () => some.drop());
    }
    await takeRest(stage, rx);
  },
};

/** Several do this at once; whoever is last finds nothing. */
async function takeRest(stage: Stage, rx: Receiver<Uint8Array>): Promise<void> {
  try {
    while ((await stage.receives(8, () => rx.recvMany(8, { timeout: 0 }).then((bodies) => bodies.map(numberOf)))) > 0);
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_TIMEOUT' && !isDisconnection(error)) throw error;
    stage.ledger.take(stage.part, [], new Int32Array(0), new Int32Array(0));
  }
}

export const memory: Scenario = {
  name: 'memory',
  about: 'threads that allocate and free memory of all sizes are killed: not one byte is left in use',
  module: import.meta.url,

  async run(round) {
    const { random } = round;
    const stream = round.stream(random.pick([3, 64, undefined]), 'bytes');
    const begin = () => {
      const handles = { tx: stream.tx.clone(), rx: stream.rx.clone() };
      return round.start({ role: 'hoarder', handles, stream: stream.number, spawned: random.chance(30) });
    };
    const threads = Array.from({ length: THREADS }, begin);
    await churn(round, threads, begin, KILLS);
    threads.forEach((thread) => thread.finish());
    await round.ends(threads);
    await round.drain(stream, numberOf as (message: unknown) => number);
  },
};
