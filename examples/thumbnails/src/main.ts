/**
 * Makes thumbnails of all pictures in a folder, and a contact sheet of them.
 *
 *   npm run example:thumbnails                         # of pictures that it draws itself
 *   npm run example:thumbnails -- --pictures 200
 *   npm run example:thumbnails -- --output /tmp/small ~/Pictures
 *
 * Both the drawing and the shrinking are done by pools, by Jimp, which is JavaScript through and through. A picture that cannot be read
 * fails its own job: its outcome says why, and its place on the sheet stays empty. The samples have one that is broken, to show it.
 * Ctrl-C ends it at once; what has been written stays.
 *
 * Prints, where N is some number (and without the first line for a folder of yours; PATH is the output, by default a new temporary folder):
 *   drew N pictures, N.N MB, in N.N s
 *   broken.png: ERROR
 *   N thumbnails in N.N s on N threads, which were busy for N.N s
 *   PATH/contact-sheet.png
 */
import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bounded } from 'beamline';
import { WorkerPool } from 'beamline/pool';
import { contactSheet } from './contact-sheet.js';
import type draw from './draw.js';
import type shrink from './shrink.js';
import type { ShrinkJob } from './shrink.js';

const SIZE = { width: 160, height: 120 };

const { values, positionals } = parseArgs({
  options: {
    pictures: { type: 'string', default: '24' },
    threads: { type: 'string', default: String(availableParallelism()) },
    output: { type: 'string' },
  },
  allowPositionals: true,
});
const threads = Number(values.threads);
const output = values.output ?? (await mkdtemp(join(tmpdir(), 'beamline-thumbnails-')));
const thumbnails = join(output, 'thumbnails');
await mkdir(thumbnails, { recursive: true });

const folder = positionals[0] ?? (await samples(join(output, 'pictures'), Number(values.pictures)));
const names = (await readdir(folder)).filter((name) => /\.(png|jpe?g|gif|bmp|tiff?)$/i.test(name)).sort();
const shrunk = await shrinkAll(names);
const sheet = join(output, 'contact-sheet.png');
await writeFile(sheet, await contactSheet(shrunk, SIZE));
console.log(sheet);

async function samples(folder: string, count: number): Promise<string> {
  const start = performance.now();
  await mkdir(folder, { recursive: true });
  const drawings = Array.from({ length: count }, (_, index) => {
    const name = `${String(index).padStart(4, '0')}.${index % 2 === 0 ? 'jpg' : 'png'}`;
    return { path: join(folder, name), seed: index / count };
  });
  await using pool = WorkerPool.of<typeof draw>({ filename: new URL('./draw.js', import.meta.url), threads });
  let bytes = 0;
  for await (const size of pool.map(drawings)) bytes += size;
  console.log(`drew ${count} pictures, ${(bytes / 1e6).toFixed(1)} MB, in ${secondsSince(start)} s`);
  await writeFile(join(folder, 'broken.png'), 'no picture');
  return folder;
}

/** The pixels of each thumbnail; undefined where there is none. */
async function shrinkAll(names: readonly string[]): Promise<(Uint8Array | undefined)[]> {
  const start = performance.now();
  const [tx, jobs] = bounded<ShrinkJob>(2 * threads);
  await using pool = WorkerPool.of<typeof shrink>({ filename: new URL('./shrink.js', import.meta.url), threads, jobs });
  const sending = tx.sendMany(names.map((name) => ({ name, from: folder, to: thumbnails, ...SIZE }))).finally(() => tx.drop());
  const pixels = new Map<string, Uint8Array>();
  let busyMs = 0;
  for await (const outcome of pool.results!) {
    busyMs += outcome.durationMs;
    if (outcome.ok) pixels.set(outcome.value.name, outcome.value.pixels);
    else console.log(`${outcome.job.name}: ${outcome.error.message}`);
  }
  await sending;
  const busy = (busyMs / 1000).toFixed(1);
  console.log(`${pixels.size} thumbnails in ${secondsSince(start)} s on ${threads} threads, which were busy for ${busy} s`);
  return names.map((name) => pixels.get(name));
}

function secondsSince(start: number): string {
  return ((performance.now() - start) / 1000).toFixed(1);
}
