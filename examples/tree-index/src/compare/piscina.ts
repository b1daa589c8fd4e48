/** The contender Piscina, used as its README shows: one `run` per file. */
import { Piscina } from 'piscina';
import type { Indexed, IndexJob } from '../indexer.js';
import { indexFound } from './contender.js';

export async function indexWithPiscina({ root, threads }: IndexJob, signal: AbortSignal): Promise<Indexed> {
  const piscina = new Piscina({
    filename: new URL('../index-file.js', import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
  });
  try {
    return await indexFound(root, (path) => piscina.run(path), signal);
  } finally {
    await piscina.destroy();
  }
}
