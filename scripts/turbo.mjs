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

/** Runs `turbo run …args` to its end; returns its exit status. `stdio` is as for child_process. */
export function runTurbo(args, stdio = 'inherit') {
  sweepAll();
  const env = {
    ...process.env,
    TURBO_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
    BEAMLINE_BUILD_STARTED: String(Date.now()),
  };
  const { status, error } = spawnSync(process.execPath, [turbo, 'run', ...args], { cwd: root, stdio, env });
  if (error) throw error;
  return status ?? 1;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = runTurbo(['--log-prefix=none', ...process.argv.slice(2)]);
}
