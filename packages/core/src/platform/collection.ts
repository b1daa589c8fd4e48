/**
 * News of objects that were garbage-collected. The only file that names `FinalizationRegistry`; where a platform has none, nothing is
 * ever heard.
 *
 * Called by: handles/collected.ts.
 *
 * The platform promises little: the news comes in a later turn of the event loop, or never (a process that ends, a thread that is
 * terminated or always busy). So it is a safety net, and no correct program depends on it.
 */
export interface Collection<Held> {
  /** Calls back with `held`, which must not lead to `object`, some time after that was collected. */
  watch(object: object, held: Held): void;
  unwatch(object: object): void;
}

export function onCollected<Held>(callback: (held: Held) => void): Collection<Held> {
  if (typeof FinalizationRegistry === 'undefined') return { watch: () => undefined, unwatch: () => undefined };
  const registry = new FinalizationRegistry(callback);
  return {
    watch: (object, held) => registry.register(object, held, object),
    unwatch: (object) => void registry.unregister(object),
  };
}
