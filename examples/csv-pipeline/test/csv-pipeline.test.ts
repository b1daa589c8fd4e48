/** The built program, on files whose sums are known. */
import { spawnSync } from 'node:child_process';
import { createWriteStream, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { LIMIT_MS, Program, run, type Finished } from '../../../test/support/program.js';

const HEADER = 'order,country,item,quantity,cents,comment\n';

let directory: string;
beforeAll(() => (directory = mkdtempSync(join(tmpdir(), 'csv-pipeline-test-'))));
afterAll(() => rmSync(directory, { recursive: true }));

function runOn(text: string): Promise<Finished> {
  const path = join(directory, 'orders.csv');
  writeFileSync(path, text);
  return run('csv-pipeline', ['--threads', '2', path]);
}

/** The lines about countries. */
async function sumsOf(text: string): Promise<string[]> {
  const { code, stdout, stderr } = await runOn(text);
  expect([code, stderr]).toEqual([0, '']);
  const [rows, pools, ...sums] = stdout.trimEnd().split('\n');
  expect(rows).toMatch(/^\d+ rows, \d+\.\d MB in \d+\.\d s: \d+\.\d MB\/s$/);
  expect(pools).toMatch(/^in the pools: parsing \d+\.\d s on 2 threads, aggregating \d+\.\d s on one$/);
  return sums;
}

test('orders are added up by country, whatever is in the other fields', async () => {
  const rows = [
    '1,Chad,a,2,150,',
    '2,"Chad",b,1,50,"x ""y"", z"',
    '3,"Korea, Republic of",a,1,5,"two\nlines, one "" quote"',
    '4,Chad,c,1,1,last',
  ];
  const sums = ['Chad: 3 orders, 4 items, 2.01 revenue', 'Korea, Republic of: 1 orders, 1 items, 0.05 revenue'];
  expect(await sumsOf(`${HEADER}${rows.join('\n')}\n`)).toEqual(sums);
  expect(await sumsOf(`${HEADER}${rows.join('\n')}`)).toEqual(sums);
  expect(await sumsOf(HEADER)).toEqual([]);
});

test('rows are whole however the file is cut into chunks', async () => {
  // Far more than one chunk; rows of many lengths, most with a line feed in a field.
  const rows = Array.from({ length: 20_000 }, (_, n) => `${n},Chad,a,1,1,"${'\n,""'.repeat(n % 97)}"`);
  expect(await sumsOf(`${HEADER}${rows.join('\n')}\n`)).toEqual(['Chad: 20000 orders, 20000 items, 200.00 revenue']);
});

test.each([
  ['a field is missing', `${HEADER}1,Chad,a,1\n`, /in the rows from byte 0 on: /],
  [
    'a quantity is no number',
    `${HEADER}1,Chad,a,one,1,\n`,
    /in the rows from byte 0 on: quantity and cents must be whole numbers, not 'one'/,
  ],
  ['the columns are others', 'a,b\n1,2\n', /in the rows from byte 0 on: the columns must be order,country,.*, not a,b/],
  [
    'a quote is not closed',
    `${HEADER}1,Chad,"a,1,1,\n${'1,Chad,a,1,1,\n'.repeat(1_000_000)}`,
    /the row at byte \d+ of .* has no end/,
  ],
])('%s: the program says so and fails', async (_, text, message) => {
  const { code, stdout, stderr } = await runOn(text);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(message);
});

test('a file that is not there fails it', async () => {
  const { code, stderr } = await run('csv-pipeline', [join(directory, 'missing.csv')]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/ENOENT/);
});

test(
  'a made-up file comes to what was written, and is gone in the end',
  async () => {
    const temporary = mkdtempSync(join(directory, 'tmp-'));
    const { code, stdout, stderr } = await run('csv-pipeline', ['--megabytes', '4', '--threads', '2'], {
      env: { TMPDIR: temporary },
    });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^\d+ rows, 4\.\d MB in /);
    expect(stdout).toMatch(/\nthe sums are those of what was written: true\n$/);
    expect(readdirSync(temporary)).toEqual([]);
  },
  LIMIT_MS,
);

/** The file of this test has no end: a pipe, into which it writes until nobody reads any more. */
(process.platform === 'linux' ? test : test.skip)(
  'SIGINT ends it in order, with what has been read until then',
  async () => {
    const fifo = join(directory, 'fifo');
    expect(spawnSync('mkfifo', [fifo]).status).toBe(0);
    const program = new Program('csv-pipeline', ['--threads', '2', fifo]);
    function* endless(): Generator<string> {
      yield HEADER;
      for (let n = 0; ; n++) {
        if (n === 100) program.kill('SIGINT');
        yield '1,Chad,a,1,1,\n'.repeat(10_000);
      }
    }
    await expect(pipeline(endless(), createWriteStream(fifo))).rejects.toMatchObject({ code: 'EPIPE' });
    const { code, stdout, stderr } = await program.finished();
    expect([code, stderr]).toEqual([130, '']);
    expect(stdout).toMatch(/^Interrupted\. Until then:\n\d+ rows, [^]*\nChad: (\d+) orders, \1 items, [\d.]+ revenue\n$/);
  },
  LIMIT_MS,
);
