/** Announces itself, reports five times, and leaves: its sender is dropped with the thread. */
import { tick, unbounded, type Receiver, type Sender } from 'beamline';

/** What a reporter announces. */
export interface Subscription {
  readonly topic: string;
  readonly reports: Receiver<string>;
}

export default function reporter({ topic, tx }: { topic: string; tx: Sender<Subscription> }): void {
  const [report, reports] = unbounded<string>();
  tx.sendSync({ topic, reports }); // The receiver moves.
  const pace = tick(2);
  for (let i = 1; i <= 5; i++) {
    pace.recvSync();
    report.sendSync(`${topic} ${i}`);
  }
  report.drop();
}
