/**
 * The first channel: one thread sends, another receives.
 *
 * `bounded` makes a channel and gives its two ends. The sender moves into a thread of its own. The loop over the receiver ends by
 * itself: when that thread's function has returned, the last sender is gone, and the channel is disconnected.
 *
 * Prints:
 *   got one
 *   got two
 *   got three
 *   disconnected: no sender is left
 */
import { bounded, spawn } from 'beamline';
import type producer from './producer.js';

const [tx, rx] = bounded<string>(8);
const thread = spawn<typeof producer>(new URL('./producer.js', import.meta.url), { data: { tx } });

for await (const word of rx) console.log(`got ${word}`);
console.log('disconnected: no sender is left');
await thread.join();
