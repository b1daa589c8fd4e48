/** Receives as many messages as it is told to, and then says so. */
import type { Receiver, Sender } from 'beamline';

export interface ReceiverData {
  readonly orders: Receiver<number>;
  readonly messages: Receiver<unknown>;
  readonly done: Sender<number>;
}

export default function receive({ orders, messages, done }: ReceiverData): void {
  for (const count of orders) {
    for (let i = 0; i < count; i++) messages.recvSync();
    done.sendSync(count);
  }
}
