/** The walker for the contenders without channels: the same walk, one `postMessage` per path, and the tally in the end. */
import { parentPort, workerData } from 'node:worker_threads';
import type { PathName } from '../path-name.js';
import { emptyTally, walk, type WalkTally } from '../walk.js';

export type WalkerMessage = { readonly path: PathName } | { readonly tally: WalkTally };

const tally = emptyTally();
for (const path of walk(workerData as string, tally)) parentPort!.postMessage({ path } satisfies WalkerMessage);
parentPort!.postMessage({ tally } satisfies WalkerMessage);
