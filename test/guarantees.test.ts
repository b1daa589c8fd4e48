/** What docs/guarantees.md names as holding a promise to account exists: files, words in them, commands and their parts. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(__dirname, '..');
const page = join(root, 'docs', 'guarantees.md');
const text = readFileSync(page, 'utf8');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Every file that is named, and what is quoted from it until the next file or command is named. */
const quotations = [...text.matchAll(/`(packages\/[^`\s]+\.ts)`([^`|]*)/g)].flatMap(([, file, rest]) => {
  const quoted = [...rest!.matchAll(/“([^”]+)”/g)].map(([, words]) => words!);
  return quoted.length === 0 ? [[file!, '']] : quoted.map((words) => [file!, words]);
});

it.each(quotations)('%s has “%s”', (file, words) => {
  expect(existsSync(join(root, file!))).toBe(true);
  expect(read(file!).includes(words!)).toBe(true);
});

const commands = [...new Set([...text.matchAll(/`npm run (\w+)[^`]*`/g)].map(([, name]) => name!))];

it.each(commands)('npm run %s is a command', (name) => {
  const manifests = ['package.json', ...readdirSync(join(root, 'packages')).map((folder) => `packages/${folder}/package.json`)];
  const scripts = manifests.flatMap((path) => Object.keys((JSON.parse(read(path)) as { scripts?: object }).scripts ?? {}));
  expect(scripts).toContain(name);
});

const parts = [
  ...new Set([...text.matchAll(/`npm run (chaos|fuzz) -- --only ([\w-]+)`/g)].map(([, tool, part]) => `${tool} ${part}`)),
];

it.each(parts)('%s is a part of it', (part) => {
  const [tool, name] = part.split(' ');
  const folder = join('packages', 'trials', 'src', tool!, ...(tool === 'fuzz' ? ['targets'] : []));
  const sources = readdirSync(join(root, folder)).map((file) => read(join(folder, file)));
  expect(sources.some((source) => source.includes(`name: '${name}'`))).toBe(true);
});

const scenarios = [...new Set([...text.matchAll(/`npm run model -- --only '([^']+)'`/g)].map(([, name]) => name!))];

it.each(scenarios)('the model has the scenario "%s"', (name) => {
  const folder = join('packages', 'model', 'src', 'scenarios');
  expect(readdirSync(join(root, folder)).some((file) => read(join(folder, file)).includes(`name: '${name}'`))).toBe(true);
});

it('links lead somewhere', () => {
  const links = [...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, link]) => link!);
  expect(links.length).toBeGreaterThan(0);
  for (const link of links) expect({ link, exists: existsSync(join(dirname(page), link)) }).toEqual({ link, exists: true });
});
