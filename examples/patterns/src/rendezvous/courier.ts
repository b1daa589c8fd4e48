/** Hands over two items, and reports each once somebody has it. */
import type { Sender } from 'beamline';

export default function courier({ tx, reports }: { tx: Sender<string>; reports: Sender<string> }): void {
  for (const item of ['the letter', 'the parcel']) {
    tx.sendSync(item); // blocks this thread until somebody has taken it
    reports.sendSync(item);
  }
}
