/**
 * Stands in for core's platform/clock.ts: time passes only when the scheduler lets a wait time out, and what is to be called later
 * is a task of the modelled event loop (actor.ts). There are no slices: no wake-up may depend on them.
 */
import { current } from './current.js';

interface Task {
  readonly due: number;
  readonly run: () => void;
}

export const turns: (() => void)[] = [];
export const timers: Task[] = [];

export function now(): number {
  return current()?.now() ?? 0;
}

export function nextTurn(callback: () => void): void {
  turns.push(callback);
}

export function timer(ms: number, callback: () => void): { cancel(): void } {
  const task = { due: now() + ms, run: callback };
  timers.push(task);
  return {
    cancel() {
      const at = timers.indexOf(task);
      if (at >= 0) timers.splice(at, 1);
    },
  };
}

export function pulse(): { ref(): void; unref(): void; stop(): void } {
  return { ref: nothing, unref: nothing, stop: nothing };
}

function nothing(): void {}
