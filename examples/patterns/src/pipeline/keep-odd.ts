/** The second stage: lets odd numbers pass. */
import type { Receiver, Sender } from 'beamline';

export default function keepOdd({ input, output }: { input: Receiver<number>; output: Sender<number> }): void {
  for (const n of input) if (n % 2 === 1) output.sendSync(n);
}
