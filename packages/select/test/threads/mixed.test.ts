/** Select with everything at once: eight threads, sends and receives over all flavors, all forms, limits, failing functions, deaths. */
import { report } from './programs';

interface Result {
  readonly accepted: number;
  readonly received: number;
  readonly lost: number;
  readonly mayBeLost: number;
}

const clean = { extra: 0, doubled: 0, unknown: 0, ends: [0], waiting: 0, buffered: 0 };

it.each([1, 2])('every message is received exactly once, and nobody is left waiting (seed %i)', async (seed) => {
  const result = await report<Result>('mixed', { threads: 8, tasks: 3, quota: 300, seed });
  expect(result).toMatchObject({ ...clean, accepted: 4800, received: 4800, lost: 0 });
});

it('threads that are killed, at random or inside a function, take along what they had just received, and nothing else', async () => {
  const result = await report<Result>('mixed', { threads: 8, tasks: 3, quota: 150, kills: 16, seed: 3 });
  expect(result).toMatchObject(clean);
  expect(result.lost).toBeLessThanOrEqual(result.mayBeLost);
});
