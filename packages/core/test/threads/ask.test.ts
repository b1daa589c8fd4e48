/** The actor pattern across threads (api.md §2.5): requests with replies, and actors that die while they are asked. */
import { join as joinPath } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ask, inspect, type Receiver, type Sender, spawn, type SpawnOptions, type Thread, unbounded } from '@beamline/core';
import { expectFailure, rejection } from '../support/failure';
import { FIXTURES } from '../support/program';
import { until } from '../support/turns';

interface Command {
  readonly op: 'add' | 'get' | 'forget' | 'exit' | 'throw' | 'hang';
  readonly by?: number;
  readonly reply?: Sender<number>;
}

let threads: Thread<unknown>[] = [];
let owned: { drop(): void }[] = [];

function run<R>(name: string, options: SpawnOptions): Thread<R> {
  const thread = spawn<unknown>(pathToFileURL(joinPath(FIXTURES, 'modules', name)), options);
  threads.push(thread);
  return thread as Thread<R>;
}

/** An actor on a thread of its own, which has the only receiver. */
function actor(blocking: boolean): { tx: Sender<Command>; thread: Thread<number> } {
  const [tx, rx]: [Sender<Command>, Receiver<Command>] = unbounded<Command>();
  owned.push(tx);
  return { tx, thread: run<number>('actor.mjs', { data: { rx, blocking } }) };
}

afterEach(async () => {
  for (const handle of owned) handle.drop();
  for (const thread of threads) {
    thread.join().catch(() => undefined);
    await thread.terminate();
  }
  threads = [];
  owned = [];
  await until(() => inspect().channels.length === 0);
});

describe.each([
  ['that awaits', false],
  ['that blocks', true],
])('an actor %s', (_, blocking) => {
  it('answers each request to who asked, in the order of the requests', async () => {
    const { tx, thread } = actor(blocking);
    await tx.sendMany([
      { op: 'add', by: 2 },
      { op: 'add', by: 3 },
    ]);
    expect(await ask(tx, (reply): Command => ({ op: 'get', reply }))).toBe(5);
    tx.trySend({ op: 'add', by: -1 });
    const several = [1, 2, 3].map(() => ask<typeof tx, number>(tx, (reply) => ({ op: 'get', reply })));
    expect(await Promise.all(several)).toEqual([4, 4, 4]);
    tx.drop();
    expect(await thread.join()).toBe(4);
  });

  it('is asked by many threads at once', async () => {
    const { tx, thread } = actor(blocking);
    const times = 200;
    const askers = [1, 2, 3].map(() => run<number>('asker.mjs', { data: { tx: tx.clone(), times } }));
    const last = await Promise.all(askers.map((asker) => asker.join()));
    expect(Math.max(...last)).toBe(3 * times);
    tx.drop();
    expect(await thread.join()).toBe(3 * times);
  });

  it('that forgets a request: who asked is told, the next request is answered', async () => {
    const { tx } = actor(blocking);
    expectFailure(
      await rejection(ask<typeof tx, number>(tx, (reply) => ({ op: 'forget', reply }))),
      'RecvError',
      'ERR_DISCONNECTED',
    );
    expect(await ask<typeof tx, number>(tx, (reply) => ({ op: 'get', reply }))).toBe(0);
  });

  it.each(['exit', 'throw'] as const)('that dies of a request (%s): all who asked are told', async (op) => {
    const { tx, thread } = actor(blocking);
    thread.join().catch(() => undefined);
    const first = rejection(ask<typeof tx, number>(tx, (reply) => ({ op, reply })));
    const behind = rejection(ask<typeof tx, number>(tx, (reply) => ({ op: 'get', reply })));
    expectFailure(await first, 'RecvError', 'ERR_DISCONNECTED');
    expect((await behind).message).toContain('cannot');
    await until(() => tx.isDisconnected);
    expectFailure(
      await rejection(ask<typeof tx, number>(tx, (reply) => ({ op: 'get', reply }))),
      'SendError',
      'ERR_DISCONNECTED',
    );
  });

  it('that is terminated while it holds a request: who asked is told', async () => {
    const { tx, thread } = actor(blocking);
    const answer = rejection(ask<typeof tx, number>(tx, (reply) => ({ op: 'hang', reply })));
    await until(() => tx.length === 0); // it has taken the request
    await thread.terminate();
    expectFailure(await answer, 'RecvError', 'ERR_DISCONNECTED');
  });
});
