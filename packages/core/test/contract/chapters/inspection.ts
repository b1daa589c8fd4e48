/** api.md §8: `inspect()` tells about every channel, in plain data, and never shows a message. */
import { threadId } from 'node:worker_threads';
import { inspect, open } from '@beamline/core';
import { rejection } from '../../support/failure';
import { range, turns, until } from '../../support/turns';
import { type Bench, fill, put, several } from '../flavor';

export function inspection({ flavor, make, own }: Bench): void {
  const isBounded = Number.isFinite(flavor.capacity);
  const hasBuffer = flavor.capacity > 0;
  const find = (id: number) => inspect().channels.filter((channel) => channel.id === id);
  const few = several(flavor, 3);

  if (hasBuffer) {
    it('lists a channel with id, name, kind, capacity, length and traffic', () => {
      const [tx, rx] = make<number>({ name: 'watched' });
      const expected = {
        id: tx.id,
        name: 'watched',
        kind: flavor.kind,
        capacity: isBounded ? flavor.capacity : null,
        closed: false,
        waiting: [],
      };
      expect(find(tx.id)).toMatchObject([{ ...expected, length: 0, sent: 0, received: 0 }]);
      put(tx, ...range(few));
      expect(find(tx.id)).toMatchObject([{ ...expected, length: few, sent: few, received: 0 }]);
      rx.recvSync();
      expect(find(tx.id)).toMatchObject([{ ...expected, length: few - 1, sent: few, received: 1 }]);
      rx.close();
      expect(find(tx.id)).toMatchObject([{ ...expected, length: few - 1, sent: few, received: 1, closed: true }]);
    });
  }

  it('counts every message sent and received, over many laps', () => {
    const [tx, rx] = make<number>();
    for (const i of range(3000)) {
      put(tx, i);
      rx.recvSync();
    }
    expect(find(tx.id)).toMatchObject([{ sent: 3000, received: 3000, length: 0 }]);
  });

  it('a channel without a name has none', () => {
    const [tx] = make();
    expect(find(tx.id)[0]?.name).toBeUndefined();
  });

  it('lists every live handle with its thread', () => {
    const [tx, rx] = make();
    const clone = own(tx.clone());
    const here = { threadId };
    expect(find(tx.id)).toMatchObject([{ senders: [here, here], receivers: [here] }]);
    clone.drop();
    expect(find(tx.id)).toMatchObject([{ senders: [here], receivers: [here] }]);
    rx.drop();
    expect(find(tx.id)).toMatchObject([{ senders: [here], receivers: [] }]);
    tx.drop();
    expect(find(tx.id)).toEqual([]);
  });

  it('a handle in a token is still listed', () => {
    const [tx, rx] = make();
    const token = tx.transfer();
    expect(find(rx.id)[0]?.senders).toHaveLength(1);
    own(open(token));
    expect(find(rx.id)[0]?.senders).toHaveLength(1);
  });

  it('lists who waits, and for what', async () => {
    const [tx, rx] = make<number>();
    const received = rx.recv();
    await turns();
    expect(find(tx.id)[0]?.waiting).toEqual([{ threadId, operation: 'recv' }]);
    put(tx, 1);
    await received;
    await until(() => find(tx.id)[0]?.waiting.length === 0);
    if (!isBounded) return;
    fill(tx);
    const sent = rejection(tx.send(-1));
    await turns();
    expect(find(tx.id)[0]?.waiting).toEqual([{ threadId, operation: 'send' }]);
    rx.drop();
    await sent;
    await until(() => find(tx.id)[0]?.waiting.length === 0);
  });

  it('never shows a message', () => {
    const [tx] = make<unknown>();
    put(tx, 'the secret');
    if (few > 1) put(tx, { secret: 'the secret' });
    expect(JSON.stringify(inspect())).not.toContain('secret');
  });

  it('is plain data: a round trip through JSON changes nothing', () => {
    const [tx] = make({ name: 'json' });
    put(tx, 1);
    const snapshot = inspect();
    expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
  });

  it('is a snapshot: later changes do not reach it', () => {
    const [tx] = make();
    const before = inspect();
    const copy = structuredClone(before);
    put(tx, 1);
    expect(before).toEqual(copy);
  });
}
