/** api.md §1: abort signals. An aborted operation has had no effect, and a signal carries at most one listener. */
import { getEventListeners } from 'node:events';
import type { Receiver, Sender, WaitOptions } from '@beamline/core';
import { expectFailure, rejection, type Failure } from '../../support/failure';
import { isPending, range, turns } from '../../support/turns';
import { type Bench, fill, put } from '../flavor';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

const receives = (rx: Receiver<number>): Record<string, (options: WaitOptions) => Promise<unknown>> => ({
  recv: (options) => rx.recv(options),
  recvMany: (options) => rx.recvMany(2, options),
});

const sends = (tx: Sender<number>): Record<string, (options: WaitOptions) => Promise<unknown>> => ({
  send: (options) => tx.send(-1, options),
  sendMany: (options) => tx.sendMany([-1, -2], options),
});

export function signals({ flavor, make, own }: Bench): void {
  const isBounded = Number.isFinite(flavor.capacity);

  describe.each(['recv', 'recvMany'])('%s', (form) => {
    it('with an aborted signal rejects with its reason before anything is tried', async () => {
      const [tx, rx] = make<number>();
      put(tx, 1);
      const reason = new Error('not today');
      expect(await rejection(receives(rx)[form]!({ signal: AbortSignal.abort(reason) }))).toBe(reason);
      expect(rx.length).toBe(Math.min(flavor.capacity, 1));
      expect(rx.recvSync()).toBe(1);
    });

    it('rejects with the reason of an abort that comes while it waits', async () => {
      const [, rx] = make<number>();
      const controller = new AbortController();
      const received = receives(rx)[form]!({ signal: controller.signal });
      expect(await isPending(received)).toBe(true);
      const reason = { any: 'value' };
      controller.abort(reason);
      expect(await rejection(received)).toBe(reason);
      expect(listeners(controller.signal)).toBe(0);
    });
  });

  describe.each(['send', 'sendMany'])('%s', (form) => {
    it('with an aborted signal rejects with its reason and sends nothing', async () => {
      const [tx, rx] = make<number>();
      const reason = new Error('not today');
      expect(await rejection(sends(tx)[form]!({ signal: AbortSignal.abort(reason) }))).toBe(reason);
      expect(rx.isEmpty).toBe(true);
    });

    if (isBounded) {
      it('rejects with the reason of an abort that comes while it waits, and has sent nothing', async () => {
        const [tx, rx] = make<number>();
        fill(tx);
        const controller = new AbortController();
        const sent = sends(tx)[form]!({ signal: controller.signal });
        expect(await isPending(sent)).toBe(true);
        const reason = { any: 'value' };
        controller.abort(reason);
        expect(await rejection(sent)).toBe(reason);
        expect(listeners(controller.signal)).toBe(0);
        expect([...rx.tryIter()]).toEqual(range(flavor.capacity));
        await turns();
        expect(rx.isEmpty).toBe(true);
      });
    }
  });

  it('an abort without a reason gives the platform’s AbortError', async () => {
    const [, rx] = make<number>();
    const controller = new AbortController();
    const received = rx.recv({ signal: controller.signal });
    controller.abort();
    const error = await rejection(received);
    expect(error).toBe(controller.signal.reason as Failure);
    expect(error.name).toBe('AbortError');
  });

  it('a signal that times out by itself ends the operation with its own error', async () => {
    const [, rx] = make<number>();
    const signal = AbortSignal.timeout(5);
    const error = await rejection(rx.recv({ signal }));
    expect(error).toBe(signal.reason as Failure);
  });

  it('an operation that completes ignores a later abort', async () => {
    const [tx, rx] = make<number>();
    const controller = new AbortController();
    const { signal } = controller;
    expect(await Promise.all([tx.send(1, { signal }), rx.recv({ signal })])).toEqual([undefined, 1]);
    const received = rx.recv({ signal });
    put(tx, 2);
    expect(await received).toBe(2);
    expect(listeners(signal)).toBe(0);
    controller.abort();
    put(tx, 3);
    expect(rx.recvSync()).toBe(3);
  });

  it('a message sent after the abort goes to whoever still waits', async () => {
    const [tx, rx] = make<number>();
    const controller = new AbortController();
    const first = rejection(rx.recv({ signal: controller.signal }));
    const second = rx.recv();
    await turns();
    controller.abort('gone');
    put(tx, 1);
    expect(await first).toBe('gone');
    expect(await second).toBe(1);
  });

  it('an abort in the same moment as the message neither loses nor doubles it', async () => {
    for (const abortFirst of [true, false]) {
      const [tx, rx] = make<number>();
      const controller = new AbortController();
      const outcome = rx.recv({ signal: controller.signal }).then(
        (value) => [value],
        () => [],
      );
      await turns();
      if (abortFirst) controller.abort();
      put(tx, 1);
      if (!abortFirst) controller.abort();
      const values = [...(await outcome), ...rx.tryIter()];
      expect(values).toEqual([1]);
      if (abortFirst) expect(await outcome).toEqual([]);
    }
  });

  it('an abort after the wake-up passes the message on to the next that waits', async () => {
    const [tx, rx] = make<number>();
    const controller = new AbortController();
    const first = rx.recv({ signal: controller.signal }).catch(() => 'aborted');
    const second = rx.recv();
    await turns();
    put(tx, 1);
    controller.abort();
    if ((await first) !== 'aborted') put(tx, 2);
    expect([1, 2]).toContain(await second);
    expect(rx.isEmpty).toBe(true);
  });

  it('a thousand operations on one signal put one listener on it, and none when they are done', async () => {
    const [tx, rx] = make<number>();
    const [, other] = make<number>();
    const controller = new AbortController();
    const { signal } = controller;
    const received = range(1000).map((i) => rejection((i % 2 === 0 ? rx : other).recv({ signal })));
    await turns();
    expect(listeners(signal)).toBe(1);
    controller.abort('all of you');
    expect(new Set(await Promise.all(received))).toEqual(new Set(['all of you']));
    expect(listeners(signal)).toBe(0);
    put(tx, 1);
    expect(rx.recvSync()).toBe(1);
  });

  it('the listener goes with the last operation that waits, however it ends', async () => {
    const [tx, rx] = make<number>();
    const { signal } = new AbortController();
    const clone = own(rx.clone());
    const completed = rx.recv({ signal });
    const timedOut = rejection(rx.recv({ signal, timeout: 5 }));
    const dropped = rejection(clone.recv({ signal }));
    await turns();
    expect(listeners(signal)).toBe(1);
    clone.drop();
    expectFailure(await dropped, 'HandleError', 'ERR_HANDLE_DROPPED');
    expectFailure(await timedOut, 'TimeoutError', 'ERR_TIMEOUT');
    expect(listeners(signal)).toBe(1);
    put(tx, 1);
    expect(await completed).toBe(1);
    expect(listeners(signal)).toBe(0);
    const disconnected = rejection(rx.recv({ signal }));
    await turns();
    expect(listeners(signal)).toBe(1);
    tx.drop();
    expectFailure(await disconnected, 'RecvError', 'ERR_DISCONNECTED');
    expect(listeners(signal)).toBe(0);
  });

  it('operations on different signals end each with its own', async () => {
    const [, rx] = make<number>();
    const controllers = range(5).map(() => new AbortController());
    const received = controllers.map(({ signal }) => rejection(rx.recv({ signal })));
    await turns();
    controllers[3]!.abort(3);
    expect(await received[3]).toBe(3);
    expect(await isPending(received[0]!)).toBe(true);
    for (const [i, controller] of controllers.entries()) controller.abort(i);
    expect(await Promise.all(received)).toEqual(range(5));
  });

  it('signal, timeout and deadline together: the first to happen decides', async () => {
    const [, rx] = make<number>();
    const { signal } = new AbortController();
    expectFailure(await rejection(rx.recv({ signal, timeout: 5 })), 'TimeoutError', 'ERR_TIMEOUT');
    const controller = new AbortController();
    const received = rejection(rx.recv({ signal: controller.signal, timeout: 60_000 }));
    controller.abort('first');
    expect(await received).toBe('first');
  });

  it('an already aborted signal wins over an expired time limit', async () => {
    const [, rx] = make<number>();
    expect(await rejection(rx.recv({ signal: AbortSignal.abort('aborted'), timeout: 0 }))).toBe('aborted');
  });

  if (isBounded) {
    it('an aborted send leaves the room to the one that still waits', async () => {
      const [tx, rx] = make<number>();
      const count = fill(tx);
      const controller = new AbortController();
      const first = rejection(tx.send(-1, { signal: controller.signal }));
      const second = tx.send(count);
      await turns();
      controller.abort('gone');
      expect(rx.recvSync()).toBe(0);
      expect(await first).toBe('gone');
      await second;
      expect([...rx.tryIter()]).toEqual(range(count, 1));
    });
  }
}
