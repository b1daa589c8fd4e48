/**
 * What can go wrong, and what is told about it.
 *
 * That the other side is gone is a signal and no accident: a send that can reach nobody hands its value back, a receive that can
 * get nothing any more says so once the channel is drained. Errors have a literal `name` and a stable `code`; `isChannelError` tells
 * them from others.
 *
 * Prints:
 *   the consumer failed: RangeError: 13 is too much
 *   SendError ERR_DISCONNECTED: 14 is handed back
 *   received 1
 *   RecvError ERR_DISCONNECTED
 *   DataCloneError ERR_DATA_CLONE: 0 messages were sent
 *   ThreadError ERR_THREAD_EXITED: exit code 3
 */
import { bounded, isChannelError, SendError, spawn, unbounded, type RecvError } from 'beamline';
import type consumer from './consumer.js';

// The consumer throws at 13. `join` rejects with what it threw, and its receiver is dropped, the last one.
const [tx, rx] = bounded<number>(4);
const thread = spawn<typeof consumer>(new URL('./consumer.js', import.meta.url), { data: { rx } });
await tx.send(13);
await thread.join().catch((error: Error) => console.log(`the consumer failed: ${error.name}: ${error.message}`));
try {
  await tx.send(14);
} catch (error) {
  if (!(error instanceof SendError)) throw error;
  console.log(`${error.name} ${error.code}: ${error.value} is handed back`);
}

// What was sent before the last sender went still arrives; only then does a receive fail.
const [last, rest] = unbounded<number>();
last.trySend(1);
last.drop();
console.log(`received ${await rest.recv()}`);
await rest.recv().catch(({ name, code }: RecvError) => console.log(`${name} ${code}`));

// Functions cannot cross threads. The value is looked at before anything is sent, so the channel is unharmed.
const [anything, unharmed] = unbounded();
try {
  anything.trySend({ callback: () => 1 });
} catch (error) {
  if (!isChannelError(error)) throw error;
  console.log(`${error.name} ${error.code}: ${unharmed.length} messages were sent`);
}

// A thread may end without a word. Nobody hangs: its handles are dropped, and whoever joins it is told.
try {
  await spawn(new URL('./quitter.js', import.meta.url)).join();
} catch (error) {
  if (!isChannelError(error) || error.name !== 'ThreadError') throw error;
  console.log(`${error.name} ${error.code}: exit code ${error.exitCode}`);
}
