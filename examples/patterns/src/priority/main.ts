/**
 * Priorities: what is urgent overtakes what is not.
 *
 * A select takes any of the cases that are ready, each as likely as the others, so that none starves. With `biased` it takes the first in
 * order, however it was woken: the order of the cases is their priority. That is for channels that are mostly empty; one that never is
 * would let nothing else through. Use an array, or names that are not numbers, where the order matters.
 *
 * Prints:
 *   urgent: fire in the kitchen
 *   urgent: flood in the cellar
 *   normal: mow the lawn
 *   normal: wash the car
 *   normal: water the plants
 *   whenever: sort the attic
 */
import { selectEach, spawn, unbounded } from 'beamline';
import type household from './household.js';

const [urgent, urgentWork] = unbounded<string>();
const [normal, normalWork] = unbounded<string>();
const [whenever, otherWork] = unbounded<string>();

const thread = spawn<typeof household>(new URL('./household.js', import.meta.url), { data: { urgent, normal, whenever } });
await thread.join(); // Now everything is there at once, and the senders are gone.

const cases = { urgent: urgentWork, normal: normalWork, whenever: otherWork };
for await (const event of selectEach(cases, { biased: true })) {
  if (event.ok) console.log(`${event.key}: ${event.value}`);
}
