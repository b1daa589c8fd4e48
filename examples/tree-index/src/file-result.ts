/** What is known about one file in the end: its figures, or why there are none. Plain data, made to be sent between threads. */
import type { PathName } from './path-name.js';

export interface FileEntry {
  readonly path: PathName;
  readonly bytes: number;
  readonly sha256: string;
  /** A NUL byte in its beginning: its lines and words are not counted and stand at 0. */
  readonly binary: boolean;
  /** Line feeds, so a last line without one does not count (as `wc -l` has it). */
  readonly lines: number;
  /** Runs of bytes that are not ASCII white space. */
  readonly words: number;
}

export interface FileProblem {
  readonly path: PathName;
  /** The system's error code (`EACCES`, `ENOENT` …) or, where there is none, a few words. */
  readonly error: string;
}

export type FileResult = FileEntry | FileProblem;

export const isProblem = (result: FileResult): result is FileProblem => 'error' in result;
export const isEntry = (result: FileResult): result is FileEntry => !isProblem(result);

/** The code of an error that the file system reported. Any other error is a mistake in this program and goes on its way. */
export function systemCode(error: unknown): string {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (typeof code === 'string' && typeof syscall === 'string') return code;
  throw error;
}
