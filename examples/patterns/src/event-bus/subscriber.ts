/** Returns the events of the topics that it wants, once the bus has closed. */
import type { BroadcastReceiver } from 'beamline';
import type { Event } from './publisher.js';

interface SubscriberData {
  readonly events: BroadcastReceiver<Event>;
  readonly topics: Event['topic'][];
}

export default function subscriber({ events, topics }: SubscriberData): string[] {
  const wanted: string[] = [];
  for (const { topic, text } of events) if (topics.includes(topic)) wanted.push(text);
  return wanted;
}
