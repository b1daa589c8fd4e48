/** Gives the job back, and says who had it. */
import { threadId } from 'node:worker_threads';

export default (value) => ({ value, worker: threadId });

export async function later(value) {
  await new Promise((resolve) => setImmediate(resolve));
  return { value, worker: threadId };
}
