/**
 * What a scenario is: a setting, and threads that do something there. The scenarios themselves are in scenarios/.
 */
import type { Setting } from './setting.js';
import type { Part } from './thread.js';

export interface Scenario extends Setting {
  readonly name: string;
  /** What it is about, in one line. */
  readonly about: string;
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
