/** Tickers read on several threads at once, by every policy. The program: fixtures/programs/tickers.mjs. */
import { report } from './programs';

interface Ticks {
  /** Of each tick that was received, in order: its number on the grid. */
  readonly numbers: number[];
  readonly early: number;
  readonly offGrid: number;
  readonly code: (number | null)[];
}

const FORMS = ['sync', 'async', 'sync'];

it('burst: every tick goes to exactly one of the threads, and none is left out', async () => {
  const { numbers, ...rest } = await report<Ticks>('tickers', { policy: 'burst', forms: FORMS, count: 300, period: 0.5 });
  expect(rest).toEqual({ early: 0, offGrid: 0, code: [0, 0, 0] });
  expect(numbers.length).toBeGreaterThanOrEqual(300);
  expect(numbers).toEqual(numbers.map((_, i) => i + 1));
});

it('skip: every tick is on the grid, and goes to one of the threads', async () => {
  const { numbers, ...rest } = await report<Ticks>('tickers', { policy: 'skip', forms: FORMS, count: 100, period: 0.5 });
  expect(rest).toEqual({ early: 0, offGrid: 0, code: [0, 0, 0] });
  expect(new Set(numbers).size).toBe(numbers.length);
});
