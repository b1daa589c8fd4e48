/**
 * The errors of the library (contract, §7) and the helpers that word them.
 *
 * Called by: every file that can fail; the pool package uses `PoolError`.
 *
 * Invariants
 *   E1  Each class has one literal `name`, on its prototype, so that stack traces start with it, and one of its stable codes.
 *   E2  `instanceof` and `isChannelError` go by brand and name, never by class identity: several copies of this library may
 *       live in one process. A plain Error that crossed a thread is known by `name` and `code` together.
 *   E3  A message says what was attempted, which rule forbids it, and what was received.
 */
import { ERROR } from './brand.js';
import { describe } from './describe.js';

export { describe };

type ErrorClass = abstract new (...args: never[]) => ChannelError;

/** The classes of this copy, with their names. A class that a user derives from one of them is not in here. */
const classNames = new WeakMap<object, string>();

/** Gives a class its name. On the prototype and not enumerable, as the built-in classes have it. */
function named(errorClass: ErrorClass, name: string): void {
  classNames.set(errorClass, name);
  Object.defineProperty(errorClass.prototype, 'name', { value: name, writable: true, configurable: true });
}

/**
 * What all errors of this library have in common: a stable `code`. Never thrown itself.
 *
 * @example
 * import { ChannelError, bounded } from '@beamline/core';
 *
 * const [tx, rx] = bounded<string>(1);
 * rx.drop();
 * try {
 *   tx.sendSync('hello');
 * } catch (error) {
 *   console.log(error instanceof ChannelError && error.code); // ERR_DISCONNECTED
 * }
 */
export class ChannelError extends Error {
  static {
    Object.defineProperty(this.prototype, ERROR, { value: true });
    named(this, 'ChannelError');
  }

  /** Across copies of the library: by brand and name. A class derived by a user: by its prototype, as always. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (Function.prototype[Symbol.hasInstance].call(this, value)) return true;
    const name = classNames.get(this);
    return name !== undefined && isBranded(value) && (name === 'ChannelError' || value.name === name);
  }

  /** Says what went wrong, stable across releases. The message is for people and may change. */
  readonly code: string;

  constructor(message: string, code: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

function isBranded(value: unknown): value is ChannelError {
  return typeof value === 'object' && value !== null && ERROR in value;
}

/**
 * Nobody can receive any more: all receivers are gone, or the channel was closed. `value` is the very value that was not sent.
 *
 * @example
 * import { SendError, bounded } from '@beamline/core';
 *
 * const [tx, rx] = bounded<string>(1);
 * rx.drop();
 * await tx.send('hello').catch((error: unknown) => {
 *   if (error instanceof SendError) console.log('not sent:', error.value); // not sent: hello
 * });
 */
export class SendError<T = unknown> extends ChannelError {
  static {
    named(this, 'SendError');
  }
  declare readonly name: 'SendError';
  declare readonly code: 'ERR_DISCONNECTED';
  declare readonly value: T;

  constructor(message: string, value: T, options?: ErrorOptions) {
    super(message, 'ERR_DISCONNECTED', options);
    handBack(this, value);
  }
}

/** Not enumerable: an error that ends up in a log must not print the message that it gives back. */
function handBack(error: ChannelError, value: unknown): void {
  Object.defineProperty(error, 'value', { value, writable: true, configurable: true });
}

/**
 * The channel is empty, and nobody can send any more.
 *
 * @example
 * import { RecvError, bounded } from '@beamline/core';
 *
 * const [tx, rx] = bounded<string>(1);
 * tx.drop();
 * await rx.recv().catch((error: unknown) => console.log(error instanceof RecvError)); // true
 */
export class RecvError extends ChannelError {
  static {
    named(this, 'RecvError');
  }
  declare readonly name: 'RecvError';
  declare readonly code: 'ERR_DISCONNECTED';

  constructor(message: string, options?: ErrorOptions) {
    super(message, 'ERR_DISCONNECTED', options);
  }
}

/**
 * `timeout` or `deadline` passed, and the operation has had no effect. Of a send, `value` is the value that was not sent.
 *
 * @example
 * import { TimeoutError, bounded } from '@beamline/core';
 *
 * const [, rx] = bounded<string>(1);
 * await rx.recv({ timeout: 10 }).catch((error: unknown) => console.log(error instanceof TimeoutError)); // true
 */
export class TimeoutError<T = unknown> extends ChannelError {
  static {
    named(this, 'TimeoutError');
  }
  declare readonly name: 'TimeoutError';
  declare readonly code: 'ERR_TIMEOUT';
  declare readonly value?: T;

  /** `hasValue` tells a send of `undefined` from an operation that has no value to give back. */
  constructor(message: string, hasValue = false, value?: T, options?: ErrorOptions) {
    super(message, 'ERR_TIMEOUT', options);
    if (hasValue) handBack(this, value);
  }
}

/**
 * A broadcast receiver fell behind by more than the capacity, and exactly `missed` messages were overwritten.
 *
 * @example
 * import { LaggedError, broadcast } from '@beamline/core';
 *
 * const [tx, rx] = broadcast<number>(2);
 * for (let i = 0; i < 5; i++) tx.send(i);
 * try {
 *   rx.recvSync();
 * } catch (error) {
 *   console.log(error instanceof LaggedError && error.missed); // 3
 * }
 */
export class LaggedError extends ChannelError {
  static {
    named(this, 'LaggedError');
  }
  declare readonly name: 'LaggedError';
  declare readonly code: 'ERR_LAGGED';
  readonly missed: number;

  constructor(message: string, missed: number, options?: ErrorOptions) {
    super(message, 'ERR_LAGGED', options);
    this.missed = missed;
  }
}

/**
 * The handle is not usable here any more: it was dropped, or it moved to another thread or into a message.
 *
 * @example
 * import { HandleError, bounded } from '@beamline/core';
 *
 * const [tx] = bounded<string>(1);
 * tx.drop();
 * try {
 *   tx.trySend('hello');
 * } catch (error) {
 *   console.log(error instanceof HandleError && error.code); // ERR_HANDLE_DROPPED
 * }
 */
export class HandleError extends ChannelError {
  static {
    named(this, 'HandleError');
  }
  declare readonly name: 'HandleError';
  declare readonly code: 'ERR_HANDLE_DROPPED' | 'ERR_HANDLE_MOVED';

  constructor(message: string, code: HandleError['code'], options?: ErrorOptions) {
    super(message, code, options);
  }
}

/**
 * The value cannot cross threads, or a message cannot be rebuilt. The channel is unharmed.
 *
 * @example
 * import { DataCloneError, bounded } from '@beamline/core';
 *
 * const [tx] = bounded(1);
 * try {
 *   tx.trySend({ job: { run: () => 1 } });
 * } catch (error) {
 *   if (error instanceof DataCloneError) console.log(error.message); // cannot send value: functions cannot be cloned (at .job.run)
 * }
 */
export class DataCloneError extends ChannelError {
  static {
    named(this, 'DataCloneError');
  }
  declare readonly name: 'DataCloneError';
  declare readonly code: 'ERR_DATA_CLONE';

  constructor(message: string, options?: ErrorOptions) {
    super(message, 'ERR_DATA_CLONE', options);
  }
}

/**
 * The two ends of a channel do not use the same codec, or a custom codec was not given to `open`.
 *
 * @example
 * import { CodecError, bounded, codecs, open } from '@beamline/core';
 *
 * const [tx] = bounded<number>(1, { codec: codecs.int32 });
 * try {
 *   open(tx.transfer(), { codec: codecs.float64 });
 * } catch (error) {
 *   console.log(error instanceof CodecError); // true
 * }
 */
export class CodecError extends ChannelError {
  static {
    named(this, 'CodecError');
  }
  declare readonly name: 'CodecError';
  declare readonly code: 'ERR_CODEC_MISMATCH';

  constructor(message: string, options?: ErrorOptions) {
    super(message, 'ERR_CODEC_MISMATCH', options);
  }
}

/**
 * A select without cases and without a timeout would wait for ever.
 *
 * @example
 * import { SelectError, select } from 'beamline';
 *
 * await select({}).catch((error: unknown) => console.log(error instanceof SelectError)); // true
 */
export class SelectError extends ChannelError {
  static {
    named(this, 'SelectError');
  }
  declare readonly name: 'SelectError';
  declare readonly code: 'ERR_SELECT_EMPTY';

  constructor(message: string, options?: ErrorOptions) {
    super(message, 'ERR_SELECT_EMPTY', options);
  }
}

/**
 * The shared memory is exhausted. Nothing is half-sent, and everything already sent still arrives.
 *
 * @example
 * import { MemoryError, bounded, configure } from '@beamline/core';
 *
 * configure({ maxMemory: 16 * 2 ** 20 });
 * const [tx] = bounded<Uint8Array>(1);
 * try {
 *   tx.trySend(new Uint8Array(32 * 2 ** 20));
 * } catch (error) {
 *   console.log(error instanceof MemoryError); // true
 * }
 */
export class MemoryError extends ChannelError {
  static {
    named(this, 'MemoryError');
  }
  declare readonly name: 'MemoryError';
  declare readonly code: 'ERR_OUT_OF_MEMORY';

  constructor(message: string, options?: ErrorOptions) {
    super(message, 'ERR_OUT_OF_MEMORY', options);
  }
}

/**
 * A worker of a pool died with the job, or the pool takes no more jobs.
 *
 * @example
 * import { PoolError, WorkerPool } from 'beamline/pool';
 *
 * const pool = new WorkerPool<number, number>({ filename: new URL('./square.js', import.meta.url) });
 * await pool.close();
 * await pool.run(2).catch((error: unknown) => console.log(error instanceof PoolError && error.code)); // ERR_POOL_CLOSED
 */
export class PoolError extends ChannelError {
  static {
    named(this, 'PoolError');
  }
  declare readonly name: 'PoolError';
  declare readonly code: 'ERR_WORKER_DIED' | 'ERR_POOL_CLOSED';

  constructor(message: string, code: PoolError['code'], options?: ErrorOptions) {
    super(message, code, options);
  }
}

/**
 * A spawned thread ended without a result, or this thread must not block (a browser's main thread).
 *
 * @example
 * import { ThreadError, spawn } from '@beamline/core';
 *
 * const thread = spawn(new URL('./exits.js', import.meta.url)); // calls process.exit(3)
 * await thread.join().catch((error: unknown) => console.log(error instanceof ThreadError && error.exitCode)); // 3
 */
export class ThreadError extends ChannelError {
  static {
    named(this, 'ThreadError');
  }
  declare readonly name: 'ThreadError';
  declare readonly code: 'ERR_THREAD_EXITED' | 'ERR_CANNOT_BLOCK';
  readonly exitCode: number | undefined;

  constructor(message: string, code: ThreadError['code'], exitCode?: number, options?: ErrorOptions) {
    super(message, code, options);
    this.exitCode = exitCode;
  }
}

/** A wrong argument: one of the built-in classes, with a code. */
export type InvalidArgumentError =
  | (RangeError & { readonly name: 'RangeError'; readonly code: 'ERR_INVALID_ARGUMENT' })
  | (TypeError & { readonly name: 'TypeError'; readonly code: 'ERR_INVALID_ARGUMENT' });

/** Every error that this library throws on purpose. Narrow it by `code` or `name`. */
export type AnyChannelError =
  | SendError
  | RecvError
  | TimeoutError
  | LaggedError
  | HandleError
  | DataCloneError
  | CodecError
  | SelectError
  | MemoryError
  | PoolError
  | ThreadError
  | InvalidArgumentError;

/** A value of the right type that is outside what is allowed: too large, negative, NaN, unknown. */
export function invalidRange(message: string, options?: ErrorOptions): Extract<InvalidArgumentError, RangeError> {
  return withCode(new RangeError(message, options)) as unknown as Extract<InvalidArgumentError, RangeError>;
}

/** A value of a type that is not allowed. */
export function invalidType(message: string, options?: ErrorOptions): Extract<InvalidArgumentError, TypeError> {
  return withCode(new TypeError(message, options)) as unknown as Extract<InvalidArgumentError, TypeError>;
}

function withCode(error: Error): Error {
  return Object.assign(error, { code: 'ERR_INVALID_ARGUMENT' });
}

/** Which codes go with which name. What has one of these pairs is ours, whatever its class. */
const CODES: Readonly<Record<AnyChannelError['name'], readonly string[]>> = {
  SendError: ['ERR_DISCONNECTED'],
  RecvError: ['ERR_DISCONNECTED'],
  TimeoutError: ['ERR_TIMEOUT'],
  LaggedError: ['ERR_LAGGED'],
  HandleError: ['ERR_HANDLE_DROPPED', 'ERR_HANDLE_MOVED'],
  DataCloneError: ['ERR_DATA_CLONE'],
  CodecError: ['ERR_CODEC_MISMATCH'],
  SelectError: ['ERR_SELECT_EMPTY'],
  MemoryError: ['ERR_OUT_OF_MEMORY'],
  PoolError: ['ERR_WORKER_DIED', 'ERR_POOL_CLOSED'],
  ThreadError: ['ERR_THREAD_EXITED', 'ERR_CANNOT_BLOCK'],
  RangeError: ['ERR_INVALID_ARGUMENT'],
  TypeError: ['ERR_INVALID_ARGUMENT'],
};

/**
 * Whether an error comes from this library, of whatever copy, realm or thread.
 *
 * An error that crossed a thread inside a message is still recognised, by its name and code; what it carried beside them
 * (`value`, `missed`, `exitCode`) did not come along.
 *
 * @example
 * import { bounded, isChannelError } from '@beamline/core';
 *
 * const [, rx] = bounded<string>(1);
 * await rx.recv({ timeout: 5 }).catch((error: unknown) => {
 *   if (isChannelError(error) && error.code === 'ERR_TIMEOUT') console.log('nothing came'); // nothing came
 * });
 */
export function isChannelError(value: unknown): value is AnyChannelError {
  if (typeof value !== 'object' || value === null) return false;
  if (ERROR in value) return true;
  if (Object.prototype.toString.call(value) !== '[object Error]') return false;
  const { name, code } = value as { name?: unknown; code?: unknown };
  return (
    typeof name === 'string' && Object.hasOwn(CODES, name) && CODES[name as AnyChannelError['name']].includes(code as string)
  );
}
