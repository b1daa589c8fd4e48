/** The worker file of the pool that makes the sample pictures: draws ripples around three points, one of each colour, into a file. */
import { writeFile } from 'node:fs/promises';
import { Jimp, JimpMime } from 'jimp';

export interface Drawing {
  readonly path: string;
  /** Between 0 and 1: each gives another picture. */
  readonly seed: number;
}

const [WIDTH, HEIGHT] = [800, 600];
const CHANNELS = 4; // red, green, blue, and how opaque
const COLOURS = 3;

/** How many bytes it wrote. */
export default async function draw({ path, seed }: Drawing): Promise<number> {
  const picture = new Jimp({ width: WIDTH, height: HEIGHT, color: 0x000000ff });
  const { data } = picture.bitmap;
  for (let colour = 0; colour < COLOURS; colour++) {
    const angle = 2 * Math.PI * (seed + colour / COLOURS);
    const [centreX, centreY] = [(WIDTH / 2) * (1 + Math.cos(angle)), (HEIGHT / 2) * (1 + Math.sin(2 * angle))];
    const wavelength = 150 + 300 * seed;
    for (let pixel = 0; pixel < WIDTH * HEIGHT; pixel++) {
      const distance = Math.hypot((pixel % WIDTH) - centreX, Math.floor(pixel / WIDTH) - centreY);
      data[CHANNELS * pixel + colour] = 128 + 127 * Math.sin((2 * Math.PI * distance) / wavelength);
    }
  }
  const file = await picture.getBuffer(path.endsWith('.png') ? JimpMime.png : JimpMime.jpeg);
  await writeFile(path, file);
  return file.length;
}
