/** Sends as fast as it may, and reports each send when it is complete. */
import type { Sender } from 'beamline';

export default function producer({ tx, reports }: { tx: Sender<number>; reports: Sender<number> }): void {
  for (let n = 0; n < 5; n++) {
    tx.sendSync(n); // blocks this thread while the channel is full
    reports.sendSync(n);
  }
}
