/** Puts thumbnails side by side, row by row, in one picture. */
import { Jimp } from 'jimp';

const GAP = 8;
const PAPER = 0xf4f1eaff;

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** `thumbnails`: the pixels of each, in order; undefined leaves its place empty. Gives the sheet as a PNG. */
export function contactSheet(thumbnails: readonly (Uint8Array | undefined)[], { width, height }: Size): Promise<Buffer> {
  const columns = Math.max(1, Math.ceil(Math.sqrt(thumbnails.length)));
  const rows = Math.ceil(thumbnails.length / columns);
  const [right, down] = [width + GAP, height + GAP];
  const sheet = new Jimp({ width: GAP + columns * right, height: GAP + rows * down, color: PAPER });
  for (const [place, pixels] of thumbnails.entries()) {
    if (pixels === undefined) continue;
    const thumbnail = new Jimp({ data: Buffer.from(pixels), width, height });
    sheet.composite(thumbnail, GAP + (place % columns) * right, GAP + Math.floor(place / columns) * down);
  }
  return sheet.getBuffer('image/png');
}
