/** Handles as web streams between threads, with `stream.pipeline`. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { report } from '../support/program';

let folder: string;
let file: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'beamline-streams-'));
  file = join(folder, 'source');
  writeFileSync(
    file,
    Uint8Array.from({ length: 1_234_567 }, (_, i) => (i * 31) ^ (i >> 8)),
  );
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const streams = (scenario: string): Promise<unknown> =>
  report('streams', { scenario, file, target: join(folder, `target-${scenario}`) });

it('a file goes through a channel to another thread', async () => {
  expect(await streams('copy')).toEqual({ code: 0, same: true, channels: 0 });
});

it('and from another thread', async () => {
  expect(await streams('fetch')).toEqual({ code: 0, same: true, channels: 0 });
});

it('a reader that leaves ends the pipeline that writes, and leaves nothing behind', async () => {
  expect(await streams('readerLeaves')).toEqual({ failure: 'ERR_DISCONNECTED', code: 0, channels: 0 });
});

it('of a writer that aborts, what was written arrives, and then the end', async () => {
  expect(await streams('writerLeaves')).toEqual({ values: [0, 1, 2, 3, 4], code: 0, channels: 0 });
});

it('a thread that dies in the middle of its stream ends the other end', async () => {
  expect(await streams('deaths')).toEqual({ failure: 'ERR_DISCONNECTED', values: [0, 1, 2], channels: 0 });
});
