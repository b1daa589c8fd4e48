/**
 * Several producers: each thread gets a clone of the sender.
 *
 * The channel disconnects with the last of its senders, so this thread drops the one that it cloned. Forgetting that is the most
 * common mistake with channels: the loop below would never end.
 *
 * Order is kept per sender, and only per sender: the three streams arrive interleaved, differently each time. The sort is stable, so
 * it puts the producers in order and leaves each producer's messages as they came.
 *
 * Prints:
 *   producer 1 sent a
 *   producer 1 sent b
 *   producer 2 sent a
 *   producer 2 sent b
 *   producer 3 sent a
 *   producer 3 sent b
 */
import { bounded, spawn } from 'beamline';
import type producer from './producer.js';
import type { Message } from './producer.js';

const [tx, rx] = bounded<Message>(4);
const threads = [1, 2, 3].map((id) =>
  spawn<typeof producer>(new URL('./producer.js', import.meta.url), { data: { id, tx: tx.clone() } }),
);
tx.drop();

const messages: Message[] = [];
for await (const message of rx) messages.push(message);
messages.sort((left, right) => left.producer - right.producer);
for (const { producer, text } of messages) console.log(`producer ${producer} sent ${text}`);
await Promise.all(threads.map((thread) => thread.join()));
