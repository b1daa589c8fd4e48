/**
 * `npm run soak`: everything at once for a long time. Fails (exit code 1) if anything grows: the heap, resident memory, threads,
 * channels, handles, timers, listeners; or if anything is wrong in between.
 *
 *   --minutes N --seconds N   how long; together. Default: five minutes
 *   --seed S                  decides what the rounds do
 */
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { scenarios } from '../chaos/scenarios.js';
import { fillHandleTable } from '../frame/heap.js';
import { Ledger } from '../frame/ledger.js';
import { runRound, type Trial } from '../frame/run-round.js';
import { isChild } from '../frame/supervise.js';
import { Watchdog } from '../frame/watchdog.js';
import { figure, gauges } from './gauges.js';
import { Town, type Inhabitant } from './inhabitants.js';
import { LEAST, trendOf, WARM_UP } from './trend.js';

if (isChild('soak')) await soak();

async function soak(): Promise<void> {
  const { values: options } = parseArgs({
    options: {
      minutes: { type: 'string', default: '0' },
      seconds: { type: 'string', default: '0' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
    },
  });
  const ms = Number(options.minutes) * 60_000 + Number(options.seconds) * 1000 || 300_000;
  fillHandleTable();
  const ledger = new Ledger();
  const trial: Trial = { ledger, watchdog: new Watchdog(ledger), seed: Number(options.seed), inCompany: true };
  console.log(`soak, seed ${trial.seed}, ${Math.round(ms / 1000)} s`);
  const town = new Town();
  const series = await measure(trial, ms);
  printCounts(town.inhabitants);
  await town.stop();
  await trial.watchdog.stop();
  printTrends(series);
}

/** The figures of every gauge, one after each round. */
async function measure(trial: Trial, ms: number): Promise<number[][]> {
  const series: number[][] = gauges.map(() => []);
  const end = performance.now() + ms;
  for (let number = 0; performance.now() < end || series[0]!.length < LEAST; number++) {
    const scenario = scenarios[number % scenarios.length]!;
    const { findings } = await runRound(trial, scenario, number);
    for (const text of findings) fail(`ANOMALY in ${scenario.name}, round ${number}, seed ${trial.seed}: ${text}`);
    gauges.forEach((gauge, i) => series[i]!.push(gauge.read()));
  }
  return series;
}

function printCounts(inhabitants: readonly Inhabitant[]): void {
  const table = new Table({ head: ['inhabitant', 'has done'], style: { head: [], border: [] }, colAligns: ['left', 'right'] });
  for (const { name, count } of inhabitants) {
    table.push([name, count().toLocaleString('en-US')]);
    if (count() === 0) fail(`the inhabitant ${name} has done nothing`);
  }
  console.log(table.toString());
}

function printTrends(series: readonly (readonly number[])[]): void {
  const head = ['figure', 'unit', 'first third', 'last third', 'allowed', ''];
  const table = new Table({
    head,
    style: { head: [], border: [] },
    colAligns: ['left', 'left', 'right', 'right', 'right', 'left'],
  });
  gauges.forEach((gauge, i) => {
    const { first, last, allowed, grows } = trendOf(series[i]!, gauge.tolerance);
    table.push([gauge.name, gauge.unit, ...[first, last, allowed].map((value) => figure(value, gauge)), grows ? 'grows' : '']);
    if (grows) fail(`${gauge.name} grows`);
  });
  const counted = series[0]!.length;
  console.log(`lower quartiles of ${counted} figures, of which the first ${WARM_UP * 100} % are warm-up\n${table.toString()}`);
}

function fail(text: string): void {
  console.error(text);
  process.exitCode = 1;
}
