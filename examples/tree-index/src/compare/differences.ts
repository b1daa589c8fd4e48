/** Whether two indexes of one tree say the same about every file, in whatever order they say it. */
import type { FileResult } from '../file-result.js';
import { label } from '../path-name.js';

/** Enough to see what happened; usually a file that was written to between two runs. */
const MOST = 10;

/** One line per file about which they differ, with what they say differently. */
export function differences(name: string, results: readonly FileResult[], expected: readonly FileResult[]): string[] {
  const theirs = statements(results);
  const ours = statements(expected);
  const lines: string[] = [];
  for (const path of new Set([...ours.keys(), ...theirs.keys()])) {
    const [was, is] = [ours.get(path) ?? ['nothing'], theirs.get(path) ?? ['nothing']];
    if (was.join() !== is.join()) lines.push(`${path}: ${except(is, was)} by ${name}, ${except(was, is)} before`);
  }
  return lines.sort().slice(0, MOST);
}

const except = (all: readonly string[], those: readonly string[]): string =>
  all.filter((one) => !those.includes(one)).join(' ') || 'nothing else';

/** All that is said of each path, as `key=value`, in order; what is said of it a second time is marked so. */
function statements(results: readonly FileResult[]): Map<string, string[]> {
  const all = new Map<string, string[]>();
  for (const { path, ...rest } of results) {
    const key = typeof path === 'string' ? path : `${label(path)} (not UTF-8)`;
    const said = Object.entries(rest).map(([about, value]) => `${about}=${value}`);
    const before = all.get(key) ?? [];
    all.set(key, [...before, ...said.sort().map((one) => (before.length > 0 ? `again:${one}` : one))]);
  }
  return all;
}
