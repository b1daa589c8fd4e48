/** Says that it is there, then sends as many answers as it is asked for, one every 5 ms. */
import { tick, type Receiver, type Sender } from 'beamline';

export default function answering({ questions, tx }: { questions: Receiver<number>; tx: Sender<number> }): void {
  tx.sendSync(0);
  const pace = tick(5);
  for (const count of questions) {
    for (let answer = 1; answer <= count; answer++) {
      pace.recvSync();
      tx.sendSync(answer);
    }
  }
}
