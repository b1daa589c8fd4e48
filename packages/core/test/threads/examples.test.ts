/** The examples in the doc comments that are complete programs run as they stand, and print what the comments behind `console.log(…)` say. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';

const PACKAGE = join(__dirname, '..', '..');
const SOURCES = join(PACKAGE, 'src');

/** Complete: it imports what it uses from here, and needs no other file. */
const isComplete = (program: string): boolean =>
  program.includes("from '@beamline/core'") && !program.includes('import.meta.url');

const examples = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
  .filter((file) => /^(?:handles\/|codec\/|errors|explain).*\.ts$/.test(file))
  .flatMap((file) => {
    const source = readFileSync(join(SOURCES, file), 'utf8');
    const comments = [...source.matchAll(/^ *\/\*\*\n[\s\S]*?^ *\*\/\n.*/gm)].map(([text]) => text);
    return comments.flatMap((comment) => {
      const [, body] = comment.split(/^ *\* @example\n/m);
      if (body === undefined) return [];
      const lines = body.slice(0, body.lastIndexOf('*/')).replace(/^ *\* ?/gm, '');
      const program = /```ts\n([\s\S]*?)```/.exec(lines)?.[1] ?? lines;
      const declared = comment.slice(comment.lastIndexOf('*/') + 2).trim();
      return isComplete(program) ? [[`${file}: ${declared}`, program] as const] : [];
    });
  });

it('there are some, of handles and of codecs', () => {
  for (const folder of ['handles', 'codec']) {
    expect(examples.filter(([name]) => name.startsWith(folder)).length).toBeGreaterThan(1);
  }
});

it.each(examples)('%s', async (_, program) => {
  const compilerOptions = { module: ModuleKind.ESNext, target: ScriptTarget.ES2022 };
  const { outputText } = transpileModule(program, { compilerOptions });
  // What it prints on further lines stands in comments of their own right below.
  const promised = [...program.matchAll(/console\.(?:log|error)\(.*\);? \/\/ (.*)\n((?: *\/\/ .*\n)*)/g)].flatMap(
    ([, first, more]) => [first, ...[...more!.matchAll(/\/\/ (.*)$/gm)].map(([, text]) => text)],
  );
  expect(promised.length).toBeGreaterThan(0);
  const options = { cwd: PACKAGE, timeout: 20_000 };
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', outputText], options);
  expect(stdout.trimEnd().split('\n')).toEqual(promised);
});
