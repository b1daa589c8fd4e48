/** Sends a job every 10 ms for as long as anybody receives them. Returns the last that it could send. */
import { isChannelError, tick, type Sender } from 'beamline';

export default function producer({ tx }: { tx: Sender<number> }): number {
  const pace = tick(10);
  for (let job = 1; ; job++) {
    pace.recvSync();
    try {
      tx.sendSync(job);
    } catch (error) {
      if (isChannelError(error) && error.name === 'SendError') return job - 1;
      throw error;
    }
  }
}
