/** api.md §5.2 across threads and processes. The programs: fixtures/programs/sources.mjs. */
import { report, run } from './programs';

const scenario = <T>(name: string, input: object = {}) => report<T>('sources', { scenario: name, ...input });

it('is read on any threads: every event by one of them, in order', async () => {
  const all = Array.from({ length: 100 }, (_, i) => i);
  expect(await scenario('read')).toEqual({ all, inOrder: true });
});

it.each([
  ['dropped', 'drop'],
  ['dead with its thread', 'hold'],
])('removes its listener when the last receiver is %s elsewhere', async (_, how) => {
  expect(await scenario('goes', { how })).toEqual({ before: 1 });
});

it('of a thread that ends is disconnected behind its last event', async () => {
  expect(await scenario('ofWorker')).toEqual({ seen: [1, 2, 3], warnings: [] });
});

it('keeps no process alive while nobody reads it', async () => {
  expect(await scenario('unread')).toEqual({ alive: false });
});

it('keeps the process alive for a read that waits', async () => {
  expect(await scenario('readKeeps')).toEqual({ seen: 'SIGUSR2' });
});

it('loses what cannot be cloned or read, with one warning of each source, and harms no emit', async () => {
  const { warnings, ...rest } = await scenario<{ warnings: { code: string; message: string }[] }>('uncloneable');
  expect(rest).toEqual({ received: ['good', 'good too'], others: 6 });
  const warning = { name: 'BeamlineWarning', code: 'BEAMLINE_LOST_EVENT' };
  expect(warnings).toMatchObject([warning, warning]);
  expect(warnings[0]!.message).toMatch(/^an event of fromEvent\(x\) was lost: .*function/);
});

it('throws what map throws in a later turn, not in emit', async () => {
  expect(await scenario('mapThrows')).toEqual({ bad: [2], good: [1, 2], others: 2, uncaught: ['in map'] });
});

it('throws what removing a listener throws in a later turn, not in drop', async () => {
  expect(await scenario('offThrows')).toEqual({ uncaught: ['in off'], channels: 0 });
});

it('by the hundred causes no warning of too many listeners', async () => {
  expect(await scenario('many')).toEqual({ warnings: [], left: 0, channels: 0 });
});

describe('fromSignal', () => {
  it('gives each source the names of its signals, once, and leaves nothing behind', async () => {
    expect(await scenario('signals')).toEqual({
      first: ['SIGUSR2', 'SIGUSR2'],
      event: { key: 'both', ok: true, value: 'SIGTERM' },
      during: [1, 1],
      afterwards: [0, 0],
      name: 'fromSignal(SIGUSR2, SIGTERM)',
    });
  });

  it('is read by a thread that blocks', async () => {
    expect(await scenario('signalReadByWorker')).toEqual({ seen: ['SIGUSR2'] });
  });

  it('dropped, gives the signal its default effect back', async () => {
    const { code, timedOut, elapsed } = await run('sources', { scenario: 'defaultAgain' });
    expect({ code, timedOut }).toEqual({ code: null, timedOut: false });
    expect(elapsed).toBeLessThan(15_000);
  });

  it('is refused on a worker', async () => {
    const { error } = await scenario<{ error: object }>('refusedOnWorker');
    expect(error).toMatchObject({ name: 'TypeError', code: 'ERR_INVALID_ARGUMENT' });
  });
});
