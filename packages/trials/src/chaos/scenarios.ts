/** All scenarios. */
import type { Scenario } from '../frame/scenario.js';
import { exchange } from './exchange.js';

export const scenarios: readonly Scenario[] = [exchange];
