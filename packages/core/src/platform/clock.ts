/**
 * The only file that names clocks and timers. They are taken when the library loads, so fake timers installed later by a test
 * framework do not reach it. The model checker replaces this module.
 */
const { performance } = globalThis;
const origin = performance.timeOrigin;
const read = performance.now.bind(performance);
const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
const setImmediate: (callback: () => void) => unknown = globalThis.setImmediate ?? ((callback) => setTimeout(callback, 0));

/**
 * Milliseconds on a monotonic clock that all threads of the process share: instants taken on one thread may be compared with
 * instants taken on another. Fractions count. The zero point is arbitrary.
 *
 * @example
 * ```ts
 * const start = now();
 * await rx.recv({ deadline: start + 50 });
 * ```
 */
export function now(): number {
  return origin + read();
}

/** Runs `callback` in a later turn of the event loop, after I/O and timers had their chance. */
export function nextTurn(callback: () => void): void {
  setImmediate(callback);
}

/** One platform timer that can be moved; `ref` says whether it keeps the process alive. */
export interface Timer {
  cancel(): void;
}

/** Calls back once, not before `ms` have passed. It never keeps the process alive (pending operations do: waiting/parking.ts). */
export function timer(ms: number, callback: () => void): Timer {
  const handle = setTimeout(callback, ms) as unknown as { unref?(): void };
  handle.unref?.();
  return { cancel: () => clearTimeout(handle as unknown as ReturnType<typeof setTimeout>) };
}

/** A repeating call that can be told whether it keeps the process alive. */
export interface Pulse {
  ref(): void;
  unref(): void;
  stop(): void;
}

/** Calls back every `ms`, not keeping the process alive until told to. */
export function pulse(ms: number, callback: () => void): Pulse {
  const handle = setInterval(callback, ms) as unknown as { ref?(): void; unref?(): void };
  handle.unref?.();
  return {
    ref: () => handle.ref?.(),
    unref: () => handle.unref?.(),
    stop: () => clearInterval(handle as unknown as ReturnType<typeof setInterval>),
  };
}
