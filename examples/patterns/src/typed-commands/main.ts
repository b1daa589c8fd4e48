/**
 * Typed commands: one channel that carries several kinds of messages.
 *
 * The messages are a discriminated union. Both ends know its type, so the compiler refuses commands that do not exist, and tells the
 * worker when a kind has been added that it does not handle. An account is kept by a thread that nobody else can reach into.
 *
 * Prints:
 *   deposit 100: balance 100
 *   withdraw 30: balance 70
 *   withdraw 500: refused
 *   closed with 70
 */
import { bounded, spawn } from 'beamline';
import type account from './account.js';
import type { Command } from './account.js';

const [tx, commands] = bounded<Command>(8);
const thread = spawn<typeof account>(new URL('./account.js', import.meta.url), { data: { commands } });

await tx.send({ kind: 'deposit', amount: 100 });
await tx.send({ kind: 'withdraw', amount: 30 });
await tx.send({ kind: 'withdraw', amount: 500 });
await tx.send({ kind: 'close' });

const statement = await thread.join();
for (const line of statement) console.log(line);
