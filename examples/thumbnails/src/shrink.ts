/** The worker file of the pool that makes the thumbnails: reads a picture, writes its thumbnail, and gives that back as well. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Jimp, JimpMime } from 'jimp';

export interface ShrinkJob {
  readonly name: string;
  /** The folders of the pictures and of the thumbnails. */
  readonly from: string;
  readonly to: string;
  readonly width: number;
  readonly height: number;
}

export interface Thumbnail {
  readonly name: string;
  /** Red, green, blue and alpha of each of its pixels, row by row. */
  readonly pixels: Uint8Array;
}

export default async function shrink({ name, from, to, width, height }: ShrinkJob): Promise<Thumbnail> {
  const image = await Jimp.read(join(from, name));
  image.cover({ w: width, h: height });
  await writeFile(join(to, `${name}.png`), await image.getBuffer(JimpMime.png));
  return { name, pixels: image.bitmap.data };
}
