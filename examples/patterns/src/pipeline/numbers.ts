/** The first stage: the numbers from 1 to `count`. */
import type { Sender } from 'beamline';

export default function numbers({ count, output }: { count: number; output: Sender<number> }): void {
  for (let n = 1; n <= count; n++) output.sendSync(n);
}
