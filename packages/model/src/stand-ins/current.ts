/**
 * The stepper of this modelled thread, for the stand-ins. None while operations are free: setup, and the driving process.
 */
import type { Stepper } from '../stepper.js';

let stepper: Stepper | undefined;

export function install(theStepper: Stepper): void {
  stepper = theStepper;
}

/** The stepper, unless operations are to be carried out at once. */
export function current(): Stepper | undefined {
  return stepper === undefined || stepper.isFree ? undefined : stepper;
}
