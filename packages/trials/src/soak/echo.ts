/** What the threads that live throughout a soak run: everything comes back, in one form or another, until the senders are gone. */
import type { Receiver, Sender } from 'beamline';

export interface EchoData {
  readonly rx: Receiver<unknown>;
  readonly tx: Sender<unknown>;
  readonly blocking: boolean;
}

export default async function echo({ rx, tx, blocking }: EchoData): Promise<void> {
  if (blocking) for (const message of rx) tx.sendSync(message);
  else for await (const message of rx) await tx.send(message);
}
