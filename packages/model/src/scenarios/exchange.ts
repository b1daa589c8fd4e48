/**
 * Sends, receives and batches, without deaths.
 */
import type { Scenario } from '../scenario.js';

export const exchange: readonly Scenario[] = [
  {
    name: 'ring try',
    about: 'one tries to send twice, one to receive twice; capacity 1',
    channels: [{ capacity: 1, form: 'number' }],
    gives: [['tx0'], ['rx0']],
    threads: [
      (p) => {
        p.trySend();
        p.trySend();
      },
      (p) => {
        p.tryRecv();
        p.tryRecv();
      },
    ],
  },
  {
    name: 'park and ring',
    about: 'one receiver parks, one sender rings it; capacity 1',
    channels: [{ capacity: 1, form: 'number' }],
    gives: [['tx0'], ['rx0']],
    threads: [(p) => void p.trySend(), (p) => void p.recvSync()],
  },
  {
    name: 'park full and ring',
    about: 'one sender parks on a full ring, one receiver rings it; with bodies',
    channels: [{ capacity: 1, form: 'text', filled: 1 }],
    gives: [['tx0'], ['rx0']],
    threads: [(p) => void p.sendSync(), (p) => void p.tryRecv()],
  },
  {
    name: 'ring block',
    about: 'one sends, one receives, both block; capacity 1',
    channels: [{ capacity: 1, form: 'number', filled: 1 }],
    gives: [['tx0'], ['rx0']],
    threads: [
      (p) => void p.sendSync(),
      (p) => {
        p.recvSync();
        p.recvSync();
      },
    ],
  },
  {
    name: 'ring 2 senders',
    about: 'two try to send at once, one receives; capacity 1',
    channels: [{ capacity: 1, form: 'number' }],
    gives: [['tx0'], ['tx0'], ['rx0']],
    threads: [(p) => void p.trySend(), (p) => void p.trySend(), (p) => void p.tryRecv()],
  },
  {
    name: 'ring 2 receivers',
    about: 'two receivers block, one sends twice; capacity 2',
    channels: [{ capacity: 2, form: 'number' }],
    gives: [['tx0'], ['rx0'], ['rx0']],
    threads: [
      (p) => {
        p.trySend();
        p.trySend();
      },
      (p) => void p.recvSync(),
      (p) => void p.recvSync(),
    ],
  },
  {
    name: 'ring 2 blocked senders',
    about: 'two senders block on a full ring, one receives all; capacity 1',
    channels: [{ capacity: 1, form: 'number', filled: 1 }],
    gives: [['tx0'], ['tx0'], ['rx0']],
    threads: [
      (p) => void p.sendSync(),
      (p) => void p.sendSync(),
      (p) => {
        for (let i = 0; i < 3; i++) p.recvSync();
      },
    ],
  },
  {
    name: 'ring 3:3',
    about: 'three senders, three receivers, all block; capacity 2',
    channels: [{ capacity: 2, form: 'number' }],
    gives: [['tx0'], ['tx0'], ['tx0'], ['rx0'], ['rx0'], ['rx0']],
    threads: [
      ...Array.from({ length: 3 }, () => (p: Parameters<Scenario['threads'][number]>[0]) => {
        p.sendSync();
        p.sendSync();
      }),
      ...Array.from({ length: 3 }, () => (p: Parameters<Scenario['threads'][number]>[0]) => {
        p.recvSync();
        p.recvSync();
      }),
    ],
    spurious: 2,
    randomOnly: true,
  },
  {
    name: 'ring bodies',
    about: 'messages in chunks: sender and receiver take and free; capacity 1',
    channels: [{ capacity: 1, form: 'text', filled: 1 }],
    gives: [['tx0'], ['rx0']],
    threads: [
      (p) => void p.sendSync(),
      (p) => {
        p.recvSync();
        p.recvSync();
      },
    ],
  },
  {
    name: 'ring batches',
    about: 'batches of three through a ring of four, around a wrap of positions',
    channels: [{ capacity: 4, form: 'number', positions: 12, shift: 7 }],
    gives: [['tx0'], ['rx0']],
    threads: [
      (p) => {
        p.trySendMany(3);
        p.trySendMany(3);
      },
      (p) => {
        p.tryRecvMany(3);
        p.tryRecvMany(4);
      },
    ],
  },
  {
    name: 'ring wrap bodies',
    about: 'bodies through a ring whose positions wrap meanwhile',
    channels: [{ capacity: 2, form: 'text', positions: 8, shift: 7 }],
    gives: [['tx0'], ['rx0']],
    threads: [
      (p) => {
        p.trySend();
        p.trySend();
      },
      (p) => {
        p.tryRecv();
        p.tryRecv();
      },
    ],
  },
  {
    name: 'list edge',
    about: 'across the edge of a block: the sender links, the receiver frees',
    channels: [{ capacity: Infinity, form: 'number', shift: 1 }],
    gives: [['tx0'], ['rx0']],
    threads: [
      (p) => {
        p.trySend();
        p.trySend();
      },
      (p) => {
        p.recvSync();
        p.recvSync();
      },
    ],
  },
  {
    name: 'list 2:1',
    about: 'two senders at the edge of a block, one blocking receiver',
    channels: [{ capacity: Infinity, form: 'number', shift: 2 }],
    gives: [['tx0'], ['tx0'], ['rx0']],
    threads: [
      (p) => void p.trySend(),
      (p) => void p.trySend(),
      (p) => {
        p.recvSync();
        p.recvSync();
      },
    ],
  },
  {
    name: 'list batches',
    about: 'batches over several blocks, with bodies',
    channels: [{ capacity: Infinity, form: 'text', shift: 1 }],
    gives: [['tx0'], ['rx0']],
    threads: [
      (p) => void p.trySendMany(4),
      (p) => {
        p.tryRecvMany(3);
        p.tryRecvMany(4);
      },
    ],
  },
  {
    name: 'list wrap',
    about: 'a list whose positions wrap meanwhile',
    channels: [{ capacity: Infinity, form: 'number', positions: 8, shift: 7 }],
    gives: [['tx0'], ['rx0']],
    threads: [
      (p) => {
        p.trySend();
        p.trySend();
      },
      (p) => {
        p.tryRecv();
        p.tryRecv();
      },
    ],
  },
];
