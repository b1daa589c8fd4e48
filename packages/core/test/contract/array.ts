import { bounded } from '@beamline/core';
import { channelContract } from './channel-contract';

/** The contract of `bounded(capacity)`: a file for each, so that they run beside each other. */
export function arrayContract(capacity: number): void {
  channelContract({
    name: `bounded(${String(capacity)})`,
    kind: 'array',
    capacity,
    brief: capacity !== 1,
    make: (options) => bounded(capacity, options),
  });
}
