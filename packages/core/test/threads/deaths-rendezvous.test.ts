/**
 * A thread that is terminated before any one of the steps of a rendezvous, on either side of it (fixtures/inside-actions.mjs, see
 * deaths-inside.test.ts): the message was handed over or it was not, once, and whoever waits meets the next.
 */
import { report } from '../support/program';

async function sweep(name: string, locks: string[], outcomes: number[]): Promise<void> {
  const result = await report<{ steps: number; wrong: string[]; locks: string[]; outcomes: string[] }>(
    'inside',
    { name },
    { timeout: 28_000 },
  );
  expect(result.wrong).toEqual([]);
  expect(result.steps).toBeGreaterThan(5);
  expect(result.locks).toEqual(locks);
  expect(outcomes).toContain(result.outcomes.length);
}

it.each<[string, string, string[]]>([
  ['a number in sendSync', 'giveNumber', ['TAIL']],
  ['a handle in send()', 'giveHandle', ['TAIL']],
  ['a batch', 'giveBatch', ['HEAP_LOCK', 'TAIL']],
])('a sender that dies at any step of giving %s has given it or not, and the next reaches who waits', async (_, name, locks) => {
  await sweep(name, locks, [2]);
});

it.each<[string, string, string[], number]>([
  ['a number in recvSync', 'takeNumber', ['TAIL'], 2],
  ['a handle in recv()', 'takeHandle', ['TAIL'], 2],
  ['a batch', 'takeBatch', ['HEAP_LOCK', 'TAIL'], 4],
])(
  'a receiver that dies at any step of taking %s has taken it or not, and the senders go on',
  async (_, name, locks, outcomes) => {
    await sweep(name, locks, [outcomes]);
  },
);

it.each<[string, string, string[]]>([
  ['a sender that dies at any step of going to sleep, with a handle in its message,', 'offerAHandle', ['TAIL']],
  ['a sender that dies at any step of waiting in vain', 'offerInVain', ['TAIL']],
  ['a receiver that dies at any step of going to sleep', 'offerAPlace', ['TAIL']],
  ['a receiver that dies at any step of waiting in vain', 'offerAPlaceInVain', ['TAIL']],
])('%s leaves no offer that is taken up twice, or later', async (_, name, locks) => {
  // A message on offer may be taken up until the thread is known to be dead.
  await sweep(name, locks, [1, 2]);
});
