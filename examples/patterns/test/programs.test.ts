/** Every example, run as a process of its own, prints what the header of its main.ts says. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const LIMIT_MS = 20_000;
/** What a user would do who runs the example, once it has printed its first line. */
const SIGNALS: Readonly<Record<string, NodeJS.Signals>> = { 'graceful-shutdown': 'SIGTERM' };
const workspace = join(__dirname, '..');

/** The lines after `Prints:`. After `Prints, where N is some number:` every N stands for one. */
function promised(example: string): unknown[] {
  const header = readFileSync(join(workspace, 'src', example, 'main.ts'), 'utf8');
  const found = /^ \* Prints(, where N is some number)?:\n((?: \* {3}.+\n)+)/m.exec(header);
  if (found === null) throw new Error(`the header of ${example} does not say what it prints`);
  const lines = Array.from(found[2]!.matchAll(/^ \* {3}(.*)$/gm), ([, line]) => line!);
  return found[1] === undefined ? lines : lines.map((line) => expect.stringMatching(withNumbers(line)));
}

function withNumbers(line: string): RegExp {
  const parts = line.split(/\bN\b/).map((part) => part.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&'));
  return new RegExp(`^${parts.join('\\d+')}$`);
}

async function run(example: string): Promise<{ lines: string[]; stderr: string }> {
  const program = join(workspace, 'dist', example, 'main.js');
  // Rejects if the program fails, is killed, or is not there.
  const running = promisify(execFile)(process.execPath, [program], { timeout: LIMIT_MS, killSignal: 'SIGKILL' });
  const signal = SIGNALS[example];
  if (signal !== undefined) running.child.stdout?.once('data', () => running.child.kill(signal));
  const { stdout, stderr } = await running;
  return { lines: stdout.trimEnd().split('\n'), stderr };
}

test.concurrent.each(readdirSync(join(workspace, 'src')))('%s prints what its header says, and succeeds', async (example) => {
  expect(await run(example)).toEqual({ lines: promised(example), stderr: '' });
});
