/**
 * The figures that may not grow, and how they are taken.
 *
 * Called by: main.ts, between two rounds. The inhabitants go on meanwhile, so a figure is one of a moment.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { inspect } from 'beamline';
import type { Tolerance } from './trend.js';

export interface Gauge {
  readonly name: string;
  readonly unit: 'MiB' | '';
  readonly tolerance: Tolerance;
  read(): number;
}

const MIB = 2 ** 20;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What a JavaScript heap holds that nobody uses says nothing. */
function usedJavaScriptHeap(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

const handles = (): number => inspect().threads.reduce((sum, thread) => sum + thread.handles, 0);

const listeners = (): number => process.eventNames().reduce((sum, event) => sum + process.listenerCount(event), 0);

/**
 * Resident memory is not exact: what ended threads leave in the C library's arenas comes and goes. What the heap has reserved is its
 * peak so far. Messages on their way, and workers of the pool that are being replaced, make the other figures differ a little from
 * moment to moment.
 */
export const gauges: readonly Gauge[] = [
  { name: 'heap in use', unit: 'MiB', tolerance: { percent: 10, slack: MIB / 4 }, read: () => inspect().memory.used },
  { name: 'heap reserved', unit: 'MiB', tolerance: { percent: 10, slack: 2 * MIB }, read: () => inspect().memory.reserved },
  { name: 'resident', unit: 'MiB', tolerance: { percent: 10, slack: 24 * MIB }, read: () => process.memoryUsage.rss() },
  { name: 'JavaScript heap', unit: 'MiB', tolerance: { percent: 10, slack: MIB }, read: usedJavaScriptHeap },
  { name: 'threads', unit: '', tolerance: { percent: 0, slack: 2 }, read: () => inspect().threads.length },
  { name: 'channels', unit: '', tolerance: { percent: 10, slack: 8 }, read: () => inspect().channels.length },
  { name: 'handles', unit: '', tolerance: { percent: 10, slack: 8 }, read: handles },
  { name: 'resources', unit: '', tolerance: { percent: 10, slack: 4 }, read: () => process.getActiveResourcesInfo().length },
  { name: 'listeners', unit: '', tolerance: { percent: 0, slack: 0 }, read: listeners },
];

export function figure(value: number, { unit }: Gauge): string {
  return unit === 'MiB' ? (value / MIB).toFixed(2) : value.toLocaleString('en-US', { maximumFractionDigits: 1 });
}
