/** The walker thread: sends the path of every file below `root` into a bounded channel, waiting when it is full. */
import { isChannelError, type Sender } from 'beamline';
import type { PathName } from './path-name.js';
import { emptyTally, walk, type WalkTally } from './walk.js';

export interface WalkerData {
  readonly root: string;
  readonly paths: Sender<PathName>;
}

export default function walker({ root, paths }: WalkerData): WalkTally {
  const tally = emptyTally();
  try {
    paths.sendManySync(walk(root, tally));
  } catch (error) {
    // Nobody receives any more: the program was interrupted, and what was found until now is the result.
    if (!isChannelError(error) || error.name !== 'SendError') throw error;
  }
  return tally;
}
