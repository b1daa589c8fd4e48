/** The whole program on whole trees, against the same index computed independently. */
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { rmSync, mkdirSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { expectedIndex, timeless, type Exceptions } from './support/expected-index.js';
import { LIMIT_MS, ordinaryUser, reportOf, run, start, type ProgramOptions } from './support/program.js';
import { prose, Tree } from './support/tree.js';

const MiB = 1024 * 1024;

/** Everything that the issue of a tree indexer names, and what has broken others. */
function generate(tree: Tree): Tree {
  for (let n = 0; n < 300; n++) tree.file(`prose/${n % 7}/${n % 11}/text ${n}.${['txt', 'md', 'TXT', 'js'][n % 4]}`, prose(n, n));
  tree.file('empty.txt', '').file('also/empty.md', '');
  tree.file('no newline at the end.txt', 'one two\nthree');
  tree.file('only newlines', '\n\n\n');
  tree.file('first byte.bin', '\0text').file('last byte of the window.bin', 'x'.repeat(8191) + '\0');
  tree.file('beyond the window.txt', `${'x'.repeat(8192)}\0 two\n`);
  tree.file('big.txt', prose(1, 400_000)).file('big.bin', Buffer.alloc(3 * MiB + 1, 'ab\0'));
  tree.file('exactly a chunk.txt', `${'word '.repeat(MiB)}`.slice(0, MiB));
  tree.file('copies/1', 'the same').file('copies/deeper/2.txt', 'the same').file('3.copy', 'the same');
  tree.file('.hidden', 'x').file('dir.d/noext', 'x').file('archive.tar.GZ', 'x').file('ends with.', 'x').file('..two', 'x');
  tree.file('__proto__/constructor', 'x').file('a.__proto__', 'x').file('b.constructor', 'x').file('c.toString', 'x');
  tree.file('naïve 名 😀.txt', 'x').file('new\nline.txt', 'x').file('esc\u001b[2J.txt', 'x').file('back\\slash.txt', 'x');
  tree.link('links/to-file', '../big.txt').link('links/to-directory', '../prose').link('links/dangling', 'nowhere');
  tree.link('links/loop', '..').link('links/self', 'self');
  mkdirSync(tree.path('empty directory'));
  tree.fifo('fifo.txt');
  return tree;
}

async function expectIndexed(root: string, args: readonly string[], options: ProgramOptions & Exceptions = {}): Promise<void> {
  const finished = await run([root, '--json', ...args], options);
  expect([finished.code, finished.signal, finished.stderr]).toEqual([0, null, '']);
  const report = reportOf(finished);
  expect(timeless(report)).toEqual(expectedIndex(root, options));
  expect(report).toMatchObject({ root, interrupted: false });
  expect(report.seconds).toBeGreaterThan(0);
  expect(report.filesPerSecond).toBeCloseTo((report.totals.found || 0) / report.seconds, 6);
  expect(report.channelMessages).toBeGreaterThanOrEqual(2 * report.totals.found);
}

test.each([[[]], [['--threads', '1']], [['--threads', '5']]])(
  'a generated tree, %j',
  async (args) => {
    using tree = generate(new Tree());
    await expectIndexed(tree.root, args);
  },
  LIMIT_MS,
);

test('the packages of this repository', async () => {
  await expectIndexed(join(__dirname, '..', '..', '..', 'packages'), []);
});

test('an empty directory', async () => {
  using tree = new Tree();
  await expectIndexed(tree.root, []);
});

test('a socket is listed and not opened', async () => {
  using tree = new Tree();
  const server = createServer().listen(tree.path('socket'));
  try {
    await once(server, 'listening');
    await expectIndexed(tree.root, []);
  } finally {
    server.close();
  }
});

const describeIf = (possible: boolean): jest.Describe => (possible ? describe : describe.skip);
const user = ordinaryUser();

describeIf(user !== undefined)('run by a user who may not read everything', () => {
  test('files and directories that may not be read are listed', async () => {
    using tree = new Tree();
    tree.file('secret.txt', 'x').mode('secret.txt', 0).file('secrets/a', 'a').mode('secrets', 0).file('open.txt', 'x');
    await expectIndexed(tree.root, [], { ...user, unreadable: ['secret.txt', 'secrets'] });
  });
});

describeIf(process.platform === 'linux')('where names are any bytes', () => {
  test('names that are not UTF-8 are indexed, shown by number, and given in bytes', async () => {
    using tree = new Tree();
    const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
    tree.fileNamed(latin1('caf\xe9.txt'), 'one\n').fileNamed(latin1('caf\xe8.txt'), 'two\n').fileNamed(latin1('\\\xff'), 'x');
    tree.directoryNamed(latin1('d\xff')).fileNamed(latin1('d\xff/plain.txt'), 'three\n');
    tree.fileNamed(Buffer.from('café.txt'), 'four\n').file('caf\\xe9.txt', 'an impostor\n');
    await expectIndexed(tree.root, []);
    const report = reportOf(await run([tree.root, '--json']));
    const rootHex = Buffer.from(`${tree.root}/`).toString('hex');
    expect(report.nonUtf8Names).toContainEqual({ path: 'caf\\xe9.txt', hex: `${rootHex}636166e92e747874` });
    expect(report.totals.files).toBe(6);
  });
});

describeIf(process.platform !== 'win32')('on POSIX systems', () => {
  test('a path that is too long for the system is a problem, not the end', async () => {
    using tree = new Tree();
    tree.file('a.txt', 'x');
    // Made from within, step by step, as no call could name the innermost directory from here.
    const dig = `const { chdir } = process;
    for (let depth = 0; depth < 30; depth++) {
      fs.mkdirSync('d'.repeat(200));
      chdir('d'.repeat(200));
      fs.writeFileSync('file', 'x');
    }`;
    execFileSync(process.execPath, ['-e', dig], { cwd: tree.root });
    const report = reportOf(await run([tree.root, '--json']));
    expect(report.problems).toEqual([{ path: expect.stringMatching(/^(d{200}\/)+d{200}$/) as string, reason: 'ENAMETOOLONG' }]);
    expect(report.totals.files).toBe(report.totals.directories);
  });

  test(
    'files that vanish or change their kind between the walk and their turn are listed',
    async () => {
      using tree = new Tree();
      // One thread: while it reads zeros, the files after them, which the walk has found by then, are not yet opened.
      tree.file('1.txt', 'x').zeros('2.zeros', 1024 * MiB);
      for (const name of ['gone', 'to-directory', 'to-fifo', 'to-link']) tree.file(name, 'x');
      tree.file('untouched', 'x');
      const program = start([tree.root, '--json', '--threads', '1'], { env: { NODE_DEBUG: 'tree-index' } });
      await program.says('the first file is indexed');
      for (const name of ['gone', 'to-directory', 'to-fifo', 'to-link']) rmSync(tree.path(name));
      tree.link('to-link', 'untouched').fifo('to-fifo');
      mkdirSync(tree.path('to-directory'));
      const finished = await program.finished();
      expect(finished.code).toBe(0);
      expect(reportOf(finished).problems).toEqual([
        { path: 'gone', reason: 'ENOENT' },
        { path: 'to-directory', reason: 'no regular file any more' },
        { path: 'to-fifo', reason: 'no regular file any more' },
        { path: 'to-link', reason: 'ELOOP' },
      ]);
      expect(reportOf(finished).totals).toMatchObject({ files: 3, found: 7, problems: 4 });
    },
    LIMIT_MS,
  );
});
