/**
 * An idle timeout: stop receiving when the producer has gone quiet.
 *
 * The timer is a channel like the other one in the `select`, and each reading starts a new one: so it does not limit how long all
 * may take but how long the silence may be. Before the first reading there is no limit: `never()` is the case that is never ready.
 *
 * Prints:
 *   reading 0
 *   reading 1
 *   reading 2
 *   idle: giving up
 */
import { after, bounded, never, select, spawn, type Receiver } from 'beamline';
import type sensor from './sensor.js';

const IDLE_MS = 500;

const [tx, readings] = bounded<number>(8);
const thread = spawn<typeof sensor>(new URL('./sensor.js', import.meta.url), { data: { tx } });

let idle: Receiver<number> = never();
for (;;) {
  const event = await select({ reading: readings, idle });
  if (event.key === 'idle') break;
  if (!event.ok) throw new Error('the sensor has disconnected'); // which is something else than being quiet
  console.log(`reading ${event.value}`);
  idle.drop();
  idle = after(IDLE_MS);
}
console.log('idle: giving up');
await thread.terminate(); // It would be quiet for ever.
