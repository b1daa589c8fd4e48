/**
 * What a suite is made of. A case compares contenders that do the same work; main.ts runs each case in a process of its own, so
 * that no case runs on code that another one has shaped.
 */

/** One way to do a case's work, set up and ready. */
export interface Contender {
  /** Brings the case's number of messages through, to the last one received. */
  run(): void | Promise<void>;
  /** Ends its threads. */
  close(): void | Promise<unknown>;
}

export interface Case {
  readonly name: string;
  /** What one iteration brings through; figures are per one of these. */
  readonly messages: number;
  /** At least so many times as fast as the baseline. */
  readonly bar?: number;
  /** beamline. */
  own(this: Case): Contender | Promise<Contender>;
  /** What Node offers for the same work. */
  readonly baseline?: {
    readonly name: string;
    start(this: void, messages: number): Contender | Promise<Contender>;
  };
}

export interface Suite {
  readonly name: string;
  /** One line, printed above the table. */
  readonly about: string;
  readonly cases: readonly Case[];
}

/** Nanoseconds per message, one figure per sample. */
export interface Samples {
  readonly own: number[];
  readonly baseline: number[];
}
