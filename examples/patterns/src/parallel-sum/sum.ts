/** Sends the sum of its part. */
import type { Sender } from 'beamline';

export default function sum({ part, tx }: { part: number[]; tx: Sender<number> }): void {
  tx.sendSync(part.reduce((total, n) => total + n, 0));
}
