/** Messages from another thread to this one: over a channel, and over a MessagePort. */
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { bounded, spawn, unbounded, type Receiver, type Sender } from 'beamline';
import type { Contender } from './suite.js';
import type { Shape } from './values.js';
import type { PortSenderData } from './workers/port-sender.js';
import type sendMessages from './workers/sender.js';

const CAPACITY = 1024;

interface Flow {
  readonly shape: Shape;
  readonly messages: number;
  /** How many at a time; default one by one. */
  readonly batch?: number;
  readonly capacity?: number;
}

function channel(capacity: number): [Sender<unknown>, Receiver<unknown>] {
  return capacity === Infinity ? unbounded() : bounded(capacity);
}

function fromThread({ shape, batch = 1, capacity = CAPACITY }: Flow) {
  const [orders, taken] = bounded<number>(1);
  const [tx, rx] = channel(capacity);
  const data = { shape, batch, orders: taken, messages: tx };
  const thread = spawn<typeof sendMessages>(new URL('./workers/sender.js', import.meta.url), { data });
  return { orders, rx, close: () => thread.terminate() };
}

/** This thread blocks in `recvSync`, or `recvManySync` if the flow is in batches. */
export function intoBlocked(flow: Flow): Contender {
  const { messages, batch = 1 } = flow;
  const { orders, rx, close } = fromThread(flow);
  const one = () => {
    for (let i = 0; i < messages; i++) rx.recvSync();
  };
  const many = () => {
    for (let i = 0; i < messages;) i += rx.recvManySync(batch).length;
  };
  const receive = batch === 1 ? one : many;
  return {
    run() {
      orders.sendSync(messages);
      receive();
    },
    close,
  };
}

/** This thread's event loop turns; it receives in `for await`. */
export function intoLoop(flow: Flow): Contender {
  const { orders, rx, close } = fromThread(flow);
  return {
    async run() {
      orders.sendSync(flow.messages);
      let left = flow.messages;
      for await (const _message of rx) if (--left === 0) return;
    },
    close,
  };
}

function startPort(shape: Shape, echo: boolean) {
  const { port1, port2 } = new MessageChannel();
  const data: PortSenderData = { shape, echo, port: port2 };
  const worker = new Worker(new URL('./workers/port-sender.js', import.meta.url), { workerData: data, transferList: [port2] });
  const close = () => {
    port1.close();
    return worker.terminate();
  };
  return { port: port1, worker, close };
}

/** A listener counts. */
export function intoListener(shape: Shape, messages: number): Contender {
  const { port, worker, close } = startPort(shape, false);
  let left = 0;
  let finished: () => void;
  port.on('message', () => {
    if (--left === 0) finished();
  });
  return {
    run() {
      left = messages;
      const done = new Promise<void>((resolve) => (finished = resolve));
      worker.postMessage(messages);
      return done;
    },
    close,
  };
}

/** Nobody listens: this thread looks again and again. */
export function intoPolled(shape: Shape, messages: number): Contender {
  const { port, worker, close } = startPort(shape, false);
  return {
    run() {
      worker.postMessage(messages);
      for (let i = 0; i < messages;) if (receiveMessageOnPort(port)) i++;
    },
    close,
  };
}

/** One message at a time there and back. */
export function overPortAndBack(messages: number): Contender {
  const { port, close } = startPort('number', true);
  let left = 0;
  let finished: () => void;
  port.on('message', () => {
    if (--left === 0) finished();
    else port.postMessage(left);
  });
  return {
    run() {
      left = messages;
      const done = new Promise<void>((resolve) => (finished = resolve));
      port.postMessage(left);
      return done;
    },
    close,
  };
}
