/**
 * Does a series of figures grow? Pure.
 *
 * The first part of the series is warm-up and does not count. Of the rest, the lower quartile of the last third may be above that of
 * the first third by the tolerance, not more. A figure is taken at whatever moment, so it may hold what is on its way out; what
 * leaks is in every later figure, the low ones too.
 */
import { quantile } from 'simple-statistics';

export const WARM_UP = 0.25;
const LOW = 0.25;
/** Fewer figures say nothing. */
export const LEAST = 8;

export interface Tolerance {
  /** Per cent of the first third. */
  readonly percent: number;
  /** And so much, in the figure's unit. */
  readonly slack: number;
}

export interface Trend {
  readonly first: number;
  readonly last: number;
  readonly allowed: number;
  readonly grows: boolean;
}

/** @throws RangeError if there are too few figures. */
export function trendOf(series: readonly number[], { percent, slack }: Tolerance): Trend {
  if (series.length < LEAST) throw new RangeError(`${series.length} figures are too few for a trend; ${LEAST} are enough`);
  const counted = series.slice(Math.floor(series.length * WARM_UP));
  const third = Math.floor(counted.length / 3);
  const first = quantile(counted.slice(0, third), LOW);
  const last = quantile(counted.slice(-third), LOW);
  const allowed = first * (1 + percent / 100) + slack;
  return { first, last, allowed, grows: last > allowed };
}
