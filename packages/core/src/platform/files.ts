/**
 * Where the library's own files are. The only file that asks for its own location.
 */
import { dirname, join } from 'node:path';

/** Folder of the library's code: `dist`, or `src` under a test framework that compiles on the fly. */
export const libraryFolder = dirname(__dirname);

/** What a spawned thread runs first. It exists in `dist` only: workers cannot load TypeScript. */
export const threadEntryFile = join(libraryFolder, 'platform', 'thread-entry.js');
