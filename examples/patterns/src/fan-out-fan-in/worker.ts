/** Takes a job when it is free, and sends its result back. */
import type { Receiver, Sender } from 'beamline';

export interface Job {
  readonly id: number;
  readonly payload: string;
}

export interface Result extends Job {
  readonly bytes: number;
}

export default function worker({ jobs, results }: { jobs: Receiver<Job>; results: Sender<Result> }): void {
  for (const job of jobs) results.sendSync({ ...job, bytes: Buffer.byteLength(job.payload) });
}
