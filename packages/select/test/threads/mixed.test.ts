/**
 * Select with everything at once: eight threads, sends and receives over all flavors (four channels of each, and more oneshots), all
 * forms, limits, failing functions, deaths.
 */
import { report } from './programs';

interface Result {
  readonly accepted: number;
  readonly received: number;
  readonly lost: number;
  readonly mayBeLost: number;
}

const clean = { extra: 0, doubled: 0, unknown: 0, misled: 0, ends: [0], waiting: 0, buffered: 0, channels: 0 };

it.each([1, 2])('every message is received exactly once, and nobody is left waiting (seed %i)', async (seed) => {
  const result = await report<Result>('mixed', { threads: 8, tasks: 3, quota: 200, seed });
  expect(result).toMatchObject({ ...clean, accepted: 3200, received: 3200, lost: 0 });
});

it('threads that are killed, at random or inside a function, take along what they had just received, and nothing else', async () => {
  const result = await report<Result>('mixed', { threads: 8, tasks: 3, quota: 100, kills: 12, seed: 3 });
  expect(result).toMatchObject(clean);
  expect(result.lost).toBeLessThanOrEqual(result.mayBeLost);
});
