/**
 * The state of the shared heap that a trial begins with.
 *
 * Called by: the tools, once.
 */
import { bounded } from 'beamline';

const HANDLES = 2000;

/** The pages of the handle table stay, so they are made before the first round: afterwards the heap's use has to be the same exactly. */
export function fillHandleTable(): void {
  const [tx, rx] = bounded(1);
  const clones = Array.from({ length: HANDLES }, () => tx.clone());
  for (const handle of [tx, rx, ...clones]) handle.drop();
}
