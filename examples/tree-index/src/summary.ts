/**
 * What an index comes to: totals, sums by extension, the largest files, duplicates and what could not be read. A pure function
 * of its input as a set: the order in which results arrived has no influence.
 */
import { extname, sep } from 'node:path';
import { isEntry, isProblem, type FileEntry, type FileResult } from './file-result.js';
import { label, type PathName } from './path-name.js';
import type { WalkTally } from './walk.js';

/** Paths are relative to the root, as text (see `label`). */
export interface Summary {
  readonly totals: Totals;
  readonly byExtension: readonly ExtensionTotals[];
  readonly largest: readonly { readonly path: string; readonly bytes: number }[];
  readonly duplicates: readonly Duplicates[];
  readonly problems: readonly { readonly path: string; readonly reason: string }[];
  readonly skipped: Skipped;
  readonly nonUtf8Names: readonly { readonly path: string; readonly hex: string }[];
}

export interface FileSums {
  files: number;
  bytes: number;
  lines: number;
  words: number;
  binary: number;
}

export interface Totals extends Readonly<FileSums> {
  readonly directories: number;
  readonly problems: number;
  /** Regular files that the walk found, whether or not they were indexed in the end. */
  readonly found: number;
}

export interface ExtensionTotals extends Readonly<FileSums> {
  readonly extension: string;
}

/** Files of one content. `wasted` is what all of them but one take up. */
export interface Duplicates {
  readonly sha256: string;
  readonly bytes: number;
  readonly wasted: number;
  readonly paths: readonly string[];
}

export interface Skipped {
  readonly symlinks: number;
  readonly special: number;
  readonly specialFiles: readonly { readonly path: string; readonly kind: string }[];
}

const LARGEST = 10;

/** An entry with its path as it will be shown. */
interface Named {
  readonly name: string;
  readonly entry: FileEntry;
}

export function summarize(root: string, results: readonly FileResult[], walk: WalkTally): Summary {
  const nameOf = relativeTo(root);
  const entries = results.filter(isEntry).map((entry) => ({ name: nameOf(entry.path), entry }));
  entries.sort((a, b) => compareText(a.name, b.name));
  const problems = [...results.filter(isProblem), ...walk.problems].map(({ path, error }) => ({
    path: nameOf(path),
    reason: error,
  }));
  const specialFiles = walk.specialFiles.map(({ path, kind }) => ({ path: nameOf(path), kind }));
  return {
    totals: {
      ...sumsOf(entries),
      directories: walk.directories,
      problems: problems.length,
      found: walk.files,
    },
    byExtension: byExtension(entries),
    largest: largest(entries),
    duplicates: duplicates(entries),
    problems: problems.sort(byPath),
    skipped: { symlinks: walk.symlinks, special: specialFiles.length, specialFiles: specialFiles.sort(byPath) },
    nonUtf8Names: nonUtf8Names([...results, ...walk.problems, ...walk.specialFiles], nameOf),
  };
}

/** Code units, not a locale: the same everywhere. */
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byPath = (a: { readonly path: string }, b: { readonly path: string }): number => compareText(a.path, b.path);

/** Names paths as seen from the root, which itself is `.`. */
function relativeTo(root: string): (path: PathName) => string {
  const prefix = root.endsWith(sep) ? root : root + sep;
  // A path that is not UTF-8 has its backslashes doubled, the root's own included.
  const escapedPrefix = prefix.replaceAll('\\', '\\\\');
  return (path) => {
    if (path === root) return '.';
    const text = label(path);
    return text.slice((typeof path === 'string' ? prefix : escapedPrefix).length);
  };
}

const noSums = (): FileSums => ({ files: 0, bytes: 0, lines: 0, words: 0, binary: 0 });

function add(sums: FileSums, entry: FileEntry): void {
  sums.files++;
  sums.bytes += entry.bytes;
  sums.lines += entry.lines;
  sums.words += entry.words;
  if (entry.binary) sums.binary++;
}

function sumsOf(entries: readonly Named[]): FileSums {
  const sums = noSums();
  for (const { entry } of entries) add(sums, entry);
  return sums;
}

function byExtension(entries: readonly Named[]): ExtensionTotals[] {
  const groups = groupBy(entries, ({ name }) => extname(name).toLowerCase());
  const totals = [...groups].map(([extension, members]) => ({ extension, ...sumsOf(members) }));
  return totals.sort((a, b) => b.bytes - a.bytes || compareText(a.extension, b.extension));
}

function largest(entries: readonly Named[]): Summary['largest'] {
  const bySize = [...entries].sort((a, b) => b.entry.bytes - a.entry.bytes); // stable: ties stay in order of their names
  return bySize.slice(0, LARGEST).map(({ name, entry }) => ({ path: name, bytes: entry.bytes }));
}

function duplicates(entries: readonly Named[]): Duplicates[] {
  const groups = [...groupBy(entries, ({ entry }) => entry.sha256)].filter(([, members]) => members.length > 1);
  const all = groups.map(([sha256, members]) => {
    const bytes = members[0]!.entry.bytes;
    return { sha256, bytes, wasted: bytes * (members.length - 1), paths: members.map(({ name }) => name) };
  });
  return all.sort((a, b) => b.wasted - a.wasted || compareText(a.sha256, b.sha256));
}

/** These in bytes too, as text cannot say exactly which file is meant. */
function nonUtf8Names(all: readonly { readonly path: PathName }[], nameOf: (path: PathName) => string): Summary['nonUtf8Names'] {
  const names = all.flatMap(({ path }) => {
    return typeof path === 'string' ? [] : [{ path: nameOf(path), hex: Buffer.from(path).toString('hex') }];
  });
  return names.sort(byPath);
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
