/** api.md §2.2: three ways to iterate a receiver. Leaving a loop loses no message and does not drop the receiver. */
import { expectFailure, rejection, thrown } from '../../support/failure';
import { isPending, range, turns, until } from '../../support/turns';
import { type Bench, put, several } from '../flavor';

export function iteration({ flavor, make, own }: Bench): void {
  const hasBuffer = flavor.capacity > 0;
  const few = several(flavor, 5);

  it('tryIter gives what is there, ends when there is nothing, and never waits', () => {
    const [tx, rx] = make<number>();
    expect([...rx.tryIter()]).toEqual([]);
    put(tx, ...range(few));
    expect([...rx.tryIter()]).toEqual(range(few));
    expect([...rx.tryIter()]).toEqual([]);
  });

  it('each step of tryIter is a tryRecv: it sees messages that come while it runs', () => {
    const [tx, rx] = make<number>();
    const seen: number[] = [];
    put(tx, 0);
    for (const value of rx.tryIter()) {
      seen.push(value);
      if (value < 5) put(tx, value + 1);
    }
    expect(seen).toEqual(range(6));
  });

  it('a tryIter that found nothing may find something later', () => {
    const [tx, rx] = make<number>();
    const iterator = rx.tryIter();
    expect(iterator.next()).toMatchObject({ done: true });
    put(tx, 1);
    expect(iterator.next()).toEqual({ done: false, value: 1 });
    expect(iterator.next()).toMatchObject({ done: true });
  });

  if (hasBuffer) {
    it('tryIter also ends on a disconnected channel, after its messages', () => {
      const [tx, rx] = make<number>();
      put(tx, 1);
      tx.drop();
      expect([...rx.tryIter()]).toEqual([1]);
      expect([...rx.tryIter()]).toEqual([]);
    });
  }

  it('for await gives every message and ends at disconnection', async () => {
    const [tx, rx] = make<number>();
    const seen: number[] = [];
    const loop = (async () => {
      for await (const value of rx) seen.push(value);
    })();
    for (const i of range(20)) await tx.send(i);
    tx.drop();
    await loop;
    expect(seen).toEqual(range(20));
  });

  if (hasBuffer) {
    it('for..of gives what is buffered and ends at disconnection', () => {
      const [tx, rx] = make<number>();
      put(tx, ...range(few));
      tx.drop();
      const seen: number[] = [];
      for (const value of rx) seen.push(value);
      expect(seen).toEqual(range(few));
      expect([...rx]).toEqual([]);
    });
  }

  it('messages undefined and null do not end a loop', async () => {
    const [tx, rx] = make<unknown>();
    const sent = (async () => {
      for (const value of [undefined, null, 0, '', false]) await tx.send(value);
      tx.drop();
    })();
    const seen: unknown[] = [];
    for await (const value of rx) seen.push(value);
    await sent;
    expect(seen).toEqual([undefined, null, 0, '', false]);
  });

  const leave: Record<string, (rx: AsyncIterable<number>) => Promise<unknown>> = {
    break: async (rx) => {
      for await (const value of rx) {
        expect(value).toBe(0);
        break;
      }
    },
    return: async (rx) => {
      const first = async (): Promise<number> => {
        for await (const value of rx) return value;
        return -1;
      };
      expect(await first()).toBe(0);
    },
    'a throw': async (rx) => {
      const failure = new Error('in the body');
      const loop = async (): Promise<void> => {
        for await (const value of rx) if (value === 0) throw failure;
      };
      expect(await rejection(loop())).toBe(failure);
    },
  };

  it.each(Object.keys(leave))('leaving a for await loop by %s loses no message and keeps the receiver', async (how) => {
    const [tx, rx] = make<number>();
    const sent = tx.sendMany(range(4));
    await leave[how]!(rx);
    await turns();
    for (const i of range(3, 1)) expect(await rx.recv()).toBe(i);
    await sent;
    expect(rx.receiverCount).toBe(1);
    put(tx, 9);
    expect(await rx.recv()).toBe(9);
  });

  if (hasBuffer) {
    it('leaving a for..of or tryIter loop loses no message and keeps the receiver', async () => {
      const [tx, rx] = make<number>();
      const sent = tx.sendMany(range(6));
      for (const value of rx) {
        expect(value).toBe(0);
        break;
      }
      await until(() => !rx.isEmpty);
      for (const value of rx.tryIter()) {
        expect(value).toBe(1);
        break;
      }
      await until(() => !rx.isEmpty);
      expect(
        thrown(() => {
          for (const value of rx) throw new Error(String(value));
        }).message,
      ).toBe('2');
      expect(await rx.recv()).toBe(3);
      expect(await rx.recv()).toBe(4);
      expect(await rx.recv()).toBe(5);
      await sent;
      expect(rx.receiverCount).toBe(1);
    });
  }

  it('a new loop goes on where the last one was left', async () => {
    const [tx, rx] = make<number>();
    const sent = tx.sendMany(range(6)).then(() => tx.drop());
    const seen: number[] = [];
    for (let loop = 0; loop < 3; loop++) {
      for await (const value of rx) {
        seen.push(value);
        if (value % 2 === 1) break;
      }
    }
    await sent;
    expect(seen).toEqual(range(6));
  });

  it('two loops over clones share the messages', async () => {
    const [tx, rx] = make<number>();
    const clone = own(rx.clone());
    const seen: number[] = [];
    const loops = [rx, clone].map(async (receiver) => {
      for await (const value of receiver) seen.push(value);
    });
    for (const i of range(30)) await tx.send(i);
    tx.drop();
    await Promise.all(loops);
    expect(seen.sort((a, b) => a - b)).toEqual(range(30));
  });

  it('steps of an async iterator that are asked for together are all answered', async () => {
    const [tx, rx] = make<number>();
    const iterator = rx[Symbol.asyncIterator]();
    const steps = [iterator.next(), iterator.next(), iterator.next()];
    await turns();
    await tx.sendMany([1, 2]);
    tx.drop();
    const results = await Promise.all(steps);
    expect(results.slice(0, 2)).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
    ]);
    expect(results[2]).toMatchObject({ done: true });
  });

  it('an async iterator that was ended stays ended, and took nothing', async () => {
    const [tx, rx] = make<number>();
    put(tx, 1);
    const asynchronous = rx[Symbol.asyncIterator]();
    expect(await asynchronous.return?.()).toMatchObject({ done: true });
    expect(await asynchronous.next()).toMatchObject({ done: true });
    expect(rx.recvSync()).toBe(1);
  });

  it('iterators are iterable themselves', async () => {
    const [tx, rx] = make<number>();
    for (const iterator of [rx.tryIter(), rx[Symbol.iterator]()]) expect(iterator[Symbol.iterator]()).toBe(iterator);
    const iterator = rx[Symbol.asyncIterator]();
    expect(iterator[Symbol.asyncIterator]()).toBe(iterator);
    put(tx, 1);
    for await (const value of iterator) {
      expect(value).toBe(1);
      tx.drop();
    }
  });

  it('dropping the receiver ends a loop that waits with ERR_HANDLE_DROPPED', async () => {
    const [, rx] = make<number>();
    const loop = rejection(
      (async () => {
        for await (const _ of rx) expect(_).toBe('nothing');
      })(),
    );
    expect(await isPending(loop)).toBe(true);
    rx.drop();
    expectFailure(await loop, 'HandleError', 'ERR_HANDLE_DROPPED');
  });

  it('dropping the receiver in the body ends the loop with ERR_HANDLE_DROPPED', async () => {
    const [tx, rx] = make<number>();
    put(tx, 1);
    const loop = async (): Promise<void> => {
      for await (const _ of rx) rx.drop();
    };
    expectFailure(await rejection(loop()), 'HandleError', 'ERR_HANDLE_DROPPED');
  });

  it('requests and replies through tryIter', async () => {
    // A step of crossbeam's iter suite: the server only ever polls.
    const [request, requested] = make<string>();
    const [reply, replied] = make<number>();
    let counter = 0;
    const client = (async () => {
      for (;;) {
        await request.send('yes');
        if ((await replied.recv()) === 6) break;
      }
      request.drop();
    })();
    while (!requested.isDisconnected) {
      for (const word of requested.tryIter()) {
        expect(word).toBe('yes');
        counter++;
        await reply.send(counter);
      }
      await turns(1);
    }
    await client;
    expect(counter).toBe(6);
  });
}
