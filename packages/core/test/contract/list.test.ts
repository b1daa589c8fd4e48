import { unbounded } from '@beamline/core';
import { channelContract } from './channel-contract';

channelContract({ name: 'unbounded()', kind: 'list', capacity: Infinity, make: (options) => unbounded(options) });
