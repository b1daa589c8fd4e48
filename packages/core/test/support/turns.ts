/** Turns of the event loop. Timers are taken when the file loads: tests that install fake ones keep these. */
const { setImmediate: immediate, setTimeout: timeout } = globalThis;

/** Lets everything that is due run: microtasks, a few turns of the loop. */
export async function turns(count = 3): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise<void>((resolve) => immediate(resolve));
}

/** At least `ms` later. Only for tests whose subject is time. */
export function later(ms: number): Promise<void> {
  return new Promise((resolve) => void timeout(resolve, ms));
}

/** Whether a promise is still waiting after a few turns of the event loop. Never leaves a rejection unhandled. */
export async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const settle = (): void => void (settled = true);
  promise.then(settle, settle);
  await turns(5);
  return !settled;
}

/** Turns the event loop until `condition` holds; fails the test if it does not within a few seconds. */
export async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 5000;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`still not: ${condition.toString()}`);
    await turns(1);
  }
}

/** [from, from + 1, …], `count` of them. */
export function range(count: number, from = 0): number[] {
  return Array.from({ length: count }, (_, i) => from + i);
}
