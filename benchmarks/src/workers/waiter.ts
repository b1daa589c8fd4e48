/** Waits for a message that never comes. */
import { RecvError, type Receiver } from 'beamline';

export interface WaiterData {
  readonly rx: Receiver<number>;
  readonly blocking: boolean;
}

export default async function wait({ rx, blocking }: WaiterData): Promise<void> {
  try {
    if (blocking) rx.recvSync();
    else await rx.recv();
  } catch (error) {
    if (!(error instanceof RecvError)) throw error; // the channel is gone: measuring is over
  }
}
