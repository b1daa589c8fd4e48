/** api.md §2.5: `ask`. However it ends, its reply channel is gone. */
import { ask, bounded, inspect, isChannelError, oneshot, type Receiver, type Sender, unbounded } from '@beamline/core';
import { expectFailure, expectInvalid, rejection } from '../support/failure';
import { turns } from '../support/turns';

type Command = { readonly what: string; readonly reply: Sender<number> };

let tx: Sender<Command>;
let rx: Receiver<Command>;
let owned: { drop(): void }[] = [];

beforeEach(() => {
  [tx, rx] = bounded<Command>(1, { name: 'actor' });
  owned = [tx, rx];
});

/** Each test ends with it: nothing is left of any reply channel. */
afterEach(() => {
  for (const handle of owned) handle.drop();
  expect(inspect().channels).toEqual([]);
});

const request = (reply: Sender<number>): Command => ({ what: 'count', reply });
/** A request that fills the channel. Nobody waits for its answer. */
function fill(): void {
  const [reply, answer] = oneshot<number>();
  answer.drop();
  tx.trySend(request(reply));
}
const replyChannels = (): unknown[] => inspect().channels.filter(({ kind }) => kind === 'oneshot');

it('resolves with the answer', async () => {
  const answer = ask(tx, (reply) => ({ what: 'count', reply }));
  const { what, reply } = await rx.recv();
  expect(what).toBe('count');
  expect(reply.trySend(3)).toEqual({ ok: true });
  expect(await answer).toBe(3);
  expect(replyChannels()).toHaveLength(1); // the actor's
  reply.drop();
});

it('the answer may be anything that travels, handles included', async () => {
  const [asking, asked] = unbounded<{ reply: Sender<{ rx: Receiver<string> }> }>();
  owned.push(asking, asked);
  const answer = ask(asking, (reply) => ({ reply }));
  const [inner, given] = unbounded<string>();
  owned.push(inner);
  using reply = (await asked.recv()).reply;
  reply.sendSync({ rx: given });
  const result = await answer;
  owned.push(result.rx);
  inner.sendSync('through');
  expect(result.rx.recvSync()).toBe('through');
});

it('the request may be the sender itself', async () => {
  const [asking, asked] = bounded<Sender<string>>(1);
  owned.push(asking, asked);
  const answer = ask(asking, (reply) => reply);
  using reply = asked.recvSync();
  reply.sendSync('yes');
  expect(await answer).toBe('yes');
});

it('an answer that was sent before the actor left counts', async () => {
  const answer = ask(tx, request);
  using reply = rx.recvSync().reply;
  reply.sendSync(1);
  rx.drop();
  expect(await answer).toBe(1);
});

it('many may ask at once, each gets its own answer', async () => {
  const answers = Array.from({ length: 100 }, (_, i) => ask(tx, (reply) => ({ what: 'x'.repeat(i), reply })));
  for (let i = 0; i < 100; i++) {
    const { what, reply } = await rx.recv();
    reply.sendSync(what.length);
    reply.drop();
  }
  expect(await Promise.all(answers)).toEqual(Array.from({ length: 100 }, (_, i) => i));
});

describe('without an answer', () => {
  it('whoever takes the request and drops the reply: RecvError', async () => {
    const answer = rejection(ask(tx, request));
    rx.recvSync().reply.drop();
    const error = await answer;
    expectFailure(error, 'RecvError', 'ERR_DISCONNECTED');
    expect(error.message).toContain('cannot ask');
  });

  it('whoever drops the channel with the request still in it: RecvError', async () => {
    const answer = rejection(ask(tx, request));
    await turns();
    rx.drop();
    expectFailure(await answer, 'RecvError', 'ERR_DISCONNECTED');
  });

  it('nobody there: SendError with the request, whose reply is gone', async () => {
    rx.drop();
    const error = await rejection(ask(tx, request));
    expectFailure(error, 'SendError', 'ERR_DISCONNECTED');
    expect((error.value as Command).what).toBe('count');
    expect((error.value as Command).reply.drop).toBeInstanceOf(Function);
    expect(replyChannels()).toEqual([]);
  });

  it('the sender that asks is dropped while the request waits for room: ERR_HANDLE_DROPPED', async () => {
    fill();
    const answer = rejection(ask(tx, request));
    tx.drop();
    expectFailure(await answer, 'HandleError', 'ERR_HANDLE_DROPPED');
    for (const { reply } of rx.tryIter()) reply.drop();
  });

  it('the sender that asked may be dropped once the request was sent', async () => {
    const answer = ask(tx, request);
    tx.drop();
    using reply = rx.recvSync().reply;
    reply.sendSync(4);
    expect(await answer).toBe(4);
  });

  it('an answer that cannot be cloned is the problem of who answers', async () => {
    const answer = rejection(ask(tx, request));
    const { reply } = rx.recvSync();
    expect(() => reply.trySend((() => 1) as never)).toThrow(expect.objectContaining({ code: 'ERR_DATA_CLONE' }));
    reply.drop();
    expectFailure(await answer, 'RecvError', 'ERR_DISCONNECTED');
  });
});

describe('limits span request and answer', () => {
  it('a timeout while the request waits for room: TimeoutError with the request, which was not sent', async () => {
    fill();
    const error = await rejection(ask(tx, request, { timeout: 5 }));
    expectFailure(error, 'TimeoutError', 'ERR_TIMEOUT');
    expect((error.value as Command).what).toBe('count');
    rx.recvSync().reply.drop();
    expect(rx.tryRecv()).toEqual({ ok: false, reason: 'empty' });
  });

  it('a timeout while the answer is awaited: TimeoutError, and an answer is too late', async () => {
    const error = await rejection(ask(tx, request, { timeout: 5 }));
    expectFailure(error, 'TimeoutError', 'ERR_TIMEOUT');
    expect(error.message).toContain('cannot ask');
    using reply = rx.recvSync().reply;
    expect(reply.trySend(1)).toEqual({ ok: false, reason: 'disconnected' });
  });

  it('tries first, then looks at the clock: no time at all is enough to send the request', async () => {
    expectFailure(await rejection(ask(tx, request, { timeout: 0 })), 'TimeoutError', 'ERR_TIMEOUT');
    rx.recvSync().reply.drop();
  });

  it('an abort ends either wait with its reason, and leaves nothing behind', async () => {
    for (const moment of ['room', 'answer']) {
      const controller = new AbortController();
      if (moment === 'room') fill();
      const answer = rejection(ask(tx, request, { signal: controller.signal }));
      await turns();
      controller.abort(new Error(moment));
      expect((await answer).message).toBe(moment);
      rx.recvSync().reply.drop();
      expect(rx.length).toBe(0);
    }
  });

  it('a signal that is aborted already: nothing is tried, message is not called', async () => {
    let called = false;
    const reason = new Error('before');
    const error = await rejection(ask(tx, (reply) => ((called = true), request(reply)), { signal: AbortSignal.abort(reason) }));
    expect(error).toBe(reason);
    expect(called).toBe(false);
    expect(rx.length).toBe(0);
  });
});

describe('requests that are none', () => {
  it('one that does not carry the reply fails at once, and has been sent', async () => {
    const error = await rejection(ask<typeof tx, number>(tx, () => ({ what: 'no reply' }) as never));
    expectFailure(error, 'RecvError', 'ERR_DISCONNECTED');
    expect(rx.recvSync().what).toBe('no reply');
  });

  it('a clone of the reply that was kept elsewhere can answer', async () => {
    let kept: Sender<number> | undefined;
    const answer = ask<typeof tx, number>(tx, (reply) => {
      kept = reply.clone();
      return { what: 'later' } as never;
    });
    rx.recvSync();
    kept!.sendSync(9);
    kept!.drop();
    expect(await answer).toBe(9);
  });

  it('what message throws is what ask rejects with', async () => {
    const problem = new Error('mine');
    let seen: Sender<number> | undefined;
    const error = await rejection(
      ask(tx, (reply) => {
        seen = reply;
        throw problem;
      }),
    );
    expect(error).toBe(problem);
    expect(() => seen!.trySend(1)).toThrow(expect.objectContaining({ code: 'ERR_HANDLE_DROPPED' }));
    expect(rx.length).toBe(0);
  });

  it('one that cannot be sent is refused, and nothing is left', async () => {
    expectFailure(await rejection(ask(tx, (reply) => ({ what: (() => 1) as never, reply }))), 'DataCloneError', 'ERR_DATA_CLONE');
    expectFailure(await rejection(ask(tx, (async () => request) as never)), 'DataCloneError', 'ERR_DATA_CLONE');
  });

  it('bad arguments reject, and never throw', async () => {
    for (const [handle, message, options] of [
      [undefined, request, undefined],
      [rx, request, undefined],
      [{}, request, undefined],
      [tx, undefined, undefined],
      [tx, 'text', undefined],
      [tx, request, 5],
      [tx, request, { timeout: -1 }],
      [tx, request, { timeout: NaN }],
      [tx, request, { signal: {} }],
    ]) {
      expectInvalid(await rejection(ask(handle as never, message as never, options as never)));
    }
  });

  it('a handle that is gone asks nothing', async () => {
    const [gone, other] = bounded<Command>(1);
    gone.drop();
    other.drop();
    let called = false;
    const error = await rejection(ask(gone, (reply) => ((called = true), request(reply))));
    expectFailure(error, 'HandleError', 'ERR_HANDLE_DROPPED');
    expect(isChannelError(error)).toBe(true);
    expect(called).toBe(false);
  });
});
