/**
 * Back-pressure: a bounded channel makes a fast producer wait for a slow consumer.
 *
 * The channel holds exactly two messages. The producer reports each send when it is complete, so this thread sees that the third
 * one cannot be: it needs room, and room there is only once a message has been taken.
 *
 * Prints:
 *   sent 0
 *   sent 1
 *   full: true, and a third was sent: false
 *   took 0, so 2 was sent
 *   took 1, so 3 was sent
 *   took 2, so 4 was sent
 *   took 3
 *   took 4
 */
import { bounded, spawn, unbounded } from 'beamline';
import type producer from './producer.js';

const [tx, rx] = bounded<number>(2);
const [reports, sent] = unbounded<number>();
const thread = spawn<typeof producer>(new URL('./producer.js', import.meta.url), { data: { tx, reports } });

console.log(`sent ${await sent.recv()}`);
console.log(`sent ${await sent.recv()}`);
console.log(`full: ${rx.isFull}, and a third was sent: ${sent.tryRecv().ok}`);

for (let room = 1; room <= 3; room++) console.log(`took ${await rx.recv()}, so ${await sent.recv()} was sent`);
for await (const n of rx) console.log(`took ${n}`);
await thread.join();
