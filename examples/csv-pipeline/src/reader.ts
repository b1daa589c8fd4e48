/**
 * The thread that reads the file, and sends it on in chunks of whole rows, waiting while the channel is full.
 *
 * A row ends at a line feed outside of quotes. Whether a line feed is inside is known from the number of quotes before it, as a quote
 * inside of a quoted field is written twice: it is outside when that number is even.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { isChannelError, type Sender } from 'beamline';

const CHUNK_BYTES = 512 * 1024;
/** A quote that is never closed would make one row of all the rest. */
const LONGEST_ROW_BYTES = 8 * 1024 * 1024;
const QUOTE = 0x22;
const LINE_FEED = 0x0a;

export interface Chunk {
  /** Where in the file it begins. */
  readonly at: number;
  readonly bytes: Uint8Array;
}

export default function reader({ path, chunks }: { path: string; chunks: Sender<Chunk> }): void {
  const file = openSync(path, 'r');
  try {
    chunks.sendManySync(chunksOf(file, path));
  } catch (error) {
    // Nobody wants more: interrupted, or a row was bad.
    if (!isChannelError(error) || error.name !== 'SendError') throw error;
  } finally {
    closeSync(file);
  }
}

function* chunksOf(file: number, path: string): Generator<Chunk> {
  let at = 0;
  let rest = Buffer.alloc(0); // the beginning of a row whose end has not been read
  for (;;) {
    const read = Buffer.allocUnsafe(CHUNK_BYTES);
    const bytes = Buffer.concat([rest, read.subarray(0, readSync(file, read, 0, CHUNK_BYTES, null))]);
    const isLast = bytes.length === rest.length;
    const end = isLast ? bytes.length : endOfRows(bytes);
    if (end > 0) yield { at, bytes: bytes.subarray(0, end) };
    if (isLast) return;
    if (bytes.length - end > LONGEST_ROW_BYTES)
      throw new RangeError(`the row at byte ${at + end} of ${path} has no end: a quote too many?`);
    at += end;
    rest = bytes.subarray(end);
  }
}

/** How many of these bytes, which begin with a row, are whole rows. */
function endOfRows(bytes: Uint8Array): number {
  let end = 0;
  let isQuoted = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) isQuoted = !isQuoted;
    else if (byte === LINE_FEED && !isQuoted) end = i + 1;
  }
  return end;
}
