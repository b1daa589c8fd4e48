/** A process ends while its threads block, wait, spin and hold a lock: at once, and with the exit code that it should have. */
import { run } from '../support/program';

it.each([
  ['process.exit', 'exit', 7],
  ['process.exit, while the main thread waits', 'exitWhileWaiting', 9],
  ['process.exit, after the main thread was blocked', 'exitAfterBlocking', 8],
  ['an error that nobody catches', 'throw', 1],
  ['a rejection that nobody handles', 'reject', 1],
  ['a signal', 'kill', null],
])('by %s', async (_, how, expected) => {
  const { code, timedOut, stdout, elapsed } = await run('exits', { how });
  expect({ code, timedOut, stdout }).toEqual({ code: expected, timedOut: false, stdout: 'ready\n' });
  expect(elapsed).toBeLessThan(10_000); // seven threads to start on a busy machine
});
