/**
 * Request and reply: a message that carries the sender of a oneshot, and the wait for what comes back through it.
 *
 * Called by: index.ts. Stands on: handles/create.ts (`oneshot`), and on what sender and receiver do.
 *
 * Invariant
 *   AS1  However it ends, both handles of the reply channel that this call made are given up: dropped here, or moved away with the
 *        request. So an answer that comes too late fails as disconnected, and one that cannot come any more is known at once.
 */
import { HANDLE, isHandle } from '../brand.js';
import { describe } from '../describe.js';
import { invalidType, RecvError, TimeoutError } from '../errors.js';
import { oneshot } from './create.js';
import { deadlineOf, signalOf, type WaitOptions } from './options.js';
import type { Receiver } from './receiver.js';
import type { Sender } from './sender.js';
import type { HandleState } from './state.js';
import type { MessageOf } from './token.js';

/** What the sender for replies in a request carries: the request itself may be one, or one of its properties. */
export type ReplyOf<M> = M extends Sender<infer R> ? R : M extends object ? { [K in keyof M]-?: ReplyIn<M[K]> }[keyof M] : never;
type ReplyIn<V> = V extends Sender<infer R> ? R : never;

/** Makes the request for a sender through which it is answered. */
export type AskMessage<S, R> = S extends Sender<infer M> ? (reply: Sender<R>) => M : never;

/**
 * Sends a request and waits for its answer: makes a `oneshot`, sends `message(reply)`, resolves with what is sent to `reply`. The
 * type of the answer is inferred from the request's property that holds the reply sender.
 *
 * `timeout`, `deadline` and `signal` limit the whole. However it ends, the reply channel is gone afterwards: who answers too late gets
 * `disconnected`. The sender that `message` is given belongs into the request, wherever in it; what is not in there when the request has
 * been sent is dropped, so a request that leaves it out fails at once instead of waiting for ever. To answer from somewhere else,
 * put a `reply.clone()` there. With `tx.unref()` waiting for the answer does not keep the process alive either.
 *
 * @throws (rejects with) RecvError if everybody who could answer is gone; SendError with the request if nobody receives it;
 * TimeoutError; the signal's reason; HandleError; what `message` throws; DataCloneError, if the request cannot be sent; what the codec
 * throws on the answer; TypeError `ERR_INVALID_ARGUMENT`.
 * @example
 * ```ts
 * import { ask, bounded, type Sender } from '@beamline/core';
 *
 * type Command = { readonly key: string; readonly reply: Sender<number> };
 * const [tx, rx] = bounded<Command>(16);
 *
 * const answer = ask(tx, (reply) => ({ key: 'seven', reply }), { timeout: 1000 });
 * const { key, reply } = await rx.recv(); // this is done by the actor, which may be on another thread
 * reply.trySend(key.length);
 * console.log(await answer); // 5
 * ```
 */
export async function ask<S extends Sender<never>, R = ReplyOf<MessageOf<S>>>(
  tx: S,
  message: AskMessage<S, R>,
  options?: WaitOptions,
): Promise<R> {
  const deadline = deadlineOf('ask', options);
  const signal = signalOf('ask', options);
  const state = stateOf(tx);
  if (typeof message !== 'function') {
    throw invalidType(`cannot ask: message must be a function that makes the request, received ${describe(message)}`);
  }
  const limits = { deadline, ...(signal === undefined ? {} : { signal }) };
  const [reply, answer] = oneshot<R>();
  try {
    await (tx as unknown as Sender<unknown>).send(message(reply), limits);
    reply.drop();
    if (!state.keepsAlive) answer.unref();
    return await answerOf(answer, limits, state.channel.id);
  } finally {
    reply.drop(); // AS1; it has moved, as a rule
    answer.drop();
  }
}

function stateOf(tx: unknown): HandleState {
  const state = isHandle(tx) ? (tx[HANDLE] as HandleState) : undefined;
  if (state?.type !== 'sender') throw invalidType(`cannot ask: expected a Sender, received ${describe(tx)}`);
  state.check('ask');
  return state;
}

/** The errors say what was asked, rather than something about a channel that the caller has never seen. */
async function answerOf<R>(answer: Receiver<R>, limits: WaitOptions, asked: number): Promise<R> {
  try {
    return await answer.recv(limits);
  } catch (error) {
    if (error instanceof RecvError)
      throw new RecvError(`cannot ask: whoever could answer the request to channel ${asked} is gone`, { cause: error });
    if (error instanceof TimeoutError)
      throw new TimeoutError(`cannot ask: the request to channel ${asked} was not answered until the time was up`);
    throw error;
  }
}
