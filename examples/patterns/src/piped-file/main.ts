/**
 * Piping a file through a channel: one thread reads it, another writes it, and a channel of four chunks is between them.
 *
 * `writable()` and `readable()` are the ends of the channel as web streams, so `stream.pipeline` connects them to files, sockets and
 * transforms. A reader that is faster than the writer has to wait, so the memory in use does not depend on the size of the file.
 *
 * Prints:
 *   copied 8388608 bytes, equal: true
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bounded, codecs, spawn } from 'beamline';
import type reader from './reader.js';
import type writer from './writer.js';

const directory = await mkdtemp(join(tmpdir(), 'beamline-piped-'));
const [original, copy] = [join(directory, 'original'), join(directory, 'copy')];
await writeFile(original, randomBytes(8 * 1024 * 1024));

const [tx, rx] = bounded(4, { codec: codecs.bytes });
// Both are joined: to the writer, a reader that fails halfway looks like one that has come to the end.
await Promise.all([
  spawn<typeof reader>(new URL('./reader.js', import.meta.url), { data: { path: original, tx } }).join(),
  spawn<typeof writer>(new URL('./writer.js', import.meta.url), { data: { path: copy, rx } }).join(),
]);

const bytes = await readFile(copy);
console.log(`copied ${bytes.length} bytes, equal: ${bytes.equals(await readFile(original))}`);
await rm(directory, { recursive: true });
