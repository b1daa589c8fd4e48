/**
 * A failing run made readable, and its choices as a line of text that makes it again: its seed.
 *
 * A seed is the scenario's name and, behind a colon, the choices: the thread's letter, what it did, and how often in a row. What it did
 * is nothing for a step, ! for a death, with the number of the plain store that it came before; t for a limit that runs out, s for
 * waking for no reason; n, m and r for a turn, a timer and a ring of its event loop.
 */
import {
  Access,
  actionOf,
  choiceOf,
  DIE,
  OPERATIONS,
  STEP,
  storeOf,
  TASK_RING,
  TASK_TIMER,
  TASK_TURN,
  threadOf,
  TIME_OUT,
  WAKE_SPURIOUSLY,
  type Control,
} from './control.js';
import type { Names } from './names.js';
import type { Outcome } from './outcome.js';

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
  for (let i = 0; i < choices.length;) {
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
export function describeRun(control: Control, names: Names, { points, problems }: Outcome): string {
  const lines: string[] = [];
  const { accesses } = control;
  for (const { choice, from, to } of points) {
    const thread = String.fromCharCode(65 + threadOf(choice));
    const action = actionOf(choice);
    const what: string[] = [];
    for (let at = from; at < to; at++) {
      const kind = (accesses[3 * at] >>> 28) as Access;
      if (kind === Access.PlainRead) continue;
      const operation = OPERATIONS[accesses[3 * at + 1] & 255];
      what.push(`${operation} ${names.of(accesses[3 * at] & 0x0fffffff)} ${valueOf(accesses[3 * at + 2])}`);
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
