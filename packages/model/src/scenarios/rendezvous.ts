/**
 * Rendezvous channels: partners that meet, that give up at that very moment, that are claimed by several, and that die.
 */
import type { Body, Scenario } from '../scenario.js';

const bury: Body = (p) => p.bury();

export const rendezvous: readonly Scenario[] = [
  {
    name: 'meet',
    about: 'one sends, one receives, both block',
    channels: [{ capacity: 0, form: 'text' }],
    gives: [['tx0'], ['rx0']],
    threads: [(p) => void p.sendSync(), (p) => void p.recvSync()],
  },
  {
    name: 'meet by trying',
    about: 'a receive waits, two tries to send: at most one meets it',
    channels: [{ capacity: 0, form: 'number' }],
    gives: [['tx0'], ['rx0'], ['tx0']],
    threads: [(p) => void p.trySend(), (p) => void p.recvSync(), (p) => void p.trySend()],
  },
  {
    name: 'meet twice by trying',
    about: 'a send waits, two tries to receive: exactly one meets it, or none',
    channels: [{ capacity: 0, form: 'text' }],
    gives: [['rx0'], ['tx0'], ['rx0']],
    threads: [(p) => void p.tryRecv(), (p) => void p.sendSync(), (p) => void p.tryRecv()],
  },
  {
    name: 'meet in event loops',
    about: 'one sends twice, one receives twice, both in event loops',
    channels: [{ capacity: 0, form: 'text' }],
    gives: [['tx0'], ['rx0']],
    threads: [
      async (p) => void (await Promise.all([p.send(), p.send()])),
      async (p) => {
        await p.recv();
        await p.recv();
      },
    ],
  },
  {
    name: 'meet at home',
    about: 'two tasks of one event loop meet, or one of them meets another thread',
    channels: [{ capacity: 0, form: 'text' }],
    gives: [['tx0', 'rx0'], ['rx0'], ['tx0']],
    threads: [async (p) => void (await Promise.all([p.recv(), p.send()])), (p) => void p.tryRecv(), (p) => void p.trySend()],
  },
  {
    name: 'meet 2:2',
    about: 'two senders and two receivers, all block',
    channels: [{ capacity: 0, form: 'number' }],
    gives: [['tx0'], ['tx0'], ['rx0'], ['rx0']],
    threads: [(p) => void p.sendSync(), (p) => void p.sendSync(), (p) => void p.recvSync(), (p) => void p.recvSync()],
    spurious: 1,
  },
  {
    name: 'meet in time',
    about: 'a send and a receive with limits: each sees the meeting, or neither',
    channels: [{ capacity: 0, form: 'text' }],
    gives: [['tx0'], ['rx0']],
    threads: [(p) => void p.sendSync(0, 5), (p) => void p.recvSync(0, 5)],
  },
  {
    name: 'meet in time in loops',
    about: 'the same in event loops, and an abort',
    channels: [{ capacity: 0, form: 'text' }],
    gives: [['tx0'], ['rx0'], ['rx0']],
    threads: [
      async (p) => void (await p.send(0, 5)),
      async (p) => void (await p.recvAborted()),
      async (p) => void (await p.recv(0, 5)),
    ],
  },
  {
    name: 'meet or close',
    about: 'the channel is closed while one sends and one receives',
    channels: [{ capacity: 0, form: 'text' }],
    gives: [['tx0'], ['rx0'], ['tx0']],
    threads: [(p) => void p.sendSync(), (p) => void p.recvSync(), (p) => p.tx().close()],
  },
  {
    name: 'meet or be left',
    about: 'two senders wait; the last receiver takes one message and goes',
    channels: [{ capacity: 0, form: 'text', keeps: 'tx' }],
    gives: [['tx0'], ['tx0'], ['rx0']],
    threads: [
      (p) => void p.sendSync(),
      async (p) => void (await p.send()),
      (p) => {
        p.recvSync();
        p.dropRx();
      },
    ],
  },
  {
    name: 'meet one of two',
    about: 'a select over two rendezvous channels, a sender on each',
    channels: [
      { capacity: 0, form: 'text' },
      { capacity: 0, form: 'text' },
    ],
    gives: [['rx0', 'rx1'], ['tx0'], ['tx1']],
    threads: [(p) => void p.selectSync([0, 1]), (p) => void p.sendSync(0), (p) => void p.trySend(1)],
  },
  {
    name: 'meet two selects',
    about: 'two selects over two rendezvous channels, a sender on each',
    channels: [
      { capacity: 0, form: 'number' },
      { capacity: 0, form: 'number' },
    ],
    gives: [['rx0', 'rx1'], ['rx0', 'rx1'], ['tx0'], ['tx1']],
    threads: [
      (p) => void p.selectSync([0, 1]),
      async (p) => void (await p.select([1, 0])),
      (p) => void p.sendSync(0),
      (p) => void p.sendSync(1),
    ],
  },
  {
    name: 'meet or take',
    about: 'a select over a rendezvous and a buffer: a partner claims it while a message comes into the buffer',
    channels: [
      { capacity: 0, form: 'text' },
      { capacity: 1, form: 'number' },
    ],
    gives: [['rx0', 'rx1'], ['tx0'], ['tx1']],
    threads: [(p) => void p.selectSync([0, 1]), (p) => void p.trySend(0), (p) => void p.trySend(1)],
  },
  {
    name: 'meet while blocked',
    about: 'an event loop waits for a rendezvous while its thread blocks: who sends waits until it is back, or finds another',
    channels: [
      { capacity: 0, form: 'text' },
      { capacity: 1, form: 'number' },
    ],
    gives: [['rx0', 'rx1'], ['tx0'], ['tx1']],
    threads: [
      async (p) => {
        const pending = p.recv(0);
        await p.turn();
        p.recvSync(1);
        await pending;
      },
      (p) => void p.sendSync(0),
      (p) => void p.trySend(1),
    ],
  },
  {
    name: 'meet through itself',
    about: 'a sender of the channel travels through the channel',
    channels: [
      { capacity: 0, form: 'handle', keeps: 'rx' },
      { capacity: 1, form: 'number' },
    ],
    gives: [['tx0', 'tx1'], ['rx0']],
    threads: [
      (p) => {
        p.sendSync();
        p.dropTx();
      },
      (p) => {
        p.recvSync();
        p.recvSync();
      },
    ],
  },

  // ── deaths ────────────────────────────────────────────────────────────────────────────────────────────────────────────────
  {
    name: 'meeting sender dies',
    about: 'one of two senders is killed, waiting or giving; a receiver takes from the other',
    channels: [{ capacity: 0, form: 'text', keeps: 'rx' }],
    gives: [['tx0'], ['tx0'], ['rx0'], []],
    threads: [
      (p) => void p.sendSync(),
      (p) => void p.sendSync(),
      (p) => {
        while (p.recvSync());
      },
      bury,
    ],
    kills: 1,
    killable: [0],
  },
  {
    name: 'meeting receiver dies',
    about: 'one of two receivers is killed, waiting or taking; a sender meets the other',
    channels: [{ capacity: 0, form: 'text' }],
    gives: [['tx0'], ['rx0'], ['rx0'], []],
    threads: [(p) => void p.sendSync(), (p) => void p.recvSync(), (p) => void p.recvSync(), bury],
    kills: 1,
    killable: [1],
  },
  {
    name: 'claimer dies',
    about: 'who tries to send is killed in its claim; the receive goes on waiting, and meets another',
    channels: [{ capacity: 0, form: 'text' }],
    gives: [['rx0'], ['tx0'], ['tx0'], []],
    threads: [(p) => void p.recvSync(), (p) => void p.trySend(), (p) => void p.sendSync(), bury],
    kills: 1,
    killable: [1],
  },
  {
    name: 'taker of the first dies',
    about:
      'of two sends that one sender has pending the first is claimed by a thread that is killed: nobody takes the second before it',
    channels: [{ capacity: 0, form: 'number' }],
    gives: [['tx0'], ['rx0'], ['rx0'], []],
    threads: [
      async (p) => void (await Promise.all([p.send(), p.send()])),
      (p) => void p.tryRecv(),
      (p) => {
        p.recvSync();
        p.recvSync();
      },
      bury,
    ],
    kills: 1,
    killable: [1],
  },
  {
    name: 'selecting receiver dies',
    about: 'a select over two rendezvous channels is killed; others meet on both',
    channels: [
      { capacity: 0, form: 'text' },
      { capacity: 0, form: 'text' },
    ],
    gives: [['rx0', 'rx1'], ['tx0', 'rx1'], ['rx0', 'tx1'], []],
    threads: [
      (p) => void p.selectSync([0, 1]),
      (p) => void p.sendSync(0, 5),
      (p) => {
        p.recvSync(0, 5);
        p.trySend(1);
      },
      bury,
    ],
    kills: 1,
    killable: [0],
  },
  {
    name: 'two meeting die',
    about: 'both partners may be killed; the heap is whole afterwards, and others meet',
    channels: [
      { capacity: 0, form: 'handle' },
      { capacity: 1, form: 'number' },
    ],
    gives: [['tx0', 'tx1'], ['rx0'], ['tx0', 'tx1', 'rx0'], []],
    threads: [
      (p) => void p.sendSync(),
      (p) => void p.recvSync(),
      (p) => {
        p.trySend();
        p.tryRecv();
      },
      bury,
    ],
    kills: 2,
    killable: [0, 1],
  },
];
