/**
 * What the two contenders without channels have in common: a walker thread that posts one message per path, a way to have one
 * path indexed, and the end of it all.
 */
import { Worker } from 'node:worker_threads';
import type { FileResult } from '../file-result.js';
import type { Indexed } from '../indexer.js';
import type { PathName } from '../path-name.js';
import type { WalkTally } from '../walk.js';
import type { WalkerMessage } from './post-message-walker.js';

/** Indexes one path on some other thread. */
export type IndexOne = (path: PathName) => Promise<FileResult>;

/** Walks `root` on a thread and hands each path to `indexOne` as it is found. Fails with the first failure, or when aborted. */
export async function indexFound(root: string, indexOne: IndexOne, signal: AbortSignal): Promise<Indexed> {
  signal.throwIfAborted();
  const walker = new Worker(new URL('./post-message-walker.js', import.meta.url), { workerData: root });
  const results: FileResult[] = [];
  try {
    const walk = await new Promise<WalkTally>((resolve, reject) => {
      let tally: WalkTally | undefined;
      const settle = (): void => {
        if (tally !== undefined && results.length === tally.files) resolve(tally);
      };
      const keep = (result: FileResult): void => {
        results.push(result);
        settle();
      };
      walker.on('message', (message: WalkerMessage) => {
        if ('path' in message) indexOne(message.path).then(keep, reject);
        else tally = message.tally;
        settle();
      });
      walker.on('error', reject);
      signal.addEventListener('abort', () => reject(signal.reason));
    });
    return { results, walk };
  } finally {
    await walker.terminate();
  }
}
