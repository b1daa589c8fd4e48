/** api.md §4: `transfer()` and `open()`, here with both ends on one thread. */
import { open, Receiver, Sender, type HandleToken } from '@beamline/core';
import { expectFailure, expectInvalid, rejection, thrown } from '../../support/failure';
import { turns } from '../../support/turns';
import { type Bench, put } from '../flavor';
import { receiverUses, senderUses } from './handles';

export function transfer({ flavor, make, own }: Bench): void {
  it('a token opens as the handle that it was made of', async () => {
    const [tx, rx] = make<string>({ name: 'moved' });
    const { id } = tx;
    const tx2 = own(open(tx.transfer()));
    const rx2 = own(open(rx.transfer()));
    expect(tx2).toBeInstanceOf(Sender);
    expect(rx2).toBeInstanceOf(Receiver);
    expect([tx2.id, tx2.name, tx2.capacity]).toEqual([id, 'moved', flavor.capacity]);
    expect(tx2.sameChannel(rx2)).toBe(true);
    expect([tx2.senderCount, tx2.receiverCount]).toEqual([1, 1]);
    put(tx2, 'hello');
    expect(await rx2.recv()).toBe('hello');
  });

  it('a token is a plain value: structured clone carries it', () => {
    const [tx, rx] = make<number>();
    const token = structuredClone({ token: tx.transfer() }).token;
    put(own(open(token)), 1);
    expect(rx.recvSync()).toBe(1);
  });

  it('a token opens once, whichever copy of it', () => {
    const [tx, rx] = make<number>();
    const token = tx.transfer();
    const copy = structuredClone(token) as typeof token;
    own(open(copy));
    for (const again of [token, copy, structuredClone(token) as typeof token]) {
      expectFailure(
        thrown(() => open(again)),
        'HandleError',
        'ERR_HANDLE_MOVED',
      );
    }
    expect(rx.senderCount).toBe(1);
  });

  it('a token that was opened stays used when its handle is gone', () => {
    const [tx, rx] = make<number>();
    const token = tx.transfer();
    open(token).drop();
    expectFailure(
      thrown(() => open(token)),
      'HandleError',
      'ERR_HANDLE_MOVED',
    );
    expect(rx.isDisconnected).toBe(true);
    // Whatever takes the place of the dropped handle, the old token does not open it.
    const [tx2] = make<number>();
    const clones = [own(tx2.clone()), own(tx2.clone())];
    const tokens = clones.map((clone) => clone.transfer());
    expectFailure(
      thrown(() => open(token)),
      'HandleError',
      'ERR_HANDLE_MOVED',
    );
    for (const fresh of tokens) own(open(fresh));
  });

  it('a handle in a token keeps its channel connected and counts', () => {
    const [tx, rx] = make<number>();
    const token = tx.transfer();
    expect(rx.isDisconnected).toBe(false);
    expect(rx.senderCount).toBe(1);
    expect(rx.tryRecv()).toEqual({ ok: false, reason: 'empty' });
    own(open(token)).drop();
    expect(rx.isDisconnected).toBe(true);
  });

  it.each(Object.keys(senderUses))('after transfer, %s on the sender fails with ERR_HANDLE_MOVED', async (use) => {
    const [tx] = make<unknown>();
    const token = tx.transfer();
    expectFailure(await senderUses[use]!(tx), 'HandleError', 'ERR_HANDLE_MOVED');
    own(open(token));
    expectFailure(await senderUses[use]!(tx), 'HandleError', 'ERR_HANDLE_MOVED');
  });

  it.each(Object.keys(receiverUses))('after transfer, %s on the receiver fails with ERR_HANDLE_MOVED', async (use) => {
    const [tx, rx] = make<unknown>();
    put(tx, 'kept');
    const token = rx.transfer();
    expectFailure(await receiverUses[use]!(rx), 'HandleError', 'ERR_HANDLE_MOVED');
    expect(own(open(token)).recvSync()).toBe('kept');
  });

  it('what is pending on a transferred handle is rejected, and takes no message', async () => {
    const [tx, rx] = make<number>();
    const pending = rejection(rx.recv());
    await turns();
    const token = rx.transfer();
    expect(await pending).toMatchObject({ name: 'HandleError' });
    put(tx, 1);
    expect(own(open(token)).recvSync()).toBe(1);
  });

  it('a handle can travel any number of times', () => {
    const [tx, rx] = make<number>();
    let here = tx;
    for (let i = 0; i < 100; i++) here = open(here.transfer());
    put(own(here), 1);
    expect(rx.recvSync()).toBe(1);
    expect(rx.senderCount).toBe(1);
  });

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['a number', 5],
    ['a string', 'token'],
    ['an empty object', {}],
    ['an array', []],
    ['a handle', 'handle'],
  ])('%s is no token', (what, value) => {
    const [tx] = make();
    expectInvalid(thrown(() => open((what === 'a handle' ? tx : value) as never)));
    tx.drop();
  });

  it('a forged token is refused, and the one it was made after still opens', () => {
    const [tx, rx] = make<number>();
    const token = tx.transfer();
    let forgeries = 0;
    for (const [key, value] of Object.entries(token as object) as [string, unknown][]) {
      if (typeof value !== 'number') continue;
      for (const fake of [value + 1, value - 1, -value - 1, value + 0.5, NaN, 2 ** 40, undefined, 'x', {}]) {
        forgeries++;
        const forged = { ...token, [key]: fake } as HandleToken<Sender<number>>;
        const error = thrown(() => open(forged));
        expect(['ERR_INVALID_ARGUMENT', 'ERR_HANDLE_MOVED', 'ERR_CODEC_MISMATCH']).toContain(error.code);
      }
    }
    expect(forgeries).toBeGreaterThan(0);
    put(own(open(token)), 1);
    expect(rx.recvSync()).toBe(1);
  });

  it('a token of one’s own making is refused with ERR_INVALID_ARGUMENT', () => {
    const [tx] = make<number>();
    const token = tx.transfer();
    const guess = Object.fromEntries(
      (Object.entries(token as object) as [string, unknown][]).map(([key, value]) => [
        key,
        typeof value === 'number' ? 7 : value,
      ]),
    );
    expectInvalid(thrown(() => open(guess as never)));
    own(open(token));
  });
}
