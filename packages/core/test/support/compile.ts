/** What a user's compiler says of a project. */
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';

export function compile(project: string): Promise<{ code: number | null; output: string }> {
  const compiler = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
  const child = spawn(process.execPath, [compiler, '-p', project, '--pretty', 'false'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}
