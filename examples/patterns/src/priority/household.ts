/** Has work of every kind, in no good order. */
import type { Sender } from 'beamline';

export default function household(work: { urgent: Sender<string>; normal: Sender<string>; whenever: Sender<string> }): void {
  work.whenever.sendSync('sort the attic');
  work.normal.sendSync('mow the lawn');
  work.urgent.sendSync('fire in the kitchen');
  work.normal.sendSync('wash the car');
  work.urgent.sendSync('flood in the cellar');
  work.normal.sendSync('water the plants');
}
