/** Leases under kills: every job comes back exactly once, as an answer or as an orphan, and nothing is left over. */
import { report } from '../support/program';

interface Result {
  sent: number;
  missing: number;
  doubled: number;
  wrong: number;
  orphaned: number;
  channels: number;
  threads: number;
  used: number;
}

it.each<[string, number | null, number]>([
  ['a ring of 1', 1, 11],
  ['a ring of 16', 16, 12],
  ['a list', null, 13],
])(
  'jobs leased through %s by workers that are killed come back exactly once',
  async (_, capacity, seed) => {
    const result = await report<Result>('leases', { capacity, kills: 40, jobs: 2000, seed }, { timeout: 60_000 });
    expect(result).toMatchObject({ missing: 0, doubled: 0, wrong: 0, channels: 0, threads: 1 });
    expect(result.sent).toBeGreaterThanOrEqual(2000);
    expect(result.orphaned).toBeLessThanOrEqual(40);
    expect(result.used).toBeLessThan(64 * 1024); // pages of the handle table stay; messages do not
  },
  70_000,
);

it('a job whose worker dies while memory is exhausted comes when there is some again', async () => {
  const result = await report<object>('lease-memory');
  expect(result).toEqual({ whileFull: 0, came: [[5, true, { text: 'the job' }]], channels: 0, threads: 1 });
});
