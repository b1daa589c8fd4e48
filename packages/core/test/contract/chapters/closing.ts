/** api.md §2.3: `close()` closes the whole channel; buffered messages stay receivable. */
import type { Receiver, Sender } from '@beamline/core';
import { expectFailure, rejection, thrown } from '../../support/failure';
import { range, turns } from '../../support/turns';
import { type Bench, fill } from '../flavor';

export function closing({ flavor, make, own }: Bench): void {
  const isBounded = Number.isFinite(flavor.capacity);
  const hasBuffer = flavor.capacity > 0;
  const few = Math.min(flavor.capacity, 3);

  describe.each(['sender', 'receiver'])('by the %s', (side) => {
    const close = (tx: Sender<never>, rx: Receiver<unknown>): void => (side === 'sender' ? tx.close() : rx.close());

    it('sends fail from now on and hand back the very value', async () => {
      const [tx, rx] = make<object>();
      const clone = own(tx.clone());
      close(tx, rx);
      const value = {};
      for (const sender of [tx, clone]) {
        expect(sender.trySend(value)).toEqual({ ok: false, reason: 'disconnected' });
        for (const error of [await rejection(sender.send(value)), thrown(() => sender.sendSync(value))]) {
          expectFailure(error, 'SendError', 'ERR_DISCONNECTED');
          expect(error.value).toBe(value);
        }
      }
    });

    if (hasBuffer) {
      it('buffered messages stay receivable, then receives fail', async () => {
        const [tx, rx] = make<number>();
        tx.sendManySync(range(few));
        close(tx, rx);
        expect(rx.length).toBe(few);
        for (const i of range(few)) expect(await rx.recv()).toBe(i);
        expect(rx.tryRecv()).toEqual({ ok: false, reason: 'disconnected' });
        expectFailure(await rejection(rx.recv()), 'RecvError', 'ERR_DISCONNECTED');
        expectFailure(
          thrown(() => rx.recvSync()),
          'RecvError',
          'ERR_DISCONNECTED',
        );
      });
    }

    it('waiting receives fail', async () => {
      const [tx, rx] = make<number>();
      const clone = own(rx.clone());
      const waiting = [rejection(rx.recv()), rejection(clone.recvMany(2)), rejection(rx.recv())];
      await turns();
      close(tx, rx);
      for (const error of await Promise.all(waiting)) expectFailure(error, 'RecvError', 'ERR_DISCONNECTED');
    });

    if (isBounded) {
      it('waiting sends fail with their value, and none of them is sent', async () => {
        const [tx, rx] = make<unknown>();
        fill(tx);
        const values = [{ a: 1 }, { b: 2 }];
        const waiting = values.map((value) => rejection(tx.send(value)));
        await turns();
        close(tx, rx);
        for (const [i, error] of (await Promise.all(waiting)).entries()) {
          expectFailure(error, 'SendError', 'ERR_DISCONNECTED');
          expect(error.value).toBe(values[i]);
        }
        expect([...rx.tryIter()]).toEqual(range(flavor.capacity));
      });
    }

    if (hasBuffer) {
      it('both sides see isDisconnected; counts and length do not change', () => {
        const [tx, rx] = make<number>();
        tx.sendSync(1);
        close(tx, rx);
        for (const handle of [tx, rx]) {
          expect(handle.isDisconnected).toBe(true);
          expect(handle.length).toBe(1);
          expect([handle.senderCount, handle.receiverCount]).toEqual([1, 1]);
        }
      });

      it('a second close does nothing', () => {
        const [tx, rx] = make<number>();
        tx.sendSync(1);
        close(tx, rx);
        close(tx, rx);
        tx.close();
        rx.close();
        expect(rx.recvSync()).toBe(1);
        expect(rx.tryRecv()).toEqual({ ok: false, reason: 'disconnected' });
      });

      it('a loop over the receiver gets what is buffered and ends', async () => {
        const [tx, rx] = make<number>();
        tx.sendManySync(range(few));
        close(tx, rx);
        const seen: number[] = [];
        for await (const value of rx) seen.push(value);
        expect(seen).toEqual(range(few));
        for (const value of rx) seen.push(value);
        expect(seen).toHaveLength(few);
      });

      it('handles can still be cloned, dropped and transferred', async () => {
        const [tx, rx] = make<number>();
        tx.sendSync(1);
        close(tx, rx);
        const tx2 = own(tx.clone());
        const rx2 = own(rx.clone());
        expect(tx2.trySend(2)).toEqual({ ok: false, reason: 'disconnected' });
        tx.drop();
        rx.drop();
        expect(await rx2.recv()).toBe(1);
      });
    }
  });

  if (hasBuffer) {
    it('the last receiver gone after close discards what is left', async () => {
      const [tx, rx] = make<unknown>();
      const [reply, replied] = make<number>();
      tx.sendSync({ reply });
      rx.close();
      expect(replied.isDisconnected).toBe(false);
      rx.drop();
      expectFailure(await rejection(replied.recv()), 'RecvError', 'ERR_DISCONNECTED');
      expect(tx.length).toBe(0);
    });
  }
}
