/** Child processes on the build. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';

/** A program or test file beside the tests. */
export const fixture = (name: string): string => join(__dirname, 'fixtures', name);

/**
 * Runs `node …args` to its end and gives its standard output. Rejects, with all that it printed, if it fails or takes longer
 * than a test may.
 */
export function runNode(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: __dirname, timeout: 25_000, killSignal: 'SIGKILL' }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`node ${args.join(' ')}: ${error.message}\n${stdout}\n${stderr}`));
    });
  });
}
