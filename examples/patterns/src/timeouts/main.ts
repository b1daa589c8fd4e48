/**
 * Three limits on waiting: for one answer, for the gap between two, and for everything together.
 *
 * A limit is an option of the call (`timeout`, relative; `deadline`, an instant) or a case of a select (`after`, `at`). The option makes
 * the call fail; the case is an event like any other, and one timer may serve many selects: `at(end)` below is made once and limits the
 * whole loop, while `after` is made anew for each round and limits its gap.
 *
 * Prints, where N is some number:
 *   one answer: TimeoutError, none of 1 cases was ready until the time was up
 *   answer 1
 *   answer 2
 *   answer 3
 *   the next one took too long
 *   the end, after N answers more
 */
import { after, at, now, select, spawn, unbounded, TimeoutError } from 'beamline';
import type answering from './answering.js';

const [asked, questions] = unbounded<number>();
const [tx, answers] = unbounded<number>();
const thread = spawn<typeof answering>(new URL('./answering.js', import.meta.url), { data: { questions, tx } });

await answers.recv(); // it is there
try {
  await select({ answer: answers }, { timeout: 20 }); // nobody has asked anything yet
} catch (error) {
  if (!(error instanceof TimeoutError)) throw error;
  console.log(`one answer: ${error.name}, ${error.message.split(': ')[1] ?? ''}`);
}

await asked.send(3); // three answers, and then a silence
for (;;) {
  const gap = after(1000);
  const event = await select({ answer: answers, gap });
  gap.drop();
  if (event.key === 'gap' || !event.ok) break;
  console.log(`answer ${event.value}`);
}
console.log('the next one took too long');

await asked.send(Infinity); // an answer every few milliseconds, for ever
const end = at(now() + 100);
let count = 0;
for (;;) {
  const event = await select({ end, answer: answers }, { biased: true }); // the limit holds even if there is always an answer
  if (event.key === 'end') break;
  count++;
}
console.log(`the end, after ${count} answers more`);
await thread.terminate();
