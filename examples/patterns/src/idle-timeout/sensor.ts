/** Sends three readings, 20 ms apart, and stalls: it keeps its sender, so nothing but the silence tells. */
import { never, tick, type Sender } from 'beamline';

export default function sensor({ tx }: { tx: Sender<number> }): void {
  const beat = tick(20);
  for (let reading = 0; reading < 3; reading++) {
    beat.recvSync();
    tx.sendSync(reading);
  }
  never().recvSync();
}
