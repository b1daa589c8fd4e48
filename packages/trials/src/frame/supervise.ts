/**
 * A tool runs in a child process, so that a hang that the watchdog ended, or a crash of the runtime itself, is reported like any other
 * failure. The child writes to this process's own output.
 *
 * Called by: the tools, with the arguments that they were started with.
 */
import { spawn } from 'node:child_process';

/** In the environment of the child. */
const CHILD = 'BEAMLINE_TRIAL';

/** Whether this process is the child: then the tool does its work. Otherwise the child is started and its end becomes ours. */
export function isChild(tool: string): boolean {
  if (process.env[CHILD] === tool) return true;
  const args = [...process.execArgv, process.argv[1]!, tool, ...process.argv.slice(2)];
  const child = spawn(process.execPath, args, { stdio: 'inherit', env: { ...process.env, [CHILD]: tool } });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  child.once('exit', (code, signal) => {
    if (signal !== null) console.error(`\n${tool}: the process was ended by ${signal}; what it was doing stands above.`);
    process.exitCode = code ?? 1;
  });
  return false;
}
