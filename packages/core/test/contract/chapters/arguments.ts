/** api.md §1, §7: what is no valid argument is refused with ERR_INVALID_ARGUMENT, and nothing has happened. */
import type { Receiver, Sender } from '@beamline/core';
import { expectInvalid, rejection, thrown, type Failure } from '../../support/failure';
import { isPending, turns } from '../../support/turns';
import { type Bench, put } from '../flavor';

type Call = (tx: Sender<unknown>, rx: Receiver<unknown>, argument: never) => Failure | Promise<Failure>;

/** Operations by how they take options; asynchronous ones must reject, synchronous ones throw. */
const withOptions: Record<string, Call> = {
  send: (tx, _, options) => rejection(tx.send(1, options)),
  sendMany: (tx, _, options) => rejection(tx.sendMany([1], options)),
  recv: (_, rx, options) => rejection(rx.recv(options)),
  recvMany: (_, rx, options) => rejection(rx.recvMany(1, options)),
  sendSync: (tx, _, options) => thrown(() => tx.sendSync(1, options)),
  sendManySync: (tx, _, options) => thrown(() => tx.sendManySync([1], options)),
  recvSync: (_, rx, options) => thrown(() => rx.recvSync(options)),
  recvManySync: (_, rx, options) => thrown(() => rx.recvManySync(1, options)),
};

const withMax: Record<string, Call> = {
  tryRecvMany: (_, rx, max) => thrown(() => rx.tryRecvMany(max)),
  recvMany: (_, rx, max) => rejection(rx.recvMany(max)),
  recvManySync: (_, rx, max) => thrown(() => rx.recvManySync(max)),
};

const withSource: Record<string, Call> = {
  trySendMany: (tx, _, values) => thrown(() => tx.trySendMany(values)),
  sendMany: (tx, _, values) => rejection(tx.sendMany(values)),
  sendManySync: (tx, _, values) => thrown(() => tx.sendManySync(values)),
};

export function arguments_({ make }: Bench): void {
  const times: [string, unknown][] = [
    ['a timeout of NaN', { timeout: NaN }],
    ['a negative timeout', { timeout: -1 }],
    ['a timeout just below zero', { timeout: -Number.MIN_VALUE }],
    ['a timeout of -Infinity', { timeout: -Infinity }],
    ['a deadline of NaN', { deadline: NaN }],
  ];
  const others: [string, unknown][] = [
    ['a timeout that is text', { timeout: '5' }],
    ['a timeout that is null', { timeout: null }],
    ['a timeout that is a bigint', { timeout: 5n }],
    ['a deadline that is a Date', { deadline: new Date() }],
    ['options that are a number', 5],
  ];
  const signals: [string, unknown][] = [
    ['a signal that is none', { signal: {} }],
    ['a controller for its signal', { signal: new AbortController() }],
    ['a signal that is true', { signal: true }],
  ];

  describe.each(Object.keys(withOptions))('%s', (name) => {
    it.each(times)('refuses %s with a RangeError', async (_, options) => {
      const [tx, rx] = make<unknown>();
      if (name.startsWith('recv')) put(tx, 'kept');
      const { length } = rx;
      expectInvalid(await withOptions[name]!(tx, rx, options as never), 'RangeError');
      expect(rx.length).toBe(length);
    });

    it.each(name.endsWith('Sync') ? others : [...others, ...signals])('refuses %s', async (_, options) => {
      const [tx, rx] = make<unknown>();
      if (name.startsWith('recv')) put(tx, 'kept');
      const { length } = rx;
      expectInvalid(await withOptions[name]!(tx, rx, options as never));
      expect(rx.length).toBe(length);
    });

    it('refuses a bad time limit also where it would have to wait', async () => {
      const [tx, rx] = make<unknown>();
      if (name.startsWith('send') && Number.isFinite(tx.capacity)) while (tx.trySend(0).ok);
      expectInvalid(await withOptions[name]!(tx, rx, { timeout: NaN } as never), 'RangeError');
    });
  });

  it.each(Object.keys(withMax))('%s refuses what is no count', async (name) => {
    const [tx, rx] = make<unknown>();
    put(tx, 'kept');
    for (const max of [-1, 1.5, NaN, '3', null, undefined, 2n, {}]) expectInvalid(await withMax[name]!(tx, rx, max as never));
    expect(rx.recvSync()).toBe('kept');
  });

  it.each(Object.keys(withSource))('%s refuses what cannot be iterated', async (name) => {
    const [tx, rx] = make<unknown>();
    for (const values of [5, null, undefined, {}, () => []])
      expectInvalid(await withSource[name]!(tx, rx, values as never), 'TypeError');
    expect(rx.isEmpty).toBe(true);
  });

  it('trySendMany refuses what is no array', () => {
    const [tx, rx] = make<unknown>();
    for (const values of ['abc', new Set([1]), [1].values()]) {
      expectInvalid(
        thrown(() => tx.trySendMany(values as never)),
        'TypeError',
      );
    }
    expect(rx.isEmpty).toBe(true);
  });

  it('sendManySync refuses an async source', () => {
    const [tx, rx] = make<unknown>();
    const source = (async function* () {
      yield await Promise.resolve(1);
    })();
    expectInvalid(
      thrown(() => tx.sendManySync(source as never)),
      'TypeError',
    );
    expect(rx.isEmpty).toBe(true);
  });

  it('sameChannel refuses what is no handle', () => {
    const [tx, rx] = make();
    for (const other of [undefined, null, 5, {}, 'x']) {
      expectInvalid(
        thrown(() => tx.sameChannel(other as never)),
        'TypeError',
      );
      expectInvalid(
        thrown(() => rx.sameChannel(other as never)),
        'TypeError',
      );
    }
  });

  it('a refused operation never turns up as pending', async () => {
    const [tx, rx] = make<unknown>();
    await rejection(rx.recv({ timeout: NaN }));
    await rejection(rx.recv({ signal: {} as never }));
    const received = rx.recv();
    await turns();
    expect(await isPending(received)).toBe(true);
    put(tx, 1);
    expect(await received).toBe(1);
  });

  it('an asynchronous operation reports bad arguments by rejecting, never by throwing', async () => {
    const [tx, rx] = make<unknown>();
    const calls = [
      () => tx.send(1, { timeout: NaN }),
      () => tx.sendMany(5 as never),
      () => tx.send(() => 1),
      () => rx.recv({ signal: 5 as never }),
      () => rx.recvMany(-1),
    ];
    for (const call of calls) {
      let promise: Promise<unknown> | undefined;
      expect(() => {
        promise = call();
      }).not.toThrow();
      await rejection(promise!);
    }
  });
}
