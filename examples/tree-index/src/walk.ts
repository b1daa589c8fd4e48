/**
 * Finds the regular files below a directory, in a fixed order: a directory's own files first, then its subdirectories, each by
 * the bytes of their names. Symlinks are counted and not followed, so there are no loops; FIFOs, sockets and devices are listed
 * and not opened; a directory that cannot be read is a problem to report, not the end.
 */
import { readdirSync, type Dirent } from 'node:fs';
import { systemCode, type FileProblem } from './file-result.js';
import { childOf, forFs, fromBytes, type PathName } from './path-name.js';

export interface SpecialFile {
  readonly path: PathName;
  readonly kind: 'fifo' | 'socket' | 'device' | 'unknown';
}

/** What a walk has seen so far, besides the files it yielded. */
export interface WalkTally {
  files: number;
  directories: number;
  symlinks: number;
  readonly specialFiles: SpecialFile[];
  readonly problems: FileProblem[];
}

export const emptyTally = (): WalkTally => ({ files: 0, directories: 0, symlinks: 0, specialFiles: [], problems: [] });

/** Yields the path of every regular file below `root` and keeps `tally` up to date meanwhile. */
export function* walk(root: string, tally: WalkTally): Generator<PathName, void, undefined> {
  // A stack of our own: recursion would make every path pass through as many generators as its directory is deep.
  const pending: PathName[] = [root];
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    const subdirectories: PathName[] = [];
    for (const entry of entriesOf(directory, tally)) {
      const path = childOf(directory, fromBytes(entry.name));
      if (entry.isFile()) {
        tally.files++;
        yield path;
      } else if (entry.isDirectory()) subdirectories.push(path);
      else if (entry.isSymbolicLink()) tally.symlinks++;
      else tally.specialFiles.push({ path, kind: kindOf(entry) });
    }
    for (const subdirectory of subdirectories.reverse()) pending.push(subdirectory);
  }
}

function entriesOf(directory: PathName, tally: WalkTally): Dirent<Buffer>[] {
  try {
    const entries = readdirSync(forFs(directory), { withFileTypes: true, encoding: 'buffer' });
    tally.directories++;
    return entries.sort((a, b) => Buffer.compare(a.name, b.name));
  } catch (error) {
    tally.problems.push({ path: directory, error: systemCode(error) });
    return [];
  }
}

function kindOf(entry: Dirent<Buffer>): SpecialFile['kind'] {
  if (entry.isFIFO()) return 'fifo';
  if (entry.isSocket()) return 'socket';
  if (entry.isBlockDevice() || entry.isCharacterDevice()) return 'device';
  return 'unknown';
}
