/** Does not take every number. */
import type { Receiver } from 'beamline';

export default function consumer({ rx }: { rx: Receiver<number> }): void {
  for (const n of rx) if (n === 13) throw new RangeError('13 is too much');
}
