/** Sends one word. It is not to blame. */
import type { Sender } from 'beamline';

export default function producer({ tx }: { tx: Sender<string> }): void {
  tx.sendSync('hello');
}
