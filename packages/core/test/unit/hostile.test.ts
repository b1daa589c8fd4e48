/**
 * What `npm run fuzz` has found, each as small as it can be: values, tokens, signals and bytes that are not what they seem. An error or
 * a right result, and everybody else is unharmed.
 */
import { bounded, codecs, inspect, open, unbounded, type HandleToken, type Sender } from '../../src/index.js';
import { anyCodec } from '../../src/codec/any.js';
import { HANDLE } from '../../src/brand.js';
import { isPending, turns } from '../support/turns.js';
import { expectFailure, expectInvalid, rejection, thrown } from '../support/failure.js';
import { post } from './codec/support.js';

const used = (): number => inspect().memory.used;
const fieldsOf = (token: unknown): Record<string, unknown> => token as Record<string, unknown>;

describe('a token that says one thing first and another later', () => {
  it.each([1, 2, 3])('opens as the handle that was looked at, or not at all (%i looks)', (looks) => {
    const [tx, rx] = bounded<number>(2);
    const [victim, victimRx] = bounded<number>(2);
    const fields = fieldsOf(tx.clone().transfer());
    let left = looks;
    const liar = Object.defineProperty({ ...fields }, 'entry', {
      get: () => (left-- > 0 ? fields['entry'] : victim[HANDLE].index),
    });
    const opened = open(liar as unknown as HandleToken<Sender<number>>);
    expect(opened.sameChannel(tx)).toBe(true);
    opened.drop();
    expect([tx.senderCount, victim.senderCount]).toEqual([1, 1]);
    for (const handle of [tx, rx, victim, victimRx]) handle.drop();
  });

  it.each([8, 20, 64, 4096])('a token with %i bytes in the place of the heap is refused', (bytes) => {
    const heap = new SharedArrayBuffer(bytes);
    new Int32Array(heap).set([0x6265616d, 1]);
    const [tx, rx] = bounded<number>(1);
    const token = tx.transfer();
    const forged = { ...fieldsOf(token), heap };
    expectInvalid(thrown(() => open(forged as unknown as HandleToken<Sender<number>>)));
    open(token).drop();
    rx.drop();
  });
});

describe('bytes whose properties lie', () => {
  const content = Uint8Array.from({ length: 12 }, (_, i) => i);
  class Long extends Uint8Array {
    override get length(): number {
      return 100_000;
    }
  }
  const liars: [string, () => Uint8Array][] = [
    ['without a prototype', () => Object.setPrototypeOf(content.slice(), null) as Uint8Array],
    ['with a longer length', () => Object.defineProperty(content.slice(), 'length', { value: 100_000 })],
    ['with a length that is none', () => Object.defineProperty(content.slice(), 'length', { value: NaN })],
    ['of a class with another length', () => new Long(content)],
    ['that say they are of another class', () => Object.defineProperty(content.slice(), 'constructor', { value: Long })],
  ];
  const custom = { name: 'own', encode: (value: unknown) => value as Uint8Array, decode: (bytes: Uint8Array) => bytes };

  describe.each<[string, object]>([
    ['the default codec', {}],
    ['the codec for bytes', { codec: codecs.bytes }],
    ['a codec of one’s own', { codec: custom }],
  ])('with %s', (_, options) => {
    it.each(liars)('%s arrive as they are, and leave memory as it was', (_name, make) => {
      const [keep, keepRx] = bounded<unknown>(1);
      keep.sendSync('x'.repeat(100));
      const before = used();
      const [tx, rx] = bounded<unknown>(1, options);
      tx.sendSync(make());
      expect(tx.trySend(make())).toEqual({ ok: false, reason: 'full' });
      expect(Array.from(rx.recvSync() as Uint8Array)).toEqual([...content]);
      rx.close();
      expect(tx.trySend(make())).toEqual({ ok: false, reason: 'disconnected' });
      for (const handle of [tx, rx]) handle.drop();
      expect(used()).toBe(before);
      expect(keepRx.recvSync()).toBe('x'.repeat(100));
      for (const handle of [keep, keepRx]) handle.drop();
    });
  });
});

describe('a signal that is none', () => {
  it('is refused if nobody could stop listening to it', async () => {
    const [tx, rx] = bounded<number>(1);
    const signal = { aborted: false, addEventListener: () => undefined } as unknown as AbortSignal;
    expectInvalid(await rejection(rx.recv({ signal })), 'TypeError');
    for (const handle of [tx, rx]) handle.drop();
  });

  it('fails the operation with what it throws when one listens to it, and no message is taken', async () => {
    const [tx, rx] = bounded<number>(1);
    const reason = new Error('no listeners here');
    const signal = {
      aborted: false,
      addEventListener: () => {
        throw reason;
      },
      removeEventListener: () => undefined,
    } as unknown as AbortSignal;
    expect(await rejection(rx.recv({ signal }))).toBe(reason);
    tx.sendSync(1);
    await turns();
    expect(rx.tryRecv()).toEqual({ ok: true, value: 1 });
    const pending = rx.recv();
    expect(await isPending(pending)).toBe(true);
    tx.sendSync(2);
    expect(await pending).toBe(2);
    for (const handle of [tx, rx]) handle.drop();
  });
});

it('an array whose elements throw when its rest is handed back fails its batch with that', async () => {
  const [tx, rx] = bounded<number>(1);
  tx.sendSync(0);
  const reason = new Error('not this one');
  const values = Object.defineProperty([1, 2], 1, {
    get: () => {
      throw reason;
    },
  });
  expect(await rejection(tx.sendMany(values, { timeout: 1 }))).toBe(reason);
  expect([...rx.tryIter()]).toEqual([0]);
  for (const handle of [tx, rx]) handle.drop();
});

describe('the body of a message', () => {
  const [tx, rx] = unbounded();
  afterAll(() => {
    tx.drop();
    rx.drop();
  });

  const OP_HANDLE = 0xcd;

  it.each<[string, number[]]>([
    ['that names a handle twice', [0, 0]],
    ['that names handles in another order', [1, 0]],
    ['that names a handle that is not there', [0, 7]],
  ])('%s is corrupt', (_, numbers) => {
    const input = post([tx, rx]);
    const at = [...input.bytes.keys()].filter((i) => input.bytes[i] === OP_HANDLE);
    numbers.forEach((number, i) => (input.bytes[at[i] + 1] = number));
    expectFailure(
      thrown(() => anyCodec.decode(input)),
      'DataCloneError',
      'ERR_DATA_CLONE',
    );
  });

  it.each<[string, number[]]>([
    ['a name', [0xd0, 2, 0x81, 0x61, OP_HANDLE, 0, 0x81, 0x61, 5]],
    ['a key', [0xd4, 2, 1, OP_HANDLE, 0, 1, 5]],
    ['a deferred value', [0xd1, 1, 0xcc, 0, 5, OP_HANDLE, 0]],
    ['the sign of a bigint', [0xc8, OP_HANDLE, 0, 0x81, 0x61]],
  ])('in which %s hides a handle is corrupt', (_, bytes) => {
    const input = post([tx, 'a text to make the message long enough']);
    input.bytes.set(bytes, input.start);
    input.length = bytes.length;
    input.tag = 131;
    expectFailure(
      thrown(() => anyCodec.decode(input)),
      'DataCloneError',
      'ERR_DATA_CLONE',
    );
  });

  it.each<[string, number[]]>([
    ['a regular expression that there cannot be', [0xd7, 0x81, 0x28, 0x80]],
    ['eleven bytes as a Float64Array', [0xdc, 8, 11, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
  ])('with %s is corrupt, in the words of the library', (_, bytes) => {
    const input = post(new Uint8Array(40));
    input.bytes.set(bytes, input.start);
    input.length = bytes.length;
    input.tag = 131;
    expectFailure(
      thrown(() => anyCodec.decode(input)),
      'DataCloneError',
      'ERR_DATA_CLONE',
    );
  });
});
