/**
 * `npm run chaos`: kills threads at random instants, in many scenarios, and checks that nobody else notices more than the contract
 * allows. The exit code is 1 if there was an anomaly.
 *
 *   --minutes N --seconds N   how long; together. Default: one minute
 *   --rounds N                or so many rounds
 *   --seed S                  decides scenarios, parameters, delays. Default: another one each time
 *   --only NAME               this scenario only; may be given several times
 *   --from R                  begins with round R: to see one again
 */
import { parseArgs } from 'node:util';
import { fillHandleTable } from '../frame/heap.js';
import { Ledger } from '../frame/ledger.js';
import { runRound, type Trial } from '../frame/run-round.js';
import { isChild } from '../frame/supervise.js';
import { Watchdog } from '../frame/watchdog.js';
import { Report } from './report.js';
import { scenarios } from './scenarios.js';

if (isChild('chaos')) await chaos();

async function chaos(): Promise<void> {
  const { values: options } = parseArgs({
    options: {
      minutes: { type: 'string', default: '0' },
      seconds: { type: 'string', default: '0' },
      rounds: { type: 'string', default: '0' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
      only: { type: 'string', multiple: true, default: [] },
      from: { type: 'string', default: '0' },
    },
  });
  const chosen = scenarios.filter(({ name }) => options.only.length === 0 || options.only.includes(name));
  if (chosen.length === 0) {
    console.error(`no scenario is called ${options.only.join(', ')}; there are ${scenarios.map(({ name }) => name).join(', ')}`);
    process.exitCode = 2;
    return;
  }
  const first = Number(options.from);
  const asked = Number(options.minutes) * 60_000 + Number(options.seconds) * 1000;
  const ms = asked > 0 ? asked : options.rounds === '0' ? 60_000 : Infinity;
  const last = options.rounds === '0' ? Infinity : first + Number(options.rounds);

  fillHandleTable();
  const ledger = new Ledger();
  const trial: Trial = { ledger, watchdog: new Watchdog(ledger), seed: Number(options.seed) };
  const report = new Report(trial.seed);
  const end = performance.now() + ms;
  for (let number = first; number < last && performance.now() < end; number++) {
    const scenario = chosen[number % chosen.length]!;
    report.add(scenario.name, number, await runRound(trial, scenario, number));
  }
  report.print();
  await trial.watchdog.stop();
}
