/**
 * Ends a process that hangs: a thread of its own that prints what every part was doing, what the heap looks like, and ends the
 * process. The main thread may be what hangs, so nothing here needs it.
 *
 * Called by: the tools start it; this file is also what the thread runs. The supervisor turns the end into exit code 1.
 */
import { writeSync } from 'node:fs';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { inspect, never } from 'beamline';
import { DEAD, FINISHED, Ledger, LIVING, type PartBooks } from './ledger.js';

interface Watch {
  readonly ledger: SharedArrayBuffer;
  /** Float64: the instant (Date.now()) at which the process hangs. */
  readonly deadline: SharedArrayBuffer;
}

/** The heap may be what hangs: so long the look at it may take. */
const LOOK_MS = 3000;
const PERIOD_MS = 250;

export class Watchdog {
  private readonly deadline = new Float64Array(new SharedArrayBuffer(8));
  private readonly thread: Worker;

  constructor(ledger: Ledger) {
    this.deadline[0] = Infinity;
    const watch: Watch = { ledger: ledger.memory, deadline: this.deadline.buffer };
    this.thread = new Worker(new URL(import.meta.url), { workerData: watch, name: 'watchdog' });
    this.thread.unref();
  }

  /** Everything must be over in `ms`. */
  allow(ms: number): void {
    this.deadline[0] = Date.now() + ms;
  }

  async stop(): Promise<void> {
    await this.thread.terminate();
  }
}

function watch({ ledger: memory, deadline }: Watch): void {
  const ledger = new Ledger(memory);
  const limit = new Float64Array(deadline);
  const timer = setInterval(() => {
    if (Date.now() < limit[0]!) return;
    clearInterval(timer);
    print(`\nHANGS: ${ledger.said()}\n`);
    for (const part of ledger.books())
      if (part.state === LIVING || part.pending > 0 || part.intended > part.accepted) print(line(part));
    lookAtHeap();
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), LOOK_MS);
  }, PERIOD_MS);
}

/** On yet another thread: it may never return. */
function lookAtHeap(): void {
  new Worker(new URL(import.meta.url), { workerData: 'look' });
}

function print(text: string): void {
  writeSync(2, text);
}

const STATES = { [LIVING]: 'living', [FINISHED]: 'finished', [DEAD]: 'dead' } as Record<number, string>;

export function line({ part, state, op, operations, stream, accepted, intended, pending, taken }: PartBooks): string {
  const books = `stream ${stream}, sent ${accepted} (about to: ${intended - accepted}), received ${taken} (about to: ${pending})`;
  return `  part ${part} ${STATES[state] ?? '?'}, ${op} (operation ${operations}); ${books}\n`;
}

if (!isMainThread && workerData === 'look') {
  never().drop(); // makes this thread one of the heap's
  const { channels, threads, memory } = inspect();
  for (const channel of channels) print(`  ${JSON.stringify(channel)}\n`);
  print(`  ${JSON.stringify({ threads, memory })}\n`);
} else if (!isMainThread && (workerData as Partial<Watch> | null)?.deadline !== undefined) watch(workerData as Watch);
