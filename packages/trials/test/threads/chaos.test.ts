/** One short round of every scenario, with a fixed seed, on the build. `npm run chaos` is the same for as long as you like. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const SCENARIOS = [
  'exchange',
  'broadcasting',
  'capacity',
  'disconnection',
  'handles',
  'tokens',
  'selecting',
  'sources',
  'memory',
  'starting',
  'reaping',
  'spinning',
  'generations',
  'pool',
  'redelivery',
];

function trial(...args: string[]) {
  const program = join(__dirname, '../../dist/main.js');
  const env = { ...process.env, NODE_OPTIONS: '' }; // those of the test runner are not for the program
  return spawnSync(process.execPath, [program, ...args], { encoding: 'utf8', timeout: 75_000, env });
}

it.each(SCENARIOS)(
  'a round of %s without an anomaly',
  (name) => {
    const { status, stdout, stderr } = trial('chaos', '--only', name, '--rounds', '1', '--seed', '20');
    expect(stderr).toBe('');
    expect(stdout).toMatch(new RegExp(`│ ${name} +│ +1 │`));
    expect(status).toBe(0);
  },
  80_000,
);

it('every scenario has a test here', () => {
  const { stderr } = trial('chaos', '--only', 'none of them');
  expect(stderr).toContain(`there are ${SCENARIOS.join(', ')}`);
});
