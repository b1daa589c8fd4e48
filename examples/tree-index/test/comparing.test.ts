/** `--compare`: three ways to the same results. */
import { appendFileSync } from 'node:fs';
import { LIMIT_MS, reportOf, run, start, type Program } from './support/program.js';
import { prose, Tree } from './support/tree.js';

function generate(tree: Tree): Tree {
  for (let n = 0; n < 200; n++) tree.file(`${n % 10}/${n}.txt`, prose(n, 200));
  if (process.platform === 'linux') tree.fileNamed(Buffer.from('caf\xe9', 'latin1'), 'x');
  return tree.link('link', 'nowhere');
}

test(
  'the times and that the results are the same are in the document',
  async () => {
    using tree = generate(new Tree());
    const finished = await run([tree.root, '--json', '--compare', '--threads', '2']);
    expect([finished.code, finished.stderr]).toEqual([0, '']);
    const { compare } = reportOf(finished);
    expect(compare).toMatchObject({ equal: true, differences: [] });
    expect(compare!.contenders.map(({ name }) => name)).toEqual([
      expect.stringMatching(/^beamline/),
      expect.stringMatching(/^Piscina/),
      expect.stringMatching(/^postMessage/),
    ]);
    for (const { seconds, filesPerSecond, ratio } of compare!.contenders) {
      expect([seconds > 0, filesPerSecond > 0, ratio > 0]).toEqual([true, true, true]);
    }
  },
  LIMIT_MS,
);

test(
  'the table shows them side by side',
  async () => {
    using tree = generate(new Tree());
    const { code, stdout } = await run([tree.root, '--compare', '--threads', '2']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Compared\n[^]*│ beamline.*│ +1\.00 │\n│ Piscina.*\n│ postMessage.*\n/);
    expect(stdout).toMatch(/The results are the same, file by file\.\n$/);
  },
  LIMIT_MS,
);

/** Each of the runs that are compared takes a while, so that something can happen in one of them. */
function slowComparison(tree: Tree): Program {
  generate(tree).zeros('zeros', 512 * 1024 * 1024);
  return start([tree.root, '--json', '--compare', '--threads', '2'], { env: { NODE_DEBUG: 'tree-index' } });
}

test(
  'results that are not the same are told, with exit code 1',
  async () => {
    using tree = new Tree();
    const program = slowComparison(tree);
    await program.says('comparing, round 1 of 2: beamline');
    appendFileSync(tree.path('1/1.txt'), 'another');
    const finished = await program.finished();
    const { compare, interrupted } = reportOf(finished);
    expect([finished.code, interrupted, compare?.equal]).toEqual([1, false, false]);
    expect(compare?.differences).toContainEqual(expect.stringMatching(/1\.txt: bytes=\d+ .* by Piscina.*, bytes=\d+ .* before$/));
    expect(compare?.differences.every((line) => line.includes('/1/1.txt: '))).toBe(true);
  },
  LIMIT_MS,
);

test.each(['beamline', 'Piscina', 'postMessage'])(
  'SIGINT while %s is at work ends the comparison, and the report is still there',
  async (contender) => {
    using tree = new Tree();
    const program = slowComparison(tree);
    await program.says(`comparing, round 1 of 2: ${contender}`);
    program.kill('SIGINT');
    const finished = await program.finished();
    const { compare, interrupted, totals } = reportOf(finished);
    expect([finished.code, interrupted, compare]).toEqual([130, true, undefined]);
    expect(totals.files).toBe(totals.found);
  },
  LIMIT_MS,
);
