/**
 * Handles that were garbage-collected without `drop()`: they are dropped then, with a warning.
 *
 * Called by: handles/state.ts.
 *
 * What is watched is the *state* of a handle, not the handle: the handle holds it, and so does everything that works with it (a
 * pending operation, an iterator, a select, a stream). Nothing else does, so a state is collected when nobody can use the handle any
 * more and nothing that it began is under way.
 */
import type { Channel } from '../flavors/channel.js';
import { entryAt } from '../ownership/entries.js';
import { onCollected } from '../platform/collection.js';
import { warn } from '../platform/threads.js';
import type { Runtime } from '../runtime.js';
import { creationOf } from './creation.js';

/** What remains of a handle: enough to give it up. */
export interface Remains {
  readonly runtime: Runtime;
  readonly channel: Channel;
  readonly index: number;
  /** `sender`, `receiver`, … */
  readonly type: string;
  /** It held up nobody, so there is nothing to warn of. */
  readonly isHarmless: boolean;
}

export const collection = onCollected<Remains>((remains) => {
  const { runtime, channel, index, isHarmless } = remains;
  if (runtime.left) return;
  if (!isHarmless) warnOf(remains);
  runtime.letGo(channel);
  runtime.releaser.release(index);
});

function warnOf({ runtime: { heap }, channel, index, type }: Remains): void {
  const which = channel.name === undefined ? `#${channel.id}` : JSON.stringify(channel.name);
  const createdAt = heap.debug ? creationOf(heap, entryAt(heap, index)) : undefined;
  const where = createdAt === undefined ? 'BEAMLINE_DEBUG=1 shows where it was made' : `it was made ${createdAt}`;
  warn(
    `a ${type} of channel ${which} was garbage-collected without drop(), and was dropped only then; ${where}`,
    'BEAMLINE_COLLECTED_HANDLE',
  );
}
