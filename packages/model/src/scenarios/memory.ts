/**
 * The allocator, the handle table, the thread table: what lies below channels.
 */
import { fromCore } from '../loader.js';
import type { Body, Scenario } from '../scenario.js';
import type { Part } from '../thread.js';

const bury: Body = (p) => p.bury();

interface AllocatorOfCore {
  takeChunk(heap: object, words: number): number;
  freeHeld(heap: object): void;
}

const allocator = () => fromCore<AllocatorOfCore>('memory/allocator.js');

/** Takes chunks of a size and frees them again. */
function churn(count: number, words: number): Body {
  return (p: Part) => {
    const { takeChunk, freeHeld } = allocator();
    const { heap } = p.runtime;
    for (let i = 0; i < count; i++) takeChunk(heap, words);
    for (let i = 0; i < count; i++) freeHeld(heap);
  };
}

export const memory: readonly Scenario[] = [
  {
    name: 'allocator',
    about: 'two threads take and free chunks, small ones through magazines and large ones without',
    channels: [],
    gives: [[], []],
    threads: [churn(5, 10), churn(1, 5000)],
  },
  {
    name: 'allocator dies',
    about: 'a thread is killed anywhere in the allocator: filling, emptying, giving a bundle, splitting, merging',
    channels: [],
    gives: [[], [], []],
    threads: [churn(6, 10), churn(2, 3000), bury],
    kills: 1,
    killable: [0, 1],
  },
  {
    name: 'growth',
    about: 'the heap grows under two threads at once, one of which has short views',
    channels: [{ capacity: Infinity, form: 'text' }],
    gives: [['tx0'], ['rx0'], []],
    threads: [
      (p) => {
        churn(2, 6000)(p) as undefined;
        p.trySend();
        p.trySend();
      },
      (p) => {
        p.tryRecv();
        churn(1, 6000)(p) as undefined;
        p.tryRecv();
      },
      bury,
    ],
    kills: 1,
    killable: [0, 1],
    randomOnly: true,
  },
  {
    name: 'memory runs out',
    about: 'two threads want all of a small heap: an error, and nothing is lost',
    channels: [{ capacity: 4, form: 'text' }],
    gives: [['tx0'], [], []],
    memory: 16 * 1024,
    threads: [
      (p) => {
        fails(() => churn(4, 1000)(p));
        p.trySend();
      },
      (p) => fails(() => churn(3, 1000)(p)),
      bury,
    ],
    kills: 1,
    killable: [0, 1],
    randomOnly: true,
  },
  {
    name: 'threads join',
    about: 'a thread joins and leaves, is killed, and its slot is used again',
    channels: [],
    gives: [[], [], []],
    threads: [joinAndLeave, joinAndLeave, bury],
    kills: 1,
    killable: [0],
  },
];

/** Claims another slot for this thread, as a realm of its own would, and frees it as that realm's leaving would. */
function joinAndLeave(p: Part): void {
  const { claimSlot } = fromCore<{ claimSlot(heap: object, threadId: number, parent: number): number }>('threads/registry.js');
  const { markDead } = fromCore<{ markDead(heap: object, slot: number): boolean }>('threads/registry.js');
  const slot = claimSlot(p.runtime.heap, p.me + 1, -1);
  markDead(p.runtime.heap, slot);
  p.runtime.witness.reaper.reap();
}

/** The one error that may come is that there is no more memory; then what was taken is given back. */
function fails(operation: () => unknown): void {
  try {
    operation();
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_OUT_OF_MEMORY') throw error;
  }
}
