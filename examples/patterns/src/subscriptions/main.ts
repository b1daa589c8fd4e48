/**
 * Subscriptions that come and go while the program runs.
 *
 * A `Select` is a set of cases that changes between its calls. Each reporter makes a channel of its own and sends the receiver of it here,
 * in a message; it is added, and removed when its senders are gone. What is watched stays registered between the calls, so a call costs
 * what has become ready, however many reporters there are.
 *
 * Prints:
 *   politics: 5 reports, then it left
 *   sports: 5 reports, then it left
 *   traffic: 5 reports, then it left
 *   weather: 5 reports, then it left
 *   nobody is left, and nobody can come any more
 */
import { Select, spawn, unbounded } from 'beamline';
import type reporter from './reporter.js';
import type { Subscription } from './reporter.js';

const [tx, newcomers] = unbounded<Subscription>();
const threads = ['weather', 'traffic', 'sports', 'politics'].map((topic) =>
  spawn<typeof reporter>(new URL('./reporter.js', import.meta.url), { data: { topic, tx: tx.clone() } }),
);
tx.drop();

const set = new Select();
const door = set.recv(newcomers);
const subscriptions = new Map<number, Subscription & { received: number }>();
const left: string[] = [];
for (let isOpen = true; isOpen || subscriptions.size > 0;) {
  const event = await set.select();
  const subscription = subscriptions.get(event.index);
  if (subscription === undefined) {
    if (event.ok) {
      const newcomer = event.value as Subscription;
      subscriptions.set(set.recv(newcomer.reports), { ...newcomer, received: 0 });
    } else {
      isOpen = false;
      set.remove(door);
    }
  } else if (event.ok) subscription.received++;
  else {
    set.remove(event.index);
    subscriptions.delete(event.index);
    subscription.reports.drop();
    left.push(`${subscription.topic}: ${subscription.received} reports, then it left`);
  }
}
await Promise.all(threads.map((thread) => thread.join()));
for (const line of left.sort()) console.log(line);
console.log('nobody is left, and nobody can come any more');
