/** Reads to the end, and returns what it has read: the loop behind the spread blocks this thread, which has nothing else to do. */
import type { Receiver } from 'beamline';

export default function reader({ rx }: { rx: Receiver<number> }): number[] {
  return [...rx];
}
