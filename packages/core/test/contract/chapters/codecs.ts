/** api.md §3: both ends of a channel use the codec it was made with. */
import { codecs as builtIn, open, type Codec } from '@beamline/core';
import { expectFailure, expectInvalid, rejection, thrown } from '../../support/failure';
import { type Bench, put } from '../flavor';

/** A codec of the test's own: text with a mark in front, so that using another codec by mistake would show. */
const marked: Codec<string> = {
  name: 'test/marked',
  encode: (value) => new TextEncoder().encode(`!${value}`),
  decode: (bytes) => {
    const text = new TextDecoder().decode(bytes);
    if (!text.startsWith('!')) throw new Error('not marked');
    return text.slice(1);
  },
};

export function codecs({ flavor, make, own }: Bench): void {
  const typed: [string, Codec<never>, unknown[], unknown[]][] = [
    ['float64', builtIn.float64 as Codec<never>, [0, -0, 1.5, NaN, -Infinity, Number.MAX_VALUE], ['1', 1n, null, undefined, {}]],
    ['int32', builtIn.int32 as Codec<never>, [0, -1, 2 ** 31 - 1, -(2 ** 31)], [0.5, 2 ** 31, NaN, '1', null]],
    ['utf8', builtIn.utf8 as Codec<never>, ['', 'a', 'é', '通道 👍', 'x'.repeat(5000)], [1, null, undefined, ['a']]],
    [
      'bytes',
      builtIn.bytes as Codec<never>,
      [new Uint8Array(0), new Uint8Array([1, 2]), new Uint8Array(9000).fill(3)],
      ['a', 1, null, [1]],
    ],
    [
      'struct of at most eight bytes',
      builtIn.struct({ x: 'i32', on: 'bool' }) as Codec<never>,
      [{ x: -5, on: true }],
      [{ x: 0.5, on: true }, { x: 1 }, { x: 1, on: true, more: 1 }, 5, null, undefined],
    ],
    [
      'struct',
      builtIn.struct({ id: 'u32', at: 'f64', name: 'utf8', raw: 'bytes', big: 'u64' }) as Codec<never>,
      ['', 'é', 'x'.repeat(5000)].map((name) => ({ id: 1, at: 0.5, name, raw: new Uint8Array([1, 2]), big: 3n })),
      [{ id: -1, at: 0.5, name: '', raw: new Uint8Array(0), big: 3n }, {}, 'text', null],
    ],
  ];

  describe.each(typed)('codecs.%s', (_, codec, good, bad) => {
    it('carries its values exactly', async () => {
      const [tx, rx] = make<unknown>({ codec: codec as Codec<unknown> });
      for (const value of good) {
        put(tx, value);
        expect(await rx.recv()).toStrictEqual(value);
        put(tx, value);
        expect(rx.recvManySync(4)).toStrictEqual([value]);
      }
    });

    it('rejects other values before anything is sent', async () => {
      const [tx, rx] = make<unknown>({ codec: codec as Codec<unknown> });
      for (const value of bad) {
        expectInvalid(
          thrown(() => tx.trySend(value)),
          'TypeError',
        );
        expectInvalid(await rejection(tx.send(value)), 'TypeError');
        expectInvalid(
          thrown(() => tx.sendSync(value)),
          'TypeError',
        );
      }
      expect(rx.length).toBe(0);
      put(tx, good[0]);
      expect(rx.recvSync()).toStrictEqual(good[0]);
    });

    it('goes with the handle through a token and through a message', async () => {
      const [tx, rx] = make<unknown>({ codec: codec as Codec<unknown> });
      const opened = own(open(tx.transfer()));
      const [carrier, carried] = make<typeof rx>();
      put(carrier, rx);
      const arrived = own(carried.recvSync());
      put(opened, good.at(-1));
      expect(await arrived.recv()).toStrictEqual(good.at(-1));
      expectInvalid(await rejection(opened.send(bad[0])), 'TypeError');
    });
  });

  it('codecs.json carries what JSON carries', async () => {
    const [tx, rx] = make<unknown>({ codec: builtIn.json });
    const value = { a: [1, 'é', null, true], date: new Date(0) };
    put(tx, value);
    expect(await rx.recv()).toEqual({ ...value, date: '1970-01-01T00:00:00.000Z' });
  });

  it('codecs.any is the default codec', () => {
    const [tx, rx] = make<unknown>({ codec: builtIn.any });
    put(tx, new Map([[1, undefined]]));
    expect(rx.recvSync()).toStrictEqual(new Map([[1, undefined]]));
  });

  it('a struct needs no codec at open, and another layout is refused', () => {
    const [tx] = make({ codec: builtIn.struct({ id: 'u32', name: 'utf8' }) });
    const token = tx.transfer();
    const others = [{ id: 'u32' }, { name: 'utf8', id: 'u32' }, { id: 'i32', name: 'utf8' }] as const;
    for (const fields of others) {
      expectFailure(
        thrown(() => open(token, { codec: builtIn.struct(fields) as Codec<never> })),
        'CodecError',
        'ERR_CODEC_MISMATCH',
      );
    }
    expectFailure(
      thrown(() => open(token, { codec: marked as Codec<never> })),
      'CodecError',
      'ERR_CODEC_MISMATCH',
    );
    const opened = own(open(token, { codec: builtIn.struct({ id: 'u32', name: 'utf8' }) }));
    own(open(opened.transfer()));
  });

  describe('a codec of one’s own', () => {
    it('encodes and decodes every message', async () => {
      const [tx, rx] = make({ codec: marked });
      put(tx, 'one');
      expect(await rx.recv()).toBe('one');
      for (const text of ['', 'x'.repeat(10_000), 'é']) {
        put(tx, text);
        expect(rx.tryRecv()).toEqual({ ok: true, value: text });
      }
    });

    it('an encode that throws fails the send with its error, and the channel is unharmed', async () => {
      const failure = new Error('cannot encode');
      const codec = {
        ...marked,
        encode: (value: string) => {
          if (value === 'bad') throw failure;
          return marked.encode(value);
        },
      };
      const [tx, rx] = make({ codec });
      expect(thrown(() => tx.trySend('bad'))).toBe(failure);
      expect(await rejection(tx.send('bad'))).toBe(failure);
      expect(thrown(() => tx.sendSync('bad'))).toBe(failure);
      expect(rx.isEmpty).toBe(true);
      put(tx, 'good');
      expect(rx.recvSync()).toBe('good');
    });

    describe('with a decode that throws', () => {
      const failure = new Error('cannot decode');
      const codec = {
        ...marked,
        decode: (bytes: Uint8Array) => {
          const text = marked.decode(bytes);
          if (text.startsWith('bad')) throw failure;
          return text;
        },
      };
      const tells = (error: Error): void => expect([error, error.cause]).toContain(failure);

      it('that message is used up, that one receive fails, and the next one is served', async () => {
        const [tx, rx] = make({ codec });
        const receives = [
          () => rejection(rx.recv()),
          () => Promise.resolve(thrown(() => rx.recvSync())),
          () => Promise.resolve(thrown(() => rx.tryRecv())),
          () => Promise.resolve(thrown(() => [...rx.tryIter()])),
        ];
        for (const receive of receives) {
          put(tx, 'bad');
          tells(await receive());
          expect(rx.isEmpty).toBe(true);
          put(tx, 'good');
          expect(rx.recvSync()).toBe('good');
        }
      });

      it('a receive that was waiting fails, and the next one is served', async () => {
        const [tx, rx] = make({ codec });
        const waiting = rejection(rx.recv());
        const next = rx.recv();
        await tx.send('bad');
        tells(await waiting);
        await tx.send('good');
        expect(await next).toBe('good');
      });

      if (flavor.capacity >= 3) {
        it('the good messages of a batch around it are all received', () => {
          const [tx, rx] = make({ codec });
          const values = ['good 1', 'bad', 'good 2'];
          put(tx, ...values);
          const received: string[] = [];
          let failures = 0;
          for (let over = false; !over;) {
            try {
              const result = rx.tryRecvMany(10);
              if (result.ok) received.push(...result.value);
              else over = true;
            } catch (error) {
              tells(error as Error);
              failures++;
            }
          }
          expect(received).toEqual(['good 1', 'good 2']);
          expect(failures).toBe(1);
        });
      }
    });

    it('bytes that the codec hands out or takes in are its own', () => {
      const scratch = new Uint8Array(4);
      const given: Uint8Array[] = [];
      const codec: Codec<number> = {
        name: 'test/scratch',
        encode: (value) => scratch.fill(value),
        decode: (bytes) => {
          given.push(bytes);
          return bytes[0]!;
        },
      };
      const [tx, rx] = make({ codec });
      for (const value of [1, 2, 3]) {
        put(tx, value);
        scratch.fill(99);
        expect(rx.recvSync()).toBe(value);
      }
      for (const bytes of given) expect(Object.prototype.toString.call(bytes.buffer)).toBe('[object ArrayBuffer]');
      expect(given.map((bytes) => [...bytes])).toEqual([
        [1, 1, 1, 1],
        [2, 2, 2, 2],
        [3, 3, 3, 3],
      ]);
    });

    it('is given again at open', async () => {
      const [tx, rx] = make({ codec: marked });
      const opened = own(open(tx.transfer(), { codec: { ...marked } }));
      put(opened, 'hello');
      expect(await rx.recv()).toBe('hello');
    });

    it('that is not given at open, or another one, fails with ERR_CODEC_MISMATCH; the token still opens', () => {
      const [tx, rx] = make({ codec: marked });
      const token = tx.transfer();
      expectFailure(
        thrown(() => open(token)),
        'CodecError',
        'ERR_CODEC_MISMATCH',
      );
      expectFailure(
        thrown(() => open(token, { codec: { ...marked, name: 'test/other' } })),
        'CodecError',
        'ERR_CODEC_MISMATCH',
      );
      expectFailure(
        thrown(() => open(token, { codec: builtIn.utf8 })),
        'CodecError',
        'ERR_CODEC_MISMATCH',
      );
      put(own(open(token, { codec: marked })), 'after all');
      expect(rx.recvSync()).toBe('after all');
    });
  });

  it('a codec given at open that the channel was not made with fails with ERR_CODEC_MISMATCH', () => {
    for (const options of [{}, { codec: builtIn.utf8 }]) {
      const [tx] = make<string>(options);
      const token = tx.transfer();
      expectFailure(
        thrown(() => open(token, { codec: marked })),
        'CodecError',
        'ERR_CODEC_MISMATCH',
      );
      own(open(token));
    }
  });
}
