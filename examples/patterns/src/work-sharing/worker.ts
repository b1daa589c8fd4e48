/** One of several workers on one channel. Returns the jobs that it had. */
import type { Receiver } from 'beamline';

export default function worker({ jobs }: { jobs: Receiver<number> }): number[] {
  const handled: number[] = [];
  for (const job of jobs) handled.push(job);
  return handled;
}
