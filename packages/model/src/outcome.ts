/**
 * What goes into a run and what comes out of it.
 */

/** What a run is told. */
export interface Plan {
  readonly prefix: readonly number[];
  readonly random?: { readonly seed: number; readonly restless: number; readonly dieAt: readonly number[] };
}

/** One scheduling point of a run. */
export interface Point {
  readonly choice: number;
  readonly options: readonly number[];
  /** Accesses of the step that followed. */
  readonly from: number;
  readonly to: number;
}

export interface Outcome {
  readonly problems: readonly string[];
  readonly points: readonly Point[];
  readonly deaths: number;
}
