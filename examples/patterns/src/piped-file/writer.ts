/** Writes what comes out of the channel into a file. */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Receiver } from 'beamline';

export default async function writer({ path, rx }: { path: string; rx: Receiver<Uint8Array> }): Promise<void> {
  await pipeline(Readable.fromWeb(rx.readable()), createWriteStream(path));
}
