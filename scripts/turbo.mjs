/**
 * Runs turbo tasks for the whole repository: `node scripts/turbo.mjs build test:unit`. Before that it sweeps dist/ of stale
 * output; telemetry and update notices stay off.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { sweepAll } from './sweep.mjs';
import { root } from './workspaces.mjs';

const turbo = createRequire(import.meta.url).resolve('turbo/bin/turbo');

/** Runs `turbo run …args` to its end. `stdio` and the result are those of child_process. */
export function runTurbo(args, stdio) {
  sweepAll();
  const env = {
    ...process.env,
    TURBO_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
    BEAMLINE_BUILD_STARTED: String(Date.now()),
  };
  const result = spawnSync(process.execPath, [turbo, 'run', '--log-prefix=none', ...args], {
    cwd: root,
    stdio,
    env,
    encoding: 'utf8',
  });
  if (result.error) throw result.error;
  return result;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = runTurbo(process.argv.slice(2), 'inherit').status ?? 1;
}
