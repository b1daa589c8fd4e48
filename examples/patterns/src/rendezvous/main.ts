/**
 * A rendezvous: a channel without a buffer, through which messages go from hand to hand.
 *
 * A send is complete when a receiver has taken the message, and not before: so a sender whose send has returned knows that its
 * message has arrived. `trySend` can succeed only if a receiver is waiting at that moment.
 *
 * Prints:
 *   nobody is waiting, trySend: full
 *   the courier has handed over: nothing
 *   took the letter
 *   the courier has handed over: the letter
 *   took the parcel
 *   the courier has handed over: the parcel
 */
import { bounded, spawn, unbounded } from 'beamline';
import type courier from './courier.js';

const [tx, rx] = bounded<string>(0);
const [reports, handedOver] = unbounded<string>();

const tried = tx.trySend('a postcard');
if (!tried.ok) console.log(`nobody is waiting, trySend: ${tried.reason}`);

const thread = spawn<typeof courier>(new URL('./courier.js', import.meta.url), { data: { tx, reports } });
if (!handedOver.tryRecv().ok) console.log('the courier has handed over: nothing');
for await (const item of rx) {
  console.log(`took ${item}`);
  console.log(`the courier has handed over: ${await handedOver.recv()}`);
}
await thread.join();
