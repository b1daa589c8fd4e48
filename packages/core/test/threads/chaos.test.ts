/**
 * The same while threads are terminated and started again. The books are kept by the threads themselves, so what they cannot know is
 * tolerated, and nothing else: a killed receiver may have taken one message that it did not record, a killed sender may have sent one
 * more than it recorded. Order per sender holds all the same.
 */
import { report } from '../support/program';

interface Chaos {
  accepted: number;
  received: number;
  lost: number;
  extra: number;
  faults: Record<string, number>;
  killedSenders: number;
  killedReceivers: number;
  deaths: number;
  unexpected: string[];
  afterDeaths: { counts: number[]; channels: number; buffered: number };
  end: unknown;
  counts: number[];
  channelsAtEnd: number;
  channelsAfter: number;
  memoryLeft: number;
}

const KILLS = 48;

describe.each([
  ['blocking threads', 'sync', 'plain'],
  ['asynchronous tasks', 'async', 'plain'],
  ['polling threads', 'polling', 'plain'],
  ['spawned threads, killed also while they start', 'sync', 'spawned'],
])('%s', (_, mode, starter) => {
  it.each([
    ['bounded(1)', 1],
    ['bounded(3)', 3],
    ['bounded(1024)', 1024],
    ['unbounded()', null],
  ])(
    'that die and come again over %s lose and double nothing, and nobody hangs',
    async (_name, capacity) => {
      const input = { capacity, mode, starter, kills: KILLS, seed: (capacity ?? 7) + mode.length };
      const result = await report<Chaos>('chaos', input, { timeout: 40_000 });
      expect(result.unexpected).toEqual([]);
      expect(result.faults).toEqual({ doubled: 0, unknown: 0, disorder: 0, disorderAcross: 0 });
      expect(result.extra).toBe(0);
      expect(result.lost).toBeLessThanOrEqual(result.killedReceivers);
      expect(result.killedReceivers).toBeGreaterThan(0);
      expect(result.killedSenders).toBeGreaterThan(0);
      expect(result.received).toBeGreaterThan(100);
      // The dead hold nothing: only the program's own handles are left, no reply channel outlives its message.
      expect(result.afterDeaths.counts).toEqual([1, 1]);
      expect(result.end).toEqual({ ok: false, reason: 'disconnected' });
      expect(result.counts).toEqual([0, 1]);
      expect(result.channelsAtEnd).toBe(1);
      expect(result.channelsAfter).toBe(0);
      expect(result.memoryLeft).toBeLessThan(64 * 1024);
    },
    45_000,
  );
});
