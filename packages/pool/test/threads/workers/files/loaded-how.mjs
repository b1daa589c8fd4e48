/** Says whether this module was loaded by `require`: then it stands in the cache of that. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

export default () => (fileURLToPath(import.meta.url) in createRequire(import.meta.url).cache ? 'require' : 'import');
