/**
 * An event bus: publishers on some threads, subscribers on others, and none of them knows who else there is.
 *
 * The bus is one broadcast channel. A publisher has a clone of the sender, a subscriber a receiver of its own and picks the topics
 * that it wants. Events of one publisher stay in order. The bus closes when the last publisher is gone.
 *
 * Prints:
 *   user interface: theme=dark, lang=en
 *   alarm: disk is full
 *   journal: 4 events
 */
import { broadcast, spawn } from 'beamline';
import type publisher from './publisher.js';
import type { Event } from './publisher.js';
import type subscriber from './subscriber.js';

const [bus, events] = broadcast<Event>(64);

const subscribe = (...topics: Event['topic'][]) =>
  spawn<typeof subscriber>(new URL('./subscriber.js', import.meta.url), { data: { events: bus.subscribe(), topics } });
const userInterface = subscribe('settings');
const alarm = subscribe('health');

const publish = (...toPublish: Event[]) =>
  spawn<typeof publisher>(new URL('./publisher.js', import.meta.url), { data: { bus: bus.clone(), toPublish } });
publish({ topic: 'settings', text: 'theme=dark' }, { topic: 'settings', text: 'lang=en' });
publish({ topic: 'health', text: 'disk is full' }, { topic: 'log', text: 'checked the disk' });
bus.drop();

let journal = 0;
for await (const _event of events) journal++;
console.log(`user interface: ${(await userInterface.join()).join(', ')}`);
console.log(`alarm: ${(await alarm.join()).join(', ')}`);
console.log(`journal: ${journal} events`);
