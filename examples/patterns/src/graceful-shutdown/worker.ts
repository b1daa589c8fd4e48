/** Works until there are no jobs, and there can be no more. Returns how many it did. */
import { after, type Receiver } from 'beamline';

export default function worker({ jobs }: { jobs: Receiver<number> }): number {
  let done = 0;
  for (const _job of jobs) {
    after(5).recvSync(); // the work
    done++;
  }
  return done;
}
