/** Lets through what a prime does not divide. When nobody wants that any more, its own receiver is dropped with the thread. */
import { isChannelError, type Receiver, type Sender } from 'beamline';

export default function filter({ prime, rx, tx }: { prime: number; rx: Receiver<number>; tx: Sender<number> }): void {
  try {
    for (const n of rx) if (n % prime !== 0) tx.sendSync(n);
  } catch (error) {
    if (!isChannelError(error) || error.name !== 'SendError') throw error;
  }
}
