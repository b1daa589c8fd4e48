/**
 * The contender `postMessage`: plain worker threads and no library. Each path goes at once to the thread that has fewest of them
 * to do, so no thread waits for this one between two files.
 */
import { Worker } from 'node:worker_threads';
import type { FileResult } from '../file-result.js';
import type { Indexed, IndexJob } from '../indexer.js';
import type { PathName } from '../path-name.js';
import { indexFound } from './contender.js';

export async function indexWithPostMessage({ root, threads }: IndexJob, signal: AbortSignal): Promise<Indexed> {
  const workers = Array.from({ length: threads }, () => new PostMessageWorker());
  const leastBusy = (): PostMessageWorker => workers.reduce((least, other) => (other.waiting < least.waiting ? other : least));
  try {
    return await indexFound(root, (path) => leastBusy().index(path), signal);
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

interface Waiting {
  readonly resolve: (result: FileResult) => void;
  readonly reject: (error: unknown) => void;
}

class PostMessageWorker {
  readonly #worker = new Worker(new URL('./post-message-worker.js', import.meta.url));
  /** In the order of their posting, which is the order of the answers; answered up to `#answered`. */
  readonly #asked: Waiting[] = [];
  #answered = 0;

  constructor() {
    this.#worker.on('message', (result: FileResult) => this.#asked[this.#answered++]!.resolve(result));
    this.#worker.on('error', (error) => this.#asked.slice(this.#answered).forEach(({ reject }) => reject(error)));
  }

  get waiting(): number {
    return this.#asked.length - this.#answered;
  }

  index(path: PathName): Promise<FileResult> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ resolve, reject });
      this.#worker.postMessage(path);
    });
  }

  terminate(): Promise<number> {
    return this.#worker.terminate();
  }
}
