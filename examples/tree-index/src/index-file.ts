/**
 * Computes what the index holds about one file. This is the pool's worker file: its default export runs once per path on one of
 * the pool's threads. Blocking calls are right here, as the thread has nothing else to do, and they cost least.
 */
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { systemCode, type FileEntry, type FileResult } from './file-result.js';
import { forFs, type PathName } from './path-name.js';
import { TextCounter } from './text-counter.js';

/** Most files fit and are read by one call; bigger ones go through chunk by chunk, so memory stays bounded. */
const chunk = Buffer.allocUnsafeSlow(256 * 1024);

/** A NUL byte among the first so many makes a file binary. */
const BINARY_WINDOW = 8 * 1024;

/**
 * The walker saw a regular file, but that was a moment ago: a symlink put in its place is refused, and opening a FIFO put there
 * does not wait for a writer. (Windows has neither flag; there they are undefined, which `|` takes for 0.)
 */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

export default function indexFile(path: PathName): FileResult {
  try {
    const file = openSync(forFs(path), OPEN_FLAGS);
    try {
      return indexOpen(file, path);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    return { path, error: systemCode(error) };
  }
}

function indexOpen(file: number, path: PathName): FileResult {
  const status = fstatSync(file);
  if (!status.isFile()) return { path, error: 'no regular file any more' };
  return { path, ...contents(file, status.size) };
}

/**
 * Reads to the end. Where that is only a read of nothing can tell, since a file may grow or shrink meanwhile and those under
 * /proc have size 0; having exactly the size that the file had when it was opened is as good and saves that read.
 */
function contents(file: number, size: number): Omit<FileEntry, 'path'> {
  const hash = createHash('sha256');
  const text = new TextCounter();
  let bytes = 0;
  let binary = false;
  for (;;) {
    const part = chunk.subarray(0, readSync(file, chunk, 0, chunk.length, null));
    if (bytes === 0) binary = part.subarray(0, BINARY_WINDOW).includes(0);
    hash.update(part);
    if (!binary) text.add(part);
    bytes += part.length;
    if (part.length === 0 || bytes === size) break;
  }
  return { bytes, sha256: hash.digest('hex'), binary, lines: text.lines, words: text.words };
}
