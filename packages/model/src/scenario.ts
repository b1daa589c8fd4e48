/**
 * What a scenario is: channels, threads and what these do. The scenarios themselves are in scenarios/.
 */
import type { Part } from './thread.js';

/** How messages look in memory: in the slot, in a chunk, in a chunk with a handle (of the channel after this one). */
export type Form = 'number' | 'text' | 'handle';

export interface ChannelPlan {
  readonly capacity: number;
  readonly form: Form;
  /** Where positions wrap; by default far away. */
  readonly positions?: number;
  /** How many messages go through before the run, so that it begins at another place. */
  readonly shift?: number;
  /** Messages that are there when the run begins. */
  readonly filled?: number;
  /** What the closer keeps of it, so that it stays connected and nothing is discarded; both by default. */
  readonly keeps?: '' | 'tx' | 'rx' | 'txrx';
}

/** Which handles a thread begins with: 'tx0' is a sender of channel 0. */
export type HandleName = `${'tx' | 'rx'}${number}`;

export interface Scenario {
  readonly name: string;
  /** What it is about, in one line. */
  readonly about: string;
  readonly channels: readonly ChannelPlan[];
  readonly gives: readonly (readonly HandleName[])[];
  readonly threads: readonly Body[];
  /** Deaths at most, and which threads may die (all). */
  readonly kills?: number;
  readonly killable?: readonly number[];
  /** Spurious wake-ups at most, in random runs. */
  readonly spurious?: number;
  /** Bytes of the arena; by default room enough. */
  readonly memory?: number;
  /** Not explored systematically: too large to get far. */
  readonly randomOnly?: boolean;
}

/** What a thread does. Written against the library's public interface, through its part (thread.ts). */
export type Body = (part: Part) => void | Promise<void>;

/** What setup leaves for the threads: tokens of the handles, by thread and name. */
export interface Given {
  /** `at`: where the channel is in the heap. */
  readonly channels: readonly { readonly form: Form; readonly at: number }[];
  readonly tokens?: readonly (readonly [HandleName, object][])[];
}

/** Messages that were there before the run: as if sent by a thread of this number. */
export const FILLED = 9000;

