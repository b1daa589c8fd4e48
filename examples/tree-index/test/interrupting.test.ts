/** Ctrl-C: once to stop in order, twice to be gone. */
import { reportOf, start, type Program, LIMIT_MS, type Finished } from './support/program.js';
import { Tree } from './support/tree.js';

const MiB = 1024 * 1024;
const GiB = 1024 * MiB;

/** More than fits into the channel between walker and pool. */
const MANY = 12_000;
const ZEROS = 40;

/** A small file first, then some that take long, then many: wherever the program is interrupted, it is in the middle. */
function longWork(tree: Tree): Tree {
  tree.file('1.txt', 'x');
  for (let n = 0; n < ZEROS; n++) tree.zeros(`2.${n}.zeros`, 256 * MiB);
  for (let n = 0; n < MANY; n++) tree.file(`3.${n}`, '');
  return tree;
}

function started(tree: Tree, ...args: string[]): Program {
  return start([tree.root, '--threads', '2', ...args], { env: { NODE_DEBUG: 'tree-index' } });
}

async function interruptedOnce(program: Program): Promise<Finished> {
  await program.says('the first file is indexed');
  program.kill('SIGINT');
  return program.finished();
}

describe('in the middle of long work', () => {
  let tree: Tree;
  beforeAll(() => {
    tree = longWork(new Tree());
  }, LIMIT_MS);
  afterAll(() => tree[Symbol.dispose](), LIMIT_MS);

  test(
    'SIGINT stops the walk, drains what is in flight and reports what was done',
    async () => {
      const finished = await interruptedOnce(started(tree, '--json'));
      expect([finished.code, finished.signal]).toEqual([130, null]);
      const { interrupted, totals, problems } = reportOf(finished);
      expect(interrupted).toBe(true);
      expect(problems).toEqual([]);
      // What had been pulled is there: the small file, and one file of zeros per thread, or few more.
      expect(totals.files).toBeGreaterThanOrEqual(2);
      expect(totals.files).toBeLessThan(ZEROS);
      // The walker was held back by the full channel, and did not go on.
      expect(totals.found).toBeLessThan(MANY);
    },
    LIMIT_MS,
  );

  test(
    'SIGINT is told in the tables, and nothing is compared then',
    async () => {
      const { code, stdout } = await interruptedOnce(started(tree, '--compare'));
      expect(code).toBe(130);
      expect(stdout).toMatch(/Interrupted\. Of the [\d,]+ files found until then, \d+ were indexed\./);
      expect(stdout).not.toContain('postMessage');
    },
    LIMIT_MS,
  );
});

test('one Ctrl-C that arrives twice, as through npm, counts once', async () => {
  using tree = new Tree();
  tree.file('1.txt', 'x').zeros('2.zeros', 512 * MiB);
  const program = started(tree, '--json');
  await program.says('the first file is indexed');
  program.kill('SIGINT');
  program.kill('SIGINT');
  const finished = await program.finished();
  expect([finished.code, reportOf(finished).totals.files]).toEqual([130, 2]);
});

test('a second SIGINT kills at once', async () => {
  using tree = new Tree();
  tree.file('1.txt', 'x').zeros('2.zeros', 1024 * GiB);
  const program = started(tree);
  await program.says('the first file is indexed');
  program.kill('SIGINT');
  await program.says('the next SIGINT kills');
  program.kill('SIGINT');
  const { code, signal, stdout } = await program.finished();
  expect([code, signal, stdout]).toEqual([null, 'SIGINT', '']);
});
