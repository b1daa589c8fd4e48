/** Receives to the end, and returns what it has seen and what it has missed. */
import { isChannelError, type BroadcastReceiver, type Sender } from 'beamline';

interface SubscriberData {
  readonly rx: BroadcastReceiver<number>;
  readonly confirm?: Sender<number>;
}

export default function subscriber({ rx, confirm }: SubscriberData): string[] {
  const seen: string[] = [];
  for (;;) {
    try {
      for (const n of rx) {
        seen.push(String(n));
        confirm?.sendSync(n);
      }
      return seen;
    } catch (error) {
      if (!isChannelError(error) || error.name !== 'LaggedError') throw error;
      seen.push(`(missed ${error.missed})`); // A new loop goes on.
    }
  }
}
