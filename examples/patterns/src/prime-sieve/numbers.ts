/** Sends the numbers from 2 on, for as long as anybody wants them. */
import { isChannelError, type Sender } from 'beamline';

export default function numbers({ tx }: { tx: Sender<number> }): void {
  try {
    for (let n = 2; ; n++) tx.sendSync(n);
  } catch (error) {
    if (!isChannelError(error) || error.name !== 'SendError') throw error;
  }
}
