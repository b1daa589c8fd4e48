/** api.md §1: the three forms of every operation, and that they are forms of one thing. */
import type { Receiver, Sender } from '@beamline/core';
import { expectFailure, rejection, thrown } from '../../support/failure';
import { isPending, range, turns } from '../../support/turns';
import { type Bench, fill, put } from '../flavor';

const sends: Record<string, (tx: Sender<unknown>, value: unknown) => unknown> = {
  trySend: (tx, value) => expect(tx.trySend(value)).toEqual({ ok: true }),
  send: (tx, value) => tx.send(value),
  sendSync: (tx, value) => tx.sendSync(value),
};

const receives: Record<string, (rx: Receiver<unknown>) => unknown> = {
  tryRecv: (rx) => {
    const result = rx.tryRecv();
    expect(result).toMatchObject({ ok: true });
    return result.ok ? result.value : undefined;
  },
  recv: (rx) => rx.recv(),
  recvSync: (rx) => rx.recvSync(),
};

export function operations({ flavor, make, own }: Bench): void {
  const isBounded = Number.isFinite(flavor.capacity);
  const hasBuffer = flavor.capacity > 0;

  const forms = Object.keys(sends).flatMap((send) => Object.keys(receives).map((recv) => [send, recv] as const));

  if (hasBuffer) {
    it.each(forms)('%s hands a message to %s', async (send, recv) => {
      const [tx, rx] = make();
      await sends[send]!(tx, { n: 1 });
      expect(await receives[recv]!(rx)).toEqual({ n: 1 });
    });
  }

  it.each(Object.keys(receives))('undefined and null are ordinary messages to %s', async (recv) => {
    const [tx, rx] = make();
    for (const value of [undefined, null]) {
      put(tx, value);
      expect(await receives[recv]!(rx)).toBe(value);
    }
  });

  if (hasBuffer) {
    it('the try forms return plain results', () => {
      const [tx, rx] = make<string>();
      expect(tx.trySend('a')).toEqual({ ok: true });
      expect(rx.tryRecv()).toEqual({ ok: true, value: 'a' });
      expect(rx.tryRecv()).toEqual({ ok: false, reason: 'empty' });
    });

    it('a result with the message undefined still says ok', () => {
      const [tx, rx] = make<undefined>();
      put(tx, undefined);
      expect(rx.tryRecv()).toEqual({ ok: true, value: undefined });
      expect(rx.tryRecv()).toEqual({ ok: false, reason: 'empty' });
    });

    it('send resolves with nothing and sendSync returns nothing', async () => {
      const [tx, rx] = make<number>();
      await expect(tx.send(1)).resolves.toBeUndefined();
      await rx.recv();
      expect(tx.sendSync(2)).toBeUndefined();
    });
  }

  it('tryRecv on an empty channel says empty, again and again', () => {
    const [, rx] = make();
    for (let i = 0; i < 3; i++) expect(rx.tryRecv()).toEqual({ ok: false, reason: 'empty' });
  });

  it.each(['trySend', 'sendSync', 'send'])('a waiting recv gets the message of a later %s', async (send) => {
    const [tx, rx] = make<unknown>();
    const received = rx.recv();
    expect(await isPending(received)).toBe(true);
    await sends[send]!(tx, 'late');
    expect(await received).toBe('late');
  });

  it('several waiting receives get one message each', async () => {
    const [tx, rx] = make<number>();
    const rx2 = rx.clone();
    const received = [rx.recv(), rx2.recv(), rx.recv(), rx2.recv()];
    await turns();
    for (const i of range(4)) await tx.send(i);
    expect((await Promise.all(received)).sort()).toEqual([0, 1, 2, 3]);
    expect(rx.tryRecv()).toEqual({ ok: false, reason: 'empty' });
    rx2.drop();
  });

  it('each message goes to exactly one of several receivers', async () => {
    const [tx, rx] = make<number>();
    const receivers = [rx, rx.clone(), rx.clone()];
    const seen: number[] = [];
    const consumers = receivers.map(async (receiver) => {
      for await (const value of receiver) seen.push(value);
      receiver.drop();
    });
    for (const i of range(100)) await tx.send(i);
    tx.drop();
    await Promise.all(consumers);
    expect(seen.sort((a, b) => a - b)).toEqual(range(100));
  });

  it('messages of one sender arrive in the order of its sends, waited for or not', async () => {
    const [tx, rx] = make<number>();
    const sent = Promise.all(range(20).map((i) => tx.send(i)));
    const received: number[] = [];
    for (let i = 0; i < 20; i++) received.push(await rx.recv());
    await sent;
    expect(received).toEqual(range(20));
  });

  it('producers and consumers as tasks of one thread exchange everything, each consumer in order per sender', async () => {
    const [tx, rx] = make<[number, number]>();
    const seen = new Set<string>();
    const producers = range(3).map(async (id) => {
      const sender = own(tx.clone());
      for (const i of range(200)) await sender.send([id, i]);
      sender.drop();
    });
    const consumers = range(3).map(async () => {
      const last = [-1, -1, -1];
      for await (const [id, i] of rx) {
        expect(i).toBeGreaterThan(last[id]!);
        last[id] = i;
        expect(seen.has(`${String(id)} ${String(i)}`)).toBe(false);
        seen.add(`${String(id)} ${String(i)}`);
      }
    });
    tx.drop();
    await Promise.all([...producers, ...consumers]);
    expect(seen.size).toBe(600);
  });

  it('requests and replies go back and forth over two channels', async () => {
    const [requests, requested] = make<number>();
    const [replies, replied] = make<number>();
    const server = (async () => {
      for await (const n of requested) await replies.send(n * n);
      replies.drop();
    })();
    for (const n of range(50)) {
      await requests.send(n);
      expect(await replied.recv()).toBe(n * n);
    }
    requests.drop();
    await server;
    expectFailure(await rejection(replied.recv()), 'RecvError', 'ERR_DISCONNECTED');
  });

  it('a try receive beside a pending one of the same thread neither loses nor doubles a message', async () => {
    const [tx, rx] = make<string>();
    const pending = rx.recv();
    await turns();
    put(tx, 'first');
    const tried = rx.tryRecv(); // whoever wins
    put(tx, 'second');
    const second = tried.ok ? undefined : await rx.recv();
    const values = [await pending, tried.ok ? tried.value : second];
    expect(values.sort()).toEqual(['first', 'second']);
    expect(rx.tryRecv()).toEqual({ ok: false, reason: 'empty' });
  });

  it('a blocking receive on one channel leaves a pending one on another intact', async () => {
    const [tx1, rx1] = make<string>();
    const [, rx2] = make<string>();
    const pending = rx1.recv();
    await turns();
    expectFailure(
      thrown(() => rx2.recvSync({ timeout: 5 })),
      'TimeoutError',
      'ERR_TIMEOUT',
    );
    put(tx1, 'still here');
    expect(await pending).toBe('still here');
  });

  if (isBounded) {
    it('trySend on a full channel says full and sends nothing', () => {
      const [tx, rx] = make<number>();
      fill(tx);
      expect(tx.trySend(-1)).toEqual({ ok: false, reason: 'full' });
      expect([...rx.tryIter()]).toEqual(range(flavor.capacity));
    });

    if (hasBuffer) {
      it.each(Object.keys(receives))('a waiting send completes when %s makes room', async (recv) => {
        const [tx, rx] = make<unknown>();
        const count = fill(tx);
        const sent = tx.send('waited');
        expect(await isPending(sent)).toBe(true);
        expect(await receives[recv]!(rx)).toBe(0);
        await expect(sent).resolves.toBeUndefined();
        for (let i = 1; i < count; i++) expect(rx.recvSync()).toBe(i);
        expect(rx.recvSync()).toBe('waited');
      });

      it('waiting sends complete one for each room made', async () => {
        const [tx, rx] = make<number>();
        const count = fill(tx);
        const first = tx.send(count);
        const second = tx.send(count + 1);
        await turns();
        expect(rx.recvSync()).toBe(0);
        await first;
        expect(await isPending(second)).toBe(true);
        expect(rx.recvSync()).toBe(1);
        await second;
        expect([...rx.tryIter()]).toEqual(range(count, 2));
      });
    }

    it('a full channel still says disconnected once its receivers are gone', () => {
      const [tx, rx] = make<number>();
      fill(tx);
      rx.drop();
      expect(tx.trySend(1)).toEqual({ ok: false, reason: 'disconnected' });
    });
  } else {
    it('an unbounded channel is never full and its sends never wait', async () => {
      const [tx, rx] = make<number>();
      for (const i of range(1000)) expect(tx.trySend(i)).toEqual({ ok: true });
      for (const i of range(1000, 1000)) tx.sendSync(i, { timeout: 0 });
      for (const i of range(1000, 2000)) await tx.send(i, { deadline: 0 });
      expect([...rx.tryIter()]).toEqual(range(3000));
    });
  }
}
