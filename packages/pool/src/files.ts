/**
 * Where the package's own files are. The only file that asks for its own location.
 */
import { join } from 'node:path';

/** What the pool's workers run. It exists in `dist` only: workers cannot load TypeScript. */
export const workerEntryFile = join(__dirname, 'worker-entry.js');
