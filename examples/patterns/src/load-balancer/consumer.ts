/** Takes its time for each job. Returns how many it did. */
import { after, type Receiver } from 'beamline';

export default function consumer({ jobs, msPerJob }: { jobs: Receiver<number>; msPerJob: number }): number {
  let done = 0;
  for (const _job of jobs) {
    after(msPerJob).recvSync();
    done++;
  }
  return done;
}
