/** The worker file of poolifier. */
import { ThreadWorker } from 'poolifier';
import { busy, bytes, tiny, type TinyJob } from './jobs.js';

export default new ThreadWorker<unknown, unknown>({
  tiny: (job) => tiny(job as TinyJob),
  bytes: (job) => bytes(job as Uint8Array),
  busy: (job) => busy(job as number),
});
