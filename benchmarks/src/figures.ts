/** From samples to what the tables say. */
import { median } from 'simple-statistics';
import type { Samples } from './suite.js';

export interface Result {
  readonly own: number;
  readonly baseline?: number;
  /** How many times as fast beamline is. */
  readonly ratio?: number;
}

/** Medians, because what else the machine does comes in bursts; of both sides in the same way. */
export function resultOf({ own, baseline }: Samples): Result {
  const ours = median(own);
  if (baseline.length === 0) return { own: ours };
  const theirs = median(baseline);
  return { own: ours, baseline: theirs, ratio: theirs / ours };
}

/** `46.2`, `231`, `12,345`: three digits at least, never more than one after the point. */
export function nanoseconds(value: number | undefined): string {
  if (value === undefined) return '–';
  return value.toLocaleString('en-US', {
    minimumFractionDigits: value < 100 ? 1 : 0,
    maximumFractionDigits: value < 100 ? 1 : 0,
  });
}

/** `8.4×`, `0.33×`. Rounded down, so that a figure that reads as the bar has met it. */
export function times(ratio: number | undefined): string {
  if (ratio === undefined) return '–';
  const digits = ratio < 1 ? 2 : 1;
  return `${(Math.floor(ratio * 10 ** digits) / 10 ** digits).toFixed(digits)}×`;
}

export function verdict(met: boolean | undefined): string {
  if (met === undefined) return '';
  return met ? '✓' : '✗';
}

/** The names that were asked for; all if none was. A name chooses what begins with it. */
export function chosen<T extends { readonly name: string }>(all: readonly T[], names: readonly string[]): readonly T[] {
  return names.length === 0 ? all : all.filter(({ name }) => names.some((wanted) => name.startsWith(wanted)));
}
