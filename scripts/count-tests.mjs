/**
 * Adds up jest's reports: `node scripts/count-tests.mjs reports` prints "PASSED FAILED". A test file that could not be loaded
 * counts as one failure.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from './workspaces.mjs';

const [, , directory] = process.argv;
let passed = 0;
let failed = 0;
for (const file of readdirSync(directory).filter((name) => name.endsWith('.json'))) {
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = readJson(join(directory, file));
  passed += numPassedTests;
  failed += numFailedTests + numRuntimeErrorTestSuites;
}
console.log(`${passed} ${failed}`);
