/** Reads to the end, and returns what it has read. */
import type { Receiver } from 'beamline';

export default function reader({ rx }: { rx: Receiver<number> }): number[] {
  const numbers: number[] = [];
  for (const n of rx) numbers.push(n); // blocks this thread between messages; it has nothing else to do
  return numbers;
}
