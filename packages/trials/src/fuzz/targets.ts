/** All targets, in the order in which they take turns. */
import type { Target } from './target.js';
import { args, argsAsync } from './targets/arguments.js';
import { bodies } from './targets/bodies.js';
import { customCodecs } from './targets/codecs.js';
import { events } from './targets/events.js';
import { faults } from './targets/faults.js';
import { poolOptions, pools } from './targets/pool.js';
import { sources, sourcesAsync } from './targets/sources.js';
import { tokens } from './targets/tokens.js';
import { spawnData, values, valuesAsync } from './targets/values.js';

type AnyTarget = Target<unknown>;
const asAny = (target: unknown): AnyTarget => target as AnyTarget;

export const targets: readonly AnyTarget[] = [
  tokens,
  bodies,
  values,
  customCodecs,
  sources,
  events,
  args,
  valuesAsync,
  sourcesAsync,
  argsAsync,
  spawnData,
  poolOptions,
  pools,
].map(asAny);

/** Those whose names begin so, or with `!` behind it the one of that name; the planted faults only by their names. */
export function targetsNamed(name: string): readonly AnyTarget[] {
  const known = [...targets, ...faults.map(asAny)];
  if (name.endsWith('!')) return known.filter((target) => `${target.name}!` === name);
  return known.filter((target) => target.name.startsWith(name) && name !== '');
}
