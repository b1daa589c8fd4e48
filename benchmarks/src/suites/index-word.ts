/**
 * The rings that were considered for `bounded`, side by side (docs/adr/0001-index-word.md). They are in benchmarks/rejected, plain
 * JavaScript as they are thrown away; the last column is the real channel, which also wakes, counts and survives deaths.
 */
import { bounded, spawn, type Thread } from 'beamline';
import type Table from 'cli-table3';
import { median } from 'simple-statistics';
import { nanoseconds } from '../figures.js';
import { sample, type Effort } from '../measure.js';

interface Ring {
  init(memory: SharedArrayBuffer, capacity: number): void;
}
interface Rejected {
  readonly RINGS: Readonly<Record<string, Ring>>;
  bytesFor(capacity: number): number;
}

interface Setting {
  readonly capacity: number;
  /** Senders, and as many receivers. */
  readonly pairs: number;
  readonly batch: number;
}

const FOLDER = new URL('../../rejected/', import.meta.url);
const CHANNEL = 'channel';
const SETTINGS: readonly Setting[] = [1, 32].flatMap((batch) =>
  [1, 2, 4].flatMap((pairs) => [16, 64, 1024].map((capacity) => ({ capacity, pairs, batch }))),
);
/** In one iteration, over all senders. */
const MESSAGES = 32_768;
const WARM_UP = 4;
const BEGUN = 0;
const FINISHED = 1;
const SUMS_BYTE = 8;

export async function indexWord(effort: Effort, table: (head: string[]) => Table.Table): Promise<void> {
  const rejected = (await import(new URL('rings.mjs', FOLDER).href)) as Rejected;
  const names = [...Object.keys(rejected.RINGS), CHANNEL];
  const rows = table(['index-word, ns per message', ...names]);
  for (const setting of SETTINGS) {
    const samples = names.map((): number[] => []);
    for (let round = 0; round < Math.floor(effort.rounds / 2); round++) {
      for (const [i, name] of names.entries()) samples[i]!.push(...(await measureRing(rejected, name, setting, effort)));
    }
    const row = [describe(setting), ...samples.map((each) => nanoseconds(median(each)))];
    rows.push(row);
    console.error(row.join('  ')); // the whole takes minutes
  }
  console.log(`\nnumbers through a ring, medians; a batch over lock-free is so many single operations\n${rows.toString()}`);
}

const describe = ({ capacity, pairs, batch }: Setting): string =>
  `${pairs}x${pairs}, capacity ${capacity}${batch === 1 ? '' : `, batches of ${batch}`}`;

async function measureRing(rejected: Rejected, name: string, setting: Setting, effort: Effort): Promise<number[]> {
  const control = new SharedArrayBuffer(256);
  const words = new Int32Array(control);
  const threads = startThreads(rejected, name, setting, control);
  const run = () => {
    Atomics.store(words, FINISHED, 0);
    Atomics.add(words, BEGUN, 1);
    Atomics.notify(words, BEGUN);
    for (let done; (done = Atomics.load(words, FINISHED)) < threads.length;) Atomics.wait(words, FINISHED, done);
  };
  try {
    for (let i = 0; i < WARM_UP; i++) run();
    const samples = await sample({ run, close: () => undefined }, MESSAGES, effort);
    checkSum(name, setting, new Float64Array(control, SUMS_BYTE));
    return samples;
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}

function startThreads(rejected: Rejected, name: string, setting: Setting, control: SharedArrayBuffer): Thread<unknown>[] {
  const { capacity, pairs, batch } = setting;
  const place = name === CHANNEL ? channelPlaces(capacity) : ringPlaces(rejected, name, capacity);
  return Array.from({ length: 2 * pairs }, (_, thread) => {
    const sends = thread < pairs;
    const data = { ...place(sends), control, capacity, thread, sends, count: MESSAGES / pairs, batch };
    const module = new URL('thread.mjs', FOLDER);
    return spawn<(data: object) => unknown>(module, { data });
  });
}

function ringPlaces({ RINGS, bytesFor }: Rejected, ring: string, capacity: number): () => object {
  const memory = new SharedArrayBuffer(bytesFor(capacity));
  RINGS[ring]!.init(memory, capacity);
  return () => ({ ring, memory });
}

function channelPlaces(capacity: number): (sends: boolean) => object {
  const [tx, rx] = bounded<number>(capacity);
  return (sends) => (sends ? { tx: tx.clone() } : { rx: rx.clone() });
}

/** A ring that loses or doubles a message is no candidate. */
function checkSum(name: string, { pairs }: Setting, sums: Float64Array): void {
  const each = MESSAGES / pairs;
  const sent = pairs * ((each * (each - 1)) / 2);
  let received = 0;
  for (let i = pairs; i < 2 * pairs; i++) received += sums[i]!;
  if (received !== sent) throw new Error(`${name}: sent ${sent} in all, received ${received}`);
}
