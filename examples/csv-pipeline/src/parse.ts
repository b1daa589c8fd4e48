/** The worker file of the first pool: a chunk of rows, to those of its columns that are wanted. */
import { parse as parseCsv } from 'csv-parse/sync';
import type { Chunk } from './reader.js';

/** The columns of the file, in order. */
export const COLUMNS = ['order', 'country', 'item', 'quantity', 'cents', 'comment'] as const;

/** The wanted ones, each by itself: typed arrays are sent as they are, bytes in one piece. */
export interface Rows {
  /** How long the chunk was that they come from. */
  readonly bytes: number;
  readonly country: readonly string[];
  readonly quantity: Uint32Array;
  readonly cents: Float64Array;
}

type Row = Record<(typeof COLUMNS)[number], string>;

export default function parse({ at, bytes }: Chunk): Rows {
  try {
    const rows = parseCsv<Row>(bytes, { columns: at === 0 ? namesIn : [...COLUMNS] });
    return {
      bytes: bytes.length,
      country: rows.map(({ country }) => country),
      quantity: Uint32Array.from(rows, ({ quantity }) => wholeNumber(quantity)),
      cents: Float64Array.from(rows, ({ cents }) => wholeNumber(cents)),
    };
  } catch (error) {
    throw new Error(`in the rows from byte ${at} on: ${(error as Error).message}`, { cause: error });
  }
}

/** The file begins with the names of its columns. */
function namesIn(header: readonly string[]): string[] {
  if (header.join() === COLUMNS.join()) return [...header];
  throw new RangeError(`the columns must be ${COLUMNS.join()}, not ${header.join()}`);
}

function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new RangeError(`quantity and cents must be whole numbers, not '${text}'`);
}
