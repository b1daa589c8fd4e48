/**
 * The checker itself: that it explores what it says, finds what is planted, and makes a found run again.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { choiceOf, DIE, STEP, TASK_RING, TIME_OUT } from '../../dist/control.js';
import type { Job, Report } from '../../dist/explore.js';
import { apply, buildFile, type Patch } from '../../dist/loader.js';
import { mutations } from '../../dist/mutations.js';
import { scale } from '../../dist/scale.js';
import { parseSeed, seedOf } from '../../dist/trace.js';

const run = promisify(execFile);
const dist = join(__dirname, '../../dist');

async function explore(job: Omit<Job, 'seed'>): Promise<Report> {
  const { stdout } = await run(process.execPath, [join(dist, 'explore.js'), JSON.stringify({ ...job, seed: 1 })]);
  return JSON.parse(stdout) as Report;
}

/** Names of the scenarios, from a process that has the patched build. */
async function scenarioNames(): Promise<string[]> {
  const program = `require('./loader.js').patchBuild(require('./scale.js').scale);
    console.log(JSON.stringify(require('./scenarios/index.js').scenarios.map(({ name }) => name)))`;
  const { stdout } = await run(process.execPath, ['-e', program], { cwd: dist });
  return JSON.parse(stdout) as string[];
}

function applyAll(patches: readonly Patch[]): void {
  const texts = new Map<string, string>();
  for (const patch of patches)
    texts.set(patch.file, apply(texts.get(patch.file) ?? readFileSync(buildFile(patch.file), 'utf8'), patch));
}

test('the scaled-down constants fit the build', () => {
  expect(() => applyAll(scale)).not.toThrow();
});

test.each(mutations.map((mutation) => [mutation.name, mutation] as const))(
  'the mutation "%s" fits the build',
  (_, { patches }) => {
    expect(() => applyAll([...scale, ...patches])).not.toThrow();
  },
);

test('a patch that does not fit says where', () => {
  expect(() => apply('one two', { file: 'a.js', find: 'three', replace: '' })).toThrow(
    'patch of a.js: expected 1 × "three", found 0',
  );
});

test('scenarios have different names, and mutations name scenarios that exist', async () => {
  const names = await scenarioNames();
  expect(new Set(names).size).toBe(names.length);
  for (const { scenarios } of mutations) for (const name of scenarios) expect(names).toContain(name);
});

test('there are at least 25 mutations, with different names', () => {
  expect(new Set(mutations.map(({ name }) => name)).size).toBeGreaterThanOrEqual(25);
});

test('a small scenario is explored to the end', async () => {
  const report = await explore({ scenario: 'ring try', seconds: 20 });
  expect(report).toMatchObject({ isExhaustive: true, problems: [], deaths: 0 });
  expect(report.runs).toBeGreaterThan(3);
});

test('every place to die is tried', async () => {
  const report = await explore({ scenario: 'stale journal', seconds: 25 });
  expect(report).toMatchObject({ isExhaustive: true, problems: [] });
  expect(report.deaths).toBeGreaterThan(150);
});

test('a planted bug is found, and its seed makes the same run again', async () => {
  const mutation = 'weaken the CAS on HEAD to a store';
  const found = await explore({ scenario: 'ring 2 receivers', mutation, seconds: 20 });
  expect(found.problems).not.toHaveLength(0);
  const { seed } = found as { seed: string };
  const again = await explore({ scenario: 'ring 2 receivers', mutation, seconds: 20, replay: seed });
  expect(again.problems).toEqual(found.problems);
  expect(again.trace).toBe(found.trace);
});

test('a planted race of plain accesses is found', async () => {
  const { problems } = await explore({ scenario: 'ring try', mutation: 'publish before the payload', seconds: 20 });
  expect(problems.join()).toMatch(/race on/);
});

test('a planted leak after a death is found', async () => {
  const mutation = 'a dead thread’s magazines are forgotten';
  const { problems } = await explore({ scenario: 'allocator dies', mutation, seconds: 20 });
  expect(problems.join()).toMatch(/belongs to nobody/);
});

test('a planted lost wake-up is found, without any slice that would hide it', async () => {
  const { problems } = await explore({ scenario: 'async receive', mutation: 'an event loop parks over a ring', seconds: 20 });
  expect(problems.join()).toMatch(/waits to receive from channel 0, which is ready/);
});

test('a seed says its choices', () => {
  const choices = [
    choiceOf(0, STEP),
    choiceOf(0, STEP),
    choiceOf(1, TIME_OUT),
    choiceOf(2, DIE, 3),
    choiceOf(1, TASK_RING),
    choiceOf(2, DIE),
  ];
  expect(seedOf('a scenario', choices)).toBe('a scenario:A2BtC!(3)BrC!');
  expect(parseSeed('a scenario:A2BtC!(3)BrC!')).toEqual({ scenario: 'a scenario', choices });
});

test('what is no seed is refused', () => {
  expect(() => parseSeed('a scenario:A2?')).toThrow('not a seed');
});
