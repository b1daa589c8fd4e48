/** Whether two indexes of one tree say the same about every file, in whatever order they say it. */
import type { FileResult } from '../file-result.js';
import { label } from '../path-name.js';

/** Enough to see what happened; usually a file that was written to between two runs. */
const MOST = 10;

/** One line per file about which they differ. */
export function differences(name: string, results: readonly FileResult[], expected: readonly FileResult[]): string[] {
  const theirs = statements(results);
  const ours = statements(expected);
  const lines: string[] = [];
  for (const path of new Set([...ours.keys(), ...theirs.keys()])) {
    const [was, is] = [ours.get(path) ?? 'nothing', theirs.get(path) ?? 'nothing'];
    if (was !== is) lines.push(`${path}: ${is} by ${name}, ${was} before`);
  }
  return lines.sort().slice(0, MOST);
}

/** All that is said of a path; a path that was reported twice says so. */
function statements(results: readonly FileResult[]): Map<string, string> {
  const all = new Map<string, string>();
  for (const { path, ...rest } of results) {
    const key = typeof path === 'string' ? path : `${label(path)} (not UTF-8)`;
    const before = all.get(key);
    const text = JSON.stringify(rest, Object.keys(rest).sort());
    all.set(key, before === undefined ? text : `${before} and ${text}`);
  }
  return all;
}
