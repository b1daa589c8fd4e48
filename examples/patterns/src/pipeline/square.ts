/** The third stage: squares what comes. */
import type { Receiver, Sender } from 'beamline';

export default function square({ input, output }: { input: Receiver<number>; output: Sender<number> }): void {
  for (const n of input) output.sendSync(n * n);
}
