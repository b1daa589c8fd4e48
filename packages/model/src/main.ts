/**
 * `npm run model`: every scenario, then every mutation, and a table of each.
 *
 *   npm run model                      what CI runs, in under five minutes
 *   npm run model -- --long            every scenario for a minute
 *   npm run model -- --only 'ring try' one scenario, or one mutation
 *   npm run model -- --replay SEED     one run again, step by step
 *
 * Exit code 1 if a scenario fails or a mutation survives.
 */
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import Table from 'cli-table3';
import type { Job, Report } from './explore.js';
import { mutations } from './mutations.js';
import { scale } from './scale.js';
import { patchBuild } from './loader.js';

const { values } = parseArgs({
  options: {
    long: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    seed: { type: 'string' },
    only: { type: 'string' },
    replay: { type: 'string' },
    'no-mutations': { type: 'boolean', default: false },
  },
});

const seconds = values.seconds === undefined ? (values.long ? 60 : 5) : Number(values.seconds);
const seed = values.seed === undefined ? 1 + Math.floor(Math.random() * 1e9) : Number(values.seed);
if (!(seconds > 0) || !Number.isInteger(seed)) {
  console.error('usage: npm run model -- [--long | --seconds N] [--seed N] [--only NAME] [--no-mutations] [--replay SEED]');
  process.exit(2);
}

/**
 * How long each of its scenarios may take to catch a mutation, in one round after another. Nearly all are caught in a second by one of
 * them, which need not be the first.
 */
const MUTATION_SECONDS = [3, 10, 30];

patchBuild(scale);
const { scenarios } = require('./scenarios/index.js') as typeof import('./scenarios/index.js');
const run = promisify(execFile);

async function explore(job: Job): Promise<Report> {
  const { stdout } = await run(process.execPath, [join(__dirname, 'explore.js'), JSON.stringify(job)], {
    timeout: (job.seconds + 60) * 1000,
    maxBuffer: 256 * 1024 * 1024,
  });
  return JSON.parse(stdout) as Report;
}

/** As many at a time as there are processors. */
async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const lanes = Array.from({ length: Math.max(1, Math.min(availableParallelism(), 4)) }, async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  });
  await Promise.all(lanes);
}

async function checkScenarios(): Promise<number> {
  const wanted = scenarios.filter(({ name }) => values.only === undefined || name === values.only);
  const reports = new Map<string, Report>();
  await inParallel(wanted, async ({ name }) => {
    const report = await explore({ scenario: name, seconds, seed });
    reports.set(name, report);
    if (report.problems.length > 0) show(name, report);
  });
  const table = new Table({ head: ['scenario', 'runs', 'deaths', 'exhaustive', 's', ''], style: { head: [], border: [] } });
  let failed = 0;
  for (const { name, about } of wanted) {
    const { runs, deaths, isExhaustive, seconds: took, problems } = reports.get(name) as Report;
    if (problems.length > 0) failed++;
    const verdict = problems.length > 0 ? 'FAILED' : about;
    table.push([
      name,
      { content: runs, hAlign: 'right' },
      { content: deaths, hAlign: 'right' },
      isExhaustive ? 'yes' : 'no',
      took.toFixed(1),
      verdict,
    ]);
  }
  if (wanted.length > 0) console.log(table.toString());
  return failed;
}

function show(name: string, { problems, seed: again, trace }: Report): void {
  console.log(`\n${name}: ${problems.join('\n')}\nagain: npm run model -- --replay '${again ?? ''}'\n${trace ?? ''}\n`);
}

async function checkMutations(): Promise<number> {
  const wanted = mutations.filter(({ name }) => values.only === undefined || name === values.only);
  const caught = new Map<string, { by: string; runs: number; problem: string }>();
  await inParallel(wanted, async ({ name, scenarios: tried }) => {
    let runs = 0;
    for (const [round, limit] of MUTATION_SECONDS.entries()) {
      for (const scenario of tried) {
        const report = await explore({ scenario, mutation: name, seconds: limit, seed: seed + round });
        runs += report.runs;
        if (report.problems.length === 0) continue;
        caught.set(name, { by: scenario, runs, problem: report.problems[0].split('\n')[0] });
        return;
      }
    }
  });
  const table = new Table({
    head: ['mutation', 'caught by', 'runs', 'as'],
    style: { head: [], border: [] },
    wordWrap: true,
    colWidths: [50, 24, 8, 70],
  });
  for (const { name } of wanted) {
    const found = caught.get(name);
    table.push([name, found?.by ?? 'SURVIVES', { content: found?.runs ?? '', hAlign: 'right' }, found?.problem ?? '']);
  }
  if (wanted.length > 0) console.log(table.toString());
  return wanted.length - caught.size;
}

async function main(): Promise<number> {
  if (values.replay !== undefined) {
    const scenario = values.replay.split(':')[0] ?? '';
    const report = await explore({ scenario, seconds, seed, replay: values.replay });
    show(scenario, report);
    return report.problems.length === 0 ? 0 : 1;
  }
  console.log(`seed ${seed}, ${seconds} s for each scenario`);
  const failed = await checkScenarios();
  const survived = values['no-mutations'] ? 0 : await checkMutations();
  if (failed + survived > 0) console.log(`${failed} scenarios failed, ${survived} mutations survived`);
  return failed + survived > 0 ? 1 : 0;
}

main()
  .then((code) => process.exit(code))
  .catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
