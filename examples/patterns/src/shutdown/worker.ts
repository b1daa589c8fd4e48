/** Works until it is told to stop, or there can be no more work. Returns the jobs that it has finished. */
import { selectSync, type Receiver } from 'beamline';

export default function worker({ jobs, stopped }: { jobs: Receiver<string>; stopped: Receiver<void> }): string[] {
  const finished: string[] = [];
  for (;;) {
    const event = selectSync({ job: jobs, stopped }); // blocks this thread until one of them is ready
    if (event.key === 'stopped' || !event.ok) break;
    finished.push(event.value);
  }
  return [...finished, ...jobs.tryIter()];
}
