import { bounded } from '@beamline/core';
import { channelContract } from './channel-contract';

channelContract({ name: 'bounded(0)', kind: 'zero', capacity: 0, make: (options) => bounded(0, options) });
