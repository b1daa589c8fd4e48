/**
 * Waiting in its other forms: event loops, limits, closing and dropping, selects.
 */
import type { Scenario } from '../scenario.js';

export const waiting: readonly Scenario[] = [
  {
    name: 'async receive',
    about: 'an event loop receives what a thread sends',
    channels: [{ capacity: 1, form: 'number' }],
    gives: [['tx0'], ['rx0']],
    threads: [(p) => void p.sendSync(), async (p) => void (await p.recv())],
  },
  {
    name: 'async both',
    about: 'both ends in event loops, capacity 1, two messages',
    channels: [{ capacity: 1, form: 'number', filled: 1 }],
    gives: [['tx0'], ['rx0']],
    threads: [
      async (p) => void (await p.send()),
      async (p) => {
        await p.recv();
        await p.recv();
      },
    ],
  },
  {
    name: 'async twice',
    about: 'two receives pending in one event loop, another thread blocks, three messages come',
    channels: [{ capacity: 4, form: 'number' }],
    gives: [['tx0'], ['rx0'], ['rx0']],
    threads: [
      (p) => {
        p.trySend();
        p.trySend();
        p.trySend();
      },
      async (p) => void (await Promise.all([p.recv(), p.recv()])),
      (p) => void p.recvSync(),
    ],
  },
  {
    name: 'stale async wait',
    about: 'an async receive runs out, then the thread blocks: the abandoned wait must not swallow its wake-up',
    channels: [{ capacity: 1, form: 'number' }],
    gives: [['tx0'], ['rx0']],
    threads: [
      (p) => void p.sendSync(),
      async (p) => {
        if (!(await p.recv(0, 5))) p.recvSync();
      },
    ],
  },
  {
    name: 'timeout races wake',
    about: 'two receivers wait, one with a limit: the wake-up that it may have got goes on',
    channels: [{ capacity: 1, form: 'number' }],
    gives: [['tx0'], ['rx0'], ['rx0']],
    threads: [(p) => void p.trySend(), (p) => void p.recvSync(0, 5), (p) => void p.recvSync()],
  },
  {
    name: 'send timeout',
    about: 'a blocked send runs out while room is made; another sender waits',
    channels: [{ capacity: 1, form: 'text', filled: 1 }],
    gives: [['rx0'], ['tx0'], ['tx0']],
    threads: [(p) => void p.tryRecv(), (p) => void p.sendSync(0, 5), (p) => void p.sendSync()],
  },
  {
    name: 'abort races wake',
    about: 'an async receive is aborted while its message comes; another waits behind it',
    channels: [{ capacity: 1, form: 'number' }],
    gives: [['tx0'], ['rx0'], ['rx0']],
    threads: [(p) => void p.trySend(), async (p) => void (await p.recvAborted()), async (p) => void (await p.recv())],
  },
  {
    name: 'close',
    about: 'a channel is closed while one sends and one receives',
    channels: [{ capacity: 1, form: 'number' }],
    gives: [['tx0'], ['rx0'], ['tx0']],
    threads: [
      (p) => void p.sendSync(),
      (p) => {
        while (p.recvSync());
      },
      (p) => p.tx().close(),
    ],
  },
  {
    name: 'last sender drops',
    about: 'a blocked receiver sees that the last sender is gone, after its message',
    channels: [{ capacity: 1, form: 'number', keeps: 'rx' }],
    gives: [['tx0'], ['rx0']],
    threads: [
      (p) => {
        p.trySend();
        p.dropTx();
      },
      (p) => {
        p.recvSync();
        p.check(1, !p.recvSync());
      },
    ],
  },
  {
    name: 'last receiver drops',
    about: 'a blocked sender sees that the last receiver is gone; what is buffered is discarded',
    channels: [{ capacity: 1, form: 'text', filled: 1, keeps: 'tx' }],
    gives: [['tx0'], ['rx0']],
    threads: [
      (p) => {
        p.sendSync();
        p.check(1, !p.sendSync());
      },
      (p) => p.dropRx(),
    ],
  },
  {
    name: 'select against receive',
    about: 'a select over two channels and a plain receive of one of them',
    channels: [
      { capacity: 1, form: 'number' },
      { capacity: 1, form: 'number' },
    ],
    gives: [['tx0', 'tx1'], ['rx0', 'rx1'], ['rx0']],
    threads: [
      (p) => {
        p.trySend(0);
        p.trySend(1);
        p.sendSync(0);
      },
      (p) => {
        p.selectSync([0, 1]);
      },
      (p) => void p.recvSync(0),
    ],
  },
  {
    name: 'two selects',
    about: 'two selects over the same two channels, one blocking, one in an event loop',
    channels: [
      { capacity: 1, form: 'number' },
      { capacity: 1, form: 'number' },
    ],
    gives: [['tx0'], ['rx0', 'rx1'], ['rx1', 'rx0'], ['tx1']],
    threads: [
      (p) => void p.trySend(0),
      (p) => void p.selectSync([0, 1]),
      async (p) => await p.select([1, 0]),
      (p) => void p.trySend(1),
    ],
  },
  {
    name: 'blocks with async pending',
    about: 'a thread blocks on one channel while its event loop waits on another: its mail is passed on or read later',
    channels: [
      { capacity: 2, form: 'number' },
      { capacity: 2, form: 'number' },
    ],
    gives: [['tx0', 'tx1'], ['rx0', 'rx1'], ['rx0']],
    threads: [
      (p) => {
        p.trySend(0);
        p.trySend(0);
        p.trySend(1);
      },
      async (p) => {
        const pending = p.recv(0);
        await p.turn();
        await p.turn();
        p.recvSync(1);
        await pending;
      },
      (p) => void p.recvSync(0),
    ],
  },
  {
    name: 'busy receiver',
    about: 'of two receivers one computes until the other has the message: the wake-up must not stop at it',
    channels: [{ capacity: 1, form: 'number' }],
    gives: [['tx0'], ['rx0'], ['rx0']],
    threads: [
      (p) => void p.trySend(),
      async (p) => {
        let isDone = false;
        const pending = p.recv().then(() => (isDone = true));
        for (let i = 0; i < 5; i++) await Promise.resolve(); // if its message is there, it has it by now
        if (!isDone) p.computeUntilEnded([2]);
        await pending;
      },
      (p) => void p.recvSync(),
    ],
  },
];
