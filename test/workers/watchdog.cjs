/**
 * Ends a test process whose thread is blocked: jest's own limit is a timer of that very thread and can never fire. Hears from
 * the thread whenever a test starts and at short intervals; jest reports the file as failed and goes on with the others.
 */
const { writeSync } = require('node:fs');
const { parentPort, workerData } = require('node:worker_threads');

let test;
let limit;
parentPort.on('message', (started) => {
  test = started ?? test;
  clearTimeout(limit);
  limit = setTimeout(() => {
    writeSync(
      2,
      `\n${test?.file}\n  "${test?.name}" has blocked its thread for ${workerData.limitMs} ms: the process is ended.\n`,
    );
    process.kill(process.pid, 'SIGKILL');
  }, workerData.limitMs);
});
