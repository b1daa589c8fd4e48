/** One of several workers on one channel. Returns the jobs that it had. */
import { pbkdf2Sync } from 'node:crypto';
import type { Receiver } from 'beamline';

export default function worker({ jobs }: { jobs: Receiver<number> }): number[] {
  const handled: number[] = [];
  for (const job of jobs) {
    pbkdf2Sync(String(job), 'salt', 2_000, 32, 'sha256'); // a millisecond of work
    handled.push(job);
  }
  return handled;
}
