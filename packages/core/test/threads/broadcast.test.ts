/**
 * Broadcast on many threads (api.md §2.4): every receiver sees one order without a gap, except exactly what it is told it missed; slow,
 * killed and dropped receivers hold up nobody; a thread that dies at any step has sent or not, and leaves nothing behind.
 */
import { report } from '../support/program';

interface Exchange {
  counts: number[];
  sent: number;
  errors: string[];
  faults: number;
  /** Where the reader ended, how many it received and missed, whether it came to its end. */
  readers: [at: number, received: number, missed: number, ended: number][];
  places: number;
  filled: number;
  memory: number;
}

interface Sweep {
  steps: number;
  wrong: string[];
  locks: string[];
  outcomes: string[];
}

const MESSAGES = 30_000;

describe('2 threads send; threads that block, await, poll or are slow read through several receivers', () => {
  it.each([
    ['capacity 1', { capacity: 1 }],
    ['capacity 2, positions that wrap all the time', { capacity: 2, positions: 9 }],
    ['capacity 64', { capacity: 64, positions: 1000 }],
    ['capacity 1024', { capacity: 1024 }],
  ])(
    '%s: all find each message in the same place, the missed ones counted',
    async (_, plan) => {
      const readers = [
        ['sync', 1],
        ['async', 3],
        ['polling', 1],
        ['slow', 1],
      ];
      const result = await report<Exchange>('broadcast', { ...plan, senders: 2, messages: MESSAGES, readers });
      expect(result).toMatchObject({ sent: 2 * MESSAGES, errors: [], faults: 0, memory: 0, counts: [3, 7] });
      expect(result.readers.map(([at, , , ended]) => [at, ended])).toEqual(readers.map(() => [2 * MESSAGES, 1]));
      expect(result.places).toBe(result.filled); // no message in two places
    },
    40_000,
  );

  it('a capacity that holds everything: nobody misses anything', async () => {
    const readers = [
      ['sync', 1],
      ['async', 4],
      ['polling', 1],
    ];
    const result = await report<Exchange>('broadcast', { capacity: 8000, senders: 2, messages: 4000, readers });
    expect(result).toMatchObject({ sent: 8000, errors: [], faults: 0, memory: 0, places: 8000 });
    expect(result.readers).toEqual([
      [8000, 8000, 0, 1],
      [8000, 32_000, 0, 1],
      [8000, 8000, 0, 1],
    ]);
  }, 40_000);
});

it('receivers and senders that are killed on the way: the others see one order, to the end', async () => {
  const readers = [
    ['sync', 1],
    ['async', 3],
    ['polling', 1],
    ['async', 2],
  ];
  const plan = { capacity: 8, positions: 100, senders: 3, messages: 20_000, pause: 40, readers, kills: [2, -2, 3] };
  const result = await report<Exchange>('broadcast', plan);
  expect(result).toMatchObject({ errors: [], faults: 0, memory: 0 });
  expect(result.sent).toBeGreaterThanOrEqual(40_000);
  expect(result.sent).toBeLessThanOrEqual(60_000);
  for (const [at, , , ended] of result.readers.slice(0, 2)) expect([at, ended]).toEqual([result.sent, 1]);
  expect(result.places).toBe(result.filled);
}, 40_000);

/** `locks`: which ones some of the victims held. `outcomes`: how many different ones came of it. */
async function sweep(name: string, locks: string[], outcomes: number, stride = 1): Promise<void> {
  const result = await report<Sweep>('inside-broadcast', { name, stride }, { timeout: 28_000 });
  expect(result.wrong).toEqual([]);
  expect(result.locks).toEqual(locks);
  expect(result.outcomes).toHaveLength(outcomes);
}

describe('a sender that dies at any step', () => {
  it.each<[string, string, string[]]>([
    ['of sending a number', 'sendNumber', ['TAIL']],
    ['of sending an object', 'sendBody', ['HEAP_LOCK', 'TAIL']],
    ['of overwriting an object', 'overwriteABody', ['TAIL']],
    ['of overwriting an object by a number', 'overwriteABodyByANumber', ['TAIL']],
    ['of overwriting a large object', 'overwriteALargeBody', ['HEAP_LOCK', 'TAIL']],
    ['of sending over the wrap of positions', 'sendOverTheWrap', ['TAIL']],
    ['of waking all receivers', 'wakeTheReceivers', ['TAIL']],
  ])('%s has sent it or not, frees what was overwritten once, and holds up nobody', async (_, name, locks) => {
    await sweep(name, locks, 2);
  });
});

describe('a receiver that dies at any step', () => {
  it.each([
    ['of receiving a number', 'receiveNumber'],
    ['of receiving an object', 'receiveBody'],
    ['of finding out that it lags', 'receiveLagged'],
    ['of going to sleep in recv()', 'awaitAMessage'],
    ['of going to sleep in recvSync', 'blockForAMessage'],
  ])('%s owns no lock in it, and takes nothing from the others', async (_, name) => {
    await sweep(name, [], 1);
  });
});

describe('a thread that dies at any step', () => {
  it.each<[string, string, string[], number]>([
    ['of subscribing, cloning and dropping', 'subscribe', ['HANDLES_LOCK', 'TAIL'], 1],
    ['of dropping the last receiver, with all that is buffered', 'dropTheLastReceiver', ['HANDLES_LOCK', 'HEAP_LOCK', 'TAIL'], 1],
    ['of dropping the last sender', 'dropTheLastSender', ['HANDLES_LOCK', 'TAIL'], 1],
    ['of closing the channel', 'close', ['TAIL'], 1],
    ['of making and dropping a channel', 'makeAndDropAChannel', ['HANDLES_LOCK', 'HEAP_LOCK'], 2],
  ])('%s leaves nothing behind and holds up nobody', async (_, name, locks, stride) => {
    await sweep(name, locks, 1, stride);
  });
});
