/** What the user gets to see in the end: tables for people, one JSON document for programs. */
import Table from 'cli-table3';
import cliTruncate from 'cli-truncate';
import prettyBytes from 'pretty-bytes';
import type { Comparison } from './compare/compare.js';
import type { Summary } from './summary.js';

export interface Report extends Summary {
  readonly root: string;
  readonly threads: number;
  readonly interrupted: boolean;
  readonly seconds: number;
  readonly filesPerSecond: number;
  readonly channelMessages: number;
  readonly compare?: Comparison;
}

/** How many rows of a list a table shows; the JSON document has them all. */
const ROWS = 10;
const PATH_COLUMNS = 72;

const count = new Intl.NumberFormat('en-US');
const number = (value: number): string => count.format(Math.round(value));
const seconds = (value: number): string => `${value.toFixed(2)} s`;

export const jsonReport = (report: Report): string => `${JSON.stringify(report, null, 2)}\n`;

/** Sections with nothing in them are left out. */
export function tableReport(report: Report): string {
  const sections = [
    extensions(report),
    largest(report),
    duplicates(report),
    problems(report),
    specialFiles(report),
    nonUtf8Names(report),
    closing(report),
    report.compare === undefined ? '' : comparison(report.compare),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function extensions({ byExtension, totals }: Report): string {
  const table = columns(['extension', 'files', 'bytes', 'lines', 'words', 'binary'], ['left']);
  for (const row of byExtension.slice(0, ROWS)) {
    table.push([printable(row.extension) || '(none)', ...sums(row)]);
  }
  table.push(['total', ...sums(totals)]);
  return section('By extension', table, byExtension.length);
}

const sums = (row: Summary['totals'] | Summary['byExtension'][number]): string[] => [
  number(row.files),
  prettyBytes(row.bytes),
  number(row.lines),
  number(row.words),
  number(row.binary),
];

function largest({ largest }: Report): string {
  const table = columns(['bytes', 'path'], ['right', 'left']);
  for (const { bytes, path } of largest) table.push([prettyBytes(bytes), pathCell(path)]);
  return section('Largest files', table, largest.length);
}

function duplicates({ duplicates }: Report): string {
  const table = columns(['copies', 'bytes', 'wasted', 'first of them'], ['right', 'right', 'right', 'left']);
  for (const { paths, bytes, wasted } of duplicates.slice(0, ROWS)) {
    table.push([number(paths.length), prettyBytes(bytes), prettyBytes(wasted), pathCell(paths[0]!)]);
  }
  const wasted = duplicates.reduce((sum, group) => sum + group.wasted, 0);
  return section(`Duplicates (${prettyBytes(wasted)} in copies)`, table, duplicates.length);
}

function problems({ problems }: Report): string {
  const table = columns(['problem', 'path'], ['left', 'left']);
  for (const { reason, path } of problems.slice(0, ROWS)) table.push([printable(reason), pathCell(path)]);
  return section('Could not be read', table, problems.length);
}

function specialFiles({ skipped }: Report): string {
  const table = columns(['kind', 'path'], ['left', 'left']);
  for (const { kind, path } of skipped.specialFiles.slice(0, ROWS)) table.push([kind, pathCell(path)]);
  return section('Not opened, being no regular files', table, skipped.special);
}

function nonUtf8Names({ nonUtf8Names }: Report): string {
  const table = columns(['names that are not UTF-8'], ['left']);
  for (const { path } of nonUtf8Names.slice(0, ROWS)) table.push([pathCell(path)]);
  return section('Odd names', table, nonUtf8Names.length);
}

function closing({ totals, skipped, problems, ...report }: Report): string {
  const lines = [
    `${printable(report.root)}`,
    `${number(totals.files)} files (${prettyBytes(totals.bytes)}) in ${number(totals.directories)} directories; ` +
      `${number(problems.length)} problems, ${number(skipped.symlinks)} symlinks not followed, ${number(skipped.special)} special files`,
    `${seconds(report.seconds)} on ${number(report.threads)} threads: ${number(report.filesPerSecond)} files per second, ` +
      `${number(report.channelMessages)} messages through channels`,
  ];
  if (report.interrupted) {
    lines.unshift(`Interrupted. Of the ${number(totals.found)} files found until then, ${number(totals.files)} were indexed.`);
  }
  return lines.join('\n');
}

function comparison({ contenders, equal, differences }: Comparison): string {
  const table = columns(['the same work with', 'time', 'files/s', 'time, beamline = 1'], ['left', 'right', 'right', 'right']);
  for (const { name, seconds: time, filesPerSecond, ratio } of contenders) {
    table.push([name, seconds(time), number(filesPerSecond), ratio.toFixed(2)]);
  }
  const verdict = equal
    ? 'The results are the same, file by file.'
    : `The results differ:\n${differences.map((difference) => `  ${printable(difference)}`).join('\n')}`;
  return `${section('Compared', table, contenders.length)}\n${verdict}`;
}

type Align = 'left' | 'right';

/** A table with light rules; columns that `aligns` does not name are numbers and go to the right. */
function columns(head: string[], aligns: Align[]): Table.Table {
  return new Table({
    head,
    colAligns: head.map((_, column) => aligns[column] ?? 'right'),
    chars: { 'left-mid': '', mid: '', 'mid-mid': '', 'right-mid': '' },
    style: { head: [], border: [] },
  });
}

function section(title: string, table: Table.Table, rows: number): string {
  if (rows === 0) return '';
  const more = rows > ROWS ? `\n… and ${number(rows - ROWS)} more (--json lists them all)` : '';
  return `${title}\n${table.toString()}${more}`;
}

const pathCell = (path: string): string => cliTruncate(printable(path), PATH_COLUMNS, { position: 'middle' });

/** File names may hold anything, terminal commands included: what is not visible is shown by its number. */
const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
