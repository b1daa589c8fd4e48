/** The complete examples in the doc comments run as they stand, and print what the comments behind `console.log(…)` say. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';

const SOURCE = join(__dirname, '..', '..', 'src');
/** Where `./double.mjs` is. */
const FOLDER = join(__dirname, 'workers', 'examples');

/** An example is complete if it imports what it uses. A comment of its own line goes on with what the line above prints. */
const examples = readdirSync(SOURCE).flatMap((file) => {
  const source = readFileSync(join(SOURCE, file), 'utf8');
  return [...source.matchAll(/^ *\* ```ts\n((?: *\*.*\n)*?) *\* ```$/gm)]
    .map(([, code]) => code!.replace(/^ *\* ?/gm, ''))
    .filter((code) => code.includes("from 'beamline/pool'"))
    .map((code, index) => [`${file}, ${index + 1}`, code] as const);
});

it('there are some', () => {
  const all = examples.map(([, code]) => code).join('\n');
  for (const name of ['run(', 'map(', 'stats(', 'close(', 'destroy(', 'jobs']) expect(all).toContain(name);
});

it.each(examples)('%s', async (_, code) => {
  const compilerOptions = { module: ModuleKind.ESNext, target: ScriptTarget.ES2022 };
  const { outputText } = transpileModule(code, { compilerOptions });
  const promised = [...code.matchAll(/(?:console\.log\(.*\)\)?; |^ *)\/\/ (.*)$/gm)].map(([, text]) => text);
  const options = { cwd: FOLDER, timeout: 30_000, env: { ...process.env, NODE_OPTIONS: '' } };
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', outputText], options);
  expect(stdout.trimEnd()).toBe(promised.join('\n'));
});
