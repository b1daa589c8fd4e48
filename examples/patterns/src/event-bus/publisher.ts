/** Publishes its events and is done. */
import type { BroadcastSender } from 'beamline';

export interface Event {
  readonly topic: 'settings' | 'health' | 'log';
  readonly text: string;
}

export default function publisher({ bus, toPublish }: { bus: BroadcastSender<Event>; toPublish: Event[] }): void {
  for (const event of toPublish) bus.send(event);
}
