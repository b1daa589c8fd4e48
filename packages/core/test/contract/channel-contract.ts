/**
 * What every flavor of channel promises, as one function of the flavor (api.md §1–§4, §7, §8). A flavor's test file runs it; what only
 * some flavors can show (a full channel, say) is asked of those.
 *
 * The chapters are by subject, one file each, and every test's name is the property that it checks.
 */
import { arguments_ } from './chapters/arguments';
import { batches } from './chapters/batches';
import { capacity } from './chapters/capacity';
import { closing } from './chapters/closing';
import { codecs } from './chapters/codecs';
import { disconnection } from './chapters/disconnection';
import { eventLoop } from './chapters/event-loop';
import { handles } from './chapters/handles';
import { handlesInMessages } from './chapters/handles-in-messages';
import { inspection } from './chapters/inspection';
import { iteration } from './chapters/iteration';
import { messages } from './chapters/messages';
import { operations } from './chapters/operations';
import { signals } from './chapters/signals';
import { streams } from './chapters/streams';
import { time } from './chapters/time';
import { transfer } from './chapters/transfer';
import { weakSenders } from './chapters/weak-senders';
import { bench, type Flavor } from './flavor';

const chapters = {
  'operations in three forms': operations,
  'capacity and order': capacity,
  'timeouts and deadlines': time,
  signals,
  batches,
  iteration,
  'handles: clone, drop, identity': handles,
  disconnection,
  'close()': closing,
  'handles in messages': handlesInMessages,
  'transfer and open': transfer,
  'a weak sender': weakSenders,
  'web streams': streams,
  'the event loop': eventLoop,
  inspection,
};

/** The capacity plays no part in these. */
const furtherChapters = { messages, codecs, 'bad arguments': arguments_ };

export function channelContract(flavor: Flavor): void {
  describe(flavor.name, () => {
    const b = bench(flavor);
    const all = { ...chapters, ...(flavor.brief !== true && furtherChapters) };
    for (const [title, chapter] of Object.entries(all)) describe(title, () => chapter(b));
  });
}
