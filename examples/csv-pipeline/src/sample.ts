/** Writes a file of made-up orders, and adds them up on the way: that is what the pipeline should come to. */
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { COLUMNS } from './parse.js';
import { add, type Totals } from './totals.js';

const COUNTRIES = ['Austria', 'Brazil', 'Canada', 'Denmark', 'Egypt', 'France', 'Ghana', "Côte d'Ivoire", 'Korea, Republic of'];
/** All that makes CSV more than text with commas: quotes, commas and line feeds in fields. */
const COMMENTS = [
  '',
  'leave it at the door',
  'call first, please, the bell is broken',
  'a gift: write "Happy birthday, Zoë" on it',
  'two parcels\nif it must be',
  'the house behind the house behind the church, second entrance, third floor, on the left, and mind the cat',
];
const ROWS_AT_ONCE = 2_000;

/** The totals of the file that it wrote. */
export async function writeSample(path: string, size: number): Promise<Totals> {
  const totals: Totals = new Map();
  await pipeline(rows(size, totals), createWriteStream(path));
  return totals;
}

function* rows(size: number, totals: Totals): Generator<string> {
  let text = `${COLUMNS.join(',')}\n`;
  let written = 0;
  let random = 1;
  const below = (limit: number): number => {
    random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
    return Math.floor((random / 2 ** 32) * limit);
  };
  for (let order = 1; written < size;) {
    for (const last = order + ROWS_AT_ONCE; order < last; order++) {
      const [country, quantity, cents] = [COUNTRIES[below(COUNTRIES.length)]!, 1 + below(9), 100 + below(1_000_000)];
      const fields = [order, country, `item ${below(500)}`, quantity, cents, COMMENTS[below(COMMENTS.length)]!];
      text += `${fields.map(quoted).join(',')}\n`;
      add(totals, country, { orders: 1, items: quantity, cents });
    }
    written += Buffer.byteLength(text);
    yield text;
    text = '';
  }
}

function quoted(field: string | number): string {
  const text = String(field);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
