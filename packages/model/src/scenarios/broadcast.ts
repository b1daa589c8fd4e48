/**
 * Broadcast, where receivers take no lock, and oneshot: overwriting against reading, wake-ups for all, subscribing against the last
 * receiver's drop, and deaths.
 */
import type { Body, Scenario } from '../scenario.js';

const bury: Body = (p) => p.bury();

/** Tries to receive so often. */
const reads =
  (times: number): Body =>
  (p) => {
    for (let i = 0; i < times; i++) p.read();
  };
/** Sends so often. */
const casts =
  (times: number): Body =>
  (p) => {
    for (let i = 0; i < times; i++) p.cast();
  };

export const broadcast: readonly Scenario[] = [
  {
    name: 'broadcast 1',
    about: 'capacity 1: one sends three numbers, one tries to receive',
    channels: [{ kind: 'broadcast', capacity: 1, form: 'number' }],
    gives: [['tx0'], ['rx0']],
    threads: [casts(3), reads(3)],
  },
  {
    name: 'broadcast 2',
    about: 'capacity 2, two senders, one tries to receive',
    channels: [{ kind: 'broadcast', capacity: 2, form: 'number', filled: 2 }],
    gives: [['tx0'], ['tx0'], ['rx0']],
    threads: [casts(1), casts(2), reads(2)],
  },
  {
    name: 'broadcast wrap',
    about: 'positions wrap with every other message',
    channels: [{ kind: 'broadcast', capacity: 1, form: 'number', positions: 2, shift: 1 }],
    gives: [['tx0'], ['rx0']],
    threads: [casts(3), reads(3)],
  },
  {
    name: 'broadcast bodies',
    about: 'the body that is being received is overwritten, freed and used again',
    channels: [{ kind: 'broadcast', capacity: 1, form: 'text', filled: 1 }],
    gives: [['tx0'], ['rx0']],
    threads: [casts(3), reads(2)],
  },
  {
    name: 'broadcast wakes all',
    about: 'two block for one message',
    channels: [{ kind: 'broadcast', capacity: 1, form: 'number' }],
    gives: [['tx0'], ['rx0'], ['rx0']],
    threads: [casts(1), (p) => void p.readSync(), (p) => void p.readSync()],
    spurious: 1,
  },
  {
    name: 'broadcast wakes loops',
    about: 'one blocks, one awaits, one gives up; two send',
    channels: [{ kind: 'broadcast', capacity: 2, form: 'number' }],
    gives: [['tx0'], ['tx0'], ['rx0'], ['rx0']],
    threads: [
      casts(1),
      casts(1),
      (p) => void p.readSync(),
      async (p) => void (await Promise.all([p.readLater(0, 5), p.readLater()])),
    ],
  },
  {
    name: 'broadcast ends',
    about: 'the last sender sends and goes while one blocks',
    channels: [{ kind: 'broadcast', capacity: 1, form: 'number', keeps: 'rx' }],
    gives: [['tx0'], ['rx0']],
    threads: [
      (p) => {
        p.cast();
        p.dropTx();
      },
      (p) => void (p.readSync() && p.readSync()),
    ],
  },
  {
    name: 'broadcast subscribe',
    about: 'one subscribes while another sends: it sees all that was sent to anybody, as there is nobody else',
    channels: [{ kind: 'broadcast', capacity: 4, form: 'number', keeps: 'tx' }],
    gives: [['tx0'], ['tx0']],
    threads: [
      casts(2),
      (p) => {
        const rx = p.subscribe();
        p.computeUntilEnded([0]);
        p.check(1, p.drain(rx).join() === p.sentBy(0).join());
        rx.drop();
      },
    ],
  },
  {
    name: 'broadcast last receiver',
    about: 'the last receiver drops what is buffered while another subscribes, sends and reads',
    channels: [{ kind: 'broadcast', capacity: 1, form: 'text', filled: 2, keeps: 'tx' }],
    gives: [['rx0'], ['tx0']],
    threads: [
      (p) => p.dropRx(),
      (p) => {
        const rx = p.subscribe();
        p.cast();
        p.check(1, p.drain(rx).join() === p.sentBy(1).join());
        rx.drop();
      },
    ],
  },
  {
    name: 'broadcast sender dies',
    about: 'dies while it overwrites a body; the next goes on',
    channels: [{ kind: 'broadcast', capacity: 1, form: 'text', filled: 2 }],
    gives: [['tx0'], ['tx0'], ['rx0']],
    threads: [casts(1), casts(2), bury],
    kills: 1,
    killable: [0],
  },
  {
    name: 'broadcast reader of the dead',
    about: 'one receives while a sender dies in what it overwrites, and is cleaned up after',
    channels: [{ kind: 'broadcast', capacity: 1, form: 'text', filled: 2 }],
    gives: [['tx0'], ['rx0'], ['rx0']],
    threads: [casts(1), reads(2), bury],
    kills: 1,
    killable: [0],
  },
  {
    name: 'broadcast waker dies',
    about: 'dies before it has woken both that block',
    channels: [{ kind: 'broadcast', capacity: 1, form: 'number' }],
    gives: [['tx0'], ['rx0'], ['rx0'], []],
    threads: [casts(1), (p) => void p.readSync(), (p) => void p.readSync(), bury],
    kills: 1,
    killable: [0],
  },
  {
    name: 'broadcast receiver dies',
    about: 'dies anywhere in a receive; nobody minds',
    channels: [{ kind: 'broadcast', capacity: 1, form: 'text', filled: 1 }],
    gives: [['tx0'], ['rx0'], ['rx0']],
    threads: [casts(2), reads(2), bury],
    kills: 1,
    killable: [1],
  },
  {
    name: 'broadcast last receiver dies',
    about: 'dies while it discards; another subscribes and reads',
    channels: [{ kind: 'broadcast', capacity: 1, form: 'text', filled: 2, keeps: 'tx' }],
    gives: [['rx0'], ['tx0'], []],
    threads: [
      (p) => p.dropRx(),
      (p) => {
        const rx = p.subscribe();
        p.cast();
        p.check(1, p.drain(rx).join() === p.sentBy(1).join());
        rx.drop();
      },
      bury,
    ],
    kills: 1,
    killable: [0],
  },
  {
    name: 'oneshot',
    about: 'two send, one receives: one message in all',
    channels: [{ kind: 'oneshot', capacity: 1, form: 'number' }],
    gives: [['tx0'], ['tx0'], ['rx0']],
    threads: [
      (p) => void p.trySend(),
      (p) => void p.trySend(),
      (p) => {
        p.tryRecv();
        p.tryRecv();
      },
    ],
  },
  {
    name: 'oneshot dies',
    about: 'the first sender dies; the second sends, or finds that it was done',
    channels: [{ kind: 'oneshot', capacity: 1, form: 'text' }],
    gives: [['tx0'], ['tx0'], ['rx0'], []],
    threads: [(p) => void p.trySend(), (p) => void p.trySend(), (p) => void p.recvSync(), bury],
    kills: 1,
    killable: [0],
  },
];
