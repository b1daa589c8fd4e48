/**
 * One scenario, in a process of its own: explores it, systematically and then at random, and prints what came of it as JSON.
 *
 * Started by: main.ts, as `node explore.js JOB`, JOB being JSON. A process per scenario, because a mutation is loaded once and for all.
 */
import { loadLayout } from './layout.js';
import { patchBuild, type Patch } from './loader.js';
import { mutations } from './mutations.js';
import { scale } from './scale.js';

export interface Job {
  readonly scenario: string;
  readonly mutation?: string;
  readonly seconds: number;
  readonly seed: number;
  /** Choices to make again, instead of exploring. */
  readonly replay?: string;
}

export interface Report {
  readonly runs: number;
  readonly deaths: number;
  readonly isExhaustive: boolean;
  readonly seconds: number;
  readonly problems: readonly string[];
  readonly seed: string | undefined;
  readonly trace: string | undefined;
}

/** Share of the time that goes to the systematic search; if it ends before, there is nothing left to do at random. */
const SYSTEMATIC = 0.5;

async function explore(job: Job): Promise<Report> {
  const patches: readonly Patch[] = [...scale, ...(mutations.find(({ name }) => name === job.mutation)?.patches ?? [])];
  patchBuild(patches);
  const { Stage } = require('./run.js') as typeof import('./run.js');
  const { Search } = require('./search.js') as typeof import('./search.js');
  const { scenarioNamed } = require('./scenarios/index.js') as typeof import('./scenarios/index.js');
  const { describeRun, parseSeed, seedOf } = require('./trace.js') as typeof import('./trace.js');
  const scenario = scenarioNamed(job.scenario);
  const layout = loadLayout();
  const stage = new Stage(scenario, layout, patches);
  const began = performance.now();
  stage.start();
  const search = new Search(stage);
  if (job.replay === undefined) {
    const share = scenario.randomOnly === true ? 0 : SYSTEMATIC;
    search.exhaust({ until: began + job.seconds * share * 1000, runs: Infinity });
    const { isExhaustive, found } = search.result;
    if (!isExhaustive && found === undefined) search.wander({ until: began + job.seconds * 1000, runs: Infinity }, job.seed);
  }
  const seconds = (performance.now() - began) / 1000;
  const { runs, deaths, isExhaustive, found } = search.result;
  const shown = job.replay === undefined ? found : stage.run({ prefix: parseSeed(job.replay).choices });
  const choices = shown?.points.map(({ choice }) => choice);
  const report: Report = {
    runs,
    deaths,
    isExhaustive,
    seconds,
    problems: shown?.problems ?? [],
    seed: choices === undefined ? undefined : seedOf(scenario.name, choices),
    trace: shown === undefined ? undefined : describeRun(stage.control, stage.names, shown),
  };
  await Promise.race([stage.stop(), new Promise((resolve) => setTimeout(resolve, 1000))]);
  return report;
}

/** Where even setting up, or letting go, throws or never ends, that is a finding too. */
function failed(error: unknown): Report {
  const problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { runs: 0, deaths: 0, isExhaustive: false, seconds: 0, problems: [problem], seed: undefined, trace: undefined };
}

explore(JSON.parse(process.argv[2] ?? '{}') as Job)
  .catch(failed)
  .then((report) => {
    process.stdout.write(JSON.stringify(report), () => process.exit(0));
  })
  .catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
