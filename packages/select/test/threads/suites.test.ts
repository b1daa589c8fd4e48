/** Behaviours that crossbeam's select, ready, after and tick suites test with threads and the other files here do not; and starvation. */
import { report } from './programs';

const suites = (scenario: string, rest: object = {}): Promise<Record<string, unknown>> => report('suites', { scenario, ...rest });

const channels: [name: string, capacity: number | null][] = [
  ['a rendezvous', 0],
  ['bounded(1)', 1],
  ['bounded(16)', 16],
];

describe.each(channels)('nobody is starved, over %s', (_, capacity) => {
  it.each([
    ['a plain receive beside selects', ['plain', 'sync', 'async']],
    ['a select beside plain receives', ['plain', 'plain', 'sync']],
    ['a Select that stays', ['Select', 'plain', 'sync']],
  ])('%s', async (__, forms) => {
    const result = await suites('receiversGetOn', { capacity, forms, enough: 200 });
    expect(result).toEqual({ codes: [0], received: 0, waiting: 0 });
  });

  it.each([
    ['a plain send beside selects that send', ['plain', 'sync', 'async']],
    ['a select that sends beside plain sends', ['plain', 'plain', 'sync']],
  ])('%s', async (__, forms) => {
    const result = await suites('sendersGetOn', { capacity, forms, enough: 200 });
    expect(result).toEqual({ codes: [0], sent: 0, waiting: 0 });
  });
});

it('a select that waits meets who only tries, at either end (loop_try)', async () => {
  expect(await suites('loopTry', { rounds: 200 })).toEqual({ codes: [0], all: 200, sent: 0, received: 0, waiting: 0 });
});

it.each(['values', 'functions', 'ready'])(
  'two channels that are received from in turn are sent to in turn, by %s (stress_send)',
  async (form) => {
    expect(await suites('stressSend', { form, count: 500 })).toEqual({ codes: [0], waiting: 0 });
  },
);

it.each([
  ['select', 2],
  ['select', 0],
  ['ready', 2],
  ['ready', 0],
])(
  'limits that run out on both sides keep the order, by %s over capacity %i (stress_timeout_two_threads)',
  async (form, capacity) => {
    expect(await suites('stressTimeouts', { form, capacity, count: 100 })).toEqual({ codes: [0], waiting: 0 });
  },
);

it('four threads ask for a thousand timers and try: each fires once (after.rs: ready)', async () => {
  const result = await suites('timersReady', { threads: 4, count: 1000 });
  expect(result).toEqual({ codes: [0], hits: 1000, early: 0, waiting: 0 });
});

it.each(['select', 'ready'])(
  'an unbounded, a bounded and a rendezvous channel all get their turn, by %s (fairness2)',
  async (form) => {
    const count = 3000;
    const { codes, counts } = (await suites('feeds', { form, count })) as { codes: number[]; counts: number[] };
    expect(codes).toEqual([0]);
    expect(counts.reduce((sum, each) => sum + each, 0)).toBe(count);
    expect(Math.min(...counts)).toBeGreaterThan(count / 150);
  },
);

it('a million timers, made and dropped, leave nothing behind: no memory, no platform timer', async () => {
  const result = await suites('million', { count: 1_000_000 });
  expect(result).toEqual({ channels: 0, used: expect.any(Number) as number, timers: 0, waiting: 0 });
  expect(result['used']).toBeLessThanOrEqual(0);
}, 120_000);
