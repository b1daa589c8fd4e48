/** Messages from one thread to another: what programs send, each against a MessagePort in the same run. */
import { bounded, spawn } from 'beamline';
import { intoBlocked, intoListener, intoLoop, intoPolled } from '../contenders.js';
import type { Case, Suite } from '../suite.js';
import type { Shape } from '../values.js';
import type receiveMessages from '../workers/receiver.js';
import type sendMessages from '../workers/sender.js';

const port = (shape: Shape): NonNullable<Case['baseline']> => ({
  name: 'postMessage',
  start: (messages) => intoListener(shape, messages),
});

function oneWay(name: string, shape: Shape, messages: number, bar: number): Case {
  return { name, messages, bar, own: () => intoBlocked({ shape, messages }), baseline: port(shape) };
}

export const oneWaySuite: Suite = {
  name: 'one-way',
  about: 'one thread sends (sendSync, bounded(1024)), the main thread receives (recvSync; port: a listener)',
  cases: [
    oneWay('number', 'number', 20_000, 8),
    oneWay('string of 16 characters', 'string', 20_000, 3),
    oneWay('{ id, payload }', 'object', 10_000, 2.5),
    oneWay('Uint8Array of 4 KB', 'bytes', 5_000, 2),
    {
      name: 'number, for await',
      messages: 20_000,
      bar: 3,
      own: () => intoLoop({ shape: 'number', messages: 20_000 }),
      baseline: port('number'),
    },
  ],
};

/** The same flow in other forms. No bars: these are for choosing between the forms. */
export const formsSuite: Suite = {
  name: 'forms',
  about: 'numbers from one thread to another in other forms',
  cases: [
    {
      name: 'port polled with receiveMessageOnPort',
      messages: 20_000,
      own: () => intoBlocked({ shape: 'number', messages: 20_000 }),
      baseline: { name: 'receiveMessageOnPort', start: (messages) => intoPolled('number', messages) },
    },
    {
      name: 'batches of 32',
      messages: 20_000,
      own: () => intoBlocked({ shape: 'number', messages: 20_000, batch: 32 }),
      baseline: port('number'),
    },
    {
      name: 'batches of 32, { id, payload }',
      messages: 10_000,
      own: () => intoBlocked({ shape: 'object', messages: 10_000, batch: 32 }),
      baseline: port('object'),
    },
    {
      name: 'unbounded',
      messages: 20_000,
      own: () => intoBlocked({ shape: 'number', messages: 20_000, capacity: Infinity }),
      baseline: port('number'),
    },
    { name: 'between two spawned threads', messages: 20_000, own: betweenThreads, baseline: port('number') },
  ],
};

function betweenThreads(this: Case) {
  const { messages } = this;
  const [toSender, senderOrders] = bounded<number>(1);
  const [toReceiver, receiverOrders] = bounded<number>(1);
  const [done, whenDone] = bounded<number>(1);
  const [tx, rx] = bounded<unknown>(1024);
  const sender = spawn<typeof sendMessages>(new URL('../workers/sender.js', import.meta.url), {
    data: { shape: 'number', batch: 1, orders: senderOrders, messages: tx },
  });
  const receiver = spawn<typeof receiveMessages>(new URL('../workers/receiver.js', import.meta.url), {
    data: { orders: receiverOrders, messages: rx, done },
  });
  return {
    run() {
      toReceiver.sendSync(messages);
      toSender.sendSync(messages);
      whenDone.recvSync();
    },
    close: () => Promise.all([sender.terminate(), receiver.terminate()]),
  };
}
