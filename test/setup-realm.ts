/**
 * Run in every test file.
 *
 * Every jest test file is a realm of its own, with a thread record of its own, over one process's shared memory. Gives the
 * record back when the file is done, so that no later file meets handles of a realm that is gone. And has each test watched from
 * another thread, because a blocking call that is never woken would hang jest for ever.
 */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

/** Longer than jest's own limit, which tells more when it can. */
const limitMs = 45_000;
const watchdog = new Worker(join(__dirname, 'workers', 'watchdog.cjs'), { workerData: { limitMs } });
watchdog.unref();
const signOfLife = setInterval(() => watchdog.postMessage(undefined), 1_000).unref();

beforeEach(() => {
  const { currentTestName: name, testPath: file } = expect.getState();
  watchdog.postMessage({ name, file });
});

afterAll(async () => {
  clearInterval(signOfLife);
  await watchdog.terminate();
  // Loaded here and not before: a test decides itself when, and under which clock, the library loads.
  const { leave } = await import('@beamline/core/internal');
  leave();
});
