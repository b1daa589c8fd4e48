/**
 * The signals of the operating system.
 *
 * Called by: @beamline/select (sources.ts).
 */
import { constants } from 'node:os';

/** Node delivers signals as events of `process`, on the main thread only. A listener does not keep the process alive. */
export const signalEmitter: Pick<NodeJS.EventEmitter, 'on' | 'off' | 'listeners'> = process;

/** Ends the process, or stops it, whatever it does. */
const NEVER_CAUGHT = ['SIGKILL', 'SIGSTOP'];

/** Whether it is the name of a signal that a process of this platform can listen to. */
export function isCatchableSignal(name: unknown): name is NodeJS.Signals {
  return typeof name === 'string' && Object.hasOwn(constants.signals, name) && !NEVER_CAUGHT.includes(name);
}
