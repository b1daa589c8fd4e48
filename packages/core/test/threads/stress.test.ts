/**
 * Exactly once and in order, under load: 4 producers and 4 consumers as asynchronous tasks on four threads, 2 + 2 blocking threads,
 * the same in batches and polling, for every capacity that is special and without one.
 */
import { report } from '../support/program';

interface Stress {
  accepted: number;
  received: number;
  lost: number;
  extra: number;
  faults: Record<string, number>;
  ends: unknown[];
  left: unknown;
  counts: number[];
  sent: number;
  taken: number;
  elapsed: number;
}

const MESSAGES = 200_000;

const capacities: [string, number | null][] = [
  ['bounded(0)', 0],
  ['bounded(1)', 1],
  ['bounded(2)', 2],
  ['bounded(3)', 3],
  ['bounded(1024)', 1024],
  ['unbounded()', null],
];

describe.each([
  ['4 producers and 4 consumers as tasks on four threads', 'async'],
  ['2 producing and 2 consuming threads that block', 'sync'],
  ['2 producing and 2 consuming threads with batches', 'batches'],
  ['2 + 2 threads of which half poll', 'polling'],
])('%s', (_, mode) => {
  it.each(capacities)(
    'through %s: every message exactly once, in order per sender',
    async (_name, capacity) => {
      const result = await report<Stress>('stress', { capacity, mode, messages: MESSAGES }, { timeout: 55_000 });
      expect(result).toMatchObject({
        accepted: MESSAGES,
        received: MESSAGES,
        lost: 0,
        extra: 0,
        faults: { doubled: 0, unknown: 0, disorder: 0, disorderAcross: 0 },
        ends: [0, 0, 0, 0],
        left: { ok: false, reason: 'disconnected' },
        counts: [0, 1],
        sent: MESSAGES,
        taken: MESSAGES,
      });
    },
    60_000,
  );
});
