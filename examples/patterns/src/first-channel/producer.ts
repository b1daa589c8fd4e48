/** Sends three words. Its sender is dropped when it returns. */
import type { Sender } from 'beamline';

export default function producer({ tx }: { tx: Sender<string> }): void {
  for (const word of ['one', 'two', 'three']) tx.sendSync(word);
}
