/** A thread with a pool of its own. */
import { WorkerPool } from '@beamline/pool';

export default async function ({ stays }) {
  const pool = new WorkerPool({
    filename: new URL('./handlers.mjs', import.meta.url),
    name: stays ? 'forever' : 'double',
    threads: 2,
  });
  const values = await Promise.all([1, 2, 3].map((n) => pool.run(n)));
  await pool.close();
  return values;
}
