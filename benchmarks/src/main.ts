/**
 * Measures beamline: `npm run bench [-- NAME…] [-- --quick]`. What is measured, how, and with which results: docs/benchmarks.md.
 *
 * Measures only: the exit code is 0 whatever the figures are.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import Table from 'cli-table3';
import { chosen, nanoseconds, resultOf, times, verdict } from './figures.js';
import { FULL, measureCase, QUICK, type Effort } from './measure.js';
import type { Case, Samples, Suite } from './suite.js';
import { indexWord } from './suites/index-word.js';
import { formsSuite, oneWaySuite } from './suites/one-way.js';
import { operationsSuite } from './suites/operations.js';
import { poolSuite } from './suites/pool.js';
import { scaleSuite } from './suites/scale.js';
import { measureWaiting, WAITING_BAR_MS } from './suites/waiting.js';

const SUITES = [oneWaySuite, formsSuite, operationsSuite, scaleSuite, poolSuite];
const WAITING = 'waiting';
/** The evidence of docs/adr/0001-index-word.md. Runs only when it is named. */
const INDEX_WORD = 'index-word';
const NAMES = [...SUITES.map(({ name }) => name), WAITING, INDEX_WORD];

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    /** What a child process measures: a suite and a case in it. */
    child: { type: 'string', multiple: true },
  },
});
const effort: Effort = options.quick ? QUICK : FULL;

if (options.child) await beChild(options.child);
else await report();

// ── one case, in a process of its own ──

async function beChild([suite, name]: readonly string[]): Promise<void> {
  const figures =
    suite === WAITING
      ? await measureWaiting(options.quick ? 2_000 : 6_000)
      : await measureCase(
          SUITES.find((one) => one.name === suite)!.cases.find((one) => one.name === name)!,
          effort,
        );
  process.stdout.write(JSON.stringify(figures), () => process.exit(0));
}

async function inChild<T>(suite: string, name: string): Promise<T> {
  const args = [fileURLToPath(import.meta.url), ...(options.quick ? ['--quick'] : []), `--child=${suite}`, `--child=${name}`];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 28 });
  return JSON.parse(stdout) as T;
}

// ── the report ──

async function report(): Promise<void> {
  const unknown = names.filter((name) => !NAMES.some((known) => known.startsWith(name)));
  if (unknown.length > 0) console.error(`No suite is called ${unknown.join(', ')}. There are ${NAMES.join(', ')}.`);
  console.log(`Node ${process.version}, ${process.platform} ${process.arch}${options.quick ? ', quick' : ''}`);
  for (const suite of chosen(SUITES, names)) if (names.length === 0 || unknown.length < names.length) await reportSuite(suite);
  if (chosen([{ name: WAITING }], names).length > 0) await reportWaiting();
  if (names.length > 0 && chosen([{ name: INDEX_WORD }], names).length > 0) await indexWord(effort, table);
}

function table(head: string[]): Table.Table {
  return new Table({ head, style: { head: [], border: [] }, colAligns: head.map((_, i) => (i === 0 ? 'left' : 'right')) });
}

async function reportSuite({ name, about, cases }: Suite): Promise<void> {
  const rows = table([`${name}, ns per message`, 'beamline', 'baseline', 'ratio', 'bar', '', 'against']);
  for (const subject of cases) rows.push(rowOf(subject, resultOf(await inChild<Samples>(name, subject.name))));
  console.log(`\n${about}\n${rows.toString()}`);
}

function rowOf({ name, bar, baseline }: Case, { own, baseline: other, ratio }: ReturnType<typeof resultOf>): string[] {
  const met = bar === undefined ? undefined : ratio! >= bar;
  const asked = bar === undefined ? '' : `≥ ${times(bar)}`;
  return [name, nanoseconds(own), nanoseconds(other), times(ratio), asked, verdict(met), baseline?.name ?? ''];
}

async function reportWaiting(): Promise<void> {
  const used = await inChild<number>(WAITING, WAITING);
  const rows = table(['waiting, CPU ms per second', 'beamline', 'bar', '']);
  rows.push(['four threads waiting', used.toFixed(2), `≤ ${WAITING_BAR_MS}`, verdict(used <= WAITING_BAR_MS)]);
  console.log(`\na process with two threads in recvSync and two in an awaited recv\n${rows.toString()}`);
}
