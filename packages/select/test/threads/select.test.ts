/** Select across threads: who is woken by what, every message exactly once, timers of several threads, deaths, and process life. */
import { report, run } from './programs';

const exchange = (scenario: string, rest: object = {}): Promise<Record<string, unknown>> =>
  report('exchange', { scenario, ...rest });
const deaths = (scenario: string, rest: object = {}): Promise<Record<string, unknown>> => report('deaths', { scenario, ...rest });

describe('a thread that selects over an array, a list and never', () => {
  it.each(['sync', 'async', 'try'])('(%s) sees a message, a drop and a close of any of them', async (form) => {
    const { seen, code } = await exchange('wakes', { form });
    expect(seen).toEqual(
      [
        ['many', true, 'by many'],
        ['one', true, 'by one'],
        ['list', true, 'by list'],
        ['one', true, 'by one'],
        ['list', true, 500],
        ['one', false, undefined],
        ['many', false, undefined],
      ].map((event) => event.map((part) => part ?? null)),
    );
    expect(code).toBe(0);
  });

  it('two threads that block in turn', async () => {
    expect(await exchange('blockingBothWays', { count: 5000 })).toEqual({ faults: 0, waiting: 0 });
  });
});

describe('every message goes to exactly one', () => {
  it.each([
    ['selects that block', 1, ['sync', 'sync']],
    ['selects of all forms', 4, ['sync', 'async', 'try']],
    ['selects and plain receivers', 2, ['sync', 'plain', 'async']],
    ['selects and plain receivers of a large channel', 1024, ['plain', 'sync']],
  ])('of %s', async (_, capacity, consumers) => {
    const perSender = 20_000;
    const result = await exchange('once', { capacity, perSender, consumers });
    expect(result).toEqual({ lost: 0, extra: 0, received: 2 * perSender, doubled: 0, unknown: 0, codes: [0], waiting: 0 });
  });
});

describe('a message for which a busy thread was woken', () => {
  it.each([
    ['blocks in this library', 'blocked'],
    ['computes', 'computing'],
    ['is blocked in foreign code', 'foreign'],
  ])('goes to another that selects while the first %s', async (_, how) => {
    expect(await exchange('handedOn', { how })).toMatchObject({ seen: [1, 2], first: true });
  });
});

it.each([
  ['bounded(3)', 3],
  ['unbounded()', null],
])('trySelect over two of %s never misses what is always in one of them', async (_, capacity) => {
  const result = await exchange('linearizable', { capacity, count: 20_000 });
  expect(result).toEqual({ missing: [0, 0, 0], codes: [0, 0, 0], left: 0, waiting: 0 });
});

describe('timers on several threads', () => {
  it.each(['sync', 'async'])('of clones of after, one fires (%s)', async (form) => {
    expect(await exchange('afterOnce', { form, count: 300 })).toMatchObject({ hits: 300, early: 0 });
  });

  it('a tick goes to one of the clones, none is early, none sooner than a period after the one before', async () => {
    const result = await exchange('ticksOnce', { forms: ['sync', 'async', 'sync'], count: 60, period: 3 });
    expect(result).toMatchObject({ enough: true, doubled: 0, early: 0, close: 0 });
  });
});

it('debug mode names the line of the user at which a timer was made', async () => {
  const { places } = await report<{ places: string[] }>('exchange', { scenario: 'createdAt' }, { env: { BEAMLINE_DEBUG: '1' } });
  expect(places).toHaveLength(5);
  for (const place of places) expect(place).toMatch(/programs\/exchange\.mjs:\d+:\d+/);
});

describe('a thread that dies in a select', () => {
  it.each([
    ['selectSync', 'sync'],
    ['select', 'async'],
  ])('asleep in %s, at the moment at which messages come: another sleeper gets them', async (_, form) => {
    const result = await deaths('parked', { form, kills: 25 });
    expect(result).toMatchObject({ stuck: 0, lostAtMostOneEach: true, extra: 0, doubled: 0, code: 0 });
  });

  it.each([
    ['selectSync', 'sync', 1],
    ['select', 'async', 4],
    ['trySelect', 'try', 2],
  ])('in the middle of %s: nothing is lost or doubled, and the others go on', async (_, form, capacity) => {
    const result = await deaths('flowing', { form, kills: 20, capacity });
    expect(result).toMatchObject({ lostAtMostOneEach: true, extra: 0, doubled: 0, codes: [0, 0] });
  });

  it('among timers: those of the others go on, its own are gone', async () => {
    const result = await deaths('timers', { kills: 30 });
    expect(result).toEqual({ back: 0, receivers: 1, length: 1, ready: true, channels: 0, threads: 1, leaked: false });
  });
});

describe('a process', () => {
  const says = async (scenario: string): Promise<string[]> => {
    const { code, timedOut, stdout, stderr } = await run('process-life', { scenario });
    expect({ code, timedOut, stderr }).toEqual({ code: 0, timedOut: false, stderr: '' });
    return stdout.split('\n').filter((line) => line !== '');
  };

  it.each([
    ['a select', 'pendingSelect', 'received in time'],
    ['a select over a timer', 'pendingTimer', 'fired true'],
    ['a receive from a timer', 'pendingRecvOfTimer', 'fired'],
    ['a select with a timeout', 'pendingTimeout', 'ERR_TIMEOUT'],
    ['a select without cases', 'pendingWithoutCases', 'ERR_TIMEOUT'],
    ["a select of which one receiver is unref'd", 'oneOfTwoUnrefd', 'received in time'],
    ["a select of which one receiver is ref'd again", 'refdAgain', 'received in time'],
    ["a select of which one receiver is unref'd meanwhile", 'oneUnrefdWhilePending', 'received in time'],
  ])('lives as long as %s is pending', async (_, scenario, said) => {
    expect(await says(scenario)).toEqual([said]);
  });

  it.each([
    ["a pending select whose receivers are all unref'd", 'allUnrefd'],
    ["a pending select whose receivers are all unref'd meanwhile", 'allUnrefdWhilePending'],
    ['timers that nobody reads', 'unreadTimers'],
  ])('ends in spite of %s', async (_, scenario) => {
    expect(await says(scenario)).toEqual([]);
  });

  it('ends when the selects have ended, however they did', async () => {
    expect(await says('settled')).toEqual(['aborted', 'timed out', 'received 1', 'dropped']);
  });
});
