/**
 * A failing run made readable, and its choices as a line of text that makes it again: its seed.
 *
 * A seed is the scenario's name and, behind a colon, the choices: the thread's letter, what it did (nothing for a step, † for a
 * death, with the number of the plain store that it came before; t timer or limit, n turn, r ring), and how often in a row.
 */
import {
  Access,
  actionOf,
  choiceOf,
  DIE,
  LIFE,
  OPERATIONS,
  STEP,
  storeOf,
  TASK_RING,
  TASK_TIMER,
  TASK_TURN,
  threadOf,
  TIME_OUT,
  WAKE_SPURIOUSLY,
} from './control.js';
import type { Layout } from './layout.js';
import type { Outcome, Stage } from './run.js';

const LETTERS: Readonly<Record<number, string>> = {
  [STEP]: '',
  [DIE]: '!',
  [TIME_OUT]: 't',
  [WAKE_SPURIOUSLY]: 's',
  [TASK_TURN]: 'n',
  [TASK_TIMER]: 'm',
  [TASK_RING]: 'r',
};

export function seedOf(scenario: string, choices: readonly number[]): string {
  let text = '';
  for (let i = 0; i < choices.length; ) {
    let times = 1;
    while (i + times < choices.length && choices[i + times] === choices[i]) times++;
    const store = storeOf(choices[i]);
    const letters = String.fromCharCode(65 + threadOf(choices[i])) + (LETTERS[actionOf(choices[i])] ?? '?');
    text += letters + (store > 0 ? `(${store})` : '') + (times > 1 ? String(times) : '');
    i += times;
  }
  return `${scenario}:${text}`;
}

/** @throws Error when the text is no seed. */
export function parseSeed(seed: string): { scenario: string; choices: number[] } {
  const [scenario = '', text = ''] = seed.split(':');
  const choices: number[] = [];
  let rest = text;
  while (rest !== '') {
    const parts = /^([A-H])([!tsnmr]?)(?:\((\d+)\))?(\d*)/.exec(rest);
    if (parts === null) throw new Error(`not a seed: ${seed}`);
    const [all, letter, action, store, times] = parts as unknown as [string, string, string, string | undefined, string];
    const bit = Number(Object.entries(LETTERS).find(([, each]) => each === action)?.[0]);
    const choice = choiceOf(letter.charCodeAt(0) - 65, bit, Number(store ?? 0));
    for (let i = 0; i < Number(times || 1); i++) choices.push(choice);
    rest = rest.slice(all.length);
  }
  return { scenario, choices };
}

/** Every step of the run that was just made on the stage: who, what, on which word. Plain reads are left out. */
export function describeRun(stage: Stage, layout: Layout, { points, problems }: Outcome): string {
  const lines: string[] = [];
  const { accesses } = stage.control;
  for (const { choice, from, to } of points) {
    const thread = String.fromCharCode(65 + threadOf(choice));
    const action = actionOf(choice);
    const what: string[] = [];
    for (let at = from; at < to; at++) {
      const kind = (accesses[3 * at] >>> 28) as Access;
      if (kind === Access.PlainRead) continue;
      const operation = OPERATIONS[accesses[3 * at + 1] & 255];
      what.push(`${operation} ${nameOf(layout, stage, accesses[3 * at] & 0x0fffffff)} ${valueOf(accesses[3 * at + 2])}`);
    }
    const note = action === STEP ? '' : action === DIE ? ' [killed]' : ` [${NOTES[action] ?? ''}]`;
    lines.push(`  ${thread}${note}  ${what.join('; ')}`);
  }
  return [...lines, ...problems.map((problem) => `  → ${problem}`)].join('\n');
}

const NOTES: Readonly<Record<number, string>> = {
  [TIME_OUT]: 'its limit runs out',
  [WAKE_SPURIOUSLY]: 'wakes for no reason',
  [TASK_TURN]: 'a turn of its event loop',
  [TASK_TIMER]: 'a timer fires',
  [TASK_RING]: 'its waitAsync resolves',
};

function valueOf(value: number): string {
  return value > 4096 || value < -4096 ? `0x${(value >>> 0).toString(16)}` : String(value);
}

const CHANNEL = ['TAIL', 'TAIL_HI', 'HEAD_SEEN', 'SENDERS', 'RECEIVERS', 'TAIL_BLOCK', 'HEAD', 'HEAD_HI', 'TAIL_SEEN', 'HEAD_BLOCK', 'FLAGS', 'RECEIVER_SET', 'SENDER_SET', 'CH_REFS'];
const RECORD = ['T_STATE', 'T_HELD', 'T_NAP', 'T_DOOR', 'T_MAIL_SUMMARY', 'T_MAIL', 'T_JOURNAL_LENGTH', 'T_JOURNAL_LOCK', 'T_JOURNAL_UNLOCK', 'T_OS_ID'];
const ENTRY = ['E_OWNER', 'E_GENERATION', 'E_CHANNEL', 'E_KIND', 'E_NONCE', 'E_NEXT', 'E_CREATED'];
const HEADER = ['HEAP_LOCK', 'ARENA_END', 'ARENA_USED', 'HANDLES_LOCK', 'HANDLES_FREE', 'HANDLES_PAGES', 'REAP_LOCK', 'THREADS_HIGH', 'NEXT_CHANNEL_ID'];

/** What a word is called. */
export function nameOf(layout: Layout, stage: Stage, word: number): string {
  const L = layout.constants;
  if (word >= LIFE) return `life of ${String.fromCharCode(65 + word - LIFE)}`;
  const find = (names: readonly string[], offset: number) => names.find((name) => L[name] === offset);
  if (word >= L.ARENA) {
    const channel = stage.channels.findIndex(({ at }) => word >= at && word < at + L.SLOTS + 64);
    const entry = channel < 0 ? stage.entryWord(word) : undefined;
    if (entry !== undefined) return `${find(ENTRY, entry) ?? `word ${entry}`} of a handle's entry`;
    if (channel < 0) return `word ${word - L.ARENA} of the arena`;
    const offset = word - stage.channels[channel].at;
    return `${find(CHANNEL, offset) ?? `word ${offset}`} of channel ${channel}`;
  }
  if (word >= L.THREADS) {
    const slot = Math.floor((word - L.THREADS) / L.THREAD_WORDS);
    const offset = word - layout.threadRecord(slot);
    return `${find(RECORD, offset) ?? `record word ${offset}`} of ${String.fromCharCode(64 + slot)}`;
  }
  return find(HEADER, word) ?? `word ${word} of the header`;
}
