/**
 * Jobs whose workers died, on their way to another worker.
 *
 * Called by: pool.ts, which decides what is delivered again; crew.ts. Proof that none is forgotten: docs/protocols.md, "The pool".
 *
 * Invariants
 *   RE1  A job is put here before the seat of the worker that died with it is looked at again (crew.ts), and no seat is left for good as
 *        long as there is something here.
 *   RE2  Whatever is still here when all seats are left (the pool was destroyed, or no worker can be started) gets its outcome from `drain`.
 */
import { unbounded, type Receiver, type Sender } from '@beamline/core';
import { HANDLE, Inbox, post } from '@beamline/core/internal';
import { RETRIED, type Retry } from './messages.js';

export class Retries {
  /** What workers take them from. */
  readonly receiver: Receiver<Retry>;
  /** How many there were. */
  count = 0;
  private readonly sender: Sender<Retry>;

  constructor() {
    [this.sender, this.receiver] = unbounded<Retry>();
  }

  /** Those that no worker has taken yet. */
  get length(): number {
    return this.receiver.length;
  }

  /** `number`: of the pool's own jobs; 0 of a shared one. @throws MemoryError and what encoding throws; it is not here then. */
  add(number: number, retry: Retry): void {
    post(this.sender[HANDLE], retry, { aux: number | RETRIED });
    this.count++;
  }

  /** Takes what is left, and lets go of the channel. */
  drain(visit: (retry: Retry) => void): void {
    new Inbox(this.receiver[HANDLE], (letter) => visit(letter.read() as Retry)).attempt();
    this.receiver.drop();
    this.sender.drop();
  }
}
