/**
 * Stands in for core's platform/collection.ts: nothing is ever collected. When an engine does that is beyond the scheduler, and the handles
 * of a run that is over would be dropped in a later one.
 */
export function onCollected(): { watch(): void; unwatch(): void } {
  return { watch: () => undefined, unwatch: () => undefined };
}
