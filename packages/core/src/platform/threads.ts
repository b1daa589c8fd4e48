/**
 * The only file of core that names `node:worker_threads` and `process`: identity of threads, news of their deaths, and what reaches
 * a new thread.
 *
 * Called by: threads/, runtime.ts, handles/spawn.ts.
 */
import { existsSync, readFileSync, readlinkSync, writeSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  getEnvironmentData,
  isMainThread,
  MessageChannel,
  receiveMessageOnPort,
  setEnvironmentData,
  threadId,
  Worker,
  workerData,
  type MessagePort,
  type WorkerOptions,
} from 'node:worker_threads';

export { getEnvironmentData, isMainThread, MessageChannel, setEnvironmentData, threadId, Worker, workerData };
export type { MessagePort, WorkerOptions };

/** Operating system's id and start time (clock ticks) of a thread; zeroes where the platform does not tell. */
export interface OsThread {
  readonly id: number;
  readonly start: number;
}

const UNKNOWN: OsThread = { id: 0, start: 0 };

/** The operating system's view of this thread, from `/proc` on Linux. */
export function thisOsThread(): OsThread {
  if (process.platform !== 'linux') return UNKNOWN;
  try {
    const id = Number(readlinkSync('/proc/thread-self').split('/').pop());
    return { id, start: startTime(id) ?? 0 };
  } catch {
    return UNKNOWN; // no /proc (a container may hide it): the other witnesses remain
  }
}

/** Whether a thread of this process is certainly gone. `closely`: also notice that its id was given to another thread since. */
export function isOsThreadGone(thread: OsThread, closely: boolean): boolean {
  if (thread.id === 0) return false;
  if (!closely) return !existsSync(`/proc/self/task/${thread.id}`);
  const start = startTime(thread.id);
  return start === undefined ? !existsSync(`/proc/self/task/${thread.id}`) : start !== (thread.start | 0);
}

/** Field 22 of the thread's stat, undefined if it cannot be read. The name, field 2, may contain spaces and parentheses. */
function startTime(id: number): number | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/self/task/${id}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]) | 0; // as it is kept in shared memory: modulo 2^32
}

/** Calls back when a worker that this thread starts from now on, by whatever means, has ended and been joined. Returns how to stop. */
export function onWorkerExit(callback: (threadId: number) => void): () => void {
  const onWorker = (worker: Worker) => {
    const id = worker.threadId; // -1 by the time of the exit event
    worker.once('exit', () => callback(id));
  };
  process.on('worker', onWorker);
  return () => process.off('worker', onWorker);
}

/** Calls back when this thread ends by itself: return, throw, `process.exit`. Not when it is terminated or out of memory. Returns how to stop. */
export function onThisThreadExit(callback: () => void): () => void {
  process.once('exit', callback);
  return () => process.off('exit', callback);
}

/**
 * Calls back when the process is about to exit, and whenever somebody sends it SIGUSR2, which otherwise would end it. Keeps nothing alive.
 * Returns how to stop.
 */
export function onExitOrSignal(callback: () => void): () => void {
  const events = process.platform === 'win32' ? ['exit'] : ['exit', 'SIGUSR2'];
  for (const event of events) process.on(event, callback);
  return () => {
    for (const event of events) process.off(event, callback);
  };
}

/** Writes to standard error at once: a process that exits would not come to it later. */
export function printError(text: string): void {
  writeSync(process.stderr.fd, text);
}

/** Shows a warning once, the way the process shows its own. */
export function warn(message: string, code: string): void {
  process.emitWarning(message, { type: 'BeamlineWarning', code });
}

/** Whether BEAMLINE_DEBUG=1 is set. */
export function debugFromEnvironment(): boolean {
  return process.env['BEAMLINE_DEBUG'] === '1';
}

/**
 * Whether the thread that holds the other end of a port is gone. Undocumented, so tested for when the library loads: `postMessage`
 * returns true while there is a peer, false once there is none, and undefined after this thread's event loop has closed its own end,
 * too. A blocked thread only ever sees the false.
 */
export function isPeerGone(port: MessagePort): boolean {
  return portsTell && (port.postMessage(0) as unknown) !== true;
}

const portsTell = testPorts();

function testPorts(): boolean {
  const { port1, port2 } = new MessageChannel();
  const open = port1.postMessage(0) as unknown;
  port2.close();
  port1.close();
  return open === true;
}

/** Whether this thread may block: false only on a browser's main thread. */
export function canBlock(): boolean {
  return true;
}

/** A message that waits at a port, if there is one. */
export function receiveMessage(port: MessagePort): unknown {
  return (receiveMessageOnPort(port) as { message: unknown } | undefined)?.message;
}

/** What `import` takes for a module that is named as for `new Worker`; undefined if that would not take it. */
export function resolveModule(module: unknown): string | undefined {
  if (typeof module === 'string')
    return isAbsolute(module) || /^\.\.?[\\/]/.test(module) ? pathToFileURL(resolve(module)).href : undefined;
  const { href, protocol } = (module ?? {}) as { href?: unknown; protocol?: unknown };
  return typeof href === 'string' && (protocol === 'file:' || protocol === 'data:') ? href : undefined;
}
