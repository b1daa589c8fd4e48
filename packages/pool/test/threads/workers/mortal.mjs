/** Handlers that die in the way that the job says: always, or ({ once }) in their first attempt. */
import { threadId, workerData } from 'node:worker_threads';

export default async function (job, { attempt }) {
  if (typeof job === 'object' && 'once' in job) {
    if (attempt > 1) return { attempt };
    job = job.once;
  }
  switch (job) {
    case 'terminate':
      workerData.words[0] = threadId; // to be killed
      return new Promise(() => {});
    case 'exit':
      return process.exit(7);
    case 'exit 0':
      return process.exit(0);
    case 'timer':
      setTimeout(() => {
        throw Object.assign(new Error('in a timer'), { code: 'E_TIMER' });
      });
      return new Promise(() => {});
    case 'rejection':
      void Promise.reject(new RangeError('nobody catches this'));
      return new Promise(() => {});
    case 'memory': {
      const hog = [];
      for (;;) hog.push(new Array(1e5).fill(hog.length));
    }
  }
  // A number is just a number. Anything else says where it is and waits to be let go, or killed.
  if (typeof job === 'number') return job;
  const { begun, gate } = job;
  begun.sendSync(threadId);
  await gate.recv();
  begun.drop();
  gate.drop();
  return threadId;
}
