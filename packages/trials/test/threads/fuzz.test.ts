/**
 * `npm run fuzz`: some thousands of inputs for every target, always the same ones; and planted faults, which show that the oracle is not
 * blind. On the build, in a process of its own.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const MAIN = join(__dirname, '..', '..', 'dist', 'main.js');
/** Of targets with promises that wait, fewer: every input may take some milliseconds. */
const INPUTS = 3000;
const SLOW_INPUTS = 1000;
/** Each of them starts a pool. */
const POOLS = 20;

interface Run {
  readonly code: number | null;
  readonly output: string;
}

function fuzz(...args: string[]): Promise<Run> {
  const child = spawn(process.execPath, [MAIN, 'fuzz', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '' },
    timeout: 28_000,
    killSignal: 'SIGKILL',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}

it.each([
  ['tokens', 'tokens', INPUTS],
  ['bytes of messages', 'bodies', INPUTS],
  ['values', 'values!', INPUTS],
  ['values, asynchronously', 'values-async', SLOW_INPUTS],
  ['codecs', 'codecs', INPUTS],
  ['sources', 'sources!', INPUTS],
  ['sources, asynchronously', 'sources-async', SLOW_INPUTS],
  ['events', 'events', SLOW_INPUTS],
  ['arguments', 'arguments!', INPUTS],
  ['data for threads', 'spawn', SLOW_INPUTS / 2],
  ['arguments, asynchronously', 'arguments-async', SLOW_INPUTS],
  ['options of pools', 'pool-options', INPUTS],
  ['jobs and results of pools', 'pool-jobs', POOLS],
])('hostile %s give an error or a right result, and harm nothing', async (_, only, inputs) => {
  const { code, output } = await fuzz('--only', only, '--inputs', String(inputs), '--seed', '1');
  expect(output).toMatch(/0 anomalies \(seed 1\)\n$/);
  expect(code).toBe(0);
});

describe('a planted fault is found, with its seed and its input', () => {
  it.each([
    ['a wrong result', 'fault-wrong', /a wrong result[^]*input: \d+/],
    ['an error that is not documented', 'fault-error', /an error that the contract does not know[^]*input: \d+/],
    ['a channel that is left behind', 'fault-leak', /something was left behind[^]*input: \d+/],
    ['a changed Object.prototype', 'fault-pollution', /a built-in object was changed: [^]*input: \d+/],
    ['another channel that was changed', 'fault-control', /control channel[^]*input: \d+/],
    ['a rejection that nobody handles', 'fault-rejection', /a rejection that nobody can handle[^]*input: \d+/],
    ['a process that dies', 'fault-crash', /the process ended with SIGKILL[^]*chunk \d+, input \d+: \[?\d+/],
    ['an endless loop', 'fault-hang', /no progress for 2 s[^]*chunk \d+, input \d+: \[?\d+/],
  ])('%s', async (_, only, expected) => {
    const { code, output } = await fuzz('--only', only, '--inputs', '5000', '--seed', '1', '--patience', '2');
    expect(output).toContain(`ANOMALY in ${only} (seed 1`);
    expect(output).toMatch(expected);
    expect(code).toBe(1);
  });
});

it('the same seed gives the same inputs', async () => {
  const found = () => fuzz('--only', 'fault-wrong', '--inputs', '5000', '--seed', '5');
  expect((await found()).output).toBe((await found()).output);
});
