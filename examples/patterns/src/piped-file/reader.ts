/** Reads a file into the channel. The end of the file drops the sender, which ends the stream on the other side. */
import { createReadStream } from 'node:fs';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Sender } from 'beamline';

export default async function reader({ path, tx }: { path: string; tx: Sender<Uint8Array> }): Promise<void> {
  await pipeline(createReadStream(path), Writable.fromWeb(tx.writable()));
}
