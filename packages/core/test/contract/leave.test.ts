/** A realm that leaves the heap. */
import { bounded } from '@beamline/core';
import { leave } from '@beamline/core/internal';

test('leaves no listeners on the process', () => {
  const listeners = () => ['worker', 'exit'].map((event) => process.listenerCount(event));
  const before = listeners();
  bounded(1);
  expect(listeners()).not.toEqual(before);
  leave();
  expect(listeners()).toEqual(before);
});
