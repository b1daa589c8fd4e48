/** A user's codec that throws, gives what it must not, keeps what it was given, and uses the channel from inside. */
import fc from 'fast-check';
import { bounded, unbounded, type Receiver, type Sender } from 'beamline';
import { Anomaly, attempt, Hostility, type Target } from '../target.js';

const outputs: readonly (() => unknown)[] = [
  () => new Uint8Array(0),
  () => new Uint8Array(5),
  () => new Uint8Array(100),
  () => new Uint8Array(20_000),
  () => Buffer.from('a buffer'),
  () => new Uint8Array(new ArrayBuffer(16, { maxByteLength: 32 } as never)),
  () => new Uint8Array(new SharedArrayBuffer(12)),
  () => new Uint8Array(new ArrayBuffer(64), 8, 40),
  () => {
    const view = new Uint8Array(30);
    structuredClone(view.buffer, { transfer: [view.buffer] });
    return view;
  },
  () => {
    const buffer = new ArrayBuffer(64, { maxByteLength: 64 } as never);
    const view = new Uint8Array(buffer, 32, 32);
    (buffer as unknown as { resize(length: number): void }).resize(16);
    return view;
  },
  () => Object.defineProperty(new Uint8Array(12), 'length', { value: 4000 }),
  () => Object.defineProperty(new Uint8Array(12), 'length', { get: () => { throw new Hostility('length'); } }), // prettier-ignore
  () => Object.defineProperty(new Uint8Array(12), 'subarray', { value: () => new Uint8Array(9999) }),
  () => Object.setPrototypeOf(new Uint8Array(12), null),
  () => new Proxy(new Uint8Array(12), {}),
  () => Object.create(Uint8Array.prototype) as unknown,
  () => new Uint16Array(4),
  () => 'text',
  () => null,
  () => [1, 2, 3],
  () => ({ length: 4, 0: 1 }),
  () => {
    throw new Hostility('encode');
  },
];

type Deed = (tx: Sender<unknown>, rx: Receiver<unknown>) => unknown;
const deeds: readonly Deed[] = [
  () => undefined,
  (tx) => tx.trySend('again'),
  (_, rx) => rx.tryRecv(),
  (tx) => tx.trySendMany(['again', 'again']),
  (_, rx) => rx.tryRecvMany(3),
  (tx) => tx.drop(),
  (_, rx) => rx.drop(),
  (tx) => tx.close(),
  () => {
    throw new Hostility('deed');
  },
];

interface Input {
  readonly output: number;
  readonly onEncode: number;
  readonly onDecode: number;
  readonly capacity: number | null;
  readonly batch: number;
  readonly name: string;
}

export const customCodecs: Target<Input> = {
  name: 'codecs',
  about: 'codecs of users that throw, lie, and use the channel from inside',
  inputs: fc.record({
    output: fc.nat(outputs.length - 1),
    onEncode: fc.nat(deeds.length - 1),
    onDecode: fc.nat(deeds.length - 1),
    capacity: fc.option(fc.integer({ min: 1, max: 8 })),
    batch: fc.nat(5),
    name: fc.string({ minLength: 1, maxLength: 20 }),
  }),
  run({ output, onEncode, onDecode, capacity, batch, name }) {
    let depth = 0;
    let left = 20; // or a codec that sends two messages for each that it decodes would never come to an end
    const inside = (which: number): void => {
      if (depth > 2 || left-- <= 0) return;
      depth++;
      try {
        attempt(() => deeds[which]!(tx, rx), true);
        if (which === deeds.length - 1) deeds[which]!(tx, rx);
      } finally {
        depth--;
      }
    };
    const codec = {
      name,
      encode: (): Uint8Array => {
        const bytes = outputs[output]!() as Uint8Array;
        inside(onEncode);
        return bytes;
      },
      decode: (bytes: Uint8Array): number => {
        if (bytes.buffer instanceof SharedArrayBuffer) throw new Anomaly('a codec was given shared memory');
        const { length } = bytes;
        bytes.fill(0xee);
        inside(onDecode);
        return length;
      },
    };
    const [tx, rx] = capacity === null ? unbounded<unknown>({ codec }) : bounded<unknown>(capacity, { codec });
    const keepers = [tx.clone(), rx.clone()] as const;
    const values = Array.from({ length: batch }, (_, i) => i);
    attempt(() => (batch === 0 ? tx.trySend('one') : tx.sendManySync(values, { timeout: 0 })), true);
    for (let most = 1000; ; most--) {
      if (most === 0) throw new Anomaly('there is no end to the messages');
      const result = attempt(() => keepers[1].tryRecv(), true);
      if (result?.value.ok === false) break;
    }
    for (const handle of [tx, rx, ...keepers]) handle.drop();
  },
};
