/**
 * Every JavaScript snippet of these pages runs, against the build, and prints what its trailing comments say.
 *
 * A snippet that begins with `// name.js` is a file for the snippet after it.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(__dirname, '..');

interface Snippet {
  readonly title: string;
  readonly code: string;
  readonly files: ReadonlyMap<string, string>;
}

function snippetsOf(markdown: string): Snippet[] {
  const snippets: Snippet[] = [];
  let files = new Map<string, string>();
  let title = '';
  for (const [, heading, code] of markdown.matchAll(/^## (.*)$|^```js\n([\s\S]*?)^```$/gm)) {
    if (heading !== undefined) title = heading;
    else if (code !== undefined) {
      const name = /^\/\/ (\S+\.js)\n/.exec(code)?.[1];
      if (name !== undefined) files.set(name, code);
      else {
        snippets.push({ title, code, files });
        files = new Map();
      }
    }
  }
  return snippets;
}

/** What the comments promise: `console.log(…); // text` on the line, or whole lines of comments at the end. */
function promised(code: string): string[] {
  const lines = code.trimEnd().split('\n');
  const trailing: string[] = [];
  for (let line = lines.pop(); line?.startsWith('// ') === true; line = lines.pop()) trailing.unshift(line.slice(3));
  if (trailing.length > 0) return trailing;
  return code.split('\n').flatMap((line) => /console\.log\(.*\); \/\/ (.*)$/.exec(line)?.[1] ?? []);
}

async function run({ code, files }: Snippet): Promise<string[]> {
  const folder = await mkdtemp(join(root, 'test', 'readme-'));
  try {
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    await writeFile(join(folder, 'main.js'), code);
    for (const [name, text] of files) await writeFile(join(folder, name), text);
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'main.js')], { timeout: 20_000 });
    return stdout.trimEnd().split('\n');
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe.each(['README.md', 'docs/pool.md'])('%s', (page) => {
  const readme = readFileSync(join(root, page), 'utf8');
  const snippets = snippetsOf(readme);

  it('has snippets', () => {
    expect(snippets.length).toBeGreaterThanOrEqual(4);
    expect(readme.match(/^```(js|javascript|ts|typescript)$/gm)?.length).toBe(
      snippets.length + snippets.reduce((sum, { files }) => sum + files.size, 0),
    );
  });

  it.each(snippets)('$title: the snippet prints what it says', async (snippet) => {
    expect(promised(snippet.code).length).toBeGreaterThan(0);
    expect(await run(snippet)).toEqual(promised(snippet.code));
  });
});
