/** api.md §3, §8: the shared heap has a limit that is reported and survived, and nothing in it is ever lost. */
import { report } from '../support/program';

const memory = (
  scenario: string,
  rest: object = {},
  options: Parameters<typeof report>[2] = {},
): Promise<Record<string, unknown>> => report('memory', { scenario, ...rest }, options);

const SLACK = 64 * 1024;

describe('when the shared heap is exhausted', () => {
  it.each([
    [100, 'one by one'],
    [5000, 'many'],
    [300_000, 'one by one'],
  ])(
    'with messages of %i bytes: ERR_OUT_OF_MEMORY, what was sent arrives, and then there is room again (%s)',
    async (size, form) => {
      const result = await memory('exhaustion', { size, form: form === 'many' ? 'many' : 'one' });
      expect(result.error).toMatchObject({ name: 'MemoryError', code: 'ERR_OUT_OF_MEMORY' });
      if (size > 1000) expect(result.failures).toEqual(Array(4).fill('ERR_OUT_OF_MEMORY'));
      expect(result).toMatchObject({ length: 0, faults: 0, empty: { ok: false, reason: 'empty' } });
      expect(result.again).toBeGreaterThan(0.9);
      expect(result.filled).toBeGreaterThan(0.2);
      expect(result.limits).toMatchObject({ limit: 8 * 1024 * 1024 });
    },
  );

  it('a batch keeps what was accepted, in full, and nothing after it', async () => {
    expect(await memory('batch')).toEqual({ code: 'ERR_OUT_OF_MEMORY', some: true, faults: 0, after: 'fine again' });
  });

  it('handles in the message that did not fit are usable again', async () => {
    expect(await memory('handles')).toEqual({ code: 'ERR_OUT_OF_MEMORY', usable: [2, 2] });
  });

  it('a channel that does not fit is refused, and those that exist go on', async () => {
    expect(await memory('channels')).toEqual({
      code: 'ERR_OUT_OF_MEMORY',
      big: 'ERR_OUT_OF_MEMORY',
      some: true,
      works: true,
      after: 'fine again',
      channels: 1,
    });
  });

  it('an operation on a rendezvous that cannot wait says so, what waited before goes on, and then there is room again', async () => {
    expect(await memory('rendezvous')).toEqual({
      sends: Array(3).fill('ERR_OUT_OF_MEMORY'),
      usable: [2, 2],
      place: 'ERR_OUT_OF_MEMORY',
      after: 'fine again',
      channels: 0,
    });
  });

  it('threads that fill and drain a small heap lose nothing', async () => {
    expect(await memory('threads')).toMatchObject({ faults: 0, code: 0 });
  });
});

it('configure sets the limit before the first channel, and is refused after it', async () => {
  const limit = 16 * 1024 * 1024;
  const failures = ['ERR_INVALID_ARGUMENT', 'ERR_INVALID_ARGUMENT'];
  expect(await memory('limit')).toEqual({ before: limit, after: limit, failures });
});

it('an empty channel of capacity 16 takes at most 1 KiB, and a million of them leave nothing', async () => {
  const result = await memory('empty', { count: 1_000_000 }, { timeout: 55_000 });
  expect(result.one).toBeGreaterThan(0);
  expect(result.one).toBeLessThanOrEqual(1024);
  expect(result).toMatchObject({ used: 0, reserved: 0 });
}, 60_000);

it('1 GiB goes from one thread to another through a heap of 64 MiB', async () => {
  const result = await memory('stream', { mib: 1024 }, { timeout: 55_000 });
  expect(result).toMatchObject({ bytes: 2 ** 30, faults: 0, code: 0 });
  expect(result.reserved).toBeLessThanOrEqual(64);
}, 60_000);

describe('memory does not grow', () => {
  it('over 100,000 channels that are made, used and dropped', async () => {
    const result = await memory('churn', { count: 100_000 }, { timeout: 55_000 });
    expect(result.channels).toBe(0);
    expect(result.used).toBeLessThan(SLACK);
    expect(result.reserved).toBe(0);
  }, 60_000);

  it('over 1,000,000 messages of mixed sizes', async () => {
    const result = await memory('messages', { count: 1_000_000 }, { timeout: 55_000 });
    expect(result).toMatchObject({ faults: 0, end: true });
    expect(result.used).toBeLessThan(SLACK);
  }, 60_000);

  it('over 100,000 messages that one thread makes and another frees', async () => {
    const result = await memory('acrossThreads', { count: 100_000 });
    expect(result.code).toBe(0);
    expect(result.used).toBeLessThan(SLACK);
    expect(result.reserved).toBeLessThan(2);
  });

  it('over 100,000 meetings', async () => {
    const result = await memory('meetings', { count: 100_000 });
    expect(result.code).toBe(0);
    expect(result.used).toBeLessThan(SLACK);
    expect(result.reserved).toBe(0);
  });

  it.each([0, 1])('over 50,000 operations that wait in vain (capacity %i)', async (capacity) => {
    const result = await memory('waiting', { capacity, count: 50_000 }, { nodeArguments: ['--expose-gc'] });
    expect(result.used).toBeLessThan(SLACK);
    expect(result.heap).toBeLessThan(4 * 1024 * 1024);
  });

  it('over threads that come and go', async () => {
    const result = await memory('threadsComeAndGo', { count: 60 });
    expect(result).toMatchObject({ channels: 0, threads: 1 });
    expect(result.used).toBeLessThan(SLACK);
  });
});

it('four waiting threads and a waiting program use hardly any CPU time', async () => {
  // The budget is 2 ms per second; what a test can tell from a busy machine's noise is only gross waste.
  const { msPerSecond } = await report<{ msPerSecond: number }>('idle');
  expect(msPerSecond).toBeLessThan(200);
});
