/** api.md §2.3 and §5: what handles and codecs do to a select over them. */
import { bounded, inspect, type Codec } from '@beamline/core';
import { after, never, select, selectSync, trySelect } from '@beamline/select';
import { expectFailure, rejection, thrown } from '../../../core/test/support/failure';
import { isPending, turns } from '../../../core/test/support/turns';
import { bench, formNames, forms } from '../support/bench';

const { make, channels, own } = bench();

describe.each(formNames)('%s', (form) => {
  it('over a dropped receiver fails, whatever else is ready', async () => {
    const { txs, rxs } = channels<number>(2);
    txs[0]!.sendSync(1);
    rxs[1]!.drop();
    expectFailure(await rejection(Promise.resolve().then(() => forms[form](rxs))), 'HandleError', 'ERR_HANDLE_DROPPED');
    expect(rxs[0]!.length).toBe(1);
  });

  it('over a receiver that moved away fails', async () => {
    const { txs, rxs } = channels(2);
    const [carrier] = make();
    txs[0]!.sendSync(1);
    carrier.sendSync(rxs[1]!);
    expectFailure(await rejection(Promise.resolve().then(() => forms[form](rxs))), 'HandleError', 'ERR_HANDLE_MOVED');
  });

  it('a message that cannot be decoded fails it and is used up', async () => {
    const [tx, rx] = bounded<string>(4, { codec: picky });
    own(tx);
    own(rx);
    const [, idle] = make();
    tx.sendManySync(['good', 'bad', 'good']);
    expect(await forms[form]([idle, rx])).toMatchObject({ ok: true, value: 'good' });
    const error = await rejection(Promise.resolve().then(() => forms[form]([idle, rx])));
    expect(error.message).toBe('unreadable');
    expect(await forms[form]([idle, rx])).toMatchObject({ ok: true, value: 'good' });
    expect(trySelect([idle, rx])).toBeUndefined();
  });

  it('reports what a batch receive could not decode', async () => {
    const [tx, rx] = bounded<string>(4, { codec: picky });
    own(tx);
    own(rx);
    tx.sendManySync(['good', 'bad', 'good']);
    expect(rx.recvManySync(2)).toEqual(['good']);
    const error = await rejection(Promise.resolve().then(() => forms[form]({ rx })));
    expect(error.message).toBe('unreadable');
    expect(await forms[form]({ rx })).toMatchObject({ ok: true, value: 'good' });
  });
});

/** Refuses to decode 'bad'. */
const picky: Codec<string> = {
  name: 'picky',
  encode: (value) => Buffer.from(value),
  decode: (bytes) => {
    const text = Buffer.from(bytes).toString();
    if (text === 'bad') throw new Error('unreadable');
    return text;
  },
};

describe('a select that waits', () => {
  it('rejects when one of its receivers is dropped, and leaves the others alone', async () => {
    const { txs, rxs } = channels<number>(3);
    const selected = select(rxs);
    expect(await isPending(selected)).toBe(true);
    rxs[1]!.drop();
    expectFailure(await rejection(selected), 'HandleError', 'ERR_HANDLE_DROPPED');
    txs[0]!.sendSync(1);
    await turns();
    expect(rxs[0]!.length).toBe(1);
  });

  it('rejects when one of its receivers moves away', async () => {
    const { rxs } = channels<number>(3);
    const [carrier] = make();
    const byMessage = select(rxs);
    carrier.sendSync(rxs[2]!);
    expectFailure(await rejection(byMessage), 'HandleError', 'ERR_HANDLE_MOVED');
    const byToken = select([rxs[0]!, rxs[1]!]);
    await turns();
    own({ drop: () => undefined });
    const token = rxs[1]!.transfer();
    expectFailure(await rejection(byToken), 'HandleError', 'ERR_HANDLE_MOVED');
    const { open } = await import('@beamline/core');
    own(open(token));
  });

  it('is ended by a dropped timer and by a dropped never', async () => {
    for (const rx of [after(60_000), never()]) {
      const [, idle] = make();
      const selected = select([idle, rx]);
      await turns();
      rx.drop();
      expectFailure(await rejection(selected), 'HandleError', 'ERR_HANDLE_DROPPED');
    }
  });

  it('does not mind clones of its receivers being dropped', async () => {
    const [tx, rx] = make<number>();
    const clone = rx.clone();
    const selected = select([rx]);
    await turns();
    clone.drop();
    tx.sendSync(1);
    expect(await selected).toMatchObject({ value: 1 });
  });

  it('rejects with what the codec throws', async () => {
    const [tx, rx] = bounded<string>(4, { codec: picky });
    own(tx);
    own(rx);
    const [, idle] = make();
    const selected = select([idle, rx]);
    await turns();
    tx.sendSync('bad');
    expect((await rejection(selected)).message).toBe('unreadable');
    expect(rx.isEmpty).toBe(true);
  });

  it('ends well when its codec drops the receiver', async () => {
    let drop = (): void => undefined;
    const codec: Codec<string> = { ...picky, name: 'dropping', decode: (bytes) => (drop(), picky.decode(bytes)) };
    const [tx, rx] = bounded<string>(4, { codec });
    own(tx);
    own(rx);
    drop = () => rx.drop();
    const [other, idle] = make<string>();
    const selected = select([idle, rx]);
    await turns();
    tx.sendSync('good');
    await selected.catch((error: unknown) => expectFailure(error, 'HandleError', 'ERR_HANDLE_DROPPED'));
    const next = select([idle]);
    await turns();
    other.sendSync('next');
    expect(await next).toMatchObject({ value: 'next' });
  });

  it('is seen by inspect, and waits nowhere when it has ended', async () => {
    const { txs, rxs } = channels<number>(3);
    const selected = select(rxs);
    await turns();
    const waiting = () => rxs.map(({ id }) => inspect().channels.find((channel) => channel.id === id)?.waiting.length);
    expect(waiting()).toEqual([1, 1, 1]);
    txs[0]!.sendSync(1);
    await selected;
    expect(waiting()).toEqual([0, 0, 0]);
  });
});

it('selectSync fails at once where a handle is gone', () => {
  const [, rx] = make();
  rx.drop();
  expectFailure(
    thrown(() => selectSync([rx], { timeout: 0 })),
    'HandleError',
    'ERR_HANDLE_DROPPED',
  );
});
