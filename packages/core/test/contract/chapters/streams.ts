/** api.md §2.1, §2.2: handles as web streams, with backpressure, errors and cancellation. */
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Receiver } from '@beamline/core';
import { expectFailure, rejection as rejectionOf, thrown } from '../../support/failure';
import { isPending, range, turns, until } from '../../support/turns';
import { type Bench, fill } from '../flavor';

/** The promises of streams belong to another realm than the tests'. */
const rejection = (promise: Promise<unknown>) => rejectionOf(Promise.resolve(promise));

export function streams({ flavor, make, own }: Bench): void {
  const { capacity } = flavor;
  const isBounded = Number.isFinite(capacity);
  const numbers = range(20);

  async function all<T>(rx: Receiver<T>): Promise<T[]> {
    const values: T[] = [];
    for await (const value of rx) values.push(value);
    return values;
  }

  describe('writable()', () => {
    it('what is written arrives in order, and close() drops the sender', async () => {
      const [tx, rx] = make<number>();
      const arrived = all(rx);
      const writer = tx.writable().getWriter();
      for (const n of numbers) await writer.write(n);
      await writer.close();
      expect(await arrived).toEqual(numbers);
      expectFailure(
        thrown(() => tx.trySend(1)),
        'HandleError',
        'ERR_HANDLE_DROPPED',
      );
    });

    it('close() leaves other senders, and what was written, alone', async () => {
      const [tx, rx] = make<number>();
      const other = own(tx.clone());
      const writer = tx.writable().getWriter();
      const written = Promise.all([writer.write(1), writer.close()]);
      expect(await rx.recv()).toBe(1);
      await written;
      expect([rx.senderCount, rx.isDisconnected]).toEqual([1, false]);
      other.drop();
    });

    if (isBounded) {
      it('a write is done when the channel has accepted it: a full one slows the writer down', async () => {
        const [tx, rx] = make<number>();
        const count = fill(tx);
        const writer = tx.writable().getWriter();
        const first = writer.write(-1);
        const second = writer.write(-2);
        expect(await isPending(first)).toBe(true);
        expect(await isPending(writer.ready)).toBe(true);
        expect(rx.length).toBe(count);
        for (const n of range(count)) expect(await rx.recv()).toBe(n);
        expect(await rx.recv()).toBe(-1);
        await first;
        expect(await rx.recv()).toBe(-2);
        await second;
        await writer.ready;
        await writer.close();
      });

      it('abort() takes a write that waits back at once and drops the sender; what was written stays', async () => {
        const [tx, rx] = make<number>();
        const count = fill(tx);
        const writer = tx.writable().getWriter();
        const waiting = rejection(writer.write(-1));
        const queued = rejection(writer.write(-2));
        await turns();
        const reason = new Error('enough');
        await writer.abort(reason);
        expect([await waiting, await queued]).toEqual([reason, reason]);
        expect(await all(rx)).toEqual(range(count));
      });
    }

    it('abort() without a write under way drops the sender', async () => {
      const [tx, rx] = make<number>();
      await tx.writable().abort('no reason');
      expect(rx.isDisconnected).toBe(true);
    });

    it('without receivers a write errors the stream with SendError, and drops the sender', async () => {
      const [tx, rx] = make<number>();
      const writer = tx.writable().getWriter();
      rx.drop();
      const error = await rejection(writer.write(7));
      expect(error).toMatchObject({ name: 'SendError', code: 'ERR_DISCONNECTED', value: 7 });
      expect(await rejection(writer.closed)).toBe(error);
      expect(await rejection(writer.write(8))).toBe(error);
      expectFailure(
        thrown(() => tx.trySend(1)),
        'HandleError',
        'ERR_HANDLE_DROPPED',
      );
    });

    it('a value that cannot be sent errors the stream, and drops the sender', async () => {
      const [tx, rx] = make<unknown>();
      const writer = tx.writable().getWriter();
      const closed = rejection(writer.closed);
      expectFailure(await rejection(writer.write(() => 1)), 'DataCloneError', 'ERR_DATA_CLONE');
      await closed;
      expect(rx.isDisconnected).toBe(true);
    });

    it('a sender that is dropped meanwhile errors the stream', async () => {
      const [tx] = make<number>();
      const writer = tx.writable().getWriter();
      const closed = rejection(writer.closed);
      tx.drop();
      expectFailure(await rejection(writer.write(1)), 'HandleError', 'ERR_HANDLE_DROPPED');
      await closed;
    });

    it('is not made of a handle that is gone', () => {
      const [tx, rx] = make();
      tx.drop();
      rx.drop();
      for (const stream of [() => tx.writable(), () => rx.readable()]) {
        expectFailure(thrown(stream), 'HandleError', 'ERR_HANDLE_DROPPED');
      }
    });
  });

  describe('readable()', () => {
    it('gives every message in order, closes at disconnection, and drops the receiver', async () => {
      const [tx, rx] = make<number>();
      const sent = tx.sendMany(numbers).then(() => tx.drop());
      const values: number[] = [];
      for await (const value of rx.readable()) values.push(value);
      await sent;
      expect(values).toEqual(numbers);
      expectFailure(
        thrown(() => rx.tryRecv()),
        'HandleError',
        'ERR_HANDLE_DROPPED',
      );
    });

    it('undefined and null are ordinary messages', async () => {
      const [tx, rx] = make<undefined | null>();
      const sent = tx.sendMany([undefined, null]).then(() => tx.drop());
      const reader = rx.readable().getReader();
      expect(await reader.read()).toEqual({ done: false, value: undefined });
      expect(await reader.read()).toEqual({ done: false, value: null });
      await sent;
      expect(await reader.read()).toEqual({ done: true, value: undefined });
    });

    it('reads nothing ahead', async () => {
      const [tx, rx] = make<number>();
      const other = own(rx.clone());
      const reader = rx.readable().getReader();
      const sent = tx.sendMany([1, 2]);
      await turns(5);
      expect(rx.length).toBe(Math.min(capacity, 2));
      expect((await reader.read()).value).toBe(1);
      await turns(5);
      expect(await other.recv()).toBe(2);
      await sent;
      await reader.cancel();
    });

    it('cancel() takes back a read that waits, loses no message and drops the receiver', async () => {
      const [tx, rx] = make<number>();
      const other = own(rx.clone());
      const reader = rx.readable().getReader();
      const reading = reader.read();
      await turns();
      await reader.cancel('enough');
      expect(await reading).toEqual({ done: true, value: undefined });
      expect(tx.receiverCount).toBe(1);
      const sent = tx.send(1);
      expect(await other.recv()).toBe(1);
      await sent;
    });

    // A rendezvous hands its message to who waits, in whatever moment that is.
    if (capacity > 0) {
      it('cancel() in the same moment as the message neither loses nor doubles it', async () => {
        for (const isFirst of [true, false]) {
          const [tx, rx] = make<number>();
          const other = own(rx.clone());
          const reader = rx.readable().getReader();
          const reading = reader.read();
          await turns();
          const sent = tx.send(1);
          if (!isFirst) await Promise.resolve();
          await reader.cancel();
          const read = await reading;
          if (read.done) expect(await other.recv()).toBe(1);
          else expect([read.value, other.isEmpty]).toEqual([1, true]);
          await sent;
        }
      });

      it('a reader that lets go while it waits takes no message with it', async () => {
        const [tx, rx] = make<number>();
        const other = own(rx.clone());
        const stream = rx.readable();
        const reader = stream.getReader();
        const reading = rejection(reader.read());
        await turns();
        reader.releaseLock();
        await reading;
        const sent = tx.send(1);
        expect(await other.recv()).toBe(1);
        await sent;
        const again = stream.getReader();
        const next = again.read();
        const sentToo = tx.send(2);
        expect(await next).toEqual({ done: false, value: 2 });
        await sentToo;
        await again.cancel();
      });
    }

    it('a receiver that is dropped meanwhile errors the stream', async () => {
      const [, rx] = make<number>();
      const reading = rejection(rx.readable().getReader().read());
      await turns();
      rx.drop();
      expectFailure(await reading, 'HandleError', 'ERR_HANDLE_DROPPED');
    });

    it('a message that cannot be decoded errors the stream with that, and drops the receiver', async () => {
      const failure = new Error('cannot decode');
      const codec = {
        name: 'test/undecodable',
        encode: () => new Uint8Array(1),
        decode: (): number => {
          throw failure;
        },
      };
      const [tx, rx] = make<number>({ codec });
      const reader = rx.readable().getReader();
      const sent = tx.send(1);
      expect(await rejection(reader.read())).toBe(failure);
      await sent;
      expect(tx.isDisconnected).toBe(true);
    });
  });

  describe('together', () => {
    it('pipeTo and pipeThrough carry everything through two channels', async () => {
      const [tx, rx] = make<number>();
      const [tx2, rx2] = make<number>();
      const sent = tx.sendMany(numbers).then(() => tx.drop());
      const doubled = new TransformStream<number, number>({ transform: (n, controller) => controller.enqueue(2 * n) });
      const piped = rx.readable().pipeThrough(doubled).pipeTo(tx2.writable());
      expect(await all(rx2)).toEqual(numbers.map((n) => 2 * n));
      await Promise.all([sent, piped]);
    });

    it('stream.pipeline reads and writes them', async () => {
      const [tx, rx] = make<string>();
      const [tx2, rx2] = make<string>();
      const connect = pipeline as (...streams: unknown[]) => Promise<void>; // the types of Node 20 do not know web streams here
      const written = connect(Readable.from(['a', 'b', 'c']), tx.writable());
      const upper = new Transform({ objectMode: true, transform: (text: string, _, done) => done(null, text.toUpperCase()) });
      const piped = connect(rx.readable(), upper, tx2.writable());
      expect(await all(rx2)).toEqual(['A', 'B', 'C']);
      await Promise.all([written, piped]);
    });

    it('when the end of a pipe is gone, so are its beginning and all handles', async () => {
      const [tx, rx] = make<number>();
      const [tx2, rx2] = make<number>();
      const piped = rejection(rx.readable().pipeTo(tx2.writable()));
      const first = tx.send(1);
      expect(await rx2.recv()).toBe(1);
      await first;
      rx2.drop();
      await tx.send(2).catch(() => undefined);
      expectFailure(await piped, 'SendError', 'ERR_DISCONNECTED');
      await until(() => tx.isDisconnected);
    });

    it('when the beginning of a pipe fails, its end is aborted', async () => {
      const [tx, rx] = make<number>();
      const failure = new Error('the source failed');
      const source = new ReadableStream<number>({
        start(controller) {
          controller.enqueue(1);
        },
        pull(controller) {
          controller.error(failure);
        },
      });
      const piped = rejection(source.pipeTo(tx.writable()));
      const values = all(rx);
      expect(await piped).toBe(failure);
      expect((await values).length).toBeLessThanOrEqual(1);
    });
  });
}
