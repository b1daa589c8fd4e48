/** The complete examples in the doc comments run as they stand, and print what the comments behind `console.log(…)` say. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';

const PACKAGE = join(__dirname, '..', '..');
const SOURCE = join(PACKAGE, 'src');

const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

/** An example is complete if it imports what it uses. A comment of its own line goes on with what the line above prints. */
const examples = files.flatMap((file) => {
  const source = readFileSync(join(SOURCE, file), 'utf8');
  return [...source.matchAll(/^ *\* ```ts\n((?: *\*.*\n)*?) *\* ```\n(?: *\*.*\n)*? *\*\/\n(.*)$/gm)]
    .map(([, code, declaration]) => [code!.replace(/^ *\* ?/gm, ''), declaration!.trim()] as const)
    .filter(([code]) => code.includes("from '@beamline/core'"))
    .map(([code, declaration]) => [`${file}: ${declaration.slice(0, 60)}`, code] as const);
});

it('there are some of each kind of channel', () => {
  const all = examples.map(([, code]) => code).join('\n');
  for (const name of ['oneshot', 'broadcast', 'ask', 'subscribe', 'downgrade']) expect(all).toContain(name);
});

it.each(examples)('%s', async (_, code) => {
  const compilerOptions = { module: ModuleKind.ESNext, target: ScriptTarget.ES2022 };
  const { outputText } = transpileModule(code, { compilerOptions });
  const promised = [...code.matchAll(/(?:console\.log\(.*\); |^)\/\/ (.*)$/gm)].map(([, text]) => text);
  const options = { cwd: PACKAGE, timeout: 20_000, env: { ...process.env, NODE_OPTIONS: '' } };
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', outputText], options);
  expect(stdout.trimEnd().split('\n')).toEqual(promised);
});
