/**
 * Threads that send and receive numbered messages in any form, and how a parent starts, kills and ends them: what most scenarios are
 * made of.
 *
 * Called by: scenarios; their threads find `roles` through them.
 */
import type { Receiver, Sender } from 'beamline';
import type { Actor, Way } from './cast.js';
import {
  isDisconnection,
  receiveForms,
  RECEIVE_FORMS,
  sendForms,
  SEND_FORMS,
  turnsLoop,
  type ReceiveForm,
  type Send,
  type SendForm,
} from './forms.js';
import { dress, forget, undress, type CodecName } from './messages.js';
import type { Round, Stream } from './round.js';
import type { Stage } from './stage.js';

export const CAPACITIES = [0, 1, 2, 3, 1024, undefined] as const;
/** An unbounded channel's senders wait at this length for its receivers, who die as often. */
const ENOUGH = 1500;
const MOST = 17;

// ── the threads ──

export interface SenderData {
  readonly tx: Sender<unknown>;
  readonly form: SendForm;
  readonly codec: CodecName;
}

export interface ReceiverData {
  readonly rx: Receiver<unknown>;
  readonly form: ReceiveForm;
}

export const roles = {
  /** Sends until it is told to finish. */
  async sender(stage: Stage, { tx, form, codec }: SenderData): Promise<void> {
    const send: Send = sendForms[form];
    while (!stage.obey()) {
      const size = form.startsWith('many') ? 1 + stage.random.below(MOST) : 1;
      const ms = stage.random.below(3);
      const hasRoom = tx.capacity !== Infinity || tx.length < ENOUGH;
      const went = hasRoom && (await stage.sends(size, (numbers) => sendDressed(stage, send, { tx, codec, ms }, numbers)));
      if (!went) await stage.rest(!turnsLoop(form));
    }
  },

  /** Receives until the channel is disconnected. */
  async receiver(stage: Stage, { rx, form }: ReceiverData): Promise<void> {
    const receive = receiveForms[form];
    try {
      while (!stage.obey()) {
        const ms = stage.random.below(3);
        const most = form.startsWith('many') ? 1 + stage.random.below(MOST) : 1;
        await stage.receives(most, () => numbersOf(receive(rx, most, ms)));
      }
    } catch (error) {
      if (!isDisconnection(error)) throw error;
      stage.ledger.take(stage.part, [], new Int32Array(0), new Int32Array(0));
    }
  },
};

/** Handles in messages that were not accepted are still this thread's. */
function sendDressed(
  stage: Stage,
  send: Send,
  { tx, codec, ms }: { tx: Sender<unknown>; codec: CodecName; ms: number },
  numbers: readonly number[],
): number | Promise<number> {
  const messages = numbers.map((n) => dress(stage, codec, n));
  const forgetRest = (accepted: number): number => {
    messages.slice(accepted).forEach(forget);
    return accepted;
  };
  const accepted = send(tx, messages, ms);
  return typeof accepted === 'number' ? forgetRest(accepted) : accepted.then(forgetRest);
}

function numbersOf(received: unknown[] | Promise<unknown[]>): number[] | Promise<number[]> {
  return received instanceof Promise ? received.then((messages) => messages.map(undress)) : received.map(undress);
}

// ── their parent ──

export function startSender(round: Round, { tx, number, codec }: Stream, spawned: boolean): Actor {
  const data = { form: round.random.pick(SEND_FORMS), codec };
  return round.start({ role: 'sender', handles: { tx: tx.clone() }, data, stream: number, spawned, custom: codec === 'own' });
}

export function startReceiver(round: Round, { rx, number, codec }: Stream, spawned: boolean): Actor {
  const data = { form: round.random.pick(RECEIVE_FORMS) };
  return round.start({ role: 'receiver', handles: { rx: rx.clone() }, data, stream: number, spawned, custom: codec === 'own' });
}

/** Mostly `terminate`, which comes at any instruction. Running out of memory takes half a second, so it is rare. */
export function wayOf(round: Round): Way {
  return round.random.chance(3) ? 'memory' : round.random.pick(['terminate', 'terminate', 'terminate', 'exit', 'throw']);
}

/** A moment of up to `ms`, or none. */
export async function moment(round: Round, ms: number): Promise<void> {
  const delay = round.random.below(ms + 1);
  round.say(`waits for ${delay} ms`);
  await new Promise((resolve) => (delay === 0 ? setImmediate(resolve) : setTimeout(resolve, delay)));
}

/**
 * Kills threads, one or several at once, and starts others in their places; does not wait for one death before the next. Mostly those
 * die that have come so far as to work.
 */
export async function churn(round: Round, places: Actor[], begin: (place: number) => Actor, kills: number): Promise<void> {
  const deaths: Promise<void>[] = [];
  for (let killed = 0; killed < kills;) {
    const victims = await chosen(round, places);
    await moment(round, 30);
    deaths.push(round.kill(victims.map((victim) => [places[victim]!, wayOf(round)])));
    for (const victim of victims) places[victim] = begin(victim);
    killed += victims.length;
  }
  await Promise.all(deaths);
}

async function chosen(round: Round, places: readonly Actor[]): Promise<number[]> {
  const { random } = round;
  const ready = () => [...places.keys()].filter((place) => places[place]!.isReady);
  if (random.chance(75)) await round.until('a thread is ready', () => ready().length > 0);
  const first = ready().length > 0 ? random.pick(ready()) : random.below(places.length);
  return random.chance(40) ? [first, (first + 1 + random.below(places.length - 1)) % places.length] : [first];
}

/** All that have left their senders, the stream is drained by those who live, and ends. */
export async function wind(round: Round, stream: Stream, senders: readonly Actor[], receivers: readonly Actor[]): Promise<void> {
  senders.forEach((actor) => actor.finish());
  await round.ends(senders);
  stream.tx.drop();
  await round.ends(receivers);
  round.expect('the end is seen', (await round.drain(stream)).disconnected, true);
  round.expect('senders at the end', stream.rx.senderCount, 0);
  round.expect('receivers at the end', stream.rx.receiverCount, 1);
}
