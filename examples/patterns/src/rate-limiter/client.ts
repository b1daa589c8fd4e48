/** Makes requests as fast as it is permitted, until nobody wants them any more. */
import { isChannelError, type Receiver, type Sender } from 'beamline';

export default function client({ id, permits, tx }: { id: number; permits: Receiver<number>; tx: Sender<number> }): void {
  for (;;) {
    permits.recvSync();
    try {
      tx.sendSync(id);
    } catch (error) {
      if (isChannelError(error) && error.name === 'SendError') return;
      throw error;
    }
  }
}
