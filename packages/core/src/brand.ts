/**
 * How values of this library are recognised: by a registered symbol, never by `instanceof`.
 *
 * Several copies of the library may live in one process (two bundles, two installs, one realm per jest test file), so class
 * identity means nothing. A brand is a property under a registered symbol; it survives copies and realms.
 */

/** Every handle has this property; its value is the handle's internal state (`HandleState` in handles/handle.ts). */
export const HANDLE = Symbol.for('beamline.handle');

/** Every error class instance has this property; its value is `true`. */
export const ERROR = Symbol.for('beamline.error');

/** Whether a value is a handle (Sender, Receiver, …) of any copy of this library. */
export function isHandle(value: unknown): value is { readonly [HANDLE]: unknown } {
  return typeof value === 'object' && value !== null && HANDLE in value;
}
