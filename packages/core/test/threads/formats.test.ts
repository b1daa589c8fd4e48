/** api.md §0: both module formats give the same classes; several copies of one version share one runtime. */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { report } from '../support/program';

const packageFolder = join(__dirname, '..', '..');
let folder: string;

/** A copy of the built package, with the dependencies of the original. */
function copy(name: string): string {
  const target = join(folder, name);
  cpSync(join(packageFolder, 'dist'), join(target, 'dist'), { recursive: true });
  cpSync(join(packageFolder, 'package.json'), join(target, 'package.json'));
  const modules = [join(packageFolder, 'node_modules'), join(packageFolder, '..', '..', 'node_modules')].find(existsSync)!;
  symlinkSync(modules, join(target, 'node_modules'));
  return target;
}

/** The same with another version of the memory layout. */
function copyOfAnotherLayout(name: string): string {
  const target = copy(name);
  const files = readdirSync(join(target, 'dist'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.[cm]?js$/.test(file),
  );
  let changed = 0;
  for (const file of files) {
    const path = join(target, 'dist', file);
    const before = readFileSync(path, 'utf8');
    const after = before.replace(/(LAYOUT_VERSION\s*=\s*)\d+/, '$19999');
    if (after !== before) {
      changed++;
      writeFileSync(path, after);
    }
  }
  expect(changed).toBeGreaterThan(0);
  return target;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'beamline-copies-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const together = {
  token: 'by token',
  sameChannel: [true, true],
  ids: true,
  woken: 'woken',
  order: [1, 2, 3, 'full'],
  moved: 'ERR_HANDLE_MOVED',
  inside: 'inside',
  arrivedAs: true,
  errors: [true, true, true, false],
  channels: [3, 3],
  counts: [2, 2],
  connected: false,
  disconnected: true,
  left: 0,
};

describe('import, require and copies in one process', () => {
  let result: Record<string, unknown>;

  beforeAll(async () => {
    result = await report('formats', { copy: copy('copy'), other: copyOfAnotherLayout('other') });
  });

  it('import and require give the same classes and the same exports', () => {
    expect(result.sameClasses).toEqual(Array(8).fill(true));
    expect(result.exports).toEqual([]);
    expect(result.missing).toEqual([]);
  });

  it('import and require exchange handles, tokens and errors', () => {
    expect(result.both).toEqual(together);
  });

  it('a copy has classes of its own, the same in both its formats', () => {
    expect(result.copyIsAnother).toBe(true);
    expect(result.copySameClasses).toEqual(Array(8).fill(true));
  });

  it('two copies share one runtime and recognise each other’s handles, tokens and errors', () => {
    expect(result.copies).toEqual([together, together]);
  });

  it('a copy of another memory layout runs undisturbed, and its tokens and handles are refused by name of both versions', () => {
    const { token, otherToken, handle, undisturbed, stillHere } = result.other as Record<string, Record<string, string>>;
    expect(undisturbed).toEqual(['mine', 'ours']);
    for (const failure of [token, otherToken]) {
      expect(failure).toMatchObject({ code: 'ERR_INVALID_ARGUMENT' });
      expect(failure!.message).toMatch(/9999/);
    }
    expect(handle).toMatchObject({ code: 'ERR_INVALID_ARGUMENT' });
    expect(stillHere).toEqual([1, 2]);
  });
});

it('a worker with another copy than its parent exchanges messages with it, and its death is seen', async () => {
  const result = await report('copies-in-threads', { copy: copy('worker') });
  expect(result).toEqual({ sum: 2000, seen: 'ERR_DISCONNECTED', counts: [0, 0], channels: 0 });
});
