/**
 * Adds up a large CSV file by a pipeline of two worker pools: pipeline.ts shows how they are connected.
 *
 *   npm run example:csv-pipeline                            # a made-up file of 100 MB
 *   npm run example:csv-pipeline -- --megabytes 500
 *   npm run example:csv-pipeline -- --threads 4 orders.csv  # the columns: order,country,item,quantity,cents,comment
 *
 * A bar shows on a terminal how far it is. Ctrl-C stops in order, and shows what has been added up until then. A made-up file is
 * compared with what was written, and deleted in the end.
 *
 * Prints, where N is some number (and with one more line if the file is made up: whether the sums are those of what was written):
 *   N rows, N MB in N s: N MB/s
 *   in the pools: parsing N s on N threads, aggregating N s on one
 *   and for each country:
 *   COUNTRY: N orders, N items, N.N revenue
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { fromSignal } from 'beamline';
import { SingleBar } from 'cli-progress';
import { aggregateFile, type Aggregated } from './pipeline.js';
import { writeSample } from './sample.js';
import type { Totals } from './totals.js';

const MB = 1_000_000;
const INTERRUPTED = 130;

const { values, positionals } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '100' },
    threads: { type: 'string', default: String(availableParallelism()) },
  },
  allowPositionals: true,
});
const [given] = positionals;
const threads = wholeNumber('threads', values.threads);
const megabytes = wholeNumber('megabytes', values.megabytes);
using interrupted = fromSignal('SIGINT');

if (given !== undefined) report(await aggregate(given));
else {
  const directory = await mkdtemp(join(tmpdir(), 'beamline-csv-'));
  try {
    const path = join(directory, 'orders.csv');
    const written = await writeSample(path, megabytes * MB);
    const aggregated = await aggregate(path);
    report(aggregated);
    if (!aggregated.isInterrupted) verify(aggregated.totals, written);
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function aggregate(path: string): Promise<Aggregated & { seconds: number }> {
  const { size } = await stat(path);
  // On standard error, and only if that is a terminal.
  const bar = new SingleBar({ format: '{bar} {percentage} % · {value} of {total} MB', hideCursor: null, clearOnComplete: true });
  bar.start(Math.round(size / MB), 0);
  const start = performance.now();
  try {
    const aggregated = await aggregateFile({
      path,
      threads,
      interrupted,
      onProgress: (bytes) => bar.update(Math.round(bytes / MB)),
    });
    return { ...aggregated, seconds: (performance.now() - start) / 1000 };
  } finally {
    bar.stop();
  }
}

function report({
  totals,
  rows,
  bytes,
  seconds,
  parsingMs,
  aggregatingMs,
  isInterrupted,
}: Awaited<ReturnType<typeof aggregate>>): void {
  if (isInterrupted) {
    console.log('Interrupted. Until then:');
    process.exitCode = INTERRUPTED;
  }
  const megabytes = bytes / MB;
  console.log(`${rows} rows, ${megabytes.toFixed(1)} MB in ${seconds.toFixed(1)} s: ${(megabytes / seconds).toFixed(1)} MB/s`);
  const [parsing, aggregating] = [parsingMs, aggregatingMs].map((ms) => (ms / 1000).toFixed(1));
  console.log(`in the pools: parsing ${parsing} s on ${threads} threads, aggregating ${aggregating} s on one`);
  for (const [country, { orders, items, cents }] of [...totals].sort()) {
    console.log(`${country}: ${orders} orders, ${items} items, ${(cents / 100).toFixed(2)} revenue`);
  }
}

function verify(totals: Totals, written: Totals): void {
  const isEqual = isDeepStrictEqual(totals, written);
  console.log(`the sums are those of what was written: ${isEqual}`);
  if (!isEqual) process.exitCode = 1;
}

function wholeNumber(name: string, text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new RangeError(`--${name} must be a whole number from 1 on, not '${text}'`);
}
