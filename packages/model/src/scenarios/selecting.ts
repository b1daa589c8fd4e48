/**
 * Selects that also send: both ends in selects, messages that are made last, and selects that are used again.
 */
import type { Body, Scenario } from '../scenario.js';

const bury: Body = (p) => p.bury();

export const selecting: readonly Scenario[] = [
  {
    name: 'offers cross',
    about: 'two selects, each offers to send what the other offers to receive: one of the two meetings comes about',
    channels: [
      { capacity: 0, form: 'text' },
      { capacity: 0, form: 'text' },
    ],
    gives: [
      ['tx0', 'rx1'],
      ['tx1', 'rx0'],
    ],
    threads: [(p) => p.mixedSync(['s0', 'r1']), (p) => p.mixedSync(['s1', 'r0'])],
  },
  {
    name: 'offers cross in loops',
    about: 'the same in event loops, and a third that takes part in both',
    channels: [
      { capacity: 0, form: 'number' },
      { capacity: 0, form: 'number' },
    ],
    gives: [
      ['tx0', 'rx1'],
      ['tx1', 'rx0'],
      ['tx0', 'rx0'],
    ],
    threads: [
      async (p) => p.mixed(['s0', 'r1'], 9),
      async (p) => p.mixed(['s1', 'r0'], 9),
      (p) => {
        p.tryRecv();
        p.trySend();
      },
    ],
  },
  {
    name: 'send or take',
    about: 'a select sends into a full buffer or receives from another; room and a message come at once',
    channels: [
      { capacity: 1, form: 'text', filled: 1 },
      { capacity: 1, form: 'number' },
    ],
    gives: [['tx0', 'rx1'], ['rx0'], ['tx1']],
    threads: [(p) => p.mixedSync(['s0', 'r1']), (p) => void p.tryRecv(0), (p) => void p.trySend(1)],
  },
  {
    name: 'made last, for a partner',
    about: 'a message that is made last meets a receive; another send and another receive come in between',
    channels: [{ capacity: 0, form: 'text' }],
    gives: [['tx0'], ['rx0'], ['tx0']],
    threads: [(p) => p.mixedSync(['t0']), (p) => void p.recvSync(), (p) => void p.trySend()],
  },
  {
    name: 'made last, in time',
    about: 'a receive that is reserved runs out of time; its limit waits for the message',
    channels: [{ capacity: 0, form: 'text' }],
    gives: [['tx0'], ['rx0']],
    threads: [async (p) => p.mixed(['t0'], 9), async (p) => void (await p.recv(0, 5))],
  },
  {
    name: 'made last, for room',
    about: 'a message that is made last reserves the only room, while another tries to send and one receives',
    channels: [{ capacity: 1, form: 'text', filled: 1 }],
    gives: [['tx0'], ['rx0'], ['tx0']],
    threads: [(p) => p.mixedSync(['t0']), (p) => void p.recvSync(), (p) => void p.trySend()],
  },
  {
    name: 'maker dies',
    about: 'a select that makes its message last is killed; the receive that it had reserved meets another',
    channels: [{ capacity: 0, form: 'text' }],
    gives: [['rx0'], ['tx0'], ['tx0'], []],
    threads: [(p) => void p.recvSync(), (p) => p.mixedSync(['t0'], 9), (p) => void p.sendSync(), bury],
    kills: 1,
    killable: [1],
  },
  {
    name: 'maker for room dies',
    about: 'the same in a buffer: the room that it had reserved is free again, once',
    channels: [{ capacity: 1, form: 'number' }],
    gives: [['tx0'], ['tx0'], []],
    threads: [(p) => p.mixedSync(['t0'], 9), (p) => void p.sendSync(0, 20), bury],
    kills: 1,
    killable: [0],
  },
  {
    name: 'reserved receiver dies',
    about: 'a receive that is reserved is killed while its message is made; the message waits for another',
    channels: [{ capacity: 0, form: 'text' }],
    gives: [['rx0'], ['tx0'], ['rx0'], []],
    threads: [(p) => void p.recvSync(), (p) => p.mixedSync(['t0']), (p) => void p.recvSync(), bury],
    kills: 1,
    killable: [0],
  },
  {
    name: 'questions cross',
    about: 'two that only ask whether there is a partner, at both ends: neither is one for the other',
    channels: [{ capacity: 0, form: 'number' }],
    gives: [['tx0'], ['rx0']],
    threads: [(p) => p.check(1, !p.asks(['s0'], 9)), (p) => p.check(2, !p.asks(['r0'], 9))],
  },
  {
    name: 'a question is answered',
    about:
      'who asked is told of a send that waits, and then a try meets it; who asks at the other end meanwhile is told of nobody',
    channels: [{ capacity: 0, form: 'text' }],
    gives: [['rx0'], ['tx0'], ['tx0']],
    threads: [
      async (p) => {
        await p.isTold(['r0']);
        p.check(1, p.tryRecv());
      },
      (p) => void p.sendSync(),
      (p) => p.check(2, !p.asks(['s0'], 9)),
    ],
  },
  {
    name: 'a question beside a thunk',
    about:
      'who asks is not told of a send whose message is made last; a receive that waits gets it, and who asks at its end is told of that',
    channels: [{ capacity: 0, form: 'number' }],
    gives: [['tx0'], ['rx0'], ['rx0']],
    threads: [(p) => p.mixedSync(['t0']), (p) => p.check(1, !p.asks(['r0'], 9)), (p) => void p.recvSync()],
  },
  {
    name: 'idle select',
    about: 'a reusable select that is not waiting absorbs no wake-up: another thread gets the message',
    channels: [
      { capacity: 1, form: 'number' },
      { capacity: 1, form: 'number' },
      { capacity: 1, form: 'number' },
    ],
    gives: [['rx0', 'rx1', 'rx2'], ['rx0'], ['tx0', 'tx1', 'tx2']],
    threads: [
      async (p) => {
        const call = p.watching([0, 1]);
        call();
        await p.recv(2);
      },
      (p) => void p.recvSync(0),
      (p) => {
        p.trySend(1);
        p.trySend(0);
        p.trySend(0);
        p.sendSync(2);
      },
    ],
  },
];
