/** Writes 600 lines in bursts, and rotates its log after every hundred. That it ends drops `running`, which tells its follower. */
import { appendFileSync, renameSync } from 'node:fs';
import { tick, type Sender } from 'beamline';
import { liveFile, rotatedFile } from './log-names.js';

export default function service({ log }: { log: string; running: Sender<void> }): void {
  const burst = tick(1);
  for (let line = 1; line <= 600; line++) {
    appendFileSync(liveFile(log), `line ${line}\n`);
    if (line % 100 === 0) renameSync(liveFile(log), rotatedFile(log, line / 100));
    if (line % 15 === 0) burst.recvSync();
  }
}
