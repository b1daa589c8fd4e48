/** A thread that is terminated before any one of the steps of a select or of a timer: it has received one message, or none. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { report } from '../../../core/test/support/program';

const actions = pathToFileURL(join(__dirname, 'fixtures', 'inside-actions.mjs')).href;

describe('a thread that dies at any step', () => {
  it.each<[string, string, number]>([
    ['of trySelect', 'tryOne', 2],
    ['of selectSync', 'takeOne', 2],
    ['of select', 'takeOneAsync', 2],
    ['of going to sleep in selectSync', 'goToSleep', 1],
    ['of going to wait in select', 'waitAsync', 1],
    ['of selectSync, from a sender that waits', 'meetOne', 2],
    ['of select, from a sender that waits', 'meetOneAsync', 2],
    ['of going to sleep in selectSync, with a place for a sender', 'standInSleep', 1],
    ['of waiting in vain in select, with places for senders', 'standInVain', 1],
    ['of receiving a tick', 'takeATick', 1],
    ['of selecting a tick before a message', 'selectATick', 1],
    ['of making and dropping a timer', 'makeATimer', 1],
  ])('%s has received or not, keeps nothing from the others, and leaves no timer behind', async (_, name, outcomes) => {
    const result = await report<{ steps: number; wrong: string[]; outcomes: string[] }>('inside', { actions, name, stride: 1 });
    expect(result.wrong).toEqual([]);
    expect(result.steps).toBeGreaterThan(0);
    expect(result.outcomes).toHaveLength(outcomes);
  });
});
