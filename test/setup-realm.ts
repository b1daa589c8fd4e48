/**
 * Every jest test file is a realm of its own with a thread record of its own (design: one process, many realms). Gives the
 * record back when the file is done, so that the next file does not find handles of a realm that is gone.
 */
import { leave } from '@beamline/core/internal';

afterAll(() => {
  leave();
});
