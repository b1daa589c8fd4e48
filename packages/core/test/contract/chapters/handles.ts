/** api.md §2.3: what both handles have in common. */
import { inspect as show } from 'node:util';
import type { Receiver, Sender } from '@beamline/core';
import { expectFailure, rejection, thrown, type Failure } from '../../support/failure';
import { isPending, range, turns } from '../../support/turns';
import { type Bench, fill, put } from '../flavor';

type Uses<H> = Record<string, (handle: H) => Failure | Promise<Failure>>;

/** Every use of a sender that a dropped or moved one must refuse. */
export const senderUses: Uses<Sender<unknown>> = {
  trySend: (tx) => thrown(() => tx.trySend(1)),
  send: (tx) => rejection(tx.send(1)),
  sendSync: (tx) => thrown(() => tx.sendSync(1)),
  trySendMany: (tx) => thrown(() => tx.trySendMany([1])),
  sendMany: (tx) => rejection(tx.sendMany([1])),
  sendManySync: (tx) => thrown(() => tx.sendManySync([1])),
  clone: (tx) => thrown(() => tx.clone()),
  close: (tx) => thrown(() => tx.close()),
  transfer: (tx) => thrown(() => tx.transfer()),
};

export const receiverUses: Uses<Receiver<unknown>> = {
  tryRecv: (rx) => thrown(() => rx.tryRecv()),
  recv: (rx) => rejection(rx.recv()),
  recvSync: (rx) => thrown(() => rx.recvSync()),
  tryRecvMany: (rx) => thrown(() => rx.tryRecvMany(1)),
  recvMany: (rx) => rejection(rx.recvMany(1)),
  recvManySync: (rx) => thrown(() => rx.recvManySync(1)),
  'a step of tryIter': (rx) => thrown(() => rx.tryIter().next()),
  'a step of for await': (rx) => rejection((async () => rx[Symbol.asyncIterator]().next())()),
  'a step of for..of': (rx) => thrown(() => rx[Symbol.iterator]().next()),
  clone: (rx) => thrown(() => rx.clone()),
  close: (rx) => thrown(() => rx.close()),
  transfer: (rx) => thrown(() => rx.transfer()),
};

export function handles({ flavor, make, own }: Bench): void {
  const isBounded = Number.isFinite(flavor.capacity);

  it('counts follow clone and drop, as seen from both sides', () => {
    const [tx, rx] = make();
    const check = (senders: number, receivers: number): void => {
      for (const handle of [tx, rx]) expect([handle.senderCount, handle.receiverCount]).toEqual([senders, receivers]);
    };
    check(1, 1);
    const tx2 = own(tx.clone());
    const tx3 = own(tx2.clone());
    check(3, 1);
    const rx2 = own(rx.clone());
    check(3, 2);
    tx2.drop();
    check(2, 2);
    rx2.drop();
    tx3.drop();
    check(1, 1);
  });

  it('a clone is a handle of its own to the same side', () => {
    const [tx, rx] = make<number>();
    const tx2 = own(tx.clone());
    const rx2 = own(rx.clone());
    expect(tx2).not.toBe(tx);
    expect(tx2.constructor).toBe(tx.constructor);
    expect(rx2.constructor).toBe(rx.constructor);
    put(tx2, 1);
    expect(rx.recvSync()).toBe(1);
    tx.drop();
    rx.drop();
    put(tx2, 2);
    expect(rx2.recvSync()).toBe(2);
  });

  it('drop is idempotent', () => {
    const [tx, rx] = make();
    const clone = own(tx.clone());
    tx.drop();
    tx.drop();
    tx[Symbol.dispose]();
    expect(clone.senderCount).toBe(1);
    expect(rx.isDisconnected).toBe(false);
  });

  it('dropping a handle that has moved does nothing', () => {
    const [tx, rx] = make<number>();
    const [carrier, carried] = make<Sender<number>>();
    put(carrier, tx);
    tx.drop();
    tx[Symbol.dispose]();
    const arrived = own(carried.recvSync());
    tx.drop();
    put(arrived, 1);
    expect(rx.recvSync()).toBe(1);
  });

  it('using drops at the end of the block', () => {
    const [tx, rx] = make();
    {
      using inner = tx.clone();
      expect(inner.senderCount).toBe(2);
      using other = rx.clone();
      expect(other.receiverCount).toBe(2);
    }
    expect(tx.senderCount).toBe(1);
    expect(tx.receiverCount).toBe(1);
    expect(
      thrown(() => {
        using inner = tx.clone();
        throw new Error(String(inner.senderCount));
      }).message,
    ).toBe('2');
    expect(tx.senderCount).toBe(1);
  });

  it.each(Object.keys(senderUses))('%s on a dropped sender fails with ERR_HANDLE_DROPPED', async (use) => {
    const [tx, rx] = make();
    const clone = own(tx.clone());
    tx.drop();
    expectFailure(await senderUses[use]!(tx), 'HandleError', 'ERR_HANDLE_DROPPED');
    expect(rx.tryRecv()).toEqual({ ok: false, reason: 'empty' });
    expect(clone.senderCount).toBe(1);
  });

  it.each(Object.keys(receiverUses))('%s on a dropped receiver fails with ERR_HANDLE_DROPPED', async (use) => {
    const [tx, rx] = make();
    const clone = own(rx.clone());
    put(tx, 'kept');
    rx.drop();
    expectFailure(await receiverUses[use]!(rx), 'HandleError', 'ERR_HANDLE_DROPPED');
    expect(clone.recvSync()).toBe('kept');
  });

  it('dropping a receiver rejects what is pending on it, and only that', async () => {
    const [tx, rx] = make<number>();
    const clone = own(rx.clone());
    const pending = [rejection(rx.recv()), rejection(rx.recvMany(2)), rejection(rx.recv({ timeout: 60_000 }))];
    const other = clone.recv();
    await turns();
    rx.drop();
    for (const error of await Promise.all(pending)) expectFailure(error, 'HandleError', 'ERR_HANDLE_DROPPED');
    expect(await isPending(other)).toBe(true);
    put(tx, 1);
    expect(await other).toBe(1);
  });

  it('dropping the last receiver rejects what is pending on it', async () => {
    const [tx, rx] = make<number>();
    const pending = rejection(rx.recv());
    await turns();
    rx.drop();
    expectFailure(await pending, 'HandleError', 'ERR_HANDLE_DROPPED');
    expect(tx.isDisconnected).toBe(true);
  });

  if (isBounded) {
    it('dropping a sender rejects what is pending on it, and only that; nothing of it is sent', async () => {
      const [tx, rx] = make<number>();
      const count = fill(tx);
      const clone = own(tx.clone());
      const pending = [rejection(tx.send(-1)), rejection(tx.sendMany([-2, -3]))];
      const other = clone.send(count);
      await turns();
      tx.drop();
      for (const error of await Promise.all(pending)) expectFailure(error, 'HandleError', 'ERR_HANDLE_DROPPED');
      expect(await isPending(other)).toBe(true);
      for (const i of range(count + 1)) expect(await rx.recv()).toBe(i);
      await other;
      expect(rx.isEmpty).toBe(true);
    });
  }

  it('handles of one channel share id and name, channels do not share ids', () => {
    const [tx, rx] = make({ name: 'jobs' });
    const [tx2] = make();
    const clone = own(tx.clone());
    expect(Number.isInteger(tx.id)).toBe(true);
    expect(rx.id).toBe(tx.id);
    expect(clone.id).toBe(tx.id);
    expect(tx2.id).not.toBe(tx.id);
    expect([tx.name, rx.name, clone.name]).toEqual(['jobs', 'jobs', 'jobs']);
    expect(tx2.name).toBeUndefined();
  });

  it.each(['', 'a', 'naïve', '通道', 'x'.repeat(500)])('the name %p is kept', (name) => {
    const [tx, rx] = make({ name });
    expect([tx.name, rx.name]).toEqual([name, name]);
  });

  it('sameChannel knows the handles of one channel, whichever side, from those of another', () => {
    const [tx, rx] = make();
    const [tx2, rx2] = make();
    const clone = own(tx.clone());
    for (const a of [tx, rx, clone]) {
      for (const b of [tx, rx, clone]) expect(a.sameChannel(b)).toBe(true);
      for (const b of [tx2, rx2]) {
        expect(a.sameChannel(b)).toBe(false);
        expect(b.sameChannel(a)).toBe(false);
      }
    }
  });

  it('ref and unref return the handle', () => {
    const [tx, rx] = make();
    expect(tx.unref()).toBe(tx);
    expect(tx.ref()).toBe(tx);
    expect(rx.unref()).toBe(rx);
    expect(rx.ref()).toBe(rx);
  });

  it('console.log shows kind, name, length, capacity and counts, never a message', () => {
    const [tx, rx] = make<unknown>({ name: 'letters' });
    const clone = own(tx.clone());
    put(tx, 'the secret');
    if (flavor.capacity >= 3) tx.sendManySync([{ secret: 'the secret' }, 424242424242]);
    const { length } = rx;
    for (const handle of [tx, rx]) {
      for (const options of [{}, { depth: 10, showHidden: true, getters: true }, { compact: false }]) {
        const text = show(handle, options);
        expect(text).toMatch(handle === tx ? /Sender/ : /Receiver/);
        expect(text).toContain('letters');
        expect(text).not.toContain('secret');
        expect(text).not.toContain('424242424242');
      }
      const text = show(handle);
      expect(text).toContain(String(length));
      if (isBounded) expect(text).toContain(String(flavor.capacity));
      expect(text).toContain('2'); // senders
    }
    expect(show({ nested: [tx] })).toContain('letters');
    clone.drop();
  });

  it('a handle that was dropped or moved can still be shown', () => {
    const [tx, rx] = make<unknown>({ name: 'gone' });
    const [carrier, carried] = make<unknown>();
    put(carrier, tx);
    rx.drop();
    expect(show(tx)).toMatch(/Sender/);
    expect(show(rx)).toMatch(/Receiver/);
    own(carried.recvSync() as Sender<unknown>);
  });
}
