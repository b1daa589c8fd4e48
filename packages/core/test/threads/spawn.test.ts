/** api.md §4: `spawn` and `join`. This file runs inside jest, in a realm of its own: the library must not mind. */
import { join as joinPath } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import {
  bounded,
  inspect,
  isChannelError,
  type Receiver,
  type Sender,
  spawn,
  type SpawnOptions,
  type Thread,
  ThreadError,
  unbounded,
} from '@beamline/core';
import { expectFailure, rejection, thrown } from '../support/failure';
import { FIXTURES } from '../support/program';
import { until } from '../support/turns';

const moduleUrl = (name: string): URL => pathToFileURL(joinPath(FIXTURES, 'modules', name));

let threads: Thread<unknown>[] = [];
/** Threads that there are without those of the test (other realms of this process may count). */
let others = 0;

beforeAll(() => {
  for (const handle of unbounded()) handle.drop();
  others = inspect().threads.length;
});

/** spawn, with the promise that no thread survives its test. */
function run<R = unknown>(name: string, options: SpawnOptions = {}): Thread<R> {
  const thread: Thread<unknown> = spawn<unknown>(moduleUrl(name), options);
  threads.push(thread);
  return thread as Thread<R>;
}

afterEach(async () => {
  for (const thread of threads) {
    thread.join().catch(() => undefined);
    await thread.terminate();
  }
  threads = [];
  await until(() => inspect().threads.length === others);
  expect(inspect().channels).toEqual([]);
});

describe('join()', () => {
  it('resolves with what the function returns', async () => {
    expect(await run('add.mjs', { data: { a: 1, b: 2 } }).join()).toBe(3);
  });

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['-0', -0],
    ['text', 'naïve 通道'],
    ['an object', { a: [1, { b: new Map([['k', new Set([1n])]]) }], d: new Date(0) }],
    ['bytes', new Uint8Array([1, 2, 3])],
  ])('data goes in and comes back as a message does: %s', async (_, data) => {
    const result = await run('give-back.mjs', { data }).join();
    expect(result).toStrictEqual(data);
  });

  it('without data the function gets undefined', async () => {
    expect(await run('give-back.mjs').join()).toBeUndefined();
  });

  it('may be called more than once, before and after the end', async () => {
    const thread = run<number>('add.mjs', { data: { a: 2, b: 2 } });
    expect(await Promise.all([thread.join(), thread.join()])).toEqual([4, 4]);
    expect(await thread.join()).toBe(4);
  });

  it.each(['throw', 'reject'])('rejects with the error that the function fails with (%s)', async (how) => {
    const error = await rejection(run('fail.mjs', { data: { how, code: 'E_MINE', message: 'it broke' } }).join());
    expect(error).toMatchObject({ name: how === 'throw' ? 'RangeError' : 'TypeError', message: 'it broke', code: 'E_MINE' });
    expect(error.stack).toContain('fail.mjs');
    expect(Object.prototype.toString.call(error)).toBe('[object Error]');
    if (how === 'throw') expect(error.cause).toMatchObject({ message: 'the cause', cause: { deep: [1] } });
  });

  it('rejects with whatever was thrown, error or not', async () => {
    expect(await rejection(run('fail.mjs', { data: { how: 'value' } }).join())).toEqual({ not: 'an error' });
    expect(await rejection(run('fail.mjs', { data: { how: 'undefined' } }).join())).toBeUndefined();
  });

  it('rejects with ThreadError, and its cause, if the thread dies of what one of its events threw', async () => {
    const error = await rejection(run('fail.mjs', { data: { how: 'late', message: 'in a timer' } }).join());
    expectFailure(error, 'ThreadError', 'ERR_THREAD_EXITED');
    expect(error).toMatchObject({ exitCode: 1, cause: { message: 'in a timer' } });
  });

  it('rejects with ThreadError and the exit code if the thread exits', async () => {
    const error = await rejection(run('fail.mjs', { data: { how: 'exit', code: 7 } }).join());
    expectFailure(error, 'ThreadError', 'ERR_THREAD_EXITED');
    expect(error).toMatchObject({ exitCode: 7 });
    expect(error).toBeInstanceOf(ThreadError);
    expect(isChannelError(error)).toBe(true);
  });

  it('rejects with ThreadError if the thread exits with 0 before its function has returned', async () => {
    const error = await rejection(run('fail.mjs', { data: { how: 'exit', code: 0 } }).join());
    expectFailure(error, 'ThreadError', 'ERR_THREAD_EXITED');
    expect(error).toMatchObject({ exitCode: 0 });
  });

  it('rejects with ThreadError if the thread is terminated', async () => {
    const [tx, rx] = unbounded<string>();
    const thread = run('block.mjs', { data: { rx } });
    const joined = rejection(thread.join());
    await thread.terminate();
    expectFailure(await joined, 'ThreadError', 'ERR_THREAD_EXITED');
    tx.drop();
  });

  it('rejects with ThreadError if the thread runs out of memory', async () => {
    const thread = run('fail.mjs', { data: { how: 'memory' }, resourceLimits: { maxOldGenerationSizeMb: 24 } });
    expectFailure(await rejection(thread.join()), 'ThreadError', 'ERR_THREAD_EXITED');
  });

  it('rejects if the result cannot be cloned, and says which value', async () => {
    const error = await rejection(run('fail.mjs', { data: { how: 'function' } }).join());
    expectFailure(error, 'DataCloneError', 'ERR_DATA_CLONE');
    expect(error.message).toMatch(/function/i);
  });
});

describe('handles in data', () => {
  it('move in and work on the other side', async () => {
    const [tx, requests] = bounded<string>(2);
    const [replies, rx] = unbounded<{ echo: string }>();
    const [nestedTx, nested] = unbounded<string>();
    const thread = run<number>('chat.mjs', { data: { rx: requests, tx: replies, nested: { list: [nestedTx] } } });
    expectFailure(
      thrown(() => requests.tryRecv()),
      'HandleError',
      'ERR_HANDLE_MOVED',
    );
    expectFailure(
      thrown(() => nestedTx.trySend('x')),
      'HandleError',
      'ERR_HANDLE_MOVED',
    );
    for (const word of ['one', 'two', 'three']) {
      await tx.send(word);
      expect(await rx.recv()).toEqual({ echo: word });
    }
    tx.drop();
    expect(await thread.join()).toBe(3);
    expect(nested.recvSync()).toBe('nested');
    expect(rx.tryRecv()).toEqual({ ok: false, reason: 'disconnected' });
    rx.drop();
    nested.drop();
  });

  it('are dropped when the function ends, whoever still refers to them, though the thread lives on', async () => {
    const [tx, rx] = unbounded<number>();
    const [ready, running] = unbounded<string>();
    const thread = run('keep.mjs', { data: { rx, tx: ready, stay: true } });
    expect(await thread.join()).toBe('done');
    expect(running.recvSync()).toBe('running');
    await until(() => tx.isDisconnected);
    expect(running.tryRecv()).toEqual({ ok: false, reason: 'disconnected' });
    tx.drop();
    running.drop();
  });

  it('are dropped when the function throws', async () => {
    const [tx, rx] = unbounded<number>();
    const thread = run('fail.mjs', { data: { how: 'throw', message: 'x', rx } });
    await rejection(thread.join());
    await until(() => tx.isDisconnected);
    tx.drop();
  });

  it('a clone stays here', async () => {
    const [tx, rx] = unbounded<number>();
    const thread = run('keep.mjs', { data: { rx: rx.clone() } });
    await thread.join();
    await until(() => rx.receiverCount === 1);
    tx.sendSync(1);
    expect(rx.recvSync()).toBe(1);
    tx.drop();
    rx.drop();
  });

  it('stay here if data cannot be cloned', () => {
    const [tx, rx] = unbounded<number>();
    expectFailure(
      thrown(() => spawn(moduleUrl('add.mjs'), { data: { tx, bad: () => 1 } })),
      'DataCloneError',
      'ERR_DATA_CLONE',
    );
    tx.sendSync(1);
    expect(rx.recvSync()).toBe(1);
    tx.drop();
    rx.drop();
  });

  it.each([
    ['throws on import', 'throws-on-import.mjs', { message: 'on import', code: 'E_IMPORT' }],
    ['exits on import', 'exits-on-import.mjs', { name: 'ThreadError', exitCode: 9 }],
    ['does not exist', 'missing.mjs', { code: 'ERR_MODULE_NOT_FOUND' }],
    ['has no default export', 'no-default.mjs', {}],
  ])('are dropped when the module %s', async (_, name, failure) => {
    const [tx, rx] = unbounded<number>();
    const [tx2, rx2] = bounded<number>(1);
    const thread = run(name, { data: { rx, inner: [tx2] } });
    expect(await rejection(thread.join())).toMatchObject(failure);
    await until(() => tx.isDisconnected && rx2.isDisconnected);
    tx.drop();
    rx2.drop();
  });

  it('are dropped when the thread is terminated before it has begun', async () => {
    for (let i = 0; i < 5; i++) {
      const [tx, rx] = unbounded<number>();
      const thread = run('block.mjs', { data: { rx } });
      const joined = rejection(thread.join());
      await thread.terminate();
      expectFailure(await joined, 'ThreadError', 'ERR_THREAD_EXITED');
      await until(() => tx.isDisconnected);
      tx.drop();
    }
  });

  it('waiting peers are woken when they are dropped', async () => {
    const [tx, rx] = unbounded<number>();
    const [ready, running] = unbounded<string>();
    const thread = run('block.mjs', { data: { rx, also: ready } });
    const waiting = rejection(running.recv());
    await thread.terminate();
    expectFailure(await waiting, 'RecvError', 'ERR_DISCONNECTED');
    await rejection(thread.join());
    tx.drop();
    running.drop();
  });
});

describe('the thread', () => {
  it('is a Worker that can be watched', async () => {
    const [tx, rx] = unbounded<string>();
    const thread = run('block.mjs', { data: { rx } });
    expect(thread.worker.constructor.name).toBe(Worker.name);
    expect(thread.threadId).toBe(thread.worker.threadId);
    expect(thread.threadId).toBeGreaterThan(0);
    const exit = new Promise((resolve) => thread.worker.once('exit', resolve));
    tx.drop();
    expect(await thread.join()).toBe('ended');
    expect(await exit).toBe(0);
    expect(thread.threadId).toBeGreaterThan(0);
  });

  it('ends by itself when its function has returned', async () => {
    const thread = run('add.mjs', { data: { a: 1, b: 1 } });
    const exit = new Promise((resolve) => thread.worker.once('exit', resolve));
    await thread.join();
    expect(await exit).toBe(0);
  });

  it('takes the options of a Worker', async () => {
    const thread = run('environment.mjs', { argv: ['--flag'], env: { GREETING: 'hello' }, name: 'named' });
    expect(await thread.join()).toMatchObject({ argv: ['--flag'], env: 'hello', threadId: thread.threadId });
  });

  it('runs the exported function of a CommonJS module', async () => {
    const [tx, rx] = unbounded<string>();
    const thread = run<boolean>('commonjs.cjs', { data: { tx } });
    expect(await rx.recv()).toBe('from CommonJS');
    expect(await thread.join()).toBe(false);
    rx.drop();
  });

  it('is named by a path like that of a Worker', async () => {
    const thread = spawn<number>(joinPath(FIXTURES, 'modules', 'add.mjs'), { data: { a: 20, b: 22 } });
    expect(await thread.join()).toBe(42);
  });

  it('terminate() twice, and after the end, is harmless', async () => {
    const thread = run('add.mjs', { data: { a: 1, b: 1 } });
    await thread.join();
    await thread.terminate();
    await Promise.all([thread.terminate(), thread.terminate()]);
    expect(await thread.join()).toBe(2);
  });

  it('the thread’s blocking loop is fed from here', async () => {
    const [tx, rx]: [Sender<number>, Receiver<number>] = bounded(1);
    const thread = run<string>('block.mjs', { data: { rx } });
    for (let i = 0; i < 100; i++) await tx.send(i);
    tx.drop();
    expect(await thread.join()).toBe('ended');
  });
});
