/** What single operations cost, and how long an answer takes. */
import { bounded, broadcast, recv, selectSync, spawn } from 'beamline';
import { BroadcastChannel, MessageChannel, receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import { overPortAndBack } from '../contenders.js';
import type { Case, Contender, Suite } from '../suite.js';
import type echo from '../workers/echo.js';

/** A case of one thread: `step` is done `messages` times. */
const alone = (messages: number, step: () => void, close: () => void = () => undefined): Contender => ({
  run() {
    for (let i = 0; i < messages; i++) step();
  },
  close,
});

function thereAndBack(this: Case): Contender {
  const [tx, questions] = bounded<number>(1);
  const [answers, rx] = bounded<number>(1);
  const thread = spawn<typeof echo>(new URL('../workers/echo.js', import.meta.url), { data: { questions, answers } });
  const step = () => {
    tx.sendSync(1);
    rx.recvSync();
  };
  return { ...alone(this.messages, step), close: () => thread.terminate() };
}

function sameThread(this: Case): Contender {
  const [tx, rx] = bounded<number>(1024);
  return alone(this.messages, () => {
    tx.trySend(1);
    rx.tryRecv();
  });
}

/** The baseline of one thread: post to the other end and take it there. */
function samePort(messages: number): Contender {
  const { port1, port2 } = new MessageChannel();
  const step = () => {
    port1.postMessage(1);
    receiveMessageOnPort(port2);
  };
  return alone(messages, step, () => port1.close());
}

const READERS = 4;

function toAll(this: Case): Contender {
  const [tx, rx] = broadcast<number>(64);
  const readers = [rx, ...Array.from({ length: READERS - 1 }, () => tx.subscribe())];
  return alone(this.messages, () => {
    tx.send(1);
    for (const reader of readers) reader.tryRecv();
  });
}

function toAllPorts(messages: number): Contender {
  const [sender, ...readers] = Array.from({ length: 1 + READERS }, () => new BroadcastChannel('benchmark'));
  const step = () => {
    sender!.postMessage(1);
    for (const reader of readers) receiveMessageOnPort(reader as unknown as MessagePort); // it takes both; the types do not know
  };
  return alone(messages, step, () => [sender!, ...readers].forEach((port) => port.close()));
}

function makeAndDrop(this: Case): Contender {
  return alone(this.messages, () => {
    const [tx, rx] = bounded<number>(16);
    tx.drop();
    rx.drop();
  });
}

function makeAndClose(messages: number): Contender {
  return alone(messages, () => {
    const { port1 } = new MessageChannel();
    port1.close();
  });
}

/** One of `count` receivers has a message, each time the next one. */
const selectOver = (count: number): Case => ({
  name: `select over ${count}, one ready`,
  messages: 5_000,
  own() {
    const channels = Array.from({ length: count }, () => bounded<number>(4));
    const cases = channels.map(([, rx]) => recv(rx));
    let next = 0;
    return alone(this.messages, () => {
      channels[next++ % count]![0].trySend(1);
      selectSync(cases);
    });
  },
});

export const operationsSuite: Suite = {
  name: 'operations',
  about: 'a round trip through another thread, and operations of one thread',
  cases: [
    {
      name: 'there and back, bounded(1)',
      messages: 1_000,
      own: thereAndBack,
      baseline: { name: 'postMessage', start: overPortAndBack },
    },
    {
      name: 'trySend and tryRecv, one thread',
      messages: 50_000,
      own: sameThread,
      baseline: { name: 'postMessage + receiveMessageOnPort', start: samePort },
    },
    {
      name: `broadcast to ${READERS} receivers and tryRecv, one thread`,
      messages: 5_000,
      own: toAll,
      baseline: { name: 'BroadcastChannel + receiveMessageOnPort', start: toAllPorts },
    },
    {
      name: 'make a channel and drop it',
      messages: 500,
      own: makeAndDrop,
      baseline: { name: 'MessageChannel, closed', start: makeAndClose },
    },
    selectOver(1),
    selectOver(10),
    selectOver(100),
  ],
};
