/**
 * Being told that nobody can receive any more (core's handles/ending.ts), which is what sources wait for.
 */
import type { Body, Scenario } from '../scenario.js';

const bury: Body = (p) => p.bury();

/** Its last handles are the threads' own: with the last receiver it ends. */
const source = { capacity: Infinity, form: 'number', keeps: '' } as const;

export const endings: readonly Scenario[] = [
  {
    name: 'told of the end',
    about: 'two readers come and go while events are sent; with the last of them the sender is told',
    channels: [source],
    gives: [['tx0'], ['rx0'], ['rx0']],
    threads: [
      async (p) => {
        p.trySend();
        const ended = p.ended();
        p.trySend();
        await ended;
      },
      (p) => {
        p.tryRecv();
        p.dropRx();
      },
      async (p) => {
        await p.recv();
        p.dropRx();
      },
    ],
  },
  {
    name: 'told of a close',
    about: 'one of two readers closes the channel, at any moment',
    channels: [{ ...source, keeps: 'rx' }],
    gives: [['tx0'], ['rx0']],
    threads: [
      async (p) => {
        const ended = p.ended();
        p.trySend();
        await ended;
      },
      (p) => {
        p.tryRecv();
        p.rx().close();
      },
    ],
  },
  {
    name: 'both told of the end',
    about: 'two senders wait for it; one wake-up is handed on to the other',
    channels: [source],
    gives: [['tx0'], ['tx0'], ['rx0']],
    threads: [async (p) => p.ended(), async (p) => p.ended(), (p) => p.dropRx()],
  },
  {
    name: 'told while blocked',
    about: 'the sender is told of the end although its thread blocks elsewhere meanwhile',
    channels: [source, { capacity: 1, form: 'number' }],
    gives: [['tx0', 'rx1'], ['rx0'], ['tx1']],
    threads: [
      async (p) => {
        const ended = p.ended();
        await p.turn();
        p.recvSync(1);
        await ended;
      },
      (p) => p.dropRx(),
      (p) => void p.trySend(1),
    ],
  },
  {
    name: 'told of a death',
    about: 'one of two readers is killed at any instruction, the other goes: the sender is told',
    channels: [source],
    gives: [['tx0'], ['rx0'], ['rx0'], []],
    threads: [
      async (p) => {
        const ended = p.ended();
        p.trySend();
        await ended;
      },
      (p) => {
        p.tryRecv();
        p.dropRx();
      },
      (p) => {
        p.tryRecv();
        p.dropRx();
      },
      bury,
    ],
    kills: 1,
    killable: [1],
  },
  {
    name: 'who is to be told dies',
    about: 'a sender that waits for the end is killed; the other that does is told',
    channels: [source],
    gives: [['tx0'], ['tx0'], ['rx0'], []],
    threads: [async (p) => p.ended(), async (p) => p.ended(), (p) => p.dropRx(), bury],
    kills: 1,
    killable: [0],
  },
];
