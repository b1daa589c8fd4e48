/**
 * The second argument of a handler.
 *
 * Made by: desk.ts, for each job.
 */
import { threadId } from 'node:worker_threads';
import type { JobContext } from './job.js';

/** A job's context. The signal is made when somebody asks for it: it costs more than all the rest. */
export class Context implements JobContext {
  readonly worker = threadId;
  #controller: AbortController | undefined;
  #aborted: { readonly reason: unknown } | undefined;

  constructor(readonly attempt: number) {}

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted.reason);
    }
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#aborted = { reason };
    this.#controller?.abort(reason);
  }
}
