/**
 * The same index computed once more, by code that shares nothing with the program: one thread, whole files, strings instead of
 * bytes. What it returns is compared with the program's JSON document as a whole.
 */
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import type { Summary } from '../../src/summary.js';

interface Row {
  path: string;
  bytes: number;
  hash: string;
  binary: boolean;
  lines: number;
  words: number;
}

export interface Exceptions {
  /** Files and directories that the program may not read, though this process perhaps may. */
  readonly unreadable?: readonly string[];
}

export function expectedIndex(root: string, { unreadable = [] }: Exceptions = {}): Summary {
  const rows: Row[] = [];
  const problems: { path: string; reason: string }[] = [];
  const specialFiles: { path: string; kind: string }[] = [];
  const nonUtf8Names: { path: string; hex: string }[] = [];
  let directories = 0;
  let symlinks = 0;
  let found = 0;

  const visit = (bytes: Buffer): void => {
    const path = shown(bytes.subarray(Buffer.byteLength(root) + 1)) || '.';
    const status = lstatSync(bytes);
    if (status.isDirectory()) {
      if (unreadable.includes(path)) return void problems.push({ path, reason: 'EACCES' });
      directories++;
      for (const name of readdirSync(bytes, { encoding: 'buffer' })) visit(Buffer.concat([bytes, Buffer.from('/'), name]));
      return;
    }
    if (status.isSymbolicLink()) return void symlinks++;
    if (!bytes.equals(Buffer.from(bytes.toString()))) nonUtf8Names.push({ path, hex: bytes.toString('hex') });
    if (status.isFIFO()) return void specialFiles.push({ path, kind: 'fifo' });
    if (status.isSocket()) return void specialFiles.push({ path, kind: 'socket' });
    found++;
    if (unreadable.includes(path)) return void problems.push({ path, reason: 'EACCES' });
    rows.push(rowOf(path, readFileSync(bytes)));
  };
  visit(Buffer.from(root));

  rows.sort((a, b) => (a.path < b.path ? -1 : 1));
  return {
    totals: { ...total(rows), directories, problems: problems.length, found },
    byExtension: byExtension(rows),
    largest: largest(rows),
    duplicates: duplicates(rows),
    problems: problems.sort((a, b) => (a.path < b.path ? -1 : 1)),
    skipped: { symlinks, special: specialFiles.length, specialFiles: specialFiles.sort((a, b) => (a.path < b.path ? -1 : 1)) },
    nonUtf8Names: nonUtf8Names.sort((a, b) => (a.path < b.path ? -1 : 1)),
  };
}

/** Sound for the names in these tests: none of them mixes bytes that are UTF-8 beyond ASCII with bytes that are not. */
function shown(name: Buffer): string {
  const text = name.toString();
  if (Buffer.from(text).equals(name)) return text;
  const escapes = (character: string): string => `\\x${character.charCodeAt(0).toString(16)}`;
  return name
    .toString('latin1')
    .replace(/\\/g, '\\\\')
    .replace(/[\x80-\xff]/g, escapes);
}

function rowOf(path: string, content: Buffer): Row {
  const hash = createHash('sha256').update(content).digest('hex');
  const text = content.toString('latin1');
  const binary = text.slice(0, 8192).includes('\0');
  const lines = binary ? 0 : text.split('\n').length - 1;
  const words = binary ? 0 : (text.match(/[^\t\n\v\f\r ]+/g) ?? []).length;
  return { path, bytes: content.length, hash, binary, lines, words };
}

function total(rows: readonly Row[]): { files: number; bytes: number; lines: number; words: number; binary: number } {
  const sum = (of: (row: Row) => number): number => rows.reduce((before, row) => before + of(row), 0);
  return {
    files: rows.length,
    bytes: sum((row) => row.bytes),
    lines: sum((row) => row.lines),
    words: sum((row) => row.words),
    binary: rows.filter((row) => row.binary).length,
  };
}

function byExtension(rows: readonly Row[]): Summary['byExtension'] {
  const extensionOf = ({ path }: Row): string => (/[^/](\.[^./]*)$/.exec(path)?.[1] ?? '').toLowerCase();
  const extensions = [...new Set(rows.map(extensionOf))];
  const totals = extensions.map((extension) => ({ extension, ...total(rows.filter((row) => extensionOf(row) === extension)) }));
  return totals.sort((a, b) => b.bytes - a.bytes || (a.extension < b.extension ? -1 : 1));
}

function largest(rows: readonly Row[]): Summary['largest'] {
  const sorted = [...rows].sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1));
  return sorted.slice(0, 10).map(({ path, bytes }) => ({ path, bytes }));
}

function duplicates(rows: readonly Row[]): Summary['duplicates'] {
  const hashes = [...new Set(rows.map((row) => row.hash))];
  const byHash = new Map(hashes.map((hash) => [hash, [] as Row[]]));
  for (const row of rows) byHash.get(row.hash)!.push(row);
  const groups = [...byHash].filter(([, same]) => same.length > 1);
  const all = groups.map(([sha256, same]) => ({
    sha256,
    bytes: same[0].bytes,
    wasted: (same.length - 1) * same[0].bytes,
    paths: same.map((row) => row.path),
  }));
  return all.sort((a, b) => b.wasted - a.wasted || (a.sha256 < b.sha256 ? -1 : 1));
}

/** The part of the program's document that does not depend on time. */
export function timeless(report: Summary): Summary {
  const { totals, byExtension, largest, duplicates, problems, skipped, nonUtf8Names } = report;
  return { totals, byExtension, largest, duplicates, problems, skipped, nonUtf8Names };
}
