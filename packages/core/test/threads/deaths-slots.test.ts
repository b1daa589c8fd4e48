/** api.md §7, README: 1,023 threads at a time; a full table is a clear error, and places are used again. */
import { report } from '../support/program';

const slots = (scenario: string): Promise<Record<string, unknown>> => report('slots', { scenario });

describe('the table of threads', () => {
  it('refuses one thread too many with ERR_OUT_OF_MEMORY, and everybody else goes on', async () => {
    const refusal = { name: 'MemoryError', code: 'ERR_OUT_OF_MEMORY', message: expect.stringContaining('1023') };
    expect(await slots('full')).toEqual({
      code: 1,
      error: refusal,
      spawned: refusal,
      threads: 1023,
      works: 'still works',
      sum: 3,
    });
  });

  it('gives every place of a dead thread to the next, over and over', async () => {
    expect(await slots('reused')).toEqual({ rounds: [1022, 1022, 1022], threads: 1, grown: 0 });
  });

  it('has a last place in which a thread works, sleeps, is woken and dies like any other', async () => {
    const { results, threads, channels } = await slots('last');
    expect(results).toEqual(Array(10).fill({ slot: 1023, counts: [1, 1], works: true }));
    expect({ threads, channels }).toEqual({ threads: 1, channels: 1 });
  });
});
