/** The worker thread of the `postMessage` contender: a path in, its result out. */
import { parentPort } from 'node:worker_threads';
import indexFile from '../index-file.js';
import type { PathName } from '../path-name.js';

parentPort!.on('message', (path: PathName) => parentPort!.postMessage(indexFile(path)));
