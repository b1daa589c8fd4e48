/**
 * The rendezvous flavor: what every channel promises, and what only one without a buffer can (api.md §2, §2.1, §2.2). Mirrors the
 * behaviours of crossbeam's zero suite on one thread; those of two threads are in threads/matrix.test.ts.
 */
import { bounded, inspect, open, type Receiver, type Sender } from '@beamline/core';
import { expectFailure, rejection, thrown } from '../support/failure';
import { randomFrom } from '../support/random';
import { isPending, range, turns } from '../support/turns';
import { channelContract } from './channel-contract';
import { bench, type Flavor } from './flavor';

const flavor: Flavor = { name: 'bounded(0)', kind: 'zero', capacity: 0, make: (options) => bounded(0, options) };

channelContract(flavor);

describe('bounded(0), where nothing is buffered', () => {
  const { make, own } = bench(flavor);

  const used = (): number => inspect().memory.used;
  const snapshot = (id: number) => inspect().channels.find((channel) => channel.id === id);

  type Send = (tx: Sender<unknown>, value: unknown) => unknown;
  type Recv = (rx: Receiver<unknown>) => unknown;

  const waitingSends: Record<string, Send> = {
    send: (tx, value) => tx.send(value),
    'send with limits': (tx, value) => tx.send(value, { timeout: 60_000, signal: new AbortController().signal }),
    sendMany: (tx, value) => tx.sendMany([value]),
    'sendMany of an async source': (tx, value) =>
      tx.sendMany(
        (async function* () {
          yield await Promise.resolve(value);
        })(),
      ),
  };
  const actingSends: Record<string, Send> = {
    trySend: (tx, value) => expect(tx.trySend(value)).toEqual({ ok: true }),
    send: (tx, value) => tx.send(value),
    'send that must not wait': (tx, value) => tx.send(value, { timeout: 0 }),
    sendSync: (tx, value) => tx.sendSync(value),
    'sendSync that must not wait': (tx, value) => tx.sendSync(value, { deadline: 0 }),
    trySendMany: (tx, value) => expect(tx.trySendMany([value])).toEqual({ ok: true, count: 1 }),
    sendMany: (tx, value) => tx.sendMany([value]),
    sendManySync: (tx, value) => expect(tx.sendManySync([value])).toBe(1),
  };
  const waitingReceives: Record<string, Recv> = {
    recv: (rx) => rx.recv(),
    'recv with limits': (rx) => rx.recv({ timeout: 60_000, signal: new AbortController().signal }),
    recvMany: async (rx) => (await rx.recvMany(5))[0],
    'a step of for await': async (rx) => ((await rx[Symbol.asyncIterator]().next()) as { value: unknown }).value,
  };
  const valueOf = (result: { ok: boolean; value?: unknown }): unknown => {
    expect(result).toMatchObject({ ok: true });
    return result.value;
  };
  const actingReceives: Record<string, Recv> = {
    tryRecv: (rx) => valueOf(rx.tryRecv()),
    recv: (rx) => rx.recv(),
    'recv that must not wait': (rx) => rx.recv({ timeout: 0 }),
    recvSync: (rx) => rx.recvSync(),
    'recvSync that must not wait': (rx) => rx.recvSync({ deadline: 0 }),
    tryRecvMany: (rx) => (valueOf(rx.tryRecvMany(3)) as unknown[])[0],
    recvMany: async (rx) => (await rx.recvMany(3))[0],
    recvManySync: (rx) => rx.recvManySync(3)[0],
    'a step of tryIter': (rx) => rx.tryIter().next().value,
    'a step of for..of': (rx) => rx[Symbol.iterator]().next().value,
  };
  const pairs = <A, B>(a: Record<string, A>, b: Record<string, B>): [string, string][] =>
    Object.keys(a).flatMap((x) => Object.keys(b).map((y): [string, string] => [x, y]));
  /** As text without a body, text with one, an object. */
  const values = ['short', 'a text that is longer than a slot', { an: ['object', 1] }, 7, undefined];

  describe('meeting', () => {
    it.each(pairs(waitingSends, actingReceives))('a %s that waits gives its message to %s', async (send, recv) => {
      const [tx, rx] = make();
      for (const value of values) {
        const sent = waitingSends[send]!(tx, value);
        await turns();
        expect(await actingReceives[recv]!(rx)).toEqual(value);
        await sent;
        expect(rx.tryRecv()).toEqual({ ok: false, reason: 'empty' });
      }
    });

    it.each(pairs(waitingReceives, actingSends))('a %s that waits gets the message of %s', async (recv, send) => {
      const [tx, rx] = make();
      for (const value of values) {
        const received = waitingReceives[recv]!(rx);
        await turns();
        await actingSends[send]!(tx, value);
        expect(tx.trySend(value)).toEqual({ ok: false, reason: 'full' });
        expect(await received).toEqual(value);
      }
    });

    it('neither of two that begin in the same tick needs a turn of the event loop to be seen', async () => {
      const [tx, rx] = make<number>();
      const sent = tx.send(1);
      expect(rx.tryRecv()).toEqual({ ok: true, value: 1 });
      const received = rx.recv();
      expect(tx.trySend(2)).toEqual({ ok: true });
      const next = tx.send(3);
      expect(rx.recvSync()).toBe(3);
      const last = rx.recv();
      tx.sendSync(4);
      await Promise.all([sent, next]);
      expect([await received, await last]).toEqual([2, 4]);
    });

    it('trySend and tryRecv find nobody where nobody waits, however often', async () => {
      const [tx, rx] = make<number>();
      for (let i = 0; i < 5; i++) {
        expect(tx.trySend(i)).toEqual({ ok: false, reason: 'full' });
        expect(tx.trySendMany([i, i])).toEqual({ ok: false, reason: 'full', count: 0 });
        expect(rx.tryRecv()).toEqual({ ok: false, reason: 'empty' });
        expect(rx.tryRecvMany(3)).toEqual({ ok: false, reason: 'empty' });
        expect([...rx.tryIter()]).toEqual([]);
        await turns(1);
      }
    });

    it('a send is not done before its message was taken', async () => {
      const [tx, rx] = make<number>();
      const sent = tx.send(1);
      for (let i = 0; i < 5; i++) expect(await isPending(sent)).toBe(true);
      rx.recvSync();
      await expect(sent).resolves.toBeUndefined();
    });

    it('waiting sends are taken first come first served, whichever handle they wait on', async () => {
      const [tx, rx] = make<number>();
      const senders = [tx, ...range(3).map(() => own(tx.clone()))];
      const sent = range(40).map((i) => senders[i % 4]!.send(i));
      const received = range(10).map(() => rx.recvSync());
      for (let i = 0; i < 10; i++) received.push(await rx.recv());
      await turns();
      received.push(...rx.recvManySync(10), ...rx.tryIter());
      await Promise.all(sent);
      expect(received).toEqual(range(40));
    });

    it('waiting receives are served first come first served, whichever handle they wait on', async () => {
      const [tx, rx] = make<number>();
      const receivers = [rx, ...range(3).map(() => own(rx.clone()))];
      const received = range(40).map((i) => receivers[i % 4]!.recv());
      for (const i of range(10)) tx.sendSync(i);
      for (const i of range(10, 10)) await tx.send(i);
      await turns();
      expect(tx.trySendMany(range(10, 20))).toEqual({ ok: true, count: 10 });
      expect(await tx.sendMany(range(10, 30))).toBe(10);
      expect(await Promise.all(received)).toEqual(range(40));
    });

    it('a batch is given to as many as wait, and says how many', async () => {
      const [tx, rx] = make<number>();
      const received = range(3).map(() => rx.recv());
      await turns();
      expect(tx.trySendMany(range(5))).toEqual({ ok: false, reason: 'full', count: 3 });
      expect(await Promise.all(received)).toEqual([0, 1, 2]);
      expect(rx.tryRecv()).toEqual({ ok: false, reason: 'empty' });
    });

    it('a batch receive takes from as many as wait, up to max, and leaves the others waiting', async () => {
      const [tx, rx] = make<number>();
      const sent = range(5).map((i) => tx.send(i));
      await turns();
      expect(rx.tryRecvMany(2)).toEqual({ ok: true, value: [0, 1] });
      await Promise.all(sent.slice(0, 2));
      for (const each of sent.slice(2)) expect(await isPending(each)).toBe(true);
      expect(await rx.recvMany(100)).toEqual([2, 3, 4]);
      await Promise.all(sent);
    });

    it('nothing is ever counted as buffered, on either handle, whoever waits', async () => {
      const [tx, rx] = make<number>();
      const check = (): void => {
        for (const { capacity, length, isEmpty, isFull } of [tx, rx]) {
          expect([capacity, length, isEmpty, isFull]).toEqual([0, 0, true, true]);
        }
      };
      check();
      const sent = range(3).map((i) => tx.send(i));
      await turns();
      check();
      for (const i of range(3)) expect(rx.recvSync()).toBe(i);
      check();
      await Promise.all(sent);
      const received = range(3).map(() => rx.recv());
      await turns();
      check();
      for (const i of range(3)) tx.sendSync(i);
      check();
      await Promise.all(received);
      check();
    });

    it('inspect shows who waits, and how many messages were handed over', async () => {
      const [tx, rx] = make<number>({ name: 'meeting' });
      const look = () => {
        const { kind, capacity, length, sent, received, waiting, closed } = snapshot(tx.id)!;
        return { kind, capacity, length, sent, received, closed, waiting: waiting.map(({ operation }) => operation) };
      };
      const nothing = { kind: 'zero', capacity: 0, length: 0, sent: 0, received: 0, closed: false, waiting: [] };
      expect(look()).toEqual(nothing);
      const sent = [tx.send(1), tx.send(2)];
      await turns();
      expect(look()).toEqual({ ...nothing, waiting: ['send'] });
      expect(rx.tryRecv().ok).toBe(true);
      expect(look()).toMatchObject({ sent: 1, received: 1, length: 0 });
      rx.recvSync();
      await Promise.all(sent);
      const received = rx.recv();
      await turns();
      expect(look()).toEqual({ ...nothing, sent: 2, received: 2, waiting: ['recv'] });
      tx.sendSync(3);
      await received;
      rx.close();
      expect(look()).toEqual({ ...nothing, sent: 3, received: 3, closed: true });
    });

    it('a task that sends and a task that receives meet over and over', async () => {
      const [tx, rx] = make<number>();
      const sender = (async () => {
        for (const i of range(2000)) await tx.send(i);
        tx.drop();
      })();
      const seen: number[] = [];
      for await (const value of rx) seen.push(value);
      await sender;
      expect(seen).toEqual(range(2000));
    });

    it('four tasks send and four receive: each message once, in order per sender', async () => {
      const [tx, rx] = make<[number, number]>();
      const senders = range(4).map(async (id) => {
        const mine = own(tx.clone());
        for (const i of range(150)) {
          if (i % 10 === 0) while (!mine.trySend([id, i]).ok) await turns(1);
          else await mine.send([id, i]);
        }
        mine.drop();
      });
      const seen = new Set<string>();
      const receivers = range(4).map(async (id) => {
        const last = [-1, -1, -1, -1];
        const mine = own(rx.clone());
        for (;;) {
          const batch = id === 0 ? await mine.recvMany(3).catch(() => []) : await mine.recv().then((m) => [m], () => []); // prettier-ignore
          if (batch.length === 0) return;
          for (const [sender, i] of batch) {
            expect(i).toBeGreaterThan(last[sender]!);
            last[sender] = i;
            seen.add(`${String(sender)} ${String(i)}`);
          }
        }
      });
      tx.drop();
      await Promise.all([...senders, ...receivers]);
      expect(seen.size).toBe(600);
      expect(snapshot(rx.id)).toMatchObject({ sent: 600, received: 600 });
    });
  });

  describe('giving up', () => {
    it('a send without time leaves nothing for those who come later', async () => {
      const [tx, rx] = make<object>();
      const value = { mine: true };
      for (const options of [{ timeout: 0 }, { deadline: 0 }]) {
        const errors = [await rejection(tx.send(value, options)), thrown(() => tx.sendSync(value, options))];
        for (const error of errors) {
          expectFailure(error, 'TimeoutError', 'ERR_TIMEOUT');
          expect(error.value).toBe(value);
        }
        expect(rx.tryRecv()).toEqual({ ok: false, reason: 'empty' });
      }
    });

    it('a receive without time leaves no place for those who come later', async () => {
      const [tx, rx] = make<number>();
      for (const options of [{ timeout: 0 }, { deadline: 0 }]) {
        await rejection(rx.recv(options));
        thrown(() => rx.recvSync(options));
        expect(tx.trySend(1)).toEqual({ ok: false, reason: 'full' });
      }
    });

    it('one of several that wait leaves the others in their order', async () => {
      const [tx, rx] = make<number>();
      const controller = new AbortController();
      const sent = range(5).map((i) => tx.send(i, i === 2 ? { signal: controller.signal } : i === 0 ? { timeout: 5 } : {}));
      expectFailure(await rejection(sent[0]!), 'TimeoutError', 'ERR_TIMEOUT');
      controller.abort('no more');
      expect(await rejection(sent[2]!)).toBe('no more');
      expect(range(3).map(() => rx.recvSync())).toEqual([1, 3, 4]);
      await Promise.all([sent[1], sent[3], sent[4]]);
    });

    it.each(['abort', 'drop'])('a %s in the tick in which a partner came is too late', async (how) => {
      const [tx, rx] = make<object>();
      const [mine, theirs] = [own(tx.clone()), own(rx.clone())];
      const value = { n: 1 };
      const controller = new AbortController();
      const end = (handle: Sender<object> | Receiver<object>): void => (how === 'abort' ? controller.abort() : handle.drop());
      const sent = mine.send(value, { signal: controller.signal });
      await turns();
      expect(rx.tryRecv()).toEqual({ ok: true, value });
      end(mine);
      await expect(sent).resolves.toBeUndefined();
      if (how === 'abort') return;
      const received = theirs.recv();
      await turns();
      expect(tx.trySend(value)).toEqual({ ok: true });
      end(theirs);
      expect(await received).toEqual(value);
    });

    it('an abort in the tick in which a message was given is too late for the receive', async () => {
      const [tx, rx] = make<number>();
      const controller = new AbortController();
      const received = rx.recv({ signal: controller.signal });
      await turns();
      tx.sendSync(1);
      controller.abort();
      expect(await received).toBe(1);
    });

    it('waits that are given up leave no memory in use', async () => {
      const [tx, rx] = make<unknown>();
      const body = { text: 'x'.repeat(500) };
      const round = async (): Promise<void> => {
        const controller = new AbortController();
        const { signal } = controller;
        const [tx2, rx2] = [tx.clone(), rx.clone()];
        const pending = [
          ...range(10).map((i) => rejection(tx.send(body, i % 2 === 0 ? { signal } : { timeout: 1 }))),
          rejection(tx2.send(body)),
          rejection(tx.sendMany([body, body], { signal })),
        ];
        await turns();
        controller.abort();
        tx2.drop();
        await Promise.all(pending);
        const second = new AbortController();
        const waiting = [
          ...range(10).map((i) => rejection(rx.recv(i % 2 === 0 ? { signal: second.signal } : { timeout: 1 }))),
          rejection(rx2.recv()),
          rejection(rx.recvMany(3, { signal: second.signal })),
        ];
        await turns();
        second.abort();
        rx2.drop();
        await Promise.all(waiting);
        thrown(() => tx.sendSync(body, { timeout: 0.1 }));
        thrown(() => rx.recvSync({ timeout: 0.1 }));
      };
      await round();
      const before = used();
      for (let i = 0; i < 20; i++) await round();
      expect(used()).toBeLessThanOrEqual(before);
    });
  });

  describe('the end of the channel', () => {
    it.each(['sender', 'receiver'])('close() by the %s hands back what waits to be sent; nobody receives it', async (side) => {
      const [tx, rx] = make<object>();
      const messages = range(3).map((n) => ({ n }));
      const sent = messages.map((message) => rejection(tx.send(message)));
      const batch = rejection(tx.sendMany(messages));
      await turns();
      (side === 'sender' ? tx : rx).close();
      expect(rx.tryRecv()).toEqual({ ok: false, reason: 'disconnected' });
      expect(tx.trySend({})).toEqual({ ok: false, reason: 'disconnected' });
      for (const [i, error] of (await Promise.all(sent)).entries()) {
        expectFailure(error, 'SendError', 'ERR_DISCONNECTED');
        expect(error.value).toBe(messages[i]);
      }
      expect((await batch).value).toEqual(messages);
    });

    it.each(['sender', 'receiver'])('close() by the %s ends what waits to receive', async (side) => {
      const [tx, rx] = make<number>();
      const waiting = [rejection(rx.recv()), rejection(rx.recvMany(3)), rejection(own(rx.clone()).recv({ timeout: 60_000 }))];
      const loop = (async () => {
        for await (const value of rx) return value;
        return 'ended';
      })();
      await turns();
      (side === 'sender' ? tx : rx).close();
      for (const error of await Promise.all(waiting)) expectFailure(error, 'RecvError', 'ERR_DISCONNECTED');
      expect(await loop).toBe('ended');
    });

    it('what was handed over before the close in the same tick stays handed over', async () => {
      const [tx, rx] = make<number>();
      const received = rx.recv();
      const late = rejection(rx.recv());
      await turns();
      expect(tx.trySend(1)).toEqual({ ok: true });
      tx.close();
      expect(await received).toBe(1);
      expectFailure(await late, 'RecvError', 'ERR_DISCONNECTED');
      const [tx2, rx2] = make<number>();
      const sent = tx2.send(1);
      await turns();
      expect(rx2.tryRecv()).toEqual({ ok: true, value: 1 });
      rx2.drop();
      await expect(sent).resolves.toBeUndefined();
    });

    it('the last receiver going hands back what waits, from every sender', async () => {
      const [tx, rx] = make<object>();
      const clone = own(rx.clone());
      const senders = range(4).map(() => own(tx.clone()));
      const messages = senders.map((_, n) => ({ n }));
      const sent = senders.map((sender, i) => rejection(sender.send(messages[i]!)));
      await turns();
      rx.drop();
      for (const each of sent) expect(await isPending(each)).toBe(true);
      clone.drop();
      for (const [i, error] of (await Promise.all(sent)).entries()) {
        expectFailure(error, 'SendError', 'ERR_DISCONNECTED');
        expect(error.value).toBe(messages[i]);
      }
    });

    it('dropping one of several senders ends its own waits only', async () => {
      const [tx, rx] = make<number>();
      const gone = own(tx.clone());
      const sent = [tx.send(0), gone.send(1), tx.send(2), gone.send(3)].map((each, i) => (i % 2 === 1 ? rejection(each) : each));
      await turns();
      gone.drop();
      for (const i of [1, 3]) expectFailure(await sent[i], 'HandleError', 'ERR_HANDLE_DROPPED');
      expect([rx.recvSync(), rx.recvSync()]).toEqual([0, 2]);
      await Promise.all([sent[0], sent[2]]);
      expect(rx.tryRecv()).toEqual({ ok: false, reason: 'empty' });
    });

    it('dropping one of several receivers ends its own waits only', async () => {
      const [tx, rx] = make<number>();
      const gone = own(rx.clone());
      const received = [rx.recv(), gone.recv(), rx.recv(), gone.recv()].map((each, i) => (i % 2 === 1 ? rejection(each) : each));
      await turns();
      gone.drop();
      for (const i of [1, 3]) expectFailure(await received[i], 'HandleError', 'ERR_HANDLE_DROPPED');
      tx.sendSync(0);
      tx.sendSync(2);
      expect(await Promise.all([received[0], received[2]])).toEqual([0, 2]);
      expect(tx.trySend(9)).toEqual({ ok: false, reason: 'full' });
    });

    it('the last sender going with its own send waiting ends that one as dropped and the receives as disconnected', async () => {
      const [tx, rx] = make<number>();
      const sent = rejection(tx.send(1));
      await turns();
      tx.drop();
      expectFailure(await sent, 'HandleError', 'ERR_HANDLE_DROPPED');
      expect(rx.tryRecv()).toEqual({ ok: false, reason: 'disconnected' });
      expectFailure(await rejection(rx.recv()), 'RecvError', 'ERR_DISCONNECTED');
    });

    it('a sender in a token keeps the receives waiting, and gives its first message when it is opened', async () => {
      const [tx, rx] = make<number>();
      const received = rx.recv();
      const token = tx.transfer();
      expect(await isPending(received)).toBe(true);
      own(open(token)).sendSync(1);
      expect(await received).toBe(1);
    });

    it('a sender that moves away takes back what waits on it', async () => {
      const [tx, rx] = make<number>();
      const sent = rejection(tx.send(1));
      await turns();
      const token = tx.transfer();
      expect(await sent).toMatchObject({ name: 'HandleError' });
      expect(rx.tryRecv()).toEqual({ ok: false, reason: 'empty' });
      const next = own(open(token)).send(2);
      expect(rx.recvSync()).toBe(2);
      await next;
    });
  });

  describe('handles in messages', () => {
    it('travel both ways: with a send that waits, and to a receive that waits', async () => {
      const [tx, rx] = make<{ reply: Sender<number> }>();
      for (const first of ['send', 'recv']) {
        const [reply, replied] = bounded<number>(1);
        own(replied);
        const received = first === 'recv' ? rx.recv() : undefined;
        const sent = tx.send({ reply });
        expect(thrown(() => reply.trySend(1))).toMatchObject({ code: 'ERR_HANDLE_MOVED' });
        const arrived = own((received === undefined ? rx.recvSync() : await received).reply);
        await sent;
        arrived.sendSync(1);
        expect(replied.recvSync()).toBe(1);
        arrived.drop();
        expect(replied.isDisconnected).toBe(true);
      }
    });

    it('several handles of one channel in one message arrive each', async () => {
      const [tx, rx] = make<unknown[]>();
      const [inner, received] = make<number>();
      const sent = tx.send([inner, new Map([['rx', received]]), { another: inner.clone() }]);
      await turns();
      const [a, b, c] = rx.recvSync() as [Sender<number>, Map<string, Receiver<number>>, { another: Sender<number> }];
      await sent;
      const handles = [own(a), own(b.get('rx')!), own(c.another)] as const;
      expect([a.senderCount, a.receiverCount]).toEqual([2, 1]);
      const got = handles[1].recv();
      handles[2].sendSync(5);
      expect(await got).toBe(5);
    });

    it('a sender can be sent through itself', async () => {
      for (const first of ['send', 'recv']) {
        const [tx, rx] = make<unknown>();
        const received = first === 'recv' ? rx.recv() : undefined;
        await turns();
        const sent = tx.send([tx]);
        const [arrived] = (await (received ?? rx.recv())) as [Sender<unknown>];
        await sent;
        own(arrived);
        expectFailure(
          thrown(() => tx.trySend(1)),
          'HandleError',
          'ERR_HANDLE_MOVED',
        );
        expect(rx.senderCount).toBe(1);
        const last = rx.recv();
        arrived.sendSync('through');
        expect(await last).toBe('through');
        arrived.drop();
        expect(rx.tryRecv()).toEqual({ ok: false, reason: 'disconnected' });
      }
    });

    it('a sender that was not taken in a send of its own is usable again', async () => {
      const [tx, rx] = make<unknown>();
      expectFailure(await rejection(tx.send([tx], { timeout: 1 })), 'TimeoutError', 'ERR_TIMEOUT');
      expectFailure(
        thrown(() => tx.sendSync([tx], { timeout: 1 })),
        'TimeoutError',
        'ERR_TIMEOUT',
      );
      expect([rx.senderCount, rx.isDisconnected]).toEqual([1, false]);
      const sent = tx.send('fine');
      expect(rx.recvSync()).toBe('fine');
      await sent;
    });

    it('the only receiver in a message of its own channel comes back when the wait is given up', async () => {
      const [tx, rx] = make<unknown>();
      const controller = new AbortController();
      const sent = rejection(tx.send({ rx }, { signal: controller.signal }));
      expect(await isPending(sent)).toBe(true);
      expect([tx.receiverCount, tx.isDisconnected]).toEqual([1, false]);
      controller.abort();
      await sent;
      const received = rx.recv();
      tx.sendSync('fine');
      expect(await received).toBe('fine');
    });

    it('a message that is handed back when the channel ends brings its handles back', async () => {
      for (const end of ['close', 'drop']) {
        const [tx, rx] = make<unknown>();
        const [inner, received] = make<number>();
        const value = { inner };
        const sent = rejection(tx.send(value));
        await turns();
        if (end === 'close') tx.close();
        else rx.drop();
        expect((await sent).value).toBe(value);
        const got = received.recv();
        inner.sendSync(1);
        expect(await got).toBe(1);
        expect(received.senderCount).toBe(1);
      }
    });

    it('a receive that was given a message whose promise nobody looks at still gives up its memory and its handles', async () => {
      const [tx, rx] = make<{ reply: Sender<number> }>();
      const [reply, replied] = make<number>();
      const received = rx.recv();
      await turns();
      tx.sendSync({ reply });
      rx.drop();
      own((await received).reply);
      expect(replied.isDisconnected).toBe(false);
    });

    it('two hundred channels, each through the one before, with every send waiting', async () => {
      const [firstTx, first] = make<unknown>();
      let tx: Sender<unknown> = firstTx;
      const sent: Promise<void>[] = [];
      for (let i = 0; i < 200; i++) {
        const [nextTx, nextRx] = make<unknown>();
        sent.push(tx.send([nextRx]));
        tx = nextTx;
      }
      sent.push(tx.send('the end'));
      let here: unknown = first;
      let depth = 0;
      while (Array.isArray(here) || depth === 0) {
        const receiver: Receiver<unknown> = depth === 0 ? first : own((here as Receiver<unknown>[])[0]!);
        here = depth % 2 === 0 ? receiver.recvSync() : await receiver.recv();
        depth++;
      }
      await Promise.all(sent);
      expect([here, depth]).toEqual(['the end', 201]);
    });
  });

  describe('codecs', () => {
    const text = {
      name: 'test/text',
      encode: (value: string) => new TextEncoder().encode(value),
      decode: (bytes: Uint8Array) => new TextDecoder().decode(bytes),
    };

    it('an encode that throws leaves the receive waiting for the next message', async () => {
      const failure = new Error('cannot encode');
      const codec = {
        ...text,
        encode: (value: string) => {
          if (value === 'bad') throw failure;
          return text.encode(value);
        },
      };
      const [tx, rx] = make({ codec });
      const received = rx.recv();
      await turns();
      expect(thrown(() => tx.trySend('bad'))).toBe(failure);
      expect(await rejection(tx.send('bad'))).toBe(failure);
      expect(thrown(() => tx.sendSync('bad'))).toBe(failure);
      expect(await rejection(tx.sendMany(['bad']))).toBe(failure);
      expect(await isPending(received)).toBe(true);
      expect(tx.trySend('good')).toEqual({ ok: true });
      expect(await received).toBe('good');
    });

    it('a decode that throws fails the receive, and the send has been done', async () => {
      const failure = new Error('cannot decode');
      const codec = {
        ...text,
        decode: (bytes: Uint8Array) => {
          const value = text.decode(bytes);
          if (value === 'bad') throw failure;
          return value;
        },
      };
      const [tx, rx] = make({ codec });
      const tells = (error: Error): void => expect([error, error.cause]).toContain(failure);
      const waiting = rejection(rx.recv());
      const batch = rejection(rx.recvMany(3));
      await turns();
      expect(tx.trySend('bad')).toEqual({ ok: true });
      await tx.send('bad');
      tells(await waiting);
      tells(await batch);
      const sent = [tx.send('bad'), tx.send('bad'), tx.send('good')];
      tells(thrown(() => rx.tryRecv()));
      tells(thrown(() => rx.recvSync()));
      expect(await rx.recv()).toBe('good');
      await Promise.all(sent);
    });

    it('an encode that uses the channel, also to take the partner away, does no harm', async () => {
      let during: () => void = () => undefined;
      const codec = { ...text, encode: (value: string) => (value === 'outer' && during(), text.encode(value)) };
      const [tx, rx] = make({ codec });
      const first = rx.recv();
      await turns();
      during = () => expect(tx.trySend('inner')).toEqual({ ok: true });
      expect(tx.trySend('outer')).toEqual({ ok: false, reason: 'full' });
      expect(await first).toBe('inner');
      const second = rx.recv();
      during = () => void tx.sendSync('inner again');
      const outer = tx.send('outer');
      expect(await second).toBe('inner again');
      expect(rx.recvSync()).toBe('outer');
      await outer;
      during = () => rx.close();
      expectFailure(await rejection(tx.send('outer')), 'SendError', 'ERR_DISCONNECTED');
      const [tx2] = make({ codec });
      during = () => tx2.drop();
      expectFailure(await rejection(tx2.send('outer')), 'HandleError', 'ERR_HANDLE_DROPPED');
    });

    it('a decode that uses the channel, also to end it, does no harm', async () => {
      let during: () => void = () => undefined;
      const codec = {
        ...text,
        decode: (bytes: Uint8Array) => {
          const act = during;
          during = () => undefined;
          act();
          return text.decode(bytes);
        },
      };
      const [tx, rx] = make({ codec });
      const sent = [tx.send('a'), tx.send('b'), tx.send('c'), tx.send('d')];
      let inner: unknown;
      during = () => (inner = rx.recvSync());
      expect([rx.recvSync(), inner]).toEqual(['a', 'b']);
      during = () => (inner = rx.tryRecv());
      expect([await rx.recv(), inner]).toEqual(['c', { ok: true, value: 'd' }]);
      await Promise.all(sent);
      const received = rx.recv();
      await turns();
      tx.sendSync('to the end');
      during = () => rx.drop();
      expect(await received).toBe('to the end');
      expect(tx.isDisconnected).toBe(true);
    });
  });

  describe('any interleaving', () => {
    interface Message {
      readonly n: number;
      readonly pad?: string;
      readonly reply?: Sender<never>;
    }

    it.each(range(30, 1))('each message is delivered once or handed back, never both, never neither (seed %i)', async (seed) => {
      const random = randomFrom(seed * 7919);
      const [tx, rx] = make<Message>();
      const before = used();
      const senders = [tx];
      const receivers = [rx];
      const delivered: number[] = [];
      const accepted = new Set<number>();
      const handedBack = new Set<number>();
      const replies = new Map<number, { mine: Sender<never>; replied: Receiver<never> }>();
      const settled: Promise<void>[] = [];
      const controllers: AbortController[] = [];
      let next = 0;
      const pick = <T>(from: T[]): T => from[random(from.length)]!;
      const limits = () => {
        const kind = random(4);
        if (kind === 0) {
          const controller = new AbortController();
          controllers.push(controller);
          return { signal: controller.signal };
        }
        return kind === 1 ? { timeout: random(3) / 2 } : {};
      };
      const message = (): Message => {
        const n = next++;
        const kind = random(4);
        if (kind === 0) return { n };
        if (kind < 3) return { n, pad: 'p'.repeat(random(300)) };
        const [mine, replied] = bounded<never>(1);
        replies.set(n, { mine, replied });
        return { n, reply: mine };
      };
      const take = (value: Message): void => {
        delivered.push(value.n);
        if (value.reply === undefined) return;
        expect(replies.get(value.n)!.replied.isDisconnected).toBe(false);
        value.reply.drop();
      };
      const isBack = ({ n, reply }: Message): void => {
        handedBack.add(n);
        if (reply === undefined) return;
        expect(reply.senderCount).toBe(1); // usable again
        reply.drop();
      };
      for (let step = 0; step < 250; step++) {
        switch (random(12)) {
          case 0:
          case 1:
          case 2: {
            const value = message();
            settled.push(
              pick(senders)
                .send(value, limits())
                .then(() => void accepted.add(value.n), () => isBack(value)), // prettier-ignore
            );
            break;
          }
          case 3:
          case 4:
          case 5:
            settled.push(pick(receivers).recv(limits()).then(take, () => undefined)); // prettier-ignore
            break;
          case 6: {
            const value = message();
            if (pick(senders).trySend(value).ok) accepted.add(value.n);
            else isBack(value);
            break;
          }
          case 7: {
            const result = pick(receivers).tryRecv();
            if (result.ok) take(result.value);
            break;
          }
          case 8: {
            const batch = range(1 + random(4)).map(message);
            const { count } = pick(senders).trySendMany(batch);
            for (const [i, value] of batch.entries()) {
              if (i < count) accepted.add(value.n);
              else isBack(value);
            }
            break;
          }
          case 9:
            settled.push(
              pick(receivers)
                .recvMany(1 + random(3), limits())
                .then((values) => values.forEach(take), () => undefined), // prettier-ignore
            );
            break;
          case 10:
            if (random(3) === 0) pick(controllers)?.abort();
            else if (random(2) === 0 && senders.length > 1) senders.pop()!.drop();
            else if (senders.length < 4) senders.push(tx.clone());
            if (random(4) === 0 && receivers.length > 1) receivers.pop()!.drop();
            else if (receivers.length < 4) receivers.push(rx.clone());
            break;
          default:
            await turns(random(3));
        }
      }
      const how = random(3);
      if (how === 0) tx.close();
      for (const handle of how === 1 ? [...senders, ...receivers] : [...receivers, ...senders]) handle.drop();
      await Promise.all(settled);
      expect(delivered.length).toBeGreaterThan(10);
      expect(delivered.length).toBe(new Set(delivered).size);
      expect([...accepted].sort((a, b) => a - b)).toEqual(delivered.sort((a, b) => a - b));
      expect(accepted.size + handedBack.size).toBe(next);
      for (const n of handedBack) expect(accepted.has(n)).toBe(false);
      for (const { replied } of replies.values()) {
        expect(replied.isDisconnected).toBe(true);
        replied.drop();
      }
      expect(used()).toBeLessThanOrEqual(before);
    });
  });
});
