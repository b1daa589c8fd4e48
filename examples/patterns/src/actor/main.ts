/**
 * An actor: a thread that keeps a state to itself, and answers questions about it.
 *
 * Whoever has a sender may give it orders; as it carries them out one after the other, nothing needs a lock. A question has the
 * sender of a channel of its own inside, for the answer: `ask` makes that channel, sends the question, and waits for the answer.
 *
 * Prints:
 *   the count is 4000
 *   and then 4001
 */
import { ask, bounded, spawn } from 'beamline';
import type counter from './counter.js';
import type { Command } from './counter.js';
import type user from './user.js';

const [tx, commands] = bounded<Command>(64);
const actor = spawn<typeof counter>(new URL('./counter.js', import.meta.url), { data: { commands } });

const users = Array.from({ length: 4 }, () =>
  spawn<typeof user>(new URL('./user.js', import.meta.url), { data: { counter: tx.clone(), times: 1000 } }),
);
await Promise.all(users.map((thread) => thread.join()));
console.log(`the count is ${await ask(tx, (reply) => ({ kind: 'get', reply }))}`);

await tx.send({ kind: 'increment' });
console.log(`and then ${await ask(tx, (reply) => ({ kind: 'get', reply }), { timeout: 10_000 })}`);

tx.drop(); // Nobody can give it orders any more: the actor ends.
await actor.join();
