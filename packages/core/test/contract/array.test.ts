import { bounded } from '@beamline/core';
import { channelContract } from './channel-contract';

for (const capacity of [1, 2, 3, 1024]) {
  channelContract({
    name: `bounded(${String(capacity)})`,
    kind: 'array',
    capacity,
    brief: capacity !== 1,
    make: (options) => bounded(capacity, options),
  });
}
