/**
 * Where handles were made, noted in the heap in debug mode for `inspect` and the leak warning.
 *
 * Called by: handles/create.ts, handles/handle.ts (clone).
 */
import { loadText, storeText } from '../flavors/open.js';
import type { Heap } from '../memory/heap.js';
import { acquire, commit, note, release } from '../memory/journal.js';
import { C_NEXT, E_CREATED, HANDLES_LOCK, T_HELD } from '../memory/layout.js';
import { entryAt } from '../ownership/entries.js';
import { libraryFolder } from '../platform/files.js';
import type { Runtime } from '../runtime.js';

/**
 * Notes the first stack line outside this library. Nothing without debug mode. `maker`: the public function that was called, where it
 * is in another package; its caller is meant.
 */
export function noteCreation({ heap }: Runtime, index: number, maker?: Maker): void {
  if (!heap.debug) return;
  const chunk = storeText(heap, 0, callSite(maker));
  acquire(heap, HANDLES_LOCK);
  note(heap, entryAt(heap, index) + E_CREATED, chunk);
  note(heap, heap.record + T_HELD, heap.words[chunk + C_NEXT]);
  commit(heap, HANDLES_LOCK);
  release(heap, HANDLES_LOCK);
}

export type Maker = (...args: never[]) => unknown;

/** What was noted for an entry. */
export function creationOf(heap: Heap, entry: number): string | undefined {
  const chunk = heap.words[entry + E_CREATED];
  return chunk === 0 ? undefined : loadText(heap, chunk);
}

function callSite(maker: Maker | undefined): string {
  const here = libraryFolder();
  const error = new Error();
  if (maker !== undefined) (Error as { captureStackTrace?(error: Error, above: Maker): void }).captureStackTrace?.(error, maker);
  const lines = (error.stack ?? '').split('\n').slice(1);
  return (lines.find((line) => here === undefined || !line.includes(here)) ?? lines[0] ?? '').trim();
}
