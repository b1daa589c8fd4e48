/**
 * Where a scenario plays: channels, and who has which handles of them. And what a run has of it.
 */

/** How messages look in memory: in the slot, in a chunk, in a chunk with a handle (of the channel after this one). */
export type Form = 'number' | 'text' | 'handle';

export interface ChannelPlan {
  /** By default what the capacity says. Timers have receivers only; their messages are instants, in tenths of a ms. */
  readonly kind?: 'oneshot' | 'broadcast' | 'at' | 'tick';
  readonly capacity: number;
  readonly form: Form;
  /** Of a ticker; and of either timer how many ms to the first message, from the start of the run. */
  readonly policy?: 'delay' | 'skip' | 'burst';
  readonly period?: number;
  /** Where positions wrap; by default far away. */
  readonly positions?: number;
  /** How many messages go through before the run, so that it begins at another place. */
  readonly shift?: number;
  /** Messages that are there when the run begins. */
  readonly filled?: number;
  /** What the closer keeps of it, so that it stays connected and nothing is discarded; both by default. */
  readonly keeps?: '' | 'tx' | 'rx' | 'txrx';
}

export function isTimer({ kind }: ChannelPlan): boolean {
  return kind === 'at' || kind === 'tick';
}

/** Which handles a thread begins with: 'tx0' is a sender of channel 0. */
export type HandleName = `${'tx' | 'rx'}${number}`;

/** What setup needs to know of a scenario (scenario.ts). */
export interface Setting {
  readonly channels: readonly ChannelPlan[];
  /** By thread: the handles that it begins with. */
  readonly gives: readonly (readonly HandleName[])[];
  readonly threads: readonly unknown[];
  /** Tokens that all threads have and one may open. */
  readonly shares?: readonly HandleName[];
}

/** A handle's name and its token. */
export type GivenHandle = readonly [HandleName, object];

/** What setup leaves for the threads: tokens of the handles, by thread and name. */
export interface Given {
  /** `at`: where the channel is in the heap. */
  readonly channels: readonly {
    readonly form: Form;
    readonly at: number;
    readonly isBroadcast: boolean;
    readonly isTimer: boolean;
  }[];
  readonly tokens?: readonly (readonly GivenHandle[])[];
  readonly shared?: readonly GivenHandle[];
}

/** Messages that were there before the run: as if sent by a thread of this number. */
export const FILLED = 9000;
