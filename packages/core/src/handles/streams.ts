/**
 * Handles as web streams: `Sender.writable()` and `Receiver.readable()`.
 *
 * Called by: handles/sender.ts, handles/receiver.ts, which give the handles in and need not know more.
 *
 * A stream takes its handle over: whatever way it ends, the handle is dropped.
 *
 * Invariants
 *   WS1  A message is taken only while somebody reads, and handed to the stream in the very moment in which it is taken: nothing comes
 *        between, so `cancel()` finds either a receive that has taken nothing, or a message that was read.
 *   WS2  One message at a time is on its way into the channel; the stream's own queue says to its writer that it has to wait.
 */
import { HANDLE } from '../brand.js';
import { RecvError } from '../errors.js';
import type { Operation } from '../waiting/operation.js';
import type { WaitOptions } from './options.js';
import type { AnyHandle } from './state.js';

/** What a writable stream needs of a sender. */
interface Sending<T> extends AnyHandle {
  send(value: T, options: WaitOptions): Promise<void>;
}

/** Aborts at once, while the sink's own `abort` waits for the write that is under way. Missing in the platform's types. */
type Abortable = WritableStreamDefaultController & { readonly signal: AbortSignal };

/** A writable stream over a sender. */
export function writableOf<T>(sender: Sending<T>): WritableStream<T> {
  sender[HANDLE].check('make a stream');
  return new WritableStream<T>({
    async write(value, controller) {
      const { signal } = controller as Abortable;
      try {
        await sender.send(value, { signal });
      } catch (error) {
        sender.drop(); // the stream will not be closed or aborted any more
        throw error;
      }
    },
    close: () => sender.drop(),
    abort: () => sender.drop(),
  });
}

/** Why a receive ended whose stream was cancelled. */
const CANCELLED = Symbol('beamline.cancelled');

/**
 * A readable stream over a receiver. `receive`: an operation that calls `deliver` with a message in the moment in which it takes it, and
 * ends without taking one when `isWanted` says no.
 */
export function readableOf<T>(
  receiver: AnyHandle,
  receive: (deliver: (value: T) => void, isWanted: () => boolean) => Operation<unknown>,
): ReadableStream<T> {
  const state = receiver[HANDLE];
  state.check('make a stream');
  const { parking } = state.runtime;
  let pending: Operation<unknown> | undefined;
  const stream = new ReadableStream<T>(
    {
      async pull(controller) {
        try {
          state.check('read');
          // Whoever waited may have let go of the stream meanwhile (`releaseLock`).
          pending = receive(
            (value) => controller.enqueue(value),
            () => stream.locked,
          );
          await parking.runAsync(pending, undefined);
        } catch (error) {
          if (error === CANCELLED) return;
          receiver.drop();
          if (!(error instanceof RecvError)) throw error;
          controller.close();
        } finally {
          pending = undefined;
        }
      },
      cancel() {
        if (pending !== undefined) parking.abandon(pending, { why: 'abort', reason: CANCELLED });
        receiver.drop();
      },
    },
    { highWaterMark: 0 }, // nothing is read ahead
  );
  return stream;
}
