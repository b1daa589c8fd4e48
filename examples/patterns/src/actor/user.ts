/** One of the actor's users. */
import type { Sender } from 'beamline';
import type { Command } from './counter.js';

export default function user({ counter, times }: { counter: Sender<Command>; times: number }): void {
  for (let i = 0; i < times; i++) counter.sendSync({ kind: 'increment' });
}
