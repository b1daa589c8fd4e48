/** api.md §3: a message is copied at send, as structured clone would, and a value that cannot be copied harms nothing. */
import { expectFailure, rejection, thrown } from '../../support/failure';
import { type Bench, put } from '../flavor';

class Point {
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}
  get sum(): number {
    return this.x + this.y;
  }
}

export function messages({ make }: Bench): void {
  const shared = { shared: true };
  const cycle: Record<string, unknown> = { name: 'cycle' };
  cycle.self = cycle;
  const holes: unknown[] = [1, , 3]; // eslint-disable-line no-sparse-arrays -- holes are the subject

  const values: [string, unknown][] = [
    ['undefined', undefined],
    ['null', null],
    ['booleans', [true, false]],
    ['integers', [0, 1, -1, 2 ** 31, -(2 ** 31), 2 ** 53, Number.MAX_VALUE]],
    ['-0', -0],
    ['-0 inside', { zero: -0 }],
    ['NaN and infinities', [NaN, Infinity, -Infinity]],
    ['fractions', [0.1, Number.MIN_VALUE, Math.PI]],
    ['bigints', [0n, -1n, 2n ** 64n, -(2n ** 200n)]],
    ['a short string', 'hello'],
    ['an empty string', ''],
    ['text of all kinds', ['naïve', 'Привет', '通道', '👩‍👩‍👧', '\0\n']],
    ['a lone surrogate', 'a\ud800b'],
    ['a long string', 'ab€'.repeat(50_000)],
    ['a nested object', { a: { b: [{ c: 1 }, 'two'] }, 'key with spaces': [] }],
    ['an object with undefined in it', { present: undefined }],
    ['an array with holes', holes],
    ['a Date', new Date(1234567890123)],
    ['a RegExp', /a+b/giu],
    ['a Map', new Map<unknown, unknown>([['k', { v: 1 }], [{ key: 1 }, 2]])], // prettier-ignore
    ['a Set', new Set([1, 'two', { three: 3 }])],
    ['typed arrays', [new Uint8Array([1, 2]), new Float64Array([0.5]), new Int16Array(3), new BigInt64Array([1n])]],
    ['an ArrayBuffer', new Uint8Array([1, 2, 3]).buffer],
    ['a DataView', new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2)],
    [
      'a large object',
      Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`key${String(i)}`, { i, text: 'x'.repeat(i) }])),
    ],
  ];

  it.each(values)('%s arrives as it was sent', async (_, value) => {
    const [tx, rx] = make();
    put(tx, value);
    expect(rx.recvSync()).toStrictEqual(value);
    put(tx, { inside: value });
    expect(rx.recvSync()).toStrictEqual({ inside: value });
  });

  it('holes stay holes', () => {
    const [tx, rx] = make<unknown[]>();
    put(tx, holes);
    const arrived = rx.recvSync();
    expect(arrived).toHaveLength(3);
    expect(1 in arrived).toBe(false);
  });

  it('cycles and shared references keep their shape', () => {
    const [tx, rx] = make<Record<string, unknown>>();
    put(tx, cycle);
    const arrived = rx.recvSync();
    expect(arrived.self).toBe(arrived);
    expect(arrived).not.toBe(cycle);
    put(tx, { a: shared, b: [shared] });
    const { a, b } = rx.recvSync() as { a: unknown; b: unknown[] };
    expect(a).toEqual(shared);
    expect(b[0]).toBe(a);
  });

  it('errors keep name, message, stack, cause and code', () => {
    const [tx, rx] = make<Error & { code?: string }>();
    const error = Object.assign(new RangeError('too far', { cause: { why: 'because' } }), { code: 'E_FAR' });
    put(tx, error);
    const arrived = rx.recvSync();
    expect(arrived).toMatchObject({ name: 'RangeError', message: 'too far', cause: { why: 'because' }, code: 'E_FAR' });
    expect(arrived.stack).toBe(error.stack);
  });

  it('class instances arrive as plain objects of their own properties', () => {
    const [tx, rx] = make<Point>();
    put(tx, new Point(1, 2));
    const arrived = rx.recvSync();
    expect({ ...arrived }).toEqual({ x: 1, y: 2 });
    expect(arrived.sum).toBeUndefined();
  });

  it('a message is copied when it is sent: later changes do not reach it', async () => {
    const [tx, rx] = make<{ list: number[]; bytes: Uint8Array }>();
    const value = { list: [1], bytes: new Uint8Array([1]) };
    const received = rx.recv();
    put(tx, value);
    value.list.push(2);
    value.bytes[0] = 9;
    const first = await received;
    expect(first).toEqual({ list: [1], bytes: new Uint8Array([1]) });
    first.bytes[0] = 7;
    expect(value.bytes[0]).toBe(9);
  });

  it('received bytes never alias shared memory, and hold only what was shown', () => {
    const [tx, rx] = make<Uint8Array>();
    const whole = new Uint8Array(1000).map((_, i) => i);
    put(tx, whole.subarray(10, 20));
    const arrived = rx.recvSync();
    expect(Object.prototype.toString.call(arrived.buffer)).toBe('[object ArrayBuffer]');
    expect(arrived.buffer.byteLength).toBe(10);
    expect([...arrived]).toEqual([...whole.subarray(10, 20)]);
    for (let i = 0; i < 100; i++) {
      put(tx, new Uint8Array(10).fill(i));
      rx.recvSync();
    }
    expect([...arrived]).toEqual([...whole.subarray(10, 20)]);
  });

  it('megabytes go through, intact', async () => {
    const [tx, rx] = make<Uint8Array | string>();
    const bytes = new Uint8Array(5_000_000).map((_, i) => i * 7);
    put(tx, bytes);
    const arrived = (await rx.recv()) as Uint8Array;
    expect(Buffer.compare(Buffer.from(arrived), Buffer.from(bytes))).toBe(0);
    const text = 'ж'.repeat(1_000_000);
    put(tx, text);
    expect(rx.recvSync() === text).toBe(true);
  });

  const bad: [string, unknown, RegExp][] = [
    ['a function', () => 1, /function/i],
    ['a symbol', Symbol('s'), /symbol/i],
    ['a function at a path', { job: { steps: [1, () => 2] } }, /job.*steps.*1/s],
    ['a symbol in a Map', new Map([['k', Symbol('s')]]), /symbol/i],
    ['a promise', Promise.resolve(1), /promise/i],
    ['a WeakMap', { cache: new WeakMap() }, /cache/],
    ['shared memory', { memory: new SharedArrayBuffer(8) }, /memory/],
  ];

  it.each(bad)('%s is refused with DataCloneError, and the channel is unharmed', async (_, value, says) => {
    const [tx, rx] = make<unknown>();
    const errors = [thrown(() => tx.trySend(value)), await rejection(tx.send(value)), thrown(() => tx.sendSync(value))];
    for (const error of errors) {
      expectFailure(error, 'DataCloneError', 'ERR_DATA_CLONE');
      expect(error.message).toMatch(says);
    }
    expect(rx.length).toBe(0);
    for (let i = 0; i < 5; i++) {
      put(tx, i);
      expect(rx.recvSync()).toBe(i);
    }
  });

  it('a getter that throws fails the send with its error, and the channel is unharmed', async () => {
    const [tx, rx] = make<unknown>();
    const failure = new Error('no such luck');
    const value = {
      get luck(): never {
        throw failure;
      },
    };
    expect(thrown(() => tx.trySend(value))).toBe(failure);
    expect(await rejection(tx.send(value))).toBe(failure);
    expect(rx.isEmpty).toBe(true);
    put(tx, 1);
    expect(rx.recvSync()).toBe(1);
  });

  it('the value is encoded before anything else: on a disconnected channel it is still refused', async () => {
    const [tx, rx] = make<unknown>();
    rx.drop();
    expectFailure(await rejection(tx.send(() => 1)), 'DataCloneError', 'ERR_DATA_CLONE');
    expectFailure(
      thrown(() => tx.trySend(() => 1)),
      'DataCloneError',
      'ERR_DATA_CLONE',
    );
  });

  it('a getter that uses the channel while its message is being encoded does no harm', () => {
    const [tx, rx] = make<unknown>();
    const value = {
      get nested(): number {
        put(tx, 'from inside');
        expect(rx.recvSync()).toBe('from inside');
        return 1;
      },
    };
    put(tx, value);
    expect(rx.recvSync()).toEqual({ nested: 1 });
  });
}
