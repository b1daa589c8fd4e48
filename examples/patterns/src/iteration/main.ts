/**
 * Receiving in loops: `for await`, `for … of`, `tryIter`, and batches.
 *
 * `for await` waits as a promise and `for … of` blocks the thread; both end when the channel is disconnected and drained. `tryIter`
 * ends when there is nothing at the moment. Leaving a loop loses no message and does not drop the receiver: the next loop goes on
 * where it ended.
 *
 * Prints:
 *   for await: 1, then break
 *   tryIter: 2 3
 *   recvMany: 4 5
 *   for … of in another thread: 6 7 8
 */
import { spawn, unbounded } from 'beamline';
import type reader from './reader.js';

const [tx, rx] = unbounded<number>();

await tx.sendMany([1, 2, 3]);
for await (const n of rx) {
  console.log(`for await: ${n}, then break`);
  break;
}
console.log(`tryIter: ${[...rx.tryIter()].join(' ')}`);

await tx.sendMany([4, 5]);
const batch = await rx.recvMany(100); // waits for one message, and takes up to a hundred that are there
console.log(`recvMany: ${batch.join(' ')}`);

const thread = spawn<typeof reader>(new URL('./reader.js', import.meta.url), { data: { rx } });
await tx.sendMany([6, 7, 8]);
tx.drop();
const numbers = await thread.join();
console.log(`for … of in another thread: ${numbers.join(' ')}`);
