/** Weak senders between threads. */
import { report } from '../support/program';

it('an upgrade that races with the last drop is of a connected channel or fails for good', async () => {
  const { refused, ...result } = await report<Record<string, number>>('weak', { scenario: 'race' });
  expect(result).toEqual({ codes: [0, 0], connected: 0, faults: 0, isAllSent: true, left: 0 });
  expect(refused).toBeGreaterThanOrEqual(2 * 300);
});

it('a thread that dies drops its weak senders, and what it upgraded them to', async () => {
  expect(await report('weak', { scenario: 'deaths' })).toEqual({
    results: [
      ['weak', [0, true], 'ERR_DISCONNECTED'],
      ['upgraded', [1, false], 'ERR_DISCONNECTED'],
    ],
    left: 0,
  });
});
