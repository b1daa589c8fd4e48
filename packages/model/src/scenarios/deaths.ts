/**
 * The same, and somebody is killed at any step. The last thread buries the dead, at any later point.
 */
import type { Body, Scenario } from '../scenario.js';

const bury: Body = (p) => p.bury();

export const deaths: readonly Scenario[] = [
  {
    name: 'try sender dies',
    about: 'a sender is killed; somebody tries to receive and to send behind it',
    channels: [{ capacity: 1, form: 'text' }],
    gives: [['tx0'], ['rx0', 'tx0']],
    threads: [
      (p) => void p.trySend(),
      (p) => {
        p.trySend();
        p.tryRecv();
      },
    ],
    kills: 1,
    killable: [0],
  },
  {
    name: 'try receiver dies',
    about: 'a receiver is killed; somebody tries to receive behind it',
    channels: [{ capacity: 2, form: 'text', filled: 1 }],
    gives: [['rx0'], ['rx0']],
    threads: [(p) => void p.tryRecv(), (p) => void p.tryRecv()],
    kills: 1,
    killable: [0],
  },
  {
    name: 'waker dies',
    about: 'the only sender is killed while a receiver parks or is rung',
    channels: [{ capacity: 1, form: 'number', keeps: 'rx' }],
    gives: [['tx0'], ['rx0'], []],
    threads: [(p) => void p.trySend(), (p) => void p.recvSync(), bury],
    kills: 1,
    killable: [0],
  },
  {
    name: 'ring sender dies',
    about: 'a sender is killed; a receiver blocks; the sender that lives sends too',
    channels: [{ capacity: 1, form: 'number', keeps: 'rx' }],
    gives: [['tx0'], ['rx0'], []],
    threads: [
      (p) => void p.trySend(),
      (p) => {
        while (p.recvSync());
      },
      bury,
    ],
    kills: 1,
    killable: [0],
  },
  {
    name: 'ring receiver dies',
    about: 'a receiver is killed; another blocks behind it',
    channels: [{ capacity: 1, form: 'number' }],
    gives: [['tx0'], ['rx0'], ['rx0'], []],
    threads: [(p) => void p.sendSync(), (p) => void p.recvSync(), (p) => void p.recvSync(), bury],
    kills: 1,
    killable: [1],
  },
  {
    name: 'ring bodies die',
    about: 'sender or receiver of a message with a body is killed',
    channels: [{ capacity: 1, form: 'text', filled: 1 }],
    gives: [['tx0'], ['rx0'], []],
    threads: [
      (p) => void p.sendSync(),
      (p) => {
        p.tryRecv();
        p.tryRecv();
      },
      bury,
    ],
    kills: 1,
    killable: [0, 1],
  },
  {
    name: 'blocked sender dies',
    about: 'two senders block, one is killed, the other must get the room',
    channels: [{ capacity: 1, form: 'text', filled: 1 }],
    gives: [['rx0'], ['tx0'], ['tx0'], []],
    threads: [(p) => void p.recvSync(), (p) => void p.sendSync(), (p) => void p.sendSync(), bury],
    kills: 1,
    killable: [1],
  },
  {
    name: 'batch dies',
    about: 'a batch with bodies is cut short in a ring that wraps',
    channels: [{ capacity: 4, form: 'text', positions: 12, shift: 10 }],
    gives: [['tx0'], ['rx0'], []],
    threads: [(p) => void p.trySendMany(3), (p) => void p.tryRecvMany(3), bury],
    kills: 1,
    killable: [0, 1],
  },
  {
    name: 'list edge dies',
    about: 'killed while a block is linked or freed',
    channels: [{ capacity: Infinity, form: 'text', shift: 1 }],
    gives: [['tx0'], ['rx0'], []],
    threads: [
      (p) => {
        p.trySend();
        p.trySend();
      },
      (p) => {
        p.recvSync();
        p.recvSync();
      },
      bury,
    ],
    kills: 1,
    killable: [0, 1],
  },
  {
    name: 'last sender dies',
    about: 'the receiver sees that the last sender is gone, however it went',
    channels: [{ capacity: 2, form: 'text', keeps: 'rx' }],
    gives: [['tx0'], ['rx0'], []],
    threads: [
      (p) => {
        p.trySend();
        p.dropTx();
      },
      (p) => {
        while (p.recvSync());
      },
      bury,
    ],
    kills: 1,
    killable: [0],
  },
  {
    name: 'last receiver dies',
    about: 'the sender sees that the last receiver is gone, what was buffered is freed',
    channels: [{ capacity: 1, form: 'text', filled: 1, keeps: 'tx' }],
    gives: [['tx0'], ['rx0'], []],
    threads: [
      (p) => {
        while (p.sendSync());
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
    name: 'handle moves and dies',
    about: 'a handle travels in a message; sender or receiver is killed',
    channels: [
      { capacity: 1, form: 'handle' },
      { capacity: 1, form: 'number' },
    ],
    gives: [['tx0', 'tx1'], ['rx0'], []],
    threads: [(p) => void p.trySend(0), (p) => void p.recvSync(0), bury],
    kills: 1,
    killable: [0, 1],
  },
  {
    name: 'channel through itself',
    about: 'a channel’s only sender is sent through it and its thread killed',
    channels: [{ capacity: 1, form: 'number', keeps: 'rx' }],
    gives: [['tx0'], []],
    threads: [
      (p) => {
        const handle = p.tx();
        p.putting(0, (text) => handle.trySend({ text, handle }).ok);
      },
      bury,
    ],
    kills: 1,
    killable: [0],
  },
  {
    name: 'channels made and dropped',
    about: 'two threads make, clone and drop channels; one is killed',
    channels: [],
    gives: [[], [], []],
    threads: [
      (p) => {
        const [tx, rx] = p.core.bounded(1, { name: 'inner' });
        const other = tx.clone();
        tx.drop();
        rx.drop();
        other.drop();
      },
      (p) => {
        const [tx, rx] = p.core.unbounded();
        rx.drop();
        tx.drop();
      },
      bury,
    ],
    kills: 1,
    killable: [0],
  },
  {
    name: 'close dies',
    about: 'whoever closes a channel is killed',
    channels: [{ capacity: 1, form: 'number' }],
    gives: [['tx0'], ['rx0'], []],
    threads: [(p) => p.tx().close(), (p) => void p.recvSync(0, 5), bury],
    kills: 1,
    killable: [0],
  },
  {
    name: 'async receiver dies',
    about: 'an event loop that receives is killed; another takes over',
    channels: [{ capacity: 1, form: 'text' }],
    gives: [['tx0'], ['rx0'], ['rx0'], []],
    threads: [(p) => void p.trySend(), async (p) => void (await p.recv()), async (p) => void (await p.recv()), bury],
    kills: 1,
    killable: [1],
  },
  {
    name: 'select dies',
    about: 'a select over two channels is killed; a plain receiver takes over',
    channels: [
      { capacity: 1, form: 'number' },
      { capacity: 1, form: 'number' },
    ],
    gives: [['tx0'], ['rx0', 'rx1'], ['rx0'], []],
    threads: [(p) => void p.trySend(0), (p) => void p.selectSync([0, 1]), (p) => void p.recvSync(0), bury],
    kills: 1,
    killable: [1],
  },
  {
    name: 'reaper dies',
    about: 'a sender is killed, and whoever reaps it; another goes on',
    channels: [{ capacity: 1, form: 'text', filled: 1 }],
    gives: [['tx0'], ['rx0'], [], []],
    threads: [
      (p) => void p.sendSync(),
      (p) => {
        p.recvSync();
        p.tryRecv();
      },
      bury,
      bury,
    ],
    kills: 2,
    killable: [0, 2],
  },
  {
    name: 'two die',
    about: 'sender and receiver are killed at once, with bodies and a handle in flight',
    channels: [
      { capacity: 2, form: 'handle' },
      { capacity: 1, form: 'number' },
    ],
    gives: [['tx0', 'tx1'], ['rx0'], []],
    threads: [
      (p) => {
        p.trySend(0);
        p.trySend(0);
      },
      (p) => {
        p.tryRecv(0);
        p.tryRecv(0);
      },
      bury,
    ],
    kills: 2,
    killable: [0, 1],
  },
  {
    name: 'stale journal',
    about: 'a thread is killed in an operation after others whose journals are still there',
    channels: [
      { capacity: 4, form: 'text' },
      { capacity: 4, form: 'text', filled: 1 },
    ],
    gives: [['tx0', 'rx1', 'tx1'], []],
    threads: [
      (p) => {
        p.trySend(0);
        p.trySend(0);
        p.tryRecv(1);
        p.trySend(0);
        p.trySend(1);
      },
      bury,
    ],
    kills: 1,
    killable: [0],
  },
  {
    name: 'die while reaping',
    about: 'one is dead and being reaped when another dies, inside what the reaper needs',
    channels: [{ capacity: 2, form: 'text', filled: 1 }],
    gives: [['tx0'], ['tx0'], []],
    threads: [(p) => void p.trySend(), (p) => p.dropTx(), bury],
    kills: 2,
    killable: [0, 1],
  },
  {
    name: 'two reapers',
    about: 'two notice a death at the same time',
    channels: [{ capacity: 1, form: 'text' }],
    gives: [['tx0'], [], []],
    threads: [(p) => void p.trySend(), bury, bury],
    kills: 1,
    killable: [0],
  },
  {
    name: 'worker dies on lease',
    about: 'a worker is killed between job and answer: the job is answered, or comes back as an orphan, or stays; once',
    channels: [
      { capacity: 2, form: 'text', filled: 1 },
      { capacity: Infinity, form: 'text' },
    ],
    gives: [['rx0', 'tx1'], ['rx0', 'tx1'], ['rx1'], []],
    threads: [(p) => p.answer(0, 1, true), (p) => p.answer(0, 1, false), (p) => p.check(1, p.recvSync(1)), bury],
    kills: 1,
    killable: [0],
  },
  {
    name: 'reaper of a lease dies',
    about: 'a worker is killed on lease, and whoever sends its job on; another goes on: the job comes back once',
    channels: [
      { capacity: 2, form: 'text', filled: 1 },
      { capacity: 4, form: 'text' },
    ],
    gives: [['rx0', 'tx1'], [], []],
    threads: [(p) => p.answer(0, 1, true), bury, bury],
    kills: 2,
    killable: [0, 1],
  },
  {
    name: 'stale token',
    about: 'one opens a token and puts the handle into another; one comes too late with the first, and is killed',
    channels: [{ capacity: 1, form: 'number' }],
    gives: [[], [], []],
    shares: ['tx0'],
    threads: [
      (p) => void p.openShared(),
      (p) => {
        const handle = p.openShared();
        if (handle !== undefined) p.check(1, p.open(handle.transfer()) !== undefined);
      },
      bury,
    ],
    kills: 1,
    killable: [0],
  },
  {
    name: 'upgrade dies',
    about: 'a weak sender becomes a sender, or not, while the last sender goes; it is killed in between',
    channels: [{ capacity: 2, form: 'number', keeps: 'rx' }],
    gives: [['tx0'], ['tx0'], ['rx0'], []],
    threads: [
      (p) => void p.upgradeAfterDrop(),
      (p) => p.dropTx(),
      (p) => {
        while (p.recvSync());
      },
      bury,
    ],
    kills: 1,
    killable: [0],
  },
];
