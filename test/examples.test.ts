/** The index of the examples, their scripts, and the programs themselves are the same list. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..');
const examples = join(root, 'examples');

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
const commands = new Map(
  Object.entries(scripts).flatMap(([name, command]) => (name.startsWith('example:') ? [[name.slice(8), command]] : [])),
);

/** The rows of the index: `| [name](where it is) | the pattern it shows | … |`. */
const rows = Array.from(
  readFileSync(join(examples, 'README.md'), 'utf8').matchAll(/^\| \[(.+?)\]\((.+?)\) \| *(.*?) *\|/gm),
  ([, name, path, pattern]) => ({ name: name!, path: path!, pattern: pattern! }),
);

test('every example has a script and a row in the index, and only examples have', () => {
  const workspaces = readdirSync(examples).filter((name) => existsSync(join(examples, name, 'package.json')));
  const patterns = readdirSync(join(examples, 'patterns', 'src'));
  const all = [...workspaces.filter((name) => name !== 'patterns'), ...patterns].sort();
  expect([...commands.keys()].sort()).toEqual(all);
  expect(rows.map(({ name }) => name).sort()).toEqual(all);
});

test.each(rows)('$name: the row says what it shows and leads to the program that the script runs', ({ name, path, pattern }) => {
  expect(pattern).toMatch(/\w+ \w+/);
  expect(existsSync(join(examples, path))).toBe(true);
  const program = path.startsWith('patterns/') ? `examples/patterns/dist/${name}/main.js` : `examples/${name}`;
  expect(commands.get(name)).toBe(`exec node scripts/start.mjs ${program}`);
  expect(path).toContain(name);
});
