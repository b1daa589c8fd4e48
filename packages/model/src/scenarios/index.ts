import type { Scenario } from '../scenario.js';
import { broadcast } from './broadcast.js';
import { deaths } from './deaths.js';
import { endings } from './endings.js';
import { exchange } from './exchange.js';
import { memory } from './memory.js';
import { pool } from './pool.js';
import { rendezvous } from './rendezvous.js';
import { selecting } from './selecting.js';
import { timers } from './timers.js';
import { waiting } from './waiting.js';

/** All scenarios, in the order of the table. */
export const scenarios: readonly Scenario[] = [
  ...exchange,
  ...waiting,
  ...deaths,
  ...memory,
  ...rendezvous,
  ...selecting,
  ...timers,
  ...endings,
  ...broadcast,
  ...pool,
];

export function scenarioNamed(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`there is no scenario ${name}`);
  return found;
}
