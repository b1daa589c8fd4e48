/** api.md §3: channels can be sent through channels. A handle in a message moves; if the send fails, it is usable again. */
import { Receiver, Sender } from '@beamline/core';
import { expectFailure, rejection, thrown, type Failure } from '../../support/failure';
import { range, turns } from '../../support/turns';
import { type Bench, fill, put } from '../flavor';
import { receiverUses, senderUses } from './handles';

export function handlesInMessages({ flavor, make, own }: Bench): void {
  const isBounded = Number.isFinite(flavor.capacity);
  const hasBuffer = flavor.capacity > 0;

  const forms: Record<string, (tx: Sender<unknown>, value: unknown) => unknown> = {
    trySend: (tx, value) => tx.trySend(value),
    send: (tx, value) => tx.send(value),
    sendSync: (tx, value) => tx.sendSync(value),
    trySendMany: (tx, value) => tx.trySendMany([value]),
    sendMany: (tx, value) => tx.sendMany([value]),
    sendManySync: (tx, value) => tx.sendManySync([value]),
  };

  it.each(Object.keys(forms))('a sender and a receiver sent with %s work where they arrive', async (form) => {
    const [carrier, carried] = make<unknown>();
    const [tx, rx] = make<string>({ name: 'inner' });
    const { id } = tx;
    const received = hasBuffer ? undefined : carried.recv();
    await forms[form]!(carrier, { tx, rx });
    const arrived = (await (received ?? carried.recv())) as { tx: Sender<string>; rx: Receiver<string> };
    own(arrived.tx);
    own(arrived.rx);
    expect(arrived.tx).toBeInstanceOf(Sender);
    expect(arrived.rx).toBeInstanceOf(Receiver);
    expect([arrived.tx.id, arrived.rx.id, arrived.tx.name]).toEqual([id, id, 'inner']);
    expect([arrived.tx.senderCount, arrived.tx.receiverCount]).toEqual([1, 1]);
    put(arrived.tx, 'through');
    expect(await arrived.rx.recv()).toBe('through');
  });

  it('a handle may be the message itself', () => {
    const [carrier, carried] = make<Sender<number>>();
    const [tx, rx] = make<number>();
    put(carrier, tx);
    put(own(carried.recvSync()), 1);
    expect(rx.recvSync()).toBe(1);
  });

  it('handles are found anywhere in the value, at any depth', () => {
    const [carrier, carried] = make<unknown>();
    const wraps: ((handle: Sender<number>) => unknown)[] = [
      (h) => [1, [2, [h]]],
      (h) => ({ a: { b: { c: h } } }),
      (h) => new Map([['key', h]]),
      (h) => new Map([[h, 'value']]),
      (h) => new Set([h]),
      (h) => range(100).reduce<unknown>((inner) => ({ inner }), h),
    ];
    const find = (value: unknown): Sender<number> => {
      if (value instanceof Sender) return value;
      if (value instanceof Map) return find([...value].flat().find((v) => typeof v === 'object'));
      if (value instanceof Set || Array.isArray(value)) return find([...value].find((v) => typeof v === 'object'));
      return find(Object.values(value as object)[0]);
    };
    for (const wrap of wraps) {
      const [tx, rx] = make<number>();
      put(carrier, wrap(tx));
      expectFailure(
        thrown(() => tx.trySend(0)),
        'HandleError',
        'ERR_HANDLE_MOVED',
      );
      put(own(find(carried.recvSync())), 5);
      expect(rx.recvSync()).toBe(5);
    }
  });

  it('many handles travel in one message', () => {
    const [carrier, carried] = make<Sender<number>[]>();
    const channels = range(40).map(() => make<number>());
    put(
      carrier,
      channels.map(([tx]) => tx),
    );
    for (const [i, tx] of carried.recvSync().entries()) put(own(tx), i);
    for (const [i, [, rx]] of channels.entries()) expect(rx.recvSync()).toBe(i);
  });

  it('a handle that occurs twice in one message arrives as one handle', () => {
    const [carrier, carried] = make<Sender<number>[]>();
    const [tx, rx] = make<number>();
    put(carrier, [tx, tx]);
    const [a, b] = carried.recvSync();
    expect(own(a!)).toBe(b);
    expect(rx.senderCount).toBe(1);
  });

  it.each(Object.keys(senderUses))('after its move, %s on the local sender fails with ERR_HANDLE_MOVED', async (use) => {
    const [carrier, carried] = make<unknown>();
    const [tx, rx] = make<unknown>();
    put(carrier, [tx]);
    expectFailure(await senderUses[use]!(tx), 'HandleError', 'ERR_HANDLE_MOVED');
    put(own((carried.recvSync() as Sender<unknown>[])[0]!), 1);
    expectFailure(await senderUses[use]!(tx), 'HandleError', 'ERR_HANDLE_MOVED');
    expect(rx.recvSync()).toBe(1);
  });

  it.each(Object.keys(receiverUses))('after its move, %s on the local receiver fails with ERR_HANDLE_MOVED', async (use) => {
    const [carrier, carried] = make<unknown>();
    const [tx, rx] = make<unknown>();
    put(tx, 'kept');
    put(carrier, [rx]);
    expectFailure(await receiverUses[use]!(rx), 'HandleError', 'ERR_HANDLE_MOVED');
    expect(own((carried.recvSync() as Receiver<unknown>[])[0]!).recvSync()).toBe('kept');
  });

  it('what is pending on a handle that moves away is rejected', async () => {
    const [carrier, carried] = make<unknown>();
    const [tx, rx] = make<number>();
    const pending = rejection(rx.recv());
    await turns();
    put(carrier, rx);
    const error = await pending;
    expect(error).toMatchObject({ name: 'HandleError' });
    const arrived = own(carried.recvSync() as Receiver<number>);
    put(tx, 1);
    expect(arrived.recvSync()).toBe(1);
  });

  it('clone() first keeps one', () => {
    const [carrier, carried] = make<Sender<number>>();
    const [tx, rx] = make<number>();
    put(carrier, tx.clone());
    put(tx, 1);
    expect(rx.recvSync()).toBe(1);
    expect(rx.senderCount).toBe(2);
    put(own(carried.recvSync()), 2);
    expect(rx.recvSync()).toBe(2);
  });

  it('a handle on its way keeps its channel connected and counts', async () => {
    const [carrier, carried] = make<Sender<number>>();
    const [tx, rx] = make<number>();
    put(carrier, tx);
    expect(rx.senderCount).toBe(1);
    expect(rx.isDisconnected).toBe(false);
    expect(rx.tryRecv()).toEqual({ ok: false, reason: 'empty' });
    carried.recvSync().drop();
    expectFailure(await rejection(rx.recv()), 'RecvError', 'ERR_DISCONNECTED');
  });

  describe('if the send fails, the handle is usable again', () => {
    type Attempt = (
      carrier: Sender<unknown>,
      carried: Receiver<unknown>,
      value: unknown,
    ) => Failure | Promise<Failure | undefined> | undefined;
    const attempts: Record<string, Attempt> = {
      'trySend without receivers': (tx, rx, value) => {
        rx.drop();
        expect(tx.trySend(value)).toEqual({ ok: false, reason: 'disconnected' });
        return undefined;
      },
      'send without receivers': (tx, rx, value) => (rx.drop(), rejection(tx.send(value))),
      'sendSync without receivers': (tx, rx, value) => (rx.drop(), thrown(() => tx.sendSync(value))),
      'send on a closed channel': (tx, rx, value) => (rx.close(), rejection(tx.send(value))),
      'sendMany without receivers': (tx, rx, value) => (rx.drop(), rejection(tx.sendMany([value]))),
      'trySendMany without receivers': (tx, rx, value) => {
        rx.drop();
        expect(tx.trySendMany([value])).toEqual({ ok: false, reason: 'disconnected', count: 0 });
        return undefined;
      },
      'a value that cannot be cloned beside it': (tx, _, value) => thrown(() => tx.trySend([value, () => 1])),
      'an aborted signal': (tx, _, value) => rejection(tx.send(value, { signal: AbortSignal.abort(new Error('no')) })),
      'a bad option': (tx, _, value) => rejection(tx.send(value, { timeout: -1 })),
      'a dropped sender': (tx, _, value) => (tx.drop(), rejection(tx.send(value))),
    };
    if (isBounded) {
      Object.assign(attempts, {
        'trySend on a full channel': (tx, _, value) => {
          fill(tx as Sender<number>);
          expect(tx.trySend(value)).toEqual({ ok: false, reason: 'full' });
          return undefined;
        },
        'trySendMany on a full channel': (tx, _, value) => {
          fill(tx as Sender<number>);
          expect(tx.trySendMany([value])).toEqual({ ok: false, reason: 'full', count: 0 });
          return undefined;
        },
        'a timeout': (tx, _, value) => (fill(tx as Sender<number>), rejection(tx.send(value, { timeout: 2 }))),
        'a timeout of sendSync': (tx, _, value) => (fill(tx as Sender<number>), thrown(() => tx.sendSync(value, { timeout: 2 }))),
        'a timeout of sendMany': (tx, _, value) => (fill(tx as Sender<number>), rejection(tx.sendMany([value], { timeout: 2 }))),
        'an abort while waiting': async (tx, _, value) => {
          fill(tx as Sender<number>);
          const controller = new AbortController();
          const sent = rejection(tx.send(value, { signal: controller.signal }));
          await turns();
          controller.abort(new Error('no'));
          return sent;
        },
        'the last receiver going while it waits': async (tx, rx, value) => {
          fill(tx as Sender<number>);
          const sent = rejection(tx.send(value));
          await turns();
          rx.drop();
          return sent;
        },
        'its sender dropped while it waits': async (tx, _, value) => {
          fill(tx as Sender<number>);
          const sent = rejection(tx.send(value));
          await turns();
          tx.drop();
          return sent;
        },
      } satisfies Record<string, Attempt>);
    }

    it.each(Object.keys(attempts))('%s', async (how) => {
      const [carrier, carried] = make<unknown>();
      const [tx, rx] = make<number>();
      const value = { deep: [tx] };
      const error = await attempts[how]!(carrier, carried, value);
      if (error && 'value' in error && !Array.isArray(error.value)) expect(error.value).toBe(value);
      put(tx, 1);
      expect(rx.recvSync()).toBe(1);
      expect(rx.senderCount).toBe(1);
      tx.drop();
      expect(rx.isDisconnected).toBe(true);
    });
  });

  if (isBounded) {
    it('a handle in a pending send counts as moved until the send settles', async () => {
      const [carrier, carried] = make<unknown>();
      const [tx, rx] = make<unknown>();
      fill(carrier as Sender<number>);
      const controller = new AbortController();
      const sent = rejection(carrier.send(tx, { signal: controller.signal }));
      await turns();
      for (const use of Object.values(senderUses)) expectFailure(await use(tx), 'HandleError', 'ERR_HANDLE_MOVED');
      expect(rx.isDisconnected).toBe(false);
      controller.abort();
      await sent;
      put(tx, 1);
      expect(rx.recvSync()).toBe(1);
      expect([...carried.tryIter()]).toEqual(range(flavor.capacity));
    });

    it('of a batch, the handles that were accepted have moved, the others are usable', () => {
      const [carrier, carried] = make<Sender<number>>();
      const channels = range(flavor.capacity + 2).map(() => make<number>());
      expect(carrier.trySendMany(channels.map(([tx]) => tx))).toEqual({ ok: false, reason: 'full', count: flavor.capacity });
      for (const [i, [tx, rx]] of channels.entries()) {
        if (i < flavor.capacity) {
          expect(thrown(() => tx.trySend(0))).toMatchObject({ code: 'ERR_HANDLE_MOVED' });
          put(own(carried.recvSync()), i);
        } else {
          put(tx, i);
        }
        expect(rx.recvSync()).toBe(i);
      }
    });
  }

  it('a dropped handle cannot be sent, nor can a moved one', async () => {
    const [carrier, carried] = make<unknown>();
    const [tx, rx] = make<number>();
    rx.drop();
    expectFailure(await rejection(carrier.send({ rx })), 'HandleError', 'ERR_HANDLE_DROPPED');
    put(carrier, tx);
    expectFailure(await rejection(carrier.send([tx])), 'HandleError', 'ERR_HANDLE_MOVED');
    own(carried.recvSync() as Sender<number>);
    expect(carried.isEmpty).toBe(true);
  });

  if (hasBuffer) {
    it('a message that is never received drops the handles in it', async () => {
      const [carrier, carried] = make<unknown>();
      const [tx, rx] = make<number>();
      put(carrier, { tx });
      carrier.drop();
      expect(rx.isDisconnected).toBe(false);
      carried.drop();
      expectFailure(await rejection(rx.recv()), 'RecvError', 'ERR_DISCONNECTED');
    });

    it('a sender of a channel can travel through that very channel', () => {
      const [tx, rx] = make<unknown>();
      put(tx, tx.clone());
      tx.drop();
      const arrived = own(rx.recvSync() as Sender<unknown>);
      put(arrived, 'hello');
      expect(rx.recvSync()).toBe('hello');
      arrived.drop();
      expect(rx.tryRecv()).toEqual({ ok: false, reason: 'disconnected' });
    });

    it('a thousand channels, each through the one before', async () => {
      const [firstTx, first] = make<unknown>();
      let tx = firstTx;
      for (let i = 0; i < 1000; i++) {
        const [nextTx, nextRx] = flavor.make<unknown>();
        await tx.send([nextRx]);
        tx.drop();
        tx = nextTx;
      }
      await tx.send('the end');
      tx.drop();
      let here: unknown = first;
      let depth = 0;
      while (here instanceof Receiver) {
        const value: unknown = await here.recv();
        here.drop();
        here = Array.isArray(value) ? value[0] : value;
        depth++;
      }
      expect(here).toBe('the end');
      expect(depth).toBe(1001);
    });

    it('a thousand channels nested in each other’s buffers are dropped together', () => {
      let [tx, rx] = flavor.make<unknown>();
      for (let i = 0; i < 1000; i++) {
        const [outerTx, outerRx] = flavor.make<unknown>();
        put(outerTx, [rx, tx]);
        tx = outerTx;
        rx = outerRx;
      }
      rx.drop();
      expect(tx.length).toBe(0);
      tx.drop();
    });
  }

  it('the reply channel pattern: a request carries the sender for its answer', async () => {
    interface Request {
      n: number;
      reply: Sender<number>;
    }
    const [requests, requested] = make<Request>();
    const actor = (async () => {
      for await (const { n, reply } of requested) {
        await reply.send(n + 1);
        reply.drop();
      }
    })();
    for (const n of range(20)) {
      const [reply, replied] = make<number>();
      await requests.send({ n, reply });
      expect(await replied.recv()).toBe(n + 1);
      expectFailure(await rejection(replied.recv()), 'RecvError', 'ERR_DISCONNECTED');
    }
    requests.drop();
    await actor;
  });
}
