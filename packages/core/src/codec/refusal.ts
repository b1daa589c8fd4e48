/**
 * How a value that cannot cross threads is reported: which one, and where in the message it stands.
 *
 * Called by: encoder.ts, any.ts.
 *
 * The place is put together while the error passes the containers on its way out, so that values which can be cloned pay
 * nothing for it.
 */
import { DataCloneError } from '../errors.js';

const MAX_PATH = 200;

/** Thrown inside the codec only. `toError` makes the error that the user sees. */
export class Refusal extends Error {
  private path = '';

  /** Adds the place of the refused value inside one more container. */
  within(segment: string): this {
    if (this.path.length < MAX_PATH) this.path = segment + this.path;
    else if (!this.path.startsWith('…')) this.path = `…${this.path}`;
    return this;
  }

  toError(): DataCloneError {
    const place = this.path === '' ? '' : ` (at ${this.path})`;
    const options = this.cause === undefined ? undefined : { cause: this.cause };
    return new DataCloneError(`cannot send value: ${this.message}${place}`, options);
  }
}

/** `.name`, or `["any other name"]`. */
export function propertySegment(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
