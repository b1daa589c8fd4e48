/**
 * Each witness of a death by itself: the others are switched off in all threads of the program. A receive that only the death can end
 * says whether it was noticed.
 */
import { report } from '../support/program';

interface Seen {
  seen: { code: string };
  threads: number;
}

const witness = (input: object): Promise<Seen> => report('witnesses', input);

const noticed = { seen: { code: 'ERR_DISCONNECTED' }, threads: 1 };

describe('a death is known by', () => {
  it.each([
    ['the exit event of a worker that one started, when it is terminated', ['exit'], 'child', 'terminate'],
    ['the exit event, when the worker exits', ['exit'], 'child', 'exit'],
    ['the thread’s own exit, when it calls process.exit', ['own'], 'child', 'exit'],
    ['the thread’s own exit, when it throws', ['own'], 'child', 'throw'],
    ['the thread’s own exit, when it returns', ['own'], 'child', 'return'],
    ['the thread’s own exit, by a thread that blocks', ['own'], 'childOfABlockedThread', 'exit'],
    ['the closed port of spawn, by a thread that blocks', ['port'], 'spawnedByABlockedThread', 'terminate'],
    ['the death of the thread that had started it', ['exit'], 'grandchild', 'terminate'],
  ])('%s, alone', async (_, witnesses, scenario, death) => {
    expect(await witness({ witnesses, scenario, death })).toMatchObject(noticed);
  });

  if (process.platform === 'linux') {
    it.each([
      ['by a thread that turns its event loop', 'child'],
      ['by a thread that blocks', 'childOfABlockedThread'],
      ['and that of its children', 'grandchild'],
    ])('the absence of the thread from /proc, alone, %s', async (_, scenario) => {
      expect(await witness({ witnesses: ['proc'], scenario })).toMatchObject(noticed);
    });
  }
});

// Without this the tests above would say nothing: something else could have noticed.
it.each([
  ['of a child', 'child', 'terminate'],
  ['of a child that exits', 'childOfABlockedThread', 'exit'],
  ['of a spawned thread', 'spawnedByABlockedThread', 'terminate'],
  ['of a grandchild', 'grandchild', 'terminate'],
])('without any witness the death %s is not known', async (_, scenario, death) => {
  const { seen } = await witness({ witnesses: [], scenario, death, limit: 700 });
  expect(seen.code).toBe('ERR_TIMEOUT');
});

it('once the port of spawn tells of a death, the thread stores nothing more', async () => {
  const result = await report<{ late: number }>('witnesses', {
    witnesses: ['port'],
    scenario: 'storesAfterThePortTold',
    kills: 60,
  });
  expect(result.late).toBe(0);
});

if (process.platform === 'linux') {
  describe('a worker that was started before the library was loaded', () => {
    it.each([
      ['is terminated while its parent blocks', true, 'terminate'],
      ['is terminated', false, 'terminate'],
      ['exits while its parent blocks', true, 'exit'],
    ])('%s: its handles are dropped', async (_, blocked, death) => {
      expect(await report('started-before', { blocked, death })).toMatchObject({
        before: [2, 2],
        seen: { code: 'ERR_DISCONNECTED' },
        after: [1, 1],
        works: 'still works',
        channels: 0,
        threads: 1,
      });
    });
  });
}
