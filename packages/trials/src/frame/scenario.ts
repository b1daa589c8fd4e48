/** What a scenario is: one file under chaos/, which holds its threads' roles too. */
import type { Round } from './round.js';

export interface Scenario {
  readonly name: string;
  /** One line. */
  readonly about: string;
  /** The file itself, where its threads find their roles. */
  readonly module: string;
  /** After so many ms a round hangs. Default: a minute, as most take a second or two and the machine may be busy. */
  readonly limitMs?: number;
  run(round: Round): Promise<void>;
}
