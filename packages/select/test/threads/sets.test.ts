/** Selects that meet each other, and sets that stay, across threads: what crossbeam's select and ready suites test with threads. */
import { report } from './programs';

const sets = (scenario: string, rest: object): Promise<Record<string, unknown>> => report('sets', { scenario, ...rest });

describe('threads that each send or receive on one rendezvous', () => {
  it.each([
    ['values', false],
    ['functions', true],
  ])('pair up perfectly, none with itself (%s)', async (_, lazy) => {
    const result = await sets('matching', { threads: 8, rounds: 100, lazy });
    expect(result).toEqual({ self: 0, sent: 400, received: 400, difference: 0, codes: [0], left: false, waiting: 0 });
  });

  it('…and with one more that sends', async () => {
    const result = await sets('matching', { threads: 7, rounds: 100, extra: true });
    expect(result).toEqual({ self: 0, sent: 300, received: 400, difference: 0, codes: [0], left: false, waiting: 0 });
  });
});

it.each(['foreign', 'computing', 'turning'])('an idle Select of another thread absorbs no wake-up (%s)', async (how) => {
  expect(await sets('idle', { how, count: 300 })).toEqual({ received: 600, codes: [0], waiting: 0 });
});

it.each([
  ['bounded(3)', 3],
  ['unbounded()', null],
])('a Select over two of %s never misses what is always in one of them', async (_, capacity) => {
  const result = await sets('linearizable', { capacity, count: 10_000 });
  expect(result).toEqual({ missing: [0, 0, 0], codes: [0], left: 0, waiting: 0 });
});

it('ready, then try: on several threads, every message is received once', async () => {
  const result = await sets('ready', { forms: ['sync', 'async', 'sync'], count: 5000 });
  expect(result).toEqual({ lost: 0, extra: 0, received: 5000, doubled: 0, codes: [0], waiting: 0 });
});
