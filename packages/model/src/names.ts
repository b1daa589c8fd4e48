/**
 * What words of the heap are called, for people.
 *
 * Used by: trace.ts, races.ts.
 */
import { LIFE, TIME } from './control.js';
import type { Layout } from './layout.js';
import type { Given } from './setting.js';

const CHANNEL = [
  'TAIL',
  'TAIL_HI',
  'HEAD_SEEN',
  'SENDERS',
  'RECEIVERS',
  'TAIL_BLOCK',
  'OFFERS_TO_SEND',
  'OFFERS_TO_RECEIVE',
  'OFFERS_SETTLED',
  'RESERVED',
  'HEAD',
  'HEAD_HI',
  'TAIL_SEEN',
  'HEAD_BLOCK',
  'DISCARDED',
  'FLAGS',
  'RECEIVER_SET',
  'SENDER_SET',
  'CH_REFS',
];
const RECORD = [
  'T_STATE',
  'T_HELD',
  'T_NAP',
  'T_DOOR',
  'T_MAIL_SUMMARY',
  'T_MAIL',
  'T_JOURNAL_LENGTH',
  'T_JOURNAL_LOCK',
  'T_JOURNAL_UNLOCK',
  'T_OS_ID',
];
const ENTRY = ['E_OWNER', 'E_GENERATION', 'E_CHANNEL', 'E_KIND', 'E_NONCE', 'E_POSITION', 'E_CREATED'];
const HEADER = [
  'HEAP_LOCK',
  'ARENA_END',
  'ARENA_USED',
  'HANDLES_LOCK',
  'HANDLES_FREE',
  'HANDLES_PAGES',
  'REAP_LOCK',
  'THREADS_HIGH',
  'NEXT_CHANNEL_ID',
];

export class Names {
  constructor(
    readonly layout: Layout,
    readonly channels: Given['channels'],
    private readonly words: Int32Array,
  ) {}

  of(word: number): string {
    const L = this.layout.constants;
    const find = (names: readonly string[], offset: number) => names.find((name) => L[name] === offset);
    if (word === TIME) return 'the time';
    if (word >= LIFE) return `life of ${letter(word - LIFE)}`;
    if (word < L.THREADS) return find(HEADER, word) ?? `word ${word} of the header`;
    if (word < L.ARENA) {
      const slot = Math.floor((word - L.THREADS) / L.THREAD_WORDS);
      const offset = word - this.layout.threadRecord(slot);
      return `${find(RECORD, offset) ?? `record word ${offset}`} of ${letter(slot - 1)}`;
    }
    const entry = this.entryWord(word);
    if (entry !== undefined) return `${find(ENTRY, entry) ?? `word ${entry}`} of a handle's entry`;
    const channel = this.channels.findIndex(({ at }) => word >= at && word < at + L.SLOTS + 64);
    if (channel < 0) return `word ${word - L.ARENA} of the arena`;
    const offset = word - this.channels[channel].at;
    return `${find(CHANNEL, offset) ?? `word ${offset}`} of channel ${channel}`;
  }

  /** Which word of a handle's entry a word is, if it is one. */
  entryWord(word: number): number | undefined {
    const L = this.layout.constants;
    for (let page = 0; page < this.words[L.HANDLES_PAGES]; page++) {
      const first = this.words[L.HANDLE_PAGE_TABLE + page] + L.C_BODY;
      if (word >= first && word < first + (L.HANDLE_PAGE << page) * L.ENTRY_WORDS) return (word - first) % L.ENTRY_WORDS;
    }
    return undefined;
  }
}

/** Threads are letters: A is the first of the scenario. */
export function letter(thread: number): string {
  return String.fromCharCode(65 + thread);
}
