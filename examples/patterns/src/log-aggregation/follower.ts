/** Sends the lines of a log while it is written, whatever its file is called by then: what `tail -F` does, without losing any. */
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { tick, type Receiver, type Sender } from 'beamline';
import { liveFile, rotatedFile } from './log-names.js';

export interface Line {
  readonly service: string;
  readonly text: string;
}

interface FollowerData {
  readonly name: string;
  readonly log: string;
  readonly ended: Receiver<void>;
  readonly lines: Sender<Line>;
}

export default function follower({ name, log, ended, lines }: FollowerData): void {
  const look = tick(2);
  let generation = 1;
  let file: number | undefined;
  let rest = ''; // the beginning of a line that is not complete yet
  for (;;) {
    // Asked before reading: when the answer is yes, nobody writes to this file any more, and what is read then is all of it.
    const over = ended.isDisconnected;
    const rotated = existsSync(rotatedFile(log, generation));

    file ??= open(log, generation);
    const texts = (rest + (file === undefined ? '' : readFileSync(file, 'utf8'))).split('\n');
    rest = texts.pop()!;
    for (const text of texts) lines.sendSync({ service: name, text }); // waits while the channel is full

    if (!rotated && !over) {
      look.recvSync();
      continue;
    }
    if (file !== undefined) closeSync(file);
    if (!rotated) return;
    file = undefined;
    generation++;
  }
}

/** Opens the log's file of that generation, whether it has been rotated or not; `undefined` if it has not been begun. */
function open(log: string, generation: number): number | undefined {
  const live = existing(liveFile(log));
  const rotated = rotatedFile(log, generation);
  if (!existsSync(rotated)) return live;
  if (live !== undefined) closeSync(live); // it may be of a later generation
  return openSync(rotated, 'r');
}

function existing(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}
