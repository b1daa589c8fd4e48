/** Structs between threads: the other end is rebuilt from its description. */
import { report } from '../support/program';

it('handles with a struct codec are opened on another thread without one, from tokens and from messages', async () => {
  expect(await report('structs')).toEqual({ count: 500, different: 0, code: 0 });
});
