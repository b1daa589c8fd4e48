/**
 * A modelled thread: a worker that loads the library through loader.ts and, run after run, does what the scheduler tells it.
 *
 * Started by: run.ts, once per thread of a scenario.
 */
import { receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import { actionOf, Control, Fault, Phase, State, TASK_RING, TASK_TIMER, TASK_TURN } from './control.js';
import { patchBuild, type Patch } from './loader.js';
import type { Given } from './setting.js';
import * as atomics from './stand-ins/atomics.js';
import * as clock from './stand-ins/clock.js';
import { install } from './stand-ins/current.js';
import { become } from './stand-ins/threads.js';
import { Killed, Stepper } from './stepper.js';

export interface ActorData {
  readonly control: SharedArrayBuffer;
  readonly thread: number;
  readonly scenario: string;
  readonly patches: readonly Patch[];
  readonly port: MessagePort;
}

/** What the driving process sends before a run whose heap is a new one. */
export interface Orders {
  readonly heap: SharedArrayBuffer;
  readonly given: Given;
}

const data = workerData as ActorData;
const me = data.thread;
const control = new Control(data.control);
const stepper = new Stepper(control, me);
let isSettled = true;
process.on('unhandledRejection', onThrow);
process.on('uncaughtException', onThrow);
patchBuild(data.patches);
become(me + 1);
install(stepper);

// Loaded after the patches are in place.
const { Part } = require('./thread.js') as typeof import('./thread.js');
const { scenarioNamed } = require('./scenarios/index.js') as typeof import('./scenarios/index.js');
const body = scenarioNamed(data.scenario).threads[me];

let orders: Orders | undefined;
let part: InstanceType<typeof Part> | undefined;

live().catch((error: unknown) => {
  throw error;
});

async function live(): Promise<never> {
  stepper.await();
  guard(() => stepper.resume());
  for (;;) {
    await act();
    guard(() => stepper.pass()); // being killed while idle is no different from being killed elsewhere
  }
}

/** Does what was chosen, up to the point where this thread is back in its event loop or done. */
async function act(): Promise<void> {
  const state = control.stateOf(me);
  const action = actionOf(control.of(me, 'choice'));
  if (state === State.New) await begin();
  else if (stepper.dead) return settle();
  else if (state === State.Finished) return leave();
  else if (action === TASK_TURN) guard(clock.turns.shift());
  else if (action === TASK_TIMER) runTimer();
  else if (action === TASK_RING) runRing();
  if (!isSettled || clock.turns.length > 0) await new Promise(setImmediate);
  settle();
}

/** A run begins for this thread. */
async function begin(): Promise<void> {
  for (let message = receiveMessageOnPort(data.port); message !== undefined; message = receiveMessageOnPort(data.port))
    orders = message.message as Orders;
  const { heap, given } = orders as Orders;
  stepper.dead = false;
  clock.turns.length = clock.timers.length = atomics.rings.length = 0;
  isSettled = true;
  Math.random = sequence();
  const phase = control.phase;
  control.set('phase', Phase.Free);
  const here = (part = new Part(control, me, heap, given));
  control.set('phase', phase);
  let result: void | Promise<void> = undefined;
  guard(() => (result = body(here)));
  if (result === undefined || stepper.dead) return;
  isSettled = false;
  (result as Promise<void>).then(() => (isSettled = true)).catch(onThrow);
  await new Promise(setImmediate);
}

/** Chance must be the same whenever a run is made again. */
function sequence(): () => number {
  let state = 1 + me;
  return () => {
    state = (state * 48271) % 0x7fffffff;
    return state / 0x7fffffff;
  };
}

function settle(): void {
  control.put(me, 'turns', clock.turns.length);
  control.put(me, 'timers', clock.timers.length);
  control.put(me, 'state', stepper.dead ? State.Dead : isSettled ? State.Finished : State.Loop);
}

function leave(): void {
  guard(() => part?.leave());
  control.put(me, 'state', stepper.dead ? State.Dead : State.Gone);
}

function runRing(): void {
  control.put(me, 'rings', control.of(me, 'rings') - 1);
  guard(atomics.rings.shift());
}

/** Timers fire in the order in which they fall due, and time has passed until then. */
function runTimer(): void {
  const task = [...clock.timers].sort((a, b) => a.due - b.due)[0];
  clock.timers.splice(clock.timers.indexOf(task), 1);
  guard(() => stepper.passTime(task.due));
  guard(task.run);
}

function guard(task: (() => unknown) | undefined): void {
  try {
    task?.();
  } catch (error) {
    onThrow(error);
  }
}

function onThrow(error: unknown): void {
  if (error instanceof Killed || stepper.dead) return;
  isSettled = true;
  stepper.fail(Fault.Threw);
  data.port.postMessage(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
