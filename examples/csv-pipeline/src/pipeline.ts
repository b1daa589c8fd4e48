/**
 * The pipeline: a thread that reads, a pool that parses, a pool that aggregates, and this thread, which adds up.
 *
 *   reader ── chunks ──▶ pool: parse ── rows ──▶ pool: aggregate ── sums ──▶ this thread
 *
 * The outcomes of the first pool are the jobs of the second. All three channels are short, so whoever is too fast waits, and the memory
 * in use does not depend on the size of the file. The end travels through by itself: a pool whose channel is drained, and can get
 * nothing any more, finishes, and its sender goes with it.
 */
import { bounded, select, spawn, type Receiver } from 'beamline';
import { WorkerPool, type JobOutcome } from 'beamline/pool';
import type aggregate from './aggregate.js';
import type { ChunkSums } from './aggregate.js';
import type parse from './parse.js';
import type { Rows } from './parse.js';
import type reader from './reader.js';
import type { Chunk } from './reader.js';
import { add, type Totals } from './totals.js';

/** Chunks and what comes of them are large; sums are small. */
const LARGE_MESSAGES = 8;
const SMALL_MESSAGES = 64;

/** If a thread dies, another one does its job again: that harms nothing, as the sums of each job are added up once. */
const ATTEMPTS = 2;

type Parsed = JobOutcome<Chunk, Rows>;

export interface Aggregation {
  readonly path: string;
  /** Of the pool that parses. */
  readonly threads: number;
  /** A message here ends it in order: what has been read goes through. */
  readonly interrupted: Receiver<unknown>;
  onProgress(bytes: number): void;
}

export interface Aggregated {
  readonly totals: Totals;
  readonly rows: number;
  readonly bytes: number;
  /** How long the handlers took, of all threads together. */
  readonly parsingMs: number;
  readonly aggregatingMs: number;
  readonly isInterrupted: boolean;
}

/** @throws what is wrong with the first chunk that could not be parsed. */
export async function aggregateFile({ path, threads, interrupted, onProgress }: Aggregation): Promise<Aggregated> {
  const [toParse, chunks] = bounded<Chunk>(LARGE_MESSAGES);
  const [parsed, toAggregate] = bounded<Parsed>(LARGE_MESSAGES);
  const [aggregated, sums] = bounded<JobOutcome<Parsed, ChunkSums>>(SMALL_MESSAGES);

  const reading = spawn<typeof reader>(new URL('./reader.js', import.meta.url), { data: { path, chunks: toParse } });
  await using parsing = WorkerPool.of<typeof parse>({
    filename: new URL('./parse.js', import.meta.url),
    threads,
    jobs: chunks,
    results: parsed,
    maxAttempts: ATTEMPTS,
  });
  await using _aggregating = WorkerPool.of<typeof aggregate>({
    filename: new URL('./aggregate.js', import.meta.url),
    threads: 1,
    jobs: toAggregate,
    results: aggregated,
    maxAttempts: ATTEMPTS,
  });

  const totals: Totals = new Map();
  let [rows, bytes, parsingMs, aggregatingMs, isInterrupted] = [0, 0, 0, 0, false];
  let failure: Error | undefined;
  for (;;) {
    const event = await select({ sums, interrupted });
    if (event.key === 'interrupted') {
      isInterrupted = true;
      void parsing.close(); // it pulls no more, so the reader ends; what it has pulled goes through
    } else if (!event.ok) break;
    else if (event.value.ok) {
      const { value, durationMs } = event.value;
      for (const [country, sum] of value.totals) add(totals, country, sum);
      rows += value.rows;
      bytes += value.bytes;
      parsingMs += value.parsingMs;
      aggregatingMs += durationMs;
      onProgress(bytes);
    } else {
      failure ??= event.value.error;
      void parsing.close();
    }
  }
  sums.drop();
  await reading.join();
  if (failure !== undefined) throw failure;
  return { totals, rows, bytes, parsingMs, aggregatingMs, isInterrupted };
}
