/** api.md §2.4: `broadcast`. Every receiver sees every message, or exactly how many it missed. The behaviours of tokio's suite among them. */
import {
  bounded,
  broadcast,
  BroadcastReceiver,
  BroadcastSender,
  type ChannelOptions,
  type Codec,
  codecs,
  explain,
  inspect,
  LaggedError,
  open,
  unbounded,
} from '@beamline/core';
import { createChannel, KIND_BROADCAST } from '@beamline/core/internal';
import { expectFailure, expectInvalid, rejection, thrown } from '../support/failure';
import { isPending, range, turns } from '../support/turns';

const EMPTY = { ok: false, reason: 'empty' };
const GONE = { ok: false, reason: 'disconnected' };
const got = (value: unknown): object => ({ ok: true, value });
const lagged = (missed: number): object => ({ ok: false, reason: 'lagged', missed });
const text = (n: number): string => `${String(n)}: ${'t'.repeat(200)}`;

let owned: { drop(): void }[] = [];
const own = <H extends { drop(): void }>(handle: H): H => {
  owned.push(handle);
  return handle;
};

function make<T = number>(capacity: number, options?: ChannelOptions<T>): [BroadcastSender<T>, BroadcastReceiver<T>] {
  const [tx, rx] = broadcast<T>(capacity, options);
  return [own(tx), own(rx)];
}

/** One whose positions wrap after so many messages. */
function makeWrapping(capacity: number, positions: number): [BroadcastSender<unknown>, BroadcastReceiver<unknown>] {
  const [tx, rx] = createChannel(KIND_BROADCAST, capacity, undefined, positions) as unknown as [
    BroadcastSender<unknown>,
    BroadcastReceiver<unknown>,
  ];
  return [own(tx), own(rx)];
}

const used = (): number => inspect().memory.used;
let before = 0;

beforeEach(() => {
  for (const handle of unbounded()) handle.drop();
  before = used();
});

/** Each test ends with it: no channel, and no body of a message, outlives its handles. */
afterEach(() => {
  for (const handle of owned) handle.drop();
  owned = [];
  expect(inspect().channels).toEqual([]);
  expect(used()).toBe(before);
});

describe('sending', () => {
  it('reaches every receiver, in the order of the sends, and says how many there are', () => {
    const [tx, first] = make<unknown>(8);
    const second = own(tx.subscribe());
    const other = own(tx.clone());
    expect(tx.send('one')).toBe(2);
    const third = own(first.clone());
    expect(other.send({ two: 2 })).toBe(3);
    expect(tx.send(3)).toBe(3);
    for (const rx of [first, second, third]) expect([...rx.tryIter()]).toEqual(['one', { two: 2 }, 3]);
    second.drop();
    expect(tx.send(4)).toBe(2);
  });

  it('counts receivers that travel in messages and tokens', () => {
    const [tx, rx] = make(4);
    const token = rx.clone().transfer();
    const [carrier, carried] = unbounded<BroadcastReceiver<number>>();
    own(carrier);
    own(carried);
    carrier.sendSync(rx.clone());
    expect(tx.send(1)).toBe(3);
    const arrived = own(carried.recvSync());
    const opened = own(open(token));
    for (const each of [rx, arrived, opened]) expect(each.tryRecv()).toEqual(got(1));
  });

  it('without receivers fails with SendError and the very value, and succeeds again with the next subscription', () => {
    const [tx, rx] = make<object>(2);
    rx.drop();
    const value = {};
    for (let again = 0; again < 2; again++) {
      const error = thrown(() => tx.send(value));
      expectFailure(error, 'SendError', 'ERR_DISCONNECTED');
      expect(error.value).toBe(value);
    }
    expect(tx.isDisconnected).toBe(true);
    const late = own(tx.subscribe());
    expect(tx.isDisconnected).toBe(false);
    expect(tx.send(value)).toBe(1);
    expect(late.tryRecv()).toEqual(got({}));
  });

  it('every value is a message, undefined and null too', () => {
    const [tx, rx] = make<unknown>(16);
    const values = [undefined, null, 0, -0, NaN, '', false, 10n, [], new Map([[1, 2]]), new Uint8Array(3), text(1), 2 ** 40];
    for (const value of values) tx.send(value);
    for (const value of values) expect(rx.tryRecv()).toEqual(got(value));
  });

  it('copies: receivers do not share what they receive', () => {
    const [tx, first] = make<{ list: number[] }>(1);
    const second = own(first.clone());
    const value = { list: [1] };
    tx.send(value);
    value.list.push(2);
    const one = first.recvSync();
    one.list.push(3);
    expect(second.recvSync()).toEqual({ list: [1] });
  });

  it('a value with a handle inside is refused, and the handle stays usable', () => {
    const [tx, rx] = make<unknown>(2);
    const [inner, other] = bounded<number>(1);
    own(inner);
    own(other);
    for (const value of [inner, { deep: [{ inner }] }, new Map([['k', other]]), rx]) {
      expectFailure(
        thrown(() => tx.send(value)),
        'DataCloneError',
        'ERR_DATA_CLONE',
      );
    }
    expect(inner.trySend(1)).toEqual({ ok: true });
    expect(rx.tryRecv()).toEqual(EMPTY);
  });

  it('a value that cannot be cloned is refused, and nothing was sent', () => {
    const [tx, rx] = make<unknown>(2);
    expectFailure(
      thrown(() => tx.send({ f: () => 1 })),
      'DataCloneError',
      'ERR_DATA_CLONE',
    );
    expect(rx.tryRecv()).toEqual(EMPTY);
  });

  it('a getter that sends, drops and subscribes while its value is being encoded does no harm', () => {
    const [tx, rx] = make<unknown>(2);
    const hostile = {
      get a() {
        tx.send(text(0));
        own(tx.subscribe());
        return text(1);
      },
    };
    expect(tx.send(hostile)).toBe(2);
    expect([...rx.tryIter()]).toEqual([text(0), { a: text(1) }]);
    const own2 = tx.clone();
    expectFailure(
      thrown(() =>
        own2.send({
          get a() {
            own2.drop();
            return 1;
          },
        }),
      ),
      'HandleError',
      'ERR_HANDLE_DROPPED',
    );
  });
});

describe('lag', () => {
  it.each([1, 2, 3, 7])('capacity %i is exact: so many messages are kept, not one more and not one less', (capacity) => {
    const [tx, rx] = make(capacity);
    for (let sent = 0; sent <= 3 * capacity; sent++) {
      const late = own(tx.subscribe());
      for (const n of range(capacity)) tx.send(n);
      expect(late.length).toBe(capacity);
      expect([...late.tryIter()]).toEqual(range(capacity));
      for (const n of range(capacity + 1)) tx.send(n);
      expect(late.tryRecv()).toEqual(lagged(1));
      expect([...late.tryIter()]).toEqual(range(capacity, 1));
      late.drop();
    }
    expect(rx.tryRecv()).toMatchObject({ reason: 'lagged' });
  });

  it('is reported once, with exactly how many were missed; then the oldest that is left comes', async () => {
    const [tx, rx] = make(2);
    for (const n of range(7)) tx.send(n);
    const error = (await rejection(rx.recv())) as unknown as LaggedError;
    expectFailure(error, 'LaggedError', 'ERR_LAGGED');
    expect(error).toBeInstanceOf(LaggedError);
    expect(error.missed).toBe(5);
    expect(await rx.recv()).toBe(5);
    for (const n of range(3)) tx.send(n);
    expect(thrown(() => rx.recvSync())).toMatchObject({ code: 'ERR_LAGGED', missed: 2 });
    expect(rx.recvSync()).toBe(1);
    expect(rx.tryRecv()).toEqual(got(2));
    expect(rx.tryRecv()).toEqual(EMPTY);
  });

  it('of one receiver is nothing to the others', () => {
    const [tx, slow] = make(2);
    const quick = own(slow.clone());
    for (const n of range(10)) {
      tx.send(n);
      expect(quick.tryRecv()).toEqual(got(n));
    }
    expect(slow.tryRecv()).toEqual(lagged(8));
    expect(own(slow.clone()).length).toBe(2);
    expect(slow.tryRecv()).toEqual(got(8));
  });

  it('comes before disconnection', async () => {
    const [tx, rx] = make(2);
    for (const n of range(4)) tx.send(n);
    tx.drop();
    expect(rx.isDisconnected).toBe(true);
    expect(rx.tryRecv()).toEqual(lagged(2));
    expect([rx.tryRecv(), rx.tryRecv(), rx.tryRecv(), rx.tryRecv()]).toEqual([got(2), got(3), GONE, GONE]);
    expectFailure(await rejection(rx.recv()), 'RecvError', 'ERR_DISCONNECTED');
  });

  it('while a receiver is away, in a token or a message, is reported when it is back', () => {
    const [tx, rx] = make(2);
    const token = rx.transfer();
    for (const n of range(5)) tx.send(n);
    const opened = own(open(token));
    expect(opened.tryRecv()).toEqual(lagged(3));
    const [carrier, carried] = unbounded<BroadcastReceiver<number>>();
    own(carrier);
    own(carried);
    carrier.sendSync(opened);
    for (const n of range(2, 5)) tx.send(n);
    const arrived = own(carried.recvSync());
    expect([arrived.tryRecv(), arrived.tryRecv()]).toEqual([lagged(2), got(5)]);
  });

  it.each([
    [1, 2],
    [1, 4],
    [2, 3],
    [3, 8],
    [4, 5],
    [5, 100],
  ])('capacity %i, positions that wrap after %i: agrees with a list, whatever is done', (capacity, positions) => {
    const random = (n: number): number => Math.floor(Math.random() * n);
    const [tx, first] = makeWrapping(capacity, positions);
    const sent: unknown[] = [];
    /** What each receiver's next message is, by the book. */
    const receivers = new Map([[first, 0]]);
    const kinds = [(n: number): unknown => n, text, (n: number): unknown => ({ n }), (): unknown => undefined];
    for (let step = 0; step < 3000; step++) {
      const all = [...receivers.keys()];
      const rx = all[random(all.length)]!;
      switch (random(9)) {
        case 0:
        case 1:
        case 2: {
          const value = kinds[random(kinds.length)]!(step);
          expect(tx.send(value)).toBe(receivers.size);
          sent.push(value);
          break;
        }
        case 3:
          if (receivers.size < 6) receivers.set(own(rx.clone()), receivers.get(rx)!);
          break;
        case 4:
          if (receivers.size < 6) receivers.set(own(random(2) === 0 ? tx.subscribe() : rx.resubscribe()), sent.length);
          break;
        case 5:
          if (receivers.size > 1) {
            rx.drop();
            receivers.delete(rx);
          }
          break;
        default: {
          const next = receivers.get(rx)!;
          const oldest = sent.length - capacity;
          expect(rx.length).toBe(Math.min(sent.length - next, capacity));
          if (next < oldest) {
            expect(rx.tryRecv()).toEqual(lagged(oldest - next));
            receivers.set(rx, oldest);
          } else if (next === sent.length) expect(rx.tryRecv()).toEqual(EMPTY);
          else {
            expect(rx.tryRecv()).toEqual(got(sent[next]));
            receivers.set(rx, next + 1);
          }
        }
      }
    }
    expect(inspect().channels).toMatchObject([{ sent: sent.length, received: sent.length - tx.length }]);
  });
});

describe('receiving', () => {
  it('waits for the next message: promises in the order of their calls', async () => {
    const [tx, rx] = make<string>(8);
    const three = [rx.recv(), rx.recv(), rx.recv({ timeout: 60_000 })];
    await turns();
    tx.send('a');
    tx.send('b');
    const late = rx.recv();
    tx.send('c');
    tx.send('d');
    expect(await Promise.all([...three, late])).toEqual(['a', 'b', 'c', 'd']);
  });

  it('one message wakes all that wait, on however many receivers', async () => {
    const [tx, rx] = make<string>(1);
    const all = [rx, ...range(10).map(() => own(rx.clone()))];
    const waiting = all.map((each) => each.recv());
    await turns();
    tx.send('to all');
    expect(await Promise.all(waiting)).toEqual(all.map(() => 'to all'));
  });

  it('several receivers of one thread each see everything', async () => {
    const [tx, rx] = make(64);
    const all = [rx, ...range(4).map(() => own(rx.clone()))];
    const readers = all.map(async (each) => {
      const seen: number[] = [];
      for await (const n of each) seen.push(n);
      return seen;
    });
    for (const n of range(50)) {
      tx.send(n);
      if (n % 7 === 0) await turns(1);
    }
    tx.drop();
    expect(await Promise.all(readers)).toEqual(all.map(() => range(50)));
  });

  it('a time limit ends the wait, not before a try; nothing is taken', async () => {
    const [tx, rx] = make(2);
    expectFailure(await rejection(rx.recv({ timeout: 1 })), 'TimeoutError', 'ERR_TIMEOUT');
    expectFailure(
      thrown(() => rx.recvSync({ timeout: 1 })),
      'TimeoutError',
      'ERR_TIMEOUT',
    );
    expectFailure(
      thrown(() => rx.recvSync({ deadline: 0 })),
      'TimeoutError',
      'ERR_TIMEOUT',
    );
    tx.send(1);
    tx.send(2);
    expect(await rx.recv({ timeout: 0 })).toBe(1);
    expect(rx.recvSync({ deadline: 0 })).toBe(2);
  });

  it('a time limit that runs out lets those behind it go on', async () => {
    const [tx, rx] = make(2);
    const first = rejection(rx.recv({ timeout: 5 }));
    const second = rx.recv();
    await first;
    tx.send(1);
    expect(await second).toBe(1);
  });

  it('an abort ends the wait with its reason and takes nothing, also one that is there already', async () => {
    const [tx, rx] = make(2);
    const controller = new AbortController();
    const waiting = rejection(rx.recv({ signal: controller.signal }));
    await turns();
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await waiting).toBe(reason);
    tx.send(1);
    expect(await rejection(rx.recv({ signal: controller.signal }))).toBe(reason);
    expect(rx.tryRecv()).toEqual(got(1));
  });

  it('an abort in the same moment as the message neither loses nor doubles it', async () => {
    for (let round = 0; round < 50; round++) {
      const [tx, rx] = make(1);
      const controller = new AbortController();
      const waiting = rx.recv({ signal: controller.signal }).catch(() => 'aborted');
      await turns();
      tx.send(round);
      if (round % 2 === 0) await turns(1);
      controller.abort();
      const outcome = await waiting;
      expect(rx.tryRecv()).toEqual(outcome === 'aborted' ? got(round) : EMPTY);
      rx.drop();
      tx.drop();
    }
  });

  it.each([
    ['recv with a bad timeout', (rx: BroadcastReceiver<number>) => rx.recv({ timeout: -1 })],
    ['recv with NaN', (rx: BroadcastReceiver<number>) => rx.recv({ deadline: NaN })],
    ['recv with text', (rx: BroadcastReceiver<number>) => rx.recv('soon' as never)],
    ['recv with a signal that is none', (rx: BroadcastReceiver<number>) => rx.recv({ signal: {} as never })],
    ['recvSync with a bad timeout', async (rx: BroadcastReceiver<number>) => rx.recvSync({ timeout: -1 })],
  ])('bad arguments: %s', async (_, action) => {
    const [, rx] = make(1);
    expectInvalid(await rejection(action(rx)));
  });
});

describe('iteration', () => {
  it('for await and for … of end at disconnection', async () => {
    const [tx, rx] = make(4);
    const second = own(rx.clone());
    for (const n of range(3)) tx.send(n);
    tx.drop();
    expect([...rx]).toEqual([0, 1, 2]);
    const seen: number[] = [];
    for await (const n of second) seen.push(n);
    expect(seen).toEqual([0, 1, 2]);
  });

  it('throws LaggedError, and a new loop continues', async () => {
    const [tx, rx] = make(2);
    const second = own(rx.clone());
    const third = own(rx.clone());
    for (const n of range(5)) tx.send(n);
    tx.drop();
    expect(thrown(() => [...rx])).toMatchObject({ code: 'ERR_LAGGED', missed: 3 });
    expect([...rx]).toEqual([3, 4]);
    const all = async (): Promise<number[]> => {
      const seen: number[] = [];
      for await (const n of second) seen.push(n);
      return seen;
    };
    expect(await rejection(all())).toMatchObject({ code: 'ERR_LAGGED', missed: 3 });
    expect(await all()).toEqual([3, 4]);
    expect(thrown(() => [...third.tryIter()])).toMatchObject({ code: 'ERR_LAGGED', missed: 3 });
    expect([...third.tryIter()]).toEqual([3, 4]);
  });

  it('leaving a loop loses no message and does not drop the receiver', async () => {
    const [tx, rx] = make(4);
    for (const n of range(4)) tx.send(n);
    for (const n of rx) if (n === 0) break;
    for await (const n of rx) if (n === 1) break;
    const iterator = rx[Symbol.asyncIterator]();
    expect(await iterator.next()).toEqual({ done: false, value: 2 });
    expect(await iterator.next()).toEqual({ done: false, value: 3 });
    const pending = iterator.next();
    await iterator.return?.();
    expect(await pending).toEqual({ done: true, value: undefined });
    tx.send(4);
    expect(rx.tryRecv()).toEqual(got(4));
  });

  it('tryIter ends where nothing is there, and may go on later', () => {
    const [tx, rx] = make(4);
    tx.send(0);
    expect([...rx.tryIter()]).toEqual([0]);
    tx.send(1);
    expect([...rx.tryIter()]).toEqual([1]);
  });
});

describe('subscribing', () => {
  it('a new receiver sees what is sent from then on; a clone sees what its original has still to read', () => {
    const [tx, rx] = make(8);
    tx.send(0);
    tx.send(1);
    rx.recvSync();
    const [clone, again, fresh] = [own(rx.clone()), own(rx.resubscribe()), own(tx.subscribe())];
    tx.send(2);
    expect([rx, clone, again, fresh].map((each) => [...each.tryIter()])).toEqual([[1, 2], [1, 2], [2], [2]]);
  });

  it('a clone of a receiver that has fallen behind has, too', () => {
    const [tx, rx] = make(1);
    tx.send(0);
    tx.send(1);
    const clone = own(rx.clone());
    expect([rx.tryRecv(), clone.tryRecv()]).toEqual([lagged(1), lagged(1)]);
  });

  it('to a channel that was closed gives a receiver that is disconnected', () => {
    const [tx, rx] = make(2);
    tx.send(1);
    tx.close();
    expect(own(tx.subscribe()).tryRecv()).toEqual(GONE);
    expect(rx.tryRecv()).toEqual(got(1));
    expect(own(rx.resubscribe()).tryRecv()).toEqual(GONE);
  });
});

describe('ends', () => {
  it('the last sender disconnects: what is there comes first, then all that wait are told', async () => {
    const [tx, rx] = make(4);
    const clone = own(tx.clone());
    const other = own(rx.clone());
    tx.send(1);
    tx.drop();
    expect(rx.isDisconnected).toBe(false);
    rx.recvSync();
    const waiting = [rejection(rx.recv()), rejection(rx.recv({ timeout: 60_000 }))];
    await turns();
    clone.drop();
    for (const error of await Promise.all(waiting)) expectFailure(error, 'RecvError', 'ERR_DISCONNECTED');
    expect(other.tryRecv()).toEqual(got(1));
    expect(other.tryRecv()).toEqual(GONE);
  });

  it.each(['sender', 'receiver'] as const)('close() by a %s: sends fail with their value, what is there stays', async (side) => {
    const [tx, rx] = make<object>(4);
    const other = own(rx.clone());
    tx.send({ a: 1 });
    const waiting = rejection(own(rx.resubscribe()).recv());
    (side === 'sender' ? tx : rx).close();
    tx.close();
    expectFailure(await waiting, 'RecvError', 'ERR_DISCONNECTED');
    const value = {};
    expect(thrown(() => tx.send(value)).value).toBe(value);
    for (const each of [rx, other]) expect([each.tryRecv(), each.tryRecv()]).toEqual([got({ a: 1 }), GONE]);
  });

  it('close() without receivers holds, whoever subscribes later', () => {
    const [tx, rx] = make(1);
    rx.drop();
    tx.close();
    own(tx.subscribe());
    expectFailure(
      thrown(() => tx.send(1)),
      'SendError',
      'ERR_DISCONNECTED',
    );
  });

  it('dropping a receiver rejects what waits on it, and only that', async () => {
    const [tx, rx] = make(1);
    const other = own(rx.clone());
    const waiting = [rejection(rx.recv()), rejection(rx.recv())];
    const going = other.recv();
    await turns();
    rx.drop();
    rx.drop();
    for (const error of await Promise.all(waiting)) expectFailure(error, 'HandleError', 'ERR_HANDLE_DROPPED');
    tx.send(1);
    expect(await going).toBe(1);
  });

  it('handles that are gone say so', async () => {
    const [tx, rx] = make(1);
    const sender = tx.clone();
    const receiver = rx.clone();
    sender.drop();
    owned.push(open(receiver.transfer()));
    for (const action of [() => sender.send(1), () => sender.subscribe(), () => sender.clone(), () => sender.length]) {
      expectFailure(thrown(action), 'HandleError', 'ERR_HANDLE_DROPPED');
    }
    for (const action of [
      () => receiver.tryRecv(),
      () => receiver.recvSync(),
      () => receiver.resubscribe(),
      () => receiver.clone(),
      () => receiver.length,
      () => [...receiver],
    ]) {
      expectFailure(thrown(action), 'HandleError', 'ERR_HANDLE_MOVED');
    }
    expectFailure(await rejection(receiver.recv()), 'HandleError', 'ERR_HANDLE_MOVED');
  });
});

describe('memory', () => {
  it('bodies are kept for as long as they can be read, and not longer', () => {
    const [tx, rx] = make<Uint8Array>(4);
    const empty = used();
    for (let i = 0; i < 20; i++) tx.send(new Uint8Array(10_000));
    expect(used() - empty).toBeLessThan(6 * 16_384 + 1);
    expect(used() - empty).toBeGreaterThan(4 * 10_000);
    rx.drop();
    expect(used()).toBe(empty);
  });

  it.each([
    ['the sender first', true],
    ['the receivers first', false],
  ])('whatever goes first, nothing stays behind: %s', (_, senderFirst) => {
    const [tx, rx] = make<string>(4);
    const other = own(rx.clone());
    for (let i = 0; i < 7; i++) tx.send(text(i));
    if (senderFirst) tx.drop();
    rx.drop();
    if (senderFirst) expect(other.tryRecv()).toEqual(lagged(3));
    other.drop();
    tx.drop();
    expect(used()).toBe(before);
  });

  it('the last receiver discards at once, also thousands, and those that subscribe later begin with nothing', () => {
    const [tx, rx] = make<string>(5000);
    const empty = used();
    for (let round = 0; round < 2; round++) {
      const receiver = round === 0 ? rx : own(tx.subscribe());
      for (let i = 0; i < 4000; i++) tx.send(text(i));
      expect(tx.length).toBe(4000);
      receiver.drop();
      expect(used()).toBe(empty);
      expect(tx.length).toBe(0);
      expect(own(tx.subscribe()).length).toBe(0);
      owned.at(-1)!.drop();
    }
  });

  it('an empty channel is small', () => {
    make(16);
    expect(used() - before).toBeLessThanOrEqual(1024);
  });

  it('thousands of channels leave the heap where it was', () => {
    const round = (): void => {
      const [tx, rx] = broadcast<unknown>(2);
      const second = tx.subscribe();
      for (let i = 0; i < 4; i++) tx.send(text(i));
      rx.drop();
      tx.drop();
      second.drop();
    };
    for (let i = 0; i < 100; i++) round();
    const { memory } = inspect();
    for (let i = 0; i < 20_000; i++) round();
    expect(inspect().memory).toEqual(memory);
  });
});

describe('codecs', () => {
  it.each([
    ['float64', codecs.float64, 0.5],
    ['int32', codecs.int32, -7],
    ['utf8', codecs.utf8, 'naïve 通道'],
    ['json', codecs.json, { a: [1, null] }],
    ['bytes', codecs.bytes, new Uint8Array([1, 2, 3])],
  ])('%s', (_, codec, value) => {
    const [tx, rx] = make<unknown>(2, { codec: codec as Codec<unknown> });
    tx.send(value);
    const second = own(rx.clone());
    expect([rx.recvSync(), second.recvSync()]).toEqual([value, value]);
  });

  it('a typed codec refuses other values', () => {
    const [tx, rx] = make<number>(2, { codec: codecs.int32 });
    expectInvalid(thrown(() => tx.send('text' as never)));
    expect(rx.tryRecv()).toEqual(EMPTY);
  });

  it('bytes alias nothing', () => {
    const [tx, rx] = make<Uint8Array>(1, { codec: codecs.bytes });
    tx.send(new Uint8Array(100).fill(1));
    const bytes = rx.recvSync();
    expect(Object.prototype.toString.call(bytes.buffer)).toBe('[object ArrayBuffer]');
    tx.send(new Uint8Array(100).fill(2));
    tx.send(new Uint8Array(100).fill(3));
    expect(new Set(bytes)).toEqual(new Set([1]));
  });

  it('one that throws uses the message up, for this receiver only; one that re-enters does no harm', async () => {
    let inside: (() => void) | undefined;
    const codec: Codec<string> = {
      name: 'moody',
      encode: (value) => Buffer.from(value),
      decode(bytes) {
        const value = Buffer.from(bytes).toString();
        inside?.();
        if (value.startsWith('bad')) throw new Error('unreadable');
        return value;
      },
    };
    const [tx, rx] = make<string>(4, { codec });
    const other = own(rx.clone());
    for (const value of ['bad', 'good', 'better']) tx.send(value);
    expect(thrown(() => rx.tryRecv()).message).toBe('unreadable');
    expect(rx.tryRecv()).toEqual(got('good'));
    expect((await rejection(other.recv())).message).toBe('unreadable');
    const seen: unknown[] = [];
    inside = () => {
      inside = undefined;
      seen.push(other.tryRecv());
      tx.send('new');
    };
    expect(rx.tryRecv()).toEqual(got('better'));
    expect(seen).toEqual([got('good')]);
    expect(await rx.recv()).toBe('new');
    inside = () => rx.drop();
    tx.send('last');
    const last = await rx.recv().catch((error: Error) => error.name);
    expect(['last', 'HandleError']).toContain(last);
  });

  it('a custom one is given again at open', () => {
    const codec: Codec<number> = { name: 'mine', encode: (n) => new Uint8Array([n]), decode: (bytes) => bytes[0]! };
    const [tx, rx] = make<number>(1, { codec });
    const token = rx.transfer();
    expectFailure(
      thrown(() => open(token)),
      'CodecError',
      'ERR_CODEC_MISMATCH',
    );
    const opened = own(open(token, { codec }));
    tx.send(7);
    expect(opened.recvSync()).toBe(7);
  });
});

describe('the handles', () => {
  it('are of classes of their own, which cannot be constructed', () => {
    const [tx, rx] = make(1);
    expect(tx).toBeInstanceOf(BroadcastSender);
    expect(rx).toBeInstanceOf(BroadcastReceiver);
    expect(tx.clone).toBe(rx.clone);
    expect([own(tx.clone()), own(open(tx.clone().transfer()))].every((each) => each instanceof BroadcastSender)).toBe(true);
    expect([own(rx.clone()), own(tx.subscribe())].every((each) => each instanceof BroadcastReceiver)).toBe(true);
  });

  it('tell lengths, counts and what they are', () => {
    const [tx, rx] = make(2, { name: 'news' });
    const other = own(tx.subscribe());
    const [second, third] = bounded(1);
    own(second);
    own(third);
    expect([tx.capacity, tx.length, tx.isEmpty, tx.isFull]).toEqual([2, 0, true, false]);
    tx.send(1);
    other.recvSync();
    expect([tx.length, rx.length, other.length]).toEqual([1, 1, 0]);
    expect([rx.isEmpty, other.isEmpty]).toEqual([false, true]);
    tx.send(2);
    tx.send(3);
    expect([tx.length, rx.length, other.length]).toEqual([2, 2, 2]);
    expect([tx.isFull, rx.isFull]).toEqual([true, true]);
    expect([tx.senderCount, rx.receiverCount]).toEqual([1, 2]);
    expect([tx.sameChannel(rx), rx.sameChannel(other), tx.sameChannel(second)]).toEqual([true, true, false]);
    expect([tx.name, tx.id === rx.id]).toEqual(['news', true]);
    const custom = Symbol.for('nodejs.util.inspect.custom');
    const show = (handle: object): string => (handle as Record<symbol, () => string>)[custom]!();
    other.tryRecv();
    expect(show(tx)).toBe(`BroadcastSender<broadcast> { "news" #${String(tx.id)}, length 2/2, senders 1, receivers 2 }`);
    expect(show(other)).toBe(`BroadcastReceiver<broadcast> { "news" #${String(tx.id)}, length 1/2, senders 1, receivers 2 }`);
    other.drop();
    expect(show(other)).toBe(`BroadcastReceiver<broadcast> { "news" #${String(tx.id)}, dropped }`);
  });

  it('appear in inspect()', async () => {
    const [tx, rx] = make(2, { name: 'news' });
    for (const n of range(3)) tx.send(n);
    const token = rx.clone().transfer();
    const waiting = own(tx.subscribe()).recv();
    await turns();
    const [channel] = inspect().channels;
    expect(channel).toMatchObject({
      name: 'news',
      kind: 'broadcast',
      capacity: 2,
      length: 2,
      sent: 3,
      received: 1,
      closed: false,
    });
    expect(channel!.senders).toHaveLength(1);
    expect(channel!.receivers.map((each) => each.in).sort()).toEqual(['thread', 'thread', 'token']);
    expect(channel!.waiting).toMatchObject([{ operation: 'recv' }]);
    tx.send(4);
    expect(await waiting).toBe(4);
    own(open(token));
  });

  it('explain tells a deadlock from what is kept for others', async () => {
    const [tx, rx] = make(2);
    tx.send(1);
    rx.recvSync();
    const waiting = rx.recv();
    await turns();
    expect(explain(rx)).toContain('deadlock');
    tx.send(2);
    expect(await waiting).toBe(2);
    expect(explain(rx)).not.toContain('deadlock');
  });

  it('using drops', () => {
    const [tx, rx] = make(1);
    {
      using clone = rx.clone();
      expect(clone.receiverCount).toBe(2);
    }
    expect(tx.receiverCount).toBe(1);
  });

  it('a pending receive that is unref’d is still served', async () => {
    const [tx, rx] = make(1);
    const waiting = rx.unref().recv();
    expect(await isPending(waiting)).toBe(true);
    tx.send(1);
    expect(await waiting).toBe(1);
    expect(rx.ref()).toBe(rx);
  });
});

describe('constructor', () => {
  it.each([0, -1, 1.5, NaN, Infinity, 2 ** 21, 2 ** 31, '3', null, undefined, {}, 3n, true])(
    'refuses the capacity %p',
    (capacity) => {
      expectInvalid(
        thrown(() => broadcast(capacity as never)),
        'RangeError',
      );
    },
  );

  it('accepts the largest capacity, which is exact too', () => {
    const capacity = 2 ** 21 - 1;
    const [tx, rx] = make(capacity);
    for (let n = 0; n < capacity + 3; n++) tx.send(n);
    expect(rx.length).toBe(capacity);
    expect([rx.tryRecv(), rx.tryRecv()]).toEqual([lagged(3), got(3)]);
    expect(inspect().channels).toMatchObject([{ sent: capacity + 3 }]);
  });

  it.each([
    ['text', 'x'],
    ['a codec that is none', { codec: {} }],
    ['a name that is a number', { name: 5 }],
  ])('refuses bad options: %s', (_, options) => {
    expectInvalid(thrown(() => broadcast(1, options as never)));
  });
});
