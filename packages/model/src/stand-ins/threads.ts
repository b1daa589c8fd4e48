/**
 * Stands in for core's platform/threads.ts: who this thread is, and whether another lives, are the scheduler's to say.
 */
import { Access, LIFE } from '../control.js';
import { current } from './current.js';

export { MessageChannel, Worker, workerData } from 'node:worker_threads';

export let threadId = 0;

/** Thread ids are slot numbers in the model, from 1. */
export function become(id: number): void {
  threadId = id;
}

export const isMainThread = false;
export function getEnvironmentData(): undefined {
  return undefined;
}
export function setEnvironmentData(): void {}

export function thisOsThread(): { id: number; start: number } {
  return { id: threadId, start: 1 };
}

/** The one witness of the model; its evidence comes at the instant of death or any time later. */
export function isOsThreadGone(thread: { id: number }): boolean {
  const stepper = current();
  if (stepper === undefined) return false;
  const alive = stepper.control.of(thread.id - 1, 'alive') === 1;
  stepper.record(Access.Read, LIFE + thread.id - 1, 'lives?', alive ? 1 : 0);
  return !alive;
}

export function onWorkerExit(): () => void {
  return nothing;
}
export function onThisThreadExit(): () => void {
  return nothing;
}
function nothing(): void {}
export function warn(): void {}
export function debugFromEnvironment(): boolean {
  return false;
}
export function isPeerGone(): boolean {
  return false;
}
export function canBlock(): boolean {
  return true;
}
export function receiveMessage(): undefined {
  return undefined;
}
export function resolveModule(): undefined {
  return undefined;
}
