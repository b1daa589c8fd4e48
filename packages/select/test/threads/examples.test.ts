/** The examples in the doc comments run as they stand, and print what the comments behind `console.log(…)` say. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';

const PACKAGE = join(__dirname, '..', '..');

const examples = readdirSync(join(PACKAGE, 'src')).flatMap((file) => {
  const source = readFileSync(join(PACKAGE, 'src', file), 'utf8');
  return [...source.matchAll(/^ \* ```ts\n([\s\S]*?)^ \* ```\n[\s\S]*?^export (?:declare )?\w+ (\w+)/gm)].map(
    ([, code, name]) => {
      const program = code!.replace(/^ \* ?/gm, '');
      return [`${name!} (${file})`, program] as const;
    },
  );
});

it('every function has one', () => {
  const names = examples.map(([name]) => name.split(' ')[0]);
  expect(names).toEqual(
    expect.arrayContaining([
      'select',
      'selectSync',
      'trySelect',
      'recv',
      'after',
      'at',
      'tick',
      'never',
      'Selected',
      'fromSignal',
      'fromEvent',
      'fromAbortSignal',
    ]),
  );
});

it.each(examples)('%s', async (_, program) => {
  const compilerOptions = { module: ModuleKind.ESNext, target: ScriptTarget.ES2022 };
  const { outputText } = transpileModule(program, { compilerOptions });
  const promised = [...program.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text]) => text);
  const options = { cwd: PACKAGE, timeout: 20_000 };
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', outputText], options);
  expect(stdout.trimEnd().split('\n')).toEqual(promised);
});
