/**
 * The forgotten sender: a receive that waits for ever, and how to find out why.
 *
 * A channel disconnects when its last sender is gone. Here the thread got a clone, and this thread kept the original: the most common
 * mistake with channels. `explain` says of a handle who could end its wait: the live handles of the other side, the threads that they are
 * on and, in debug mode, where they were made. With BEAMLINE_DEBUG=1 in the environment it is told of everything
 * that waits, when the process gets SIGUSR2.
 *
 * Prints, where N is some number:
 *   received hello
 *   the receiver of channel "words" #1:
 *     array, 0 messages buffered, room for 4
 *     its only sender is on thread 0, made at main.js:N:N, which waits to receive from "words" #1
 *     thread 0 (this one) waits here in recv
 *     deadlock: only a time limit, or an event other than of a channel, can end it
 *       thread 0 waits to receive from "words" #1, for thread 0
 *   after the drop: RecvError
 */
import { bounded, configure, explain, spawn, type RecvError } from 'beamline';
import type producer from './producer.js';

configure({ debug: true });
const [tx, rx] = bounded<string>(4, { name: 'words' });
const thread = spawn<typeof producer>(new URL('./producer.js', import.meta.url), { data: { tx: tx.clone() } });
await thread.join(); // Its sender is dropped.

console.log(`received ${await rx.recv()}`);
const stuck = rx.recv();
console.log(explain(rx).replaceAll(import.meta.url, 'main.js'));
tx.drop(); // That was missing.
await stuck.catch(({ name }: RecvError) => console.log(`after the drop: ${name}`));
