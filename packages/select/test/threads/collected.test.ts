/** Garbage collection: what is pending in a select keeps its receivers; timers are given up without a word. */
import { report } from './programs';

it('a select that is pending keeps its receivers', async () => {
  expect(await report('collected', {}, { nodeArguments: ['--expose-gc', '--no-warnings'] })).toEqual({
    connected: [true, true],
    key: 'rx2',
    value: 'still there',
    warned: ['sentinel'],
  });
});
