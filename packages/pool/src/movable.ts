/**
 * Results that a handler marked with `Piscina.move`. Channels copy what they carry, so the mark is all that has to come off.
 *
 * Called by: desk.ts.
 */

/** Piscina's registered symbols: what a marked value is, and what goes into the transfer list. */
const VALUE = Symbol.for('Piscina.valueOf');
const TRANSFERABLE = Symbol.for('Piscina.transferable');

/** The value itself if it was marked; anything else as it is. */
export function unmoved(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !(VALUE in value) || !(TRANSFERABLE in value)) return value;
  return isMarked(value) ? value[VALUE] : value;
}

/** A class may be transferable without having been marked; the mark's symbol is private to each copy of Piscina. */
function isMarked(value: object): boolean {
  return Object.getOwnPropertySymbols(value).some((symbol) => symbol.description === 'Piscina.kMovable');
}
