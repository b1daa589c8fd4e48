/**
 * Log aggregation: three services write logs and rotate them, three followers read them meanwhile, one consumer writes everything
 * into one file.
 *
 *   service ~~ web.log, web.1.log, … ~~▶ follower ──┐
 *   service ~~ api.log, api.1.log, … ~~▶ follower ──┼──▶ this thread ~~▶ all.log
 *   service ~~ db.log, db.1.log, …   ~~▶ follower ──┘
 *
 * A line is a struct of two strings, which its codec knows, so its messages are smaller and faster than those of any objects are.
 * A follower loses no line when the file that it reads is rotated, and a slow disk makes the followers wait, as their channel is
 * bounded. This thread writes all the lines that are there at once. The lines of one service are in order in the end; how those of
 * different services interleave is left to chance.
 *
 * Prints:
 *   web: 600 lines, in order: true, logs rotated: 6
 *   api: 600 lines, in order: true, logs rotated: 6
 *   db: 600 lines, in order: true, logs rotated: 6
 *   all.log: 1800 lines
 */
import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bounded, codecs, spawn } from 'beamline';
import type follower from './follower.js';
import type { Line } from './follower.js';
import type service from './service.js';

const SERVICES = ['web', 'api', 'db'];

const directory = await mkdtemp(join(tmpdir(), 'beamline-logs-'));
const all = join(directory, 'all.log');
const [tx, lines] = bounded<Line>(256, { codec: codecs.struct({ service: 'utf8', text: 'utf8' }) });

const threads = SERVICES.flatMap((name) => {
  const [running, ended] = bounded<void>(1); // carries nothing: it disconnects when the service ends
  const log = join(directory, name);
  return [
    spawn<typeof service>(new URL('./service.js', import.meta.url), { data: { log, running } }),
    spawn<typeof follower>(new URL('./follower.js', import.meta.url), { data: { name, log, ended, lines: tx.clone() } }),
  ];
});
tx.drop();

for await (const first of lines) {
  const batch = [first, ...lines.tryIter()];
  await appendFile(all, batch.map(({ service, text }) => `${service} ${text}\n`).join(''));
}
await Promise.all(threads.map((thread) => thread.join()));

const written = (await readFile(all, 'utf8')).trimEnd().split('\n');
const files = await readdir(directory);
for (const name of SERVICES) {
  const own = written.filter((line) => line.startsWith(`${name} `));
  const inOrder = own.every((line, index) => line === `${name} line ${index + 1}`);
  const rotated = files.filter((file) => file.startsWith(`${name}.`) && file !== `${name}.log`);
  console.log(`${name}: ${own.length} lines, in order: ${inOrder}, logs rotated: ${rotated.length}`);
}
console.log(`all.log: ${written.length} lines`);
await rm(directory, { recursive: true });
