/** The parts that do arithmetic, one by one. */
import { differences } from '../src/compare/differences.js';
import type { FileEntry, FileResult } from '../src/file-result.js';
import indexFile from '../src/index-file.js';
import { fromBytes, label } from '../src/path-name.js';
import { summarize } from '../src/summary.js';
import { TextCounter } from '../src/text-counter.js';
import { emptyTally, walk } from '../src/walk.js';
import { prose, Tree } from './support/tree.js';

const entry = (path: string | Uint8Array, bytes: number, sha256 = `hash of ${bytes}`): FileEntry => {
  return { path, bytes, sha256, binary: false, lines: 1, words: 2 };
};

describe('label()', () => {
  test('leaves text as it is', () => {
    expect(label(fromBytes(Buffer.from('naïve\\名.txt')))).toBe('naïve\\名.txt');
  });

  test('shows bytes that are not UTF-8 by their numbers, and what is UTF-8 beside them as text', () => {
    const bytes = Buffer.concat([Buffer.from('名\\x'), Buffer.from([0xe9, 0xff]), Buffer.from('😀'), Buffer.from([0xf0, 0x9f])]);
    expect(fromBytes(bytes)).toBe(bytes);
    expect(label(bytes)).toBe('名\\\\x\\xe9\\xff😀\\xf0\\x9f');
    expect(label(new Uint8Array(bytes))).toBe(label(bytes));
  });
});

describe('TextCounter', () => {
  test.each([
    ['', 0, 0],
    ['one', 0, 1],
    ['one\n', 1, 1],
    [' one\ttwo\r\n\n three ', 2, 3],
    ['\v\f \t\r', 0, 0],
    ['no\u00a0break', 0, 1],
  ])('%j has %d lines and %d words, however it is cut', (text, lines, words) => {
    const bytes = Buffer.from(text);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const counter = new TextCounter();
      counter.add(bytes.subarray(0, cut));
      counter.add(bytes.subarray(cut));
      expect([counter.lines, counter.words]).toEqual([lines, words]);
    }
  });
});

describe('indexFile()', () => {
  test('says why there are no figures', () => {
    using tree = new Tree();
    tree.link('loop', 'loop').link('dangling', 'nowhere').file('directory/x', '');
    expect(indexFile(tree.path('gone'))).toEqual({ path: tree.path('gone'), error: 'ENOENT' });
    expect(indexFile(tree.path('loop'))).toEqual({ path: tree.path('loop'), error: 'ELOOP' });
    expect(indexFile(tree.path('dangling'))).toEqual({ path: tree.path('dangling'), error: 'ELOOP' });
    expect(indexFile(tree.path('directory'))).toEqual({ path: tree.path('directory'), error: 'no regular file any more' });
    expect(indexFile(tree.path('directory/x/y'))).toEqual({ path: tree.path('directory/x/y'), error: 'ENOTDIR' });
  });

  test('a FIFO where a file was does not make it wait', () => {
    using tree = new Tree();
    if (!tree.fifo('fifo')) return;
    expect(indexFile(tree.path('fifo'))).toEqual({ path: tree.path('fifo'), error: 'no regular file any more' });
  });

  test('passes on what is no error of the system', () => {
    expect(() => indexFile('a\0b')).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }) as Error);
  });
});

describe('walk()', () => {
  test('goes in the order of names, files before subdirectories', () => {
    using tree = new Tree();
    for (const name of ['b/2', 'b/10', 'a/x/deep', 'a/y', 'Z', 'é', 'a.txt']) tree.file(name, '');
    const found = [...walk(tree.root, emptyTally())].map((path) => label(path).slice(tree.root.length + 1));
    expect(found).toEqual(['Z', 'a.txt', 'é', 'a/y', 'a/x/deep', 'b/10', 'b/2']);
  });
});

describe('summarize()', () => {
  test('does not depend on the order of arrival', () => {
    const results: FileResult[] = [];
    for (let n = 0; n < 40; n++) results.push(entry(`/r/${prose(n, 1).trim()}${n}.${n % 3}`, n % 5));
    results.push(
      entry('/r/same.a', 7, 'h'),
      entry('/r/same.b', 7, 'h'),
      { path: '/r/q', error: 'EIO' },
      { path: '/r/p', error: 'EIO' },
    );
    const walked = { ...emptyTally(), problems: [{ path: '/r', error: 'EACCES' }] };
    const summary = summarize('/r', results, walked);
    expect(summarize('/r', [...results].reverse(), walked)).toEqual(summary);
    expect(summary.problems.map(({ path }) => path)).toEqual(['.', 'p', 'q']);
    expect(summary.largest.slice(0, 2)).toEqual([
      { path: 'same.a', bytes: 7 },
      { path: 'same.b', bytes: 7 },
    ]);
  });

  test('names paths as seen from the root, from / too, and where bytes are shown by number', () => {
    const odd = Buffer.from('/back\\slash/\xe9', 'latin1');
    expect(summarize('/back\\slash', [entry(odd, 1)], emptyTally()).largest).toEqual([{ path: '\\xe9', bytes: 1 }]);
    expect(summarize('/', [entry('/etc/hosts', 1)], emptyTally()).largest).toEqual([{ path: 'etc/hosts', bytes: 1 }]);
  });
});

describe('differences()', () => {
  const [a, b] = [entry('/a', 1), entry('/b', 2)];

  test('finds none in the same results in another order', () => {
    expect(differences('other', [b, a], [a, b])).toEqual([]);
  });

  test.each<[string, FileResult[], RegExp]>([
    ['a missing file', [a], /^\/b: nothing by other, .*bytes=2 .* before$/],
    ['a file too many', [a, b, entry('/c', 3)], /^\/c: .* by other, nothing before$/],
    ['a file reported twice', [a, b, b], /^\/b: again:binary=false .* by other, nothing else before$/],
    ['another figure', [a, { ...b, words: 3 }], /^\/b: words=3 by other, words=2 before$/],
    ['a problem', [a, { path: '/b', error: 'EIO' }], /^\/b: error=EIO by other/],
  ])('finds %s', (_, results, line) => {
    expect(differences('other', results, [a, b])).toEqual([expect.stringMatching(line)]);
  });
});
