/** The built program, on a few pictures. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Jimp } from 'jimp';
import { LIMIT_MS, run } from '../../../test/support/program.js';

let directory: string;
beforeAll(() => (directory = mkdtempSync(join(tmpdir(), 'thumbnails-test-'))));
afterAll(() => rmSync(directory, { recursive: true }));

const RED = 0xff0000ff;
const BLUE = 0x0000ffff;

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly colours: readonly number[];
}

/** What is in a picture, and the colours at some points. By a process of its own: under jest Jimp cannot load what it reads with. */
function look(path: string, ...points: readonly (readonly [x: number, y: number])[]): Picture {
  const program = `
    import { Jimp } from 'jimp';
    const [path, points] = JSON.parse(process.argv[1]);
    const image = await Jimp.read(path);
    const colours = points.map(([x, y]) => image.getPixelColor(x, y));
    console.log(JSON.stringify({ width: image.width, height: image.height, colours }));`;
  const args = ['--input-type=module', '--eval', program, JSON.stringify([path, points])];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: __dirname, encoding: 'utf8', timeout: LIMIT_MS })) as Picture;
}

test(
  'the samples have thumbnails and a contact sheet, and the one that is broken says why it has none',
  async () => {
    const output = join(directory, 'samples');
    const { code, stdout, stderr } = await run('thumbnails', ['--pictures', '4', '--threads', '2', '--output', output]);
    expect([code, stderr]).toEqual([0, '']);
    const sheet = join(output, 'contact-sheet.png');
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^drew 4 pictures, \d+\.\d MB, in \d+\.\d s$/),
      expect.stringMatching(/^broken\.png: .*\w/),
      expect.stringMatching(/^4 thumbnails in \d+\.\d s on 2 threads, which were busy for \d+\.\d s$/),
      sheet,
      '',
    ]);
    expect(readdirSync(join(output, 'thumbnails')).sort()).toEqual([
      '0000.jpg.png',
      '0001.png.png',
      '0002.jpg.png',
      '0003.png.png',
    ]);
    expect(look(sheet)).toMatchObject({ width: 8 + 3 * 168, height: 8 + 2 * 128 });
  },
  LIMIT_MS,
);

test(
  'pictures of a given folder stand on the sheet in the order of their names',
  async () => {
    const folder = join(directory, 'given');
    mkdirSync(folder);
    await new Jimp({ width: 30, height: 200, color: BLUE }).write(join(folder, 'b.png') as `${string}.png`);
    await new Jimp({ width: 300, height: 20, color: RED }).write(join(folder, 'a.bmp') as `${string}.bmp`);
    writeFileSync(join(folder, 'notes.txt'), 'no picture, and not named like one');
    const output = join(directory, 'of given');
    const { code, stdout, stderr } = await run('thumbnails', ['--output', output, folder]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^2 thumbnails in /);
    const sheet = look(join(output, 'contact-sheet.png'), [88, 68], [88 + 168, 68]);
    expect(sheet).toEqual({ width: 8 + 2 * 168, height: 8 + 128, colours: [RED, BLUE] });
  },
  LIMIT_MS,
);

test('a folder without pictures makes an empty sheet', async () => {
  const folder = mkdtempSync(join(directory, 'empty-'));
  const { code, stdout, stderr } = await run('thumbnails', ['--output', join(folder, 'output'), folder]);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^0 thumbnails in /);
  expect(look(join(folder, 'output', 'contact-sheet.png'))).toMatchObject({ width: 8 + 168, height: 8 });
});
