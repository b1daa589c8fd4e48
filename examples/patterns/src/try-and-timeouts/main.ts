/**
 * Not waiting, and not waiting for ever: the try forms, timeouts, and signals.
 *
 * `tryRecv` and `trySend` answer at once what the state of the channel is. `recv` and `send` take a timeout in milliseconds, a
 * deadline on the clock of `now()`, and an AbortSignal. What has timed out or was aborted has had no effect: nothing was sent, and
 * nothing was taken from the channel.
 *
 * Prints:
 *   tryRecv: empty
 *   recv: ERR_TIMEOUT
 *   recv: changed my mind
 *   trySend: full
 *   send: ERR_TIMEOUT, and 'second' is handed back
 *   the echo of first
 *   the echo of second
 *   tryRecv: disconnected
 */
import { bounded, now, spawn, TimeoutError } from 'beamline';
import type echo from './echo.js';

const [questions, questioned] = bounded<string>(1);
const [answers, answered] = bounded<string>(1);

const empty = answered.tryRecv();
if (!empty.ok) console.log(`tryRecv: ${empty.reason}`);
await answered.recv({ timeout: 20 }).catch(({ code }: TimeoutError) => console.log(`recv: ${code}`));
await answered.recv({ signal: AbortSignal.abort('changed my mind') }).catch((reason: string) => console.log(`recv: ${reason}`));

await questions.send('first');
const full = questions.trySend('second');
if (!full.ok) console.log(`trySend: ${full.reason}`);
try {
  questions.sendSync('second', { deadline: now() + 20 });
} catch (error) {
  if (!(error instanceof TimeoutError)) throw error;
  console.log(`send: ${error.code}, and '${error.value}' is handed back`);
}

// With somebody on the other side the same calls succeed, long before their time is up.
const thread = spawn<typeof echo>(new URL('./echo.js', import.meta.url), { data: { questioned, answers } });
await questions.send('second', { timeout: 10_000 });
console.log(await answered.recv({ timeout: 10_000 }));
console.log(answered.recvSync({ timeout: 10_000 }));

questions.drop();
await thread.join();
const gone = answered.tryRecv();
if (!gone.ok) console.log(`tryRecv: ${gone.reason}`);
