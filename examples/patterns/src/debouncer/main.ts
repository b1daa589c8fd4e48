/**
 * A debouncer: many changes in a row, one reaction, once it has been quiet for a while.
 *
 * `fromEvent` keeps each event of the emitter until it is read. Every change starts a new `after`; only the one that nothing has come
 * behind gets to fire. While there is nothing to save the timer is `never()`. Biased, so that on a busy machine a change that is there
 * already comes before a timer that is due, too.
 *
 * Prints:
 *   saved after 1 change: a
 *   saved after 5 changes: abcdef
 *   saved after 100 changes: 99
 */
import { EventEmitter } from 'node:events';
import { after, fromEvent, never, select, type Receiver } from 'beamline';

const QUIET_MS = 50;

const editor = new EventEmitter();
const changes = fromEvent<string>(editor, 'change');
const typed = [['a'], ['ab', 'abc', 'abcd', 'abcde', 'abcdef'], Array.from({ length: 100 }, (_, i) => String(i))];

for (const texts of typed) {
  for (const text of texts) editor.emit('change', text);
  console.log(await nextSave());
}
changes.drop(); // The emitter has no listener any more, and the program can end.

async function nextSave(): Promise<string> {
  let quiet: Receiver<number> = never();
  let count = 0;
  let latest = '';
  for (;;) {
    const event = await select({ change: changes, quiet }, { biased: true });
    quiet.drop();
    if (event.key === 'quiet') return `saved after ${count} ${count === 1 ? 'change' : 'changes'}: ${latest}`;
    if (event.ok) latest = event.value;
    count++;
    quiet = after(QUIET_MS);
  }
}
