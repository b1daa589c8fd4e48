/** api.md §2.1: a weak sender does not keep its channel connected, and upgrades to a sender while there is one. As tokio's. */
import { inspect as show } from 'node:util';
import { inspect, open, Sender, WeakSender } from '@beamline/core';
import { expectFailure, rejection, thrown } from '../../support/failure';
import { range } from '../../support/turns';
import type { Bench } from '../flavor';

export function weakSenders({ make, own }: Bench): void {
  it('does not count and does not keep the channel connected', async () => {
    const [tx, rx] = make<number>();
    const weak = own(tx.downgrade());
    expect(weak).toBeInstanceOf(WeakSender);
    expect([rx.senderCount, rx.isDisconnected]).toEqual([1, false]);
    const waiting = rejection(rx.recv());
    tx.drop();
    expectFailure(await waiting, 'RecvError', 'ERR_DISCONNECTED');
    expect([rx.senderCount, rx.isDisconnected]).toEqual([0, true]);
  });

  it('upgrades to a sender of its own, which counts and keeps the channel connected', async () => {
    const [tx, rx] = make<number>();
    const weak = own(tx.downgrade());
    const upgraded = own(weak.upgrade()!);
    expect(upgraded).toBeInstanceOf(Sender);
    expect(upgraded.sameChannel(rx)).toBe(true);
    expect(rx.senderCount).toBe(2);
    tx.drop();
    expect([rx.senderCount, rx.isDisconnected]).toEqual([1, false]);
    const sent = upgraded.send(5);
    expect(await rx.recv()).toBe(5);
    await sent;
    upgraded.drop();
    expect(rx.isDisconnected).toBe(true);
  });

  it('upgrades any number of times, and no more after the last sender, whatever happens then', () => {
    const [tx, rx] = make<number>();
    const weak = own(tx.downgrade());
    for (const _ of range(300)) weak.upgrade()!.drop();
    expect(rx.senderCount).toBe(1);
    const last = own(weak.upgrade()!);
    tx.drop();
    const again = own(weak.upgrade()!);
    last.drop();
    again.drop();
    for (const _ of range(3)) expect(weak.upgrade()).toBeUndefined();
    const receiver = own(rx.clone());
    expect(weak.upgrade()).toBeUndefined();
    receiver.drop();
    rx.drop();
    expect(weak.upgrade()).toBeUndefined();
  });

  it('upgrades while the only sender travels', async () => {
    const [tx, rx] = make<number>();
    const weak = own(tx.downgrade());
    const token = tx.transfer();
    own(weak.upgrade()!).drop();
    const opened = own(open(token));
    const [carrier, carried] = make<Sender<number>>();
    const sent = carrier.send(opened);
    own(weak.upgrade()!).drop();
    own(await carried.recv()).drop();
    await sent;
    expect(weak.upgrade()).toBeUndefined();
    expect(rx.isDisconnected).toBe(true);
  });

  it('of a channel that was closed, or without receivers, upgrades to a sender whose sends fail', async () => {
    for (const end of ['close', 'drop'] as const) {
      const [tx, rx] = make<number>();
      const weak = own(tx.downgrade());
      rx[end]();
      const upgraded = own(weak.upgrade()!);
      expect(await rejection(upgraded.send(7))).toMatchObject({ code: 'ERR_DISCONNECTED', value: 7 });
    }
  });

  it('clones; each is dropped on its own, idempotently, and with `using`', () => {
    const [tx] = make();
    const weak = own(tx.downgrade());
    const clone = own(weak.clone());
    expect(clone).toBeInstanceOf(WeakSender);
    expect(clone).not.toBe(weak);
    weak.drop();
    weak.drop();
    weak[Symbol.dispose]();
    expectFailure(
      thrown(() => weak.upgrade()),
      'HandleError',
      'ERR_HANDLE_DROPPED',
    );
    expectFailure(
      thrown(() => weak.clone()),
      'HandleError',
      'ERR_HANDLE_DROPPED',
    );
    own(clone.upgrade()!).drop();
    {
      using inner = clone.clone();
      own(inner.upgrade()!).drop();
    }
    expect(tx.senderCount).toBe(1);
  });

  it('keeps its channel’s memory, and nothing else, until it is dropped', () => {
    const [tx, rx] = make();
    const weak = own(tx.downgrade());
    tx.drop();
    rx.drop();
    const find = () => inspect().channels.filter(({ id }) => id === weak.id);
    expect(find()).toMatchObject([{ senders: [], receivers: [], closed: true }]);
    weak.drop();
    expect(find()).toEqual([]);
  });

  it('travels in a token and in a message, as itself', async () => {
    const [tx, rx] = make<number>();
    const weak = own(tx.downgrade());
    const opened = own(open(weak.transfer()));
    expect(opened).toBeInstanceOf(WeakSender);
    expectFailure(
      thrown(() => weak.upgrade()),
      'HandleError',
      'ERR_HANDLE_MOVED',
    );
    const [carrier, carried] = make<{ weak: WeakSender<number>; more: unknown[] }>();
    const sent = carrier.send({ weak: opened, more: [own(opened.clone()), tx.clone()] });
    const { weak: arrived, more } = await carried.recv();
    await sent;
    own(arrived);
    for (const handle of more) own(handle as Sender<number>);
    expect([arrived, ...more].map((handle) => (handle as object).constructor)).toEqual([WeakSender, WeakSender, Sender]);
    expectFailure(
      thrown(() => opened.transfer()),
      'HandleError',
      'ERR_HANDLE_MOVED',
    );
    expect(rx.senderCount).toBe(2);
    const upgraded = own(arrived.upgrade()!);
    expect(rx.senderCount).toBe(3);
    upgraded.drop();
  });

  it('in a message that is not sent is usable again, and in one that nobody receives is dropped', async () => {
    const [tx] = make();
    const weak = own(tx.downgrade());
    const [carrier, carried] = make<unknown>();
    const waiting = carrier.send([weak]);
    carried.drop();
    await waiting.catch(() => undefined); // rendezvous: nobody took it; else it was discarded
    const usable = own(tx.downgrade());
    expect(carrier.trySend([usable])).toEqual({ ok: false, reason: 'disconnected' });
    own(usable.upgrade()!).drop();
    expect(tx.senderCount).toBe(1);
  });

  it('has the channel’s id and name, and shows itself, dropped or not', () => {
    const [tx, rx] = make({ name: 'weakly' });
    const weak = own(tx.downgrade());
    expect([weak.id, weak.name]).toEqual([rx.id, 'weakly']);
    expect(rx.sameChannel(weak as never)).toBe(true);
    expect(show(weak)).toMatch(/^WeakSender<\w+> \{ "weakly" #\d+, senders 1 \}$/);
    weak.drop();
    expect(show(weak)).toMatch(/^WeakSender<\w+> \{ "weakly" #\d+, dropped \}$/);
  });

  it('is not made of a sender that was dropped or moved', () => {
    const [tx] = make();
    const clone = own(tx.clone());
    clone.drop();
    expectFailure(
      thrown(() => clone.downgrade()),
      'HandleError',
      'ERR_HANDLE_DROPPED',
    );
    const moved = own(tx.clone());
    own(open(moved.transfer()));
    expectFailure(
      thrown(() => moved.downgrade()),
      'HandleError',
      'ERR_HANDLE_MOVED',
    );
  });
}
