/** api.md §2.1–§2.3: a channel disconnects when the last handle of a side is dropped. Buffered messages come first. */
import { type Sender, SendError } from '@beamline/core';
import { expectFailure, rejection, thrown } from '../../support/failure';
import { range, turns } from '../../support/turns';
import { type Bench, fill, put } from '../flavor';

export function disconnection({ flavor, make, own }: Bench): void {
  const isBounded = Number.isFinite(flavor.capacity);
  const hasBuffer = flavor.capacity > 0;
  const few = Math.min(flavor.capacity, 3);

  it('after the last sender, buffered messages come first, then disconnected, for good', async () => {
    const [tx, rx] = make<number>();
    tx.sendManySync(range(few));
    tx.drop();
    expect(rx.isDisconnected).toBe(true);
    expect(rx.length).toBe(few);
    for (const i of range(few)) expect(await rx.recv()).toBe(i);
    for (let again = 0; again < 3; again++) {
      expect(rx.tryRecv()).toEqual({ ok: false, reason: 'disconnected' });
      expectFailure(await rejection(rx.recv()), 'RecvError', 'ERR_DISCONNECTED');
      expectFailure(
        thrown(() => rx.recvSync()),
        'RecvError',
        'ERR_DISCONNECTED',
      );
    }
  });

  it('every sender keeps the channel connected', () => {
    const [tx, rx] = make<number>();
    const clones = range(5).map(() => own(tx.clone()));
    tx.drop();
    for (const clone of clones) {
      expect(rx.tryRecv()).toEqual({ ok: false, reason: 'empty' });
      expect(rx.isDisconnected).toBe(false);
      clone.drop();
    }
    expect(rx.isDisconnected).toBe(true);
    expect(rx.tryRecv()).toEqual({ ok: false, reason: 'disconnected' });
  });

  it('dropping the last sender wakes every waiting receive', async () => {
    const [tx, rx] = make<number>();
    const clone = own(rx.clone());
    const waiting = [
      rejection(rx.recv()),
      rejection(clone.recv()),
      rejection(rx.recvMany(3)),
      rejection(rx.recv({ timeout: 60_000 })),
    ];
    await turns();
    tx.drop();
    for (const error of await Promise.all(waiting)) expectFailure(error, 'RecvError', 'ERR_DISCONNECTED');
  });

  it('after the last receiver every form of send fails and hands back the very value, each time', async () => {
    const [tx, rx] = make<object>();
    const clone = own(rx.clone());
    rx.drop();
    expect(tx.isDisconnected).toBe(false);
    clone.drop();
    expect(tx.isDisconnected).toBe(true);
    const value = { the: 'very value' };
    for (let again = 0; again < 3; again++) {
      expect(tx.trySend(value)).toEqual({ ok: false, reason: 'disconnected' });
      for (const error of [await rejection(tx.send(value)), thrown(() => tx.sendSync(value))]) {
        expectFailure(error, 'SendError', 'ERR_DISCONNECTED');
        expect(error).toBeInstanceOf(SendError);
        expect(error.value).toBe(value);
      }
    }
  });

  it('undefined comes back as value too', async () => {
    const [tx, rx] = make<undefined>();
    rx.drop();
    const error = await rejection(tx.send(undefined));
    expect('value' in error).toBe(true);
    expect(error.value).toBeUndefined();
  });

  it('a clone of a sender without receivers fails like the original', async () => {
    const [tx, rx] = make<number>();
    rx.drop();
    const clone = own(tx.clone());
    expect(clone.isDisconnected).toBe(true);
    expectFailure(await rejection(clone.send(1)), 'SendError', 'ERR_DISCONNECTED');
  });

  if (hasBuffer) {
    it('a clone of a receiver without senders gets what is buffered', () => {
      const [tx, rx] = make<number>();
      tx.sendSync(1);
      tx.drop();
      const clone = own(rx.clone());
      rx.drop();
      expect(clone.recvSync()).toBe(1);
      expect(clone.tryRecv()).toEqual({ ok: false, reason: 'disconnected' });
    });

    it('isDisconnected does not say that the buffer is empty', () => {
      const [tx, rx] = make<number>();
      tx.sendSync(1);
      tx.drop();
      expect(rx.isDisconnected).toBe(true);
      expect(rx.isEmpty).toBe(false);
      expect(rx.recvSync()).toBe(1);
      expect(rx.isEmpty).toBe(true);
    });

    it('when the last receiver goes, buffered messages are discarded at once', () => {
      const [tx, rx] = make<string>();
      for (const i of range(few)) tx.sendSync('x'.repeat(2000) + String(i));
      expect(tx.length).toBe(few);
      rx.drop();
      expect(tx.length).toBe(0);
      expect(tx.isEmpty).toBe(true);
      expect(tx.receiverCount).toBe(0);
    });

    it('handles in discarded messages are dropped at once, though a sender lives', async () => {
      const [tx, rx] = make<{ reply: Sender<number> }>();
      const replies = range(few).map(() => make<number>());
      for (const [reply] of replies) tx.sendSync({ reply });
      const waiting = replies.map(([, replied]) => rejection(replied.recv()));
      await turns();
      rx.drop();
      for (const error of await Promise.all(waiting)) expectFailure(error, 'RecvError', 'ERR_DISCONNECTED');
      for (const [, replied] of replies) expect(replied.senderCount).toBe(0);
    });

    it('discarding reaches through messages that hold channels with messages that hold handles', async () => {
      const [tx, rx] = make<unknown>();
      const [tx2, rx2] = make<unknown>();
      const [tx3, rx3] = make<unknown>();
      const [reply, replied] = make<number>();
      tx3.sendSync([reply]);
      tx2.sendSync({ rx3 });
      tx.sendSync(new Map([['rx2', rx2]]));
      rx.drop();
      expectFailure(await rejection(replied.recv()), 'RecvError', 'ERR_DISCONNECTED');
      expect(tx2.isDisconnected).toBe(true);
      expect(tx3.isDisconnected).toBe(true);
    });

    it('dropping both sides with messages inside leaves nothing', () => {
      for (const order of ['senders first', 'receivers first']) {
        const [tx, rx] = make<string>();
        for (const i of range(few)) tx.sendSync(`${order} ${'y'.repeat(3000)} ${String(i)}`);
        if (order === 'senders first') tx.drop();
        rx.drop();
        tx.drop();
      }
    });
  }

  if (isBounded) {
    it('dropping the last receiver wakes every waiting send and hands back its value', async () => {
      const [tx, rx] = make<unknown>();
      fill(tx);
      const values = range(4).map((n) => ({ n }));
      const clone = own(tx.clone());
      const waiting = values.map((value, i) => rejection((i % 2 === 0 ? tx : clone).send(value)));
      await turns();
      rx.drop();
      for (const [i, error] of (await Promise.all(waiting)).entries()) {
        expectFailure(error, 'SendError', 'ERR_DISCONNECTED');
        expect(error.value).toBe(values[i]);
      }
      expect(tx.length).toBe(0);
    });

    it('a sender dropped while others wait changes nothing for them', async () => {
      const [tx, rx] = make<number>();
      const count = fill(tx);
      const clone = own(tx.clone());
      const waiting = clone.send(count);
      await turns();
      tx.drop();
      for (const i of range(count + 1)) expect(await rx.recv()).toBe(i);
      await waiting;
      clone.drop();
      expectFailure(await rejection(rx.recv()), 'RecvError', 'ERR_DISCONNECTED');
    });
  }

  it('states follow each other in step: empty, a message, empty, disconnected', () => {
    const [tx, rx] = make<number>();
    expect(rx.tryRecv()).toEqual({ ok: false, reason: 'empty' });
    put(tx, 1);
    expect(rx.tryRecv()).toEqual({ ok: true, value: 1 });
    expect(rx.tryRecv()).toEqual({ ok: false, reason: 'empty' });
    tx.drop();
    expect(rx.tryRecv()).toEqual({ ok: false, reason: 'disconnected' });
    expect(rx.tryRecv()).toEqual({ ok: false, reason: 'disconnected' });
  });

  if (hasBuffer) {
    it('five hundred channels, each with one message and either order of dropping', async () => {
      for (const i of range(500)) {
        const [tx, rx] = make<number>();
        const received = i % 3 === 0 ? rx.recv() : undefined;
        tx.sendSync(i);
        if (i % 2 === 0) tx.drop();
        expect(await (received ?? rx.recv())).toBe(i);
        rx.drop();
        tx.drop();
      }
    });
  }
}
