/** What the program makes of its arguments, and what it says with its exit code. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LIMIT_MS, PROGRAM, reportOf, run } from './support/program.js';
import { Tree } from './support/tree.js';

test.each([
  [['--frobnicate']],
  [['-x']],
  [['--threads']],
  [['--threads', '0']],
  [['--threads', '-1']],
  [['--threads=-1']],
  [['--threads', '1.5']],
  [['--threads', '1e1']],
  [['--threads', '257']],
  [['--threads', 'many']],
  [['--threads', '']],
  [['--json=yes']],
  [['one', 'two']],
  [['']],
])('%j is refused with the usage and exit code 2', async (args) => {
  const { code, stdout, stderr } = await run(args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^tree-index: [^]+\nUsage: npm start -- \[DIR\]/);
});

test('--help prints the usage and is no failure', async () => {
  const { code, stdout, stderr } = await run(['--help']);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^Usage: /);
});

test.each([
  ['that is missing', 'missing', 'ENOENT'],
  ['that is a file', 'file', 'ENOTDIR'],
  ['that is a dangling symlink', 'dangling', 'ENOENT'],
])('a directory %s is named on standard error, and the exit code is 1', async (_, name, reason) => {
  using tree = new Tree();
  tree.file('file', 'x').link('dangling', 'nowhere');
  const { code, stdout, stderr } = await run([tree.path(name), '--json']);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toBe(`tree-index: cannot read the directory '${tree.path(name)}': ${reason}\n`);
});

describe('DIR', () => {
  test('is taken from where the user is, who under npm is elsewhere than the program', async () => {
    using tree = new Tree();
    tree.file('here/a.txt', 'a').file('there/here/b.txt', 'b').file('there/here/c.txt', 'c');
    const direct = reportOf(await run(['here', '--json'], { cwd: tree.root }));
    const env = { npm_package_json: tree.path('package.json'), INIT_CWD: tree.path('there') };
    const throughNpm = reportOf(await run(['here', '--json'], { cwd: tree.root, env }));
    expect([direct.root, direct.totals.files]).toEqual([tree.path('here'), 1]);
    expect([throughNpm.root, throughNpm.totals.files]).toEqual([join(tree.root, 'there', 'here'), 2]);
  });

  test('may be a symlink, as the user named it', async () => {
    using tree = new Tree();
    tree.file('real/a.txt', 'a').link('link', 'real');
    const report = reportOf(await run([tree.path('link'), '--json']));
    expect(report.largest).toEqual([{ path: 'a.txt', bytes: 1 }]);
  });
});

test('the tables go to standard output, and nothing to standard error where that is no terminal', async () => {
  using tree = new Tree();
  tree.file('a.txt', 'one two\n').file('same.txt', 'one two\n').file('\u001b[31m\n.md', '').link('link', 'a.txt');
  const { code, stdout, stderr } = await run([tree.root, '--threads', '1']);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/By extension[^]*\.txt +│ +2 │ +16 B │ +2 │ +4 │ +0 │[^]*total +│ +3 │/);
  expect(stdout).toMatch(/Duplicates \(8 B in copies\)[^]* 2 │ +8 B │ +8 B │ a\.txt/);
  expect(stdout).toMatch(/3 files \(16 B\) in 1 directories; 0 problems, 1 symlinks not followed, 0 special files/);
  expect(stdout).toMatch(/on 1 threads: [\d,]+ files per second, [\d,]+ messages through channels\n$/);
  // A file name cannot command the terminal.
  expect(stdout).toContain('\\u{1b}[31m\\u{a}.md');
  expect(stdout).not.toContain('\u001b');
});

/** `script` gives a program a terminal; it is part of util-linux. */
const hasScript = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;

(hasScript ? describe : describe.skip)('on a terminal', () => {
  test('a bar shows how far it is, on standard error, and goes away', () => {
    using tree = new Tree();
    // Reading the zeros takes longer than the first beats of the clock behind the bar.
    tree.file('a.txt', 'x').zeros('b.zeros', 512 * 1024 * 1024);
    const quoted = [process.execPath, PROGRAM, tree.root, '--json', '--threads', '1'].map((word) => `'${word}'`).join(' ');
    const command = `${quoted} > '${tree.path('out.json')}'`;
    const { status, stdout } = spawnSync('script', ['-qec', command, '/dev/null'], { encoding: 'utf8', timeout: LIMIT_MS });
    expect(status).toBe(0);
    expect(stdout).toMatch(/indexing [^\n]* 1\/3 files · \d+ files\/s · 1 B/);
    expect(JSON.parse(readFileSync(tree.path('out.json'), 'utf8'))).toMatchObject({ totals: { files: 3 } });
  });
});
