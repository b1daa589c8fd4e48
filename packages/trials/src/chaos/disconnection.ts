/**
 * All threads of one side die at once, or the channel is closed: everybody on the other side, in whatever form it waits, ends by
 * itself. What was buffered is received first; a send hands its value back.
 */
import type { Sender } from 'beamline';
import { CAPACITIES, moment, roles as exchangers, startReceiver, startSender, wayOf } from '../frame/exchangers.js';
import { Disconnected, isDisconnection, sendForms, SEND_FORMS, turnsLoop, type SendForm } from '../frame/forms.js';
import type { Round, Stream } from '../frame/round.js';
import type { Scenario } from '../frame/scenario.js';
import type { Stage } from '../frame/stage.js';

const EACH = 3;
const ROUNDS = 3;

interface LastData {
  readonly tx: Sender<unknown>;
  readonly form: SendForm;
}

export const roles = {
  ...exchangers,

  /** Sends until nobody can receive; then the message, or the rest of them, has come back. */
  async lastSender(stage: Stage, { tx, form }: LastData): Promise<void> {
    const size = form.startsWith('many') ? 5 : 1;
    let numbers: readonly number[] = [];
    try {
      while (!stage.obey()) {
        const went = await stage.sends(size, (next) => sendForms[form](tx, (numbers = next), stage.random.below(3)));
        if (!went && tx.isDisconnected) return; // it had no more numbers to send
        if (!went) await stage.rest(!turnsLoop(form));
      }
    } catch (error) {
      if (!isDisconnection(error)) throw error;
      stage.ledger.accept(stage.part, numbers.length - handedBack(error, numbers));
    }
  },
};

/** How many came back: the last ones, in order. */
function handedBack(error: unknown, numbers: readonly number[]): number {
  if (error instanceof Disconnected) return numbers.length - error.accepted;
  const { value } = error as { value: unknown };
  const rest = Array.isArray(value) ? value : [value];
  if (JSON.stringify(rest) !== JSON.stringify(numbers.slice(numbers.length - rest.length)))
    throw new Error(`a send handed back ${JSON.stringify(value)} of ${JSON.stringify(numbers)}`);
  return rest.length;
}

export const disconnection: Scenario = {
  name: 'disconnection',
  about: 'one side dies at once, or the channel is closed: the other side ends by itself',
  module: import.meta.url,

  async run(round) {
    for (let i = 0; i < ROUNDS; i++)
      await round.random.pick([sendersDie, receiversDie, closes])(round, round.stream(round.random.pick(CAPACITIES)));
  },
};

async function sendersDie(round: Round, stream: Stream): Promise<void> {
  const { random } = round;
  const senders = Array.from({ length: EACH }, () => startSender(round, stream, random.chance(40)));
  const receivers = Array.from({ length: EACH }, () => startReceiver(round, stream, random.chance(40)));
  stream.tx.drop();
  await round.until('somebody has sent', () => stream.rx.length > 0 || senders.some(({ isReady }) => isReady));
  await moment(round, 15);
  await round.kill(senders.map((actor) => [actor, wayOf(round)]));
  await round.ends(receivers);
  round.expect('the end is seen', (await round.drain(stream)).disconnected, true);
}

async function receiversDie(round: Round, stream: Stream): Promise<void> {
  const { random } = round;
  const receivers = Array.from({ length: EACH }, () => startReceiver(round, stream, random.chance(40)));
  const senders = Array.from({ length: EACH }, () => startLastSender(round, stream));
  round.discard(stream);
  stream.rx.drop();
  await round.until('somebody sends', () => senders.some(({ isReady }) => isReady));
  await moment(round, 15);
  await round.kill(receivers.map((actor) => [actor, wayOf(round)]));
  await round.ends(senders);
  round.expect('the receivers are gone', stream.tx.isDisconnected, true);
}

async function closes(round: Round, stream: Stream): Promise<void> {
  const { random } = round;
  const receivers = Array.from({ length: EACH }, () => startReceiver(round, stream, random.chance(40)));
  const senders = Array.from({ length: EACH }, () => startLastSender(round, stream));
  await round.until('somebody sends', () => senders.some(({ isReady }) => isReady));
  await moment(round, 15);
  const dying = round.kill([senders[0]!, receivers[0]!].map((actor) => [actor, wayOf(round)]));
  stream.tx.close();
  await dying;
  await round.ends([...senders, ...receivers]);
  round.expect('the end is seen', (await round.drain(stream)).disconnected, true);
}

function startLastSender(round: Round, { tx, number }: Stream) {
  const data = { form: round.random.pick(SEND_FORMS) };
  return round.start({ role: 'lastSender', handles: { tx: tx.clone() }, data, stream: number, spawned: round.random.chance(40) });
}
