/** The worker file of the second pool: what came of a chunk in the first one, to sums by country. */
import type { JobOutcome } from 'beamline/pool';
import type { Rows } from './parse.js';
import type { Chunk } from './reader.js';
import { add, type Totals } from './totals.js';

/** What one chunk comes to. */
export interface ChunkSums {
  readonly bytes: number;
  readonly rows: number;
  readonly totals: Totals;
  /** How long parsing took. How long this took is in the outcome of it. */
  readonly parsingMs: number;
}

/** A chunk that could not be parsed fails here too, with the same error: so there is one place to look for what went wrong. */
export default function aggregate(parsed: JobOutcome<Chunk, Rows>): ChunkSums {
  if (!parsed.ok) throw parsed.error;
  const { bytes, country, quantity, cents } = parsed.value;
  const totals: Totals = new Map();
  for (const [row, name] of country.entries()) add(totals, name, { orders: 1, items: quantity[row]!, cents: cents[row]! });
  return { bytes, rows: country.length, totals, parsingMs: parsed.durationMs };
}
