/** One of several producers. It blocks its thread while the channel is full. */
import type { Sender } from 'beamline';

export interface Message {
  readonly producer: number;
  readonly text: string;
}

export default function producer({ id, tx }: { id: number; tx: Sender<Message> }): void {
  for (const text of ['a', 'b']) tx.sendSync({ producer: id, text });
}
