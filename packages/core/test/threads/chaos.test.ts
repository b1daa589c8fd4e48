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
  afterDeaths: { counts: number[] };
  end: unknown;
  counts: number[];
  channelsAtEnd: number;
  channelsAfter: number;
  memoryLeft: number;
}

const KILLS = 32;

const none: [string, number | null] = ['bounded(0)', 0];
const one: [string, number | null] = ['bounded(1)', 1];
const three: [string, number | null] = ['bounded(3)', 3];
const many: [string, number | null] = ['bounded(1024)', 1024];
const unlimited: [string, number | null] = ['unbounded()', null];

describe.each([
  ['blocking threads', 'sync', 'plain', [none, one, three, many, unlimited]],
  ['asynchronous tasks', 'async', 'plain', [none, three, unlimited]],
  ['polling threads', 'polling', 'plain', [none, one, many]],
  ['spawned threads, killed also while they start,', 'sync', 'spawned', [none, three, unlimited]],
] as const)('%s', (_, mode, starter, capacities) => {
  it.each([...capacities])(
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
      expect(result.received).toBeGreaterThan(500);
      // The dead hold nothing: the handles of the program and of the two that live are left, no reply channel outlives its message.
      expect(result.afterDeaths.counts).toEqual([2, 2]);
      expect(result.end).toEqual({ ok: false, reason: 'disconnected' });
      expect(result.counts).toEqual([0, 1]);
      expect(result.channelsAtEnd).toBe(1);
      expect(result.channelsAfter).toBe(0);
      expect(result.memoryLeft).toBeLessThan(64 * 1024);
    },
    45_000,
  );
});
