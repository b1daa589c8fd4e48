/** All scenarios. */
import type { Scenario } from '../frame/scenario.js';
import { broadcasting } from './broadcasting.js';
import { capacity } from './capacity.js';
import { disconnection } from './disconnection.js';
import { exchange } from './exchange.js';
import { generations } from './generations.js';
import { handles } from './handles.js';
import { memory } from './memory.js';
import { pool } from './pool.js';
import { reaping } from './reaping.js';
import { redelivery } from './redelivery.js';
import { selecting } from './selecting.js';
import { sources } from './sources.js';
import { spinning } from './spinning.js';
import { starting } from './starting.js';
import { tokens } from './tokens.js';

export const scenarios: readonly Scenario[] = [
  exchange,
  broadcasting,
  capacity,
  disconnection,
  handles,
  tokens,
  selecting,
  sources,
  memory,
  starting,
  reaping,
  spinning,
  generations,
  pool,
  redelivery,
];
