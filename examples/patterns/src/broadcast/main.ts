/**
 * Broadcast: every receiver sees every message, and a slow one holds nobody up.
 *
 * The channel keeps the last four messages. The prompt subscriber confirms each, so it has missed none. The slow one begins when all
 * ten have been sent: it is told exactly how many it has missed, once, and goes on with the oldest that is still there.
 *
 * Prints:
 *   2 receivers
 *   prompt: 1 2 3 4 5 6 7 8 9 10
 *   slow: (missed 6) 7 8 9 10
 */
import { bounded, broadcast, spawn } from 'beamline';
import type subscriber from './subscriber.js';

const file = new URL('./subscriber.js', import.meta.url);
const [tx, rx] = broadcast<number>(4);
const late = tx.subscribe(); // A receiver gets what is sent after it was made, also before it is on its thread.
const [confirm, confirmed] = bounded<number>(1);

const prompt = spawn<typeof subscriber>(file, { data: { rx, confirm } });
console.log(`${tx.receiverCount} receivers`);
for (let n = 1; n <= 10; n++) {
  tx.send(n); // never waits
  await confirmed.recv();
}
tx.drop();
console.log(`prompt: ${(await prompt.join()).join(' ')}`);

const slow = spawn<typeof subscriber>(file, { data: { rx: late } });
console.log(`slow: ${(await slow.join()).join(' ')}`);
