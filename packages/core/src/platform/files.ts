/**
 * Where the library's own files are. The only file that asks for its own location, and only when something needs it: in a bundle of
 * ES modules there is no such thing, and everything but `spawn` works there.
 */
import { dirname, join } from 'node:path';

/** Folder of the library's code: `dist`, or `src` under a test framework that compiles on the fly; undefined in a bundle. */
export function libraryFolder(): string | undefined {
  return typeof __dirname === 'string' ? dirname(__dirname) : undefined;
}

/** What a spawned thread runs first. It exists in `dist` only: workers cannot load TypeScript. */
export function threadEntryFile(): string | undefined {
  const folder = libraryFolder();
  return folder === undefined ? undefined : join(folder, 'platform', 'thread-entry.js');
}
