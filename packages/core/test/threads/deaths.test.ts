/**
 * api.md §4: when a thread ends in any way, its handles are dropped, its unfinished operations are undone or completed, waiters are
 * woken, and no other thread hangs or loses a message.
 */
import { report } from '../support/program';

interface Failure {
  name: string;
  code: string;
  value?: unknown;
}

interface Death {
  results: {
    receiver: Failure;
    sender: Failure;
    observer: number;
    counts: number[];
    foreign: number;
    waiting: number;
    fromVictim: number;
    fitted: number;
    exchanged: boolean;
  }[];
  channels: number;
  threads: number;
}

const flavors: [string, number | null][] = [
  ['bounded(0)', 0],
  ['bounded(3)', 3],
  ['unbounded()', null],
];

async function dies(input: {
  capacity: number | null;
  victim: string;
  death: string;
  starter?: string;
  times?: number;
}): Promise<Death> {
  const result = await report<Death>('death', { starter: 'plain', ...input });
  expect(result.results).toHaveLength(input.times ?? 1);
  for (const one of result.results) {
    expect(one.receiver).toMatchObject({ name: 'RecvError', code: 'ERR_DISCONNECTED' });
    expect(one.sender).toMatchObject({ name: 'SendError', code: 'ERR_DISCONNECTED', value: { mine: true } });
    expect(one.observer).toBe(2);
    expect(one.counts).toEqual([1, 1, 0, 0]);
    expect(one.foreign).toBe(0);
    expect(one.waiting).toBe(0);
    expect(one.fitted).toBe(input.capacity ?? 100);
    expect(one.exchanged).toBe(true);
  }
  expect(result.channels).toBe(0);
  expect(result.threads).toBe(1);
  return result;
}

describe.each(flavors)('a thread that holds handles of %s, terminated', (_, capacity) => {
  it.each([
    ['while it does nothing', 'idle'],
    ['while it blocks in recvSync', 'blockInRecv'],
    ['while it awaits recv', 'awaitRecv'],
  ])('%s', async (_name, victim) => {
    await dies({ capacity, victim, death: 'terminate', times: 4 });
  });

  it.each([
    ['while it spins in trySend and tryRecv', 'spinInTry'],
    ['while it spins in tryRecv', 'spinInTryRecv'],
    ['while it spins in batches of large messages', 'spinInBatches'],
    ['while it makes, sends and drops handles', 'spinInClones'],
  ])('%s, six times', async (_name, victim) => {
    const { results } = await dies({ capacity, victim, death: 'terminate', times: 6 });
    if (capacity !== null) for (const { fromVictim } of results) expect(fromVictim).toBeLessThanOrEqual(capacity);
  });

  it.each([
    ['exits', 'dieByExit', 'exit'],
    ['throws what nobody catches', 'dieByThrow', 'throw'],
    ['runs out of memory', 'dieByOutOfMemory', 'memory'],
    ['returns', 'dieByReturn', 'return'],
    ['exits with an operation pending', 'dieByExitWhilePending', 'exit'],
    ['uses a handle while it exits', 'useWhileExiting', 'return'],
  ])('or that %s', async (_name, victim, death) => {
    await dies({ capacity, victim, death, times: death === 'memory' ? 1 : 3 });
  });
});

describe('a thread that holds handles of a full channel, terminated', () => {
  const victims = [
    ['while it blocks in sendSync', 'blockInSend'],
    ['while it awaits send', 'awaitSend'],
    ['while it spins in trySend', 'spinInTrySend'],
  ];
  const cases = [0, 3].flatMap((capacity) => victims.map(([when, victim]) => [capacity, when!, victim!] as const));

  it.each(cases)('of capacity %i, %s: what it had sent stays, what it was sending is not there', async (capacity, _, victim) => {
    const { results } = await dies({ capacity, victim, death: 'terminate', times: 10 });
    for (const { fromVictim } of results) expect(fromVictim).toBe(capacity);
  });
});

describe('a spawned thread', () => {
  it.each([
    ['terminated while it blocks', 'blockInRecv', 'terminate'],
    ['terminated while it spins', 'spinInTry', 'terminate'],
    ['that exits', 'dieByExit', 'exit'],
    ['that throws', 'dieByThrow', 'throw'],
    ['that runs out of memory', 'dieByOutOfMemory', 'memory'],
    ['that returns', 'dieByReturn', 'return'],
  ])('%s drops what it held', async (_, victim, death) => {
    await dies({ capacity: 3, victim, death, starter: 'spawned', times: 2 });
  });
});

describe('a thread that made another one and then only makes synchronous calls sees it die', () => {
  interface Outcome {
    outcome: string;
    elapsed: number;
  }

  it.each([
    ['blocked in recvSync, when it is terminated', 'recvSync', 'idle', 'terminate', 3],
    ['blocked in sendSync, when it is terminated', 'sendSync', 'idle', 'terminate', 3],
    ['blocked in a for..of loop, when it is terminated', 'iterate', 'idle', 'terminate', 3],
    ['blocked in recvSync, when it is terminated in the middle of operations', 'recvSync', 'spinInTry', 'terminate', 12],
    ['blocked in sendSync, when it is terminated in the middle of operations', 'sendSync', 'spinInTry', 'terminate', 12],
    ['polling tryRecv, when it is terminated', 'tryRecv', 'spinInTry', 'terminate', 4],
    ['polling trySend, when it is terminated', 'trySend', 'spinInTry', 'terminate', 4],
    ['blocked in recvSync, when it exits', 'recvSync', 'dieByExit', 'exit', 3],
    ['blocked in recvSync, when it throws', 'recvSync', 'dieByThrow', 'throw', 3],
    ['blocked in recvSync, when it returns', 'recvSync', 'dieByReturn', 'return', 3],
    ['blocked in recvSync, when it runs out of memory', 'recvSync', 'dieByOutOfMemory', 'memory', 1],
    ['blocked in sendSync, when it exits', 'sendSync', 'dieByExit', 'exit', 3],
  ])('%s', async (_, call, victim, death, times) => {
    const outcomes = await report<Outcome[]>('blocked-parent', { call, victim, death, times });
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(Array(times).fill('ERR_DISCONNECTED'));
    for (const { elapsed } of outcomes) expect(elapsed).toBeLessThan(10_000);
  });
});

describe('a thread whose parent dies', () => {
  it.each([
    ['is terminated', 'terminate', 'idle', 'uses the library'],
    ['exits', 'exit', 'idle', 'uses the library'],
    ['is terminated while the child blocks', 'terminate', 'blockInRecv', 'uses the library'],
    ['is terminated while the child spins', 'terminate', 'spinInTry', 'uses the library'],
    ['is terminated and never used the library', 'terminate', 'idle', 'does not'],
    ['is terminated and never used the library, while the child spins', 'terminate', 'spinInTry', 'does not'],
  ])('%s: its handles are dropped', async (_, how, child, middle) => {
    const result = await report<Record<string, unknown>>('generations', { how, child, middle });
    expect(result).toMatchObject({
      before: [2, 2, 1],
      seen: { name: 'RecvError', code: 'ERR_DISCONNECTED' },
      after: [1, 1, 0],
      works: true,
      channels: 0,
    });
  });
});
