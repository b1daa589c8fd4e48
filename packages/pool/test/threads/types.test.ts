/** The types of the built package, as a strict user's compiler sees them (types/api.test-d.ts). */
import { join } from 'node:path';
import { compile } from '../../../core/test/support/compile';

it('the declarations infer what the contract says, and refuse what it does not', async () => {
  expect(await compile(join(__dirname, '..', 'types'))).toEqual({ code: 0, output: '' });
}, 60_000);
