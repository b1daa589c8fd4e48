/** Arbitrary bytes in the place of a message: what any codec makes of them, through the real way of a message. */
import fc from 'fast-check';
import { bounded, codecs, type Receiver, type Sender, type UniversalCodec } from 'beamline';
import { FIRST_BODY_TAG, Lying, referenceTo } from '../internals.js';
import { dropHandles } from '../oracle.js';
import { Anomaly, attempt, type Target } from '../target.js';

const cyclic: unknown[] = [];
cyclic.push(cyclic, { cyclic });

/** Messages to begin with, of every form that the default codec has. */
const samples: readonly (() => unknown)[] = [
  () => ({ id: 123, payload: 'sixteen chars...', list: [1, [3, -1, 0.5, 2 ** 31]], nested: { a: null, b: undefined, c: true } }),
  () => [{ x: 1, y: 2 }, { x: 3, y: 4 }, { y: 5, x: 6 }], // prettier-ignore
  () => cyclic,
  () => new Map<unknown, unknown>([['a', new Set([1, 'b', { c: 1 }])], [{ k: 1 }, new Map()]]), // prettier-ignore
  () => [new Error('e', { cause: { a: 1 } }), new AggregateError([new TypeError('t')], 'm'), Object.assign(new Error('c'), { code: 'X' })], // prettier-ignore
  () => [new Date(5), /a+/gi, Object(1), Object('s'), 5n, -(2n ** 100n)],
  () => [new Uint8Array(30), new Float64Array(5), new DataView(new ArrayBuffer(9)), new ArrayBuffer(7)],
  () => new ArrayBuffer(300, { maxByteLength: 400 } as never),
  () => Object.assign([1, , 3, new Array(1000)], { extra: { a: 1 } }), // eslint-disable-line no-sparse-arrays -- holes have their own form
  () => JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}') as unknown,
  () => ['日本語', 'x'.repeat(300), '\ud800'.repeat(40)],
  () => Object.fromEntries(Array.from({ length: 80 }, (_, i) => [`key${i}`, i])),
  () => Array.from({ length: 100 }, (_, i) => i),
  () => Array.from({ length: 100 }, (_, i) => i / 3),
  () => new Uint8Array(500),
  () => 'x'.repeat(2000),
  () => 'short',
  () => 7n,
  () => null,
];
const texts: readonly (() => unknown)[] = [
  () => 'text',
  () => 'a longer text, with ümlauts and 日本語',
  () => '{"a":[1,2,{"b":null}]}'.repeat(3),
];
const bytes: readonly (() => unknown)[] = [() => new Uint8Array(3), () => new Uint8Array(100)];
const numbers: readonly (() => unknown)[] = [() => 1, () => -7];
const documents: readonly (() => unknown)[] = [() => ({ a: [1, { b: 2 }] }), () => 'text', () => null];

const structs: readonly (() => unknown)[] = [() => ({ n: 1, text: 'some text', raw: new Uint8Array(20) })];

const own = {
  name: 'own',
  encode: (value: unknown) => new TextEncoder().encode(JSON.stringify(value)),
  decode: (given: Uint8Array): unknown => {
    if (given.buffer instanceof SharedArrayBuffer) throw new Anomaly('a codec was given shared memory');
    const text = new TextDecoder().decode(given);
    given.fill(0xff);
    return text.length;
  },
};

const channels: Readonly<Record<string, { codec?: unknown; samples: readonly (() => unknown)[] }>> = {
  any: { samples },
  utf8: { codec: codecs.utf8, samples: texts },
  json: { codec: codecs.json, samples: documents },
  bytes: { codec: codecs.bytes, samples: bytes },
  float64: { codec: codecs.float64, samples: numbers },
  int32: { codec: codecs.int32, samples: numbers },
  struct: { codec: codecs.struct({ n: 'f64', text: 'utf8', raw: 'bytes' }), samples: structs },
  own: { codec: own, samples: documents },
};

interface Change {
  readonly at: number;
  readonly byte: number;
}

interface Input {
  readonly channel: string;
  readonly sample: number;
  readonly withHandles: boolean;
  readonly changes: readonly Change[];
  readonly bytes: Uint8Array | null;
  readonly length: number | null;
  readonly tag: number | null;
  readonly inline: readonly [number, number];
  readonly forged: readonly (readonly [number, number])[];
  readonly form: number;
}

const receiving: readonly ((rx: Receiver<unknown>) => unknown)[] = [
  (rx) => rx.tryRecv(),
  (rx) => rx.recvSync({ timeout: 0 }),
  (rx) => rx.tryRecvMany(5),
  (rx) => rx.recvManySync(2, { timeout: 0 }),
];

/** Changes the one message of the channel as it lies in shared memory. */
function forge(sender: Sender<unknown>, input: Input): void {
  const message = new Lying(sender);
  if (!message.hasBody) {
    // Numbers may be any bits; what is no tag of an inline message would make the slot lead into the heap.
    message.setInline(...input.inline);
    if (input.tag !== null) message.tag = input.tag % FIRST_BODY_TAG;
    return;
  }
  const kept = message.handles;
  if (kept === 0) {
    if (input.bytes !== null) {
      message.length = Math.min(input.bytes.length, message.room);
      message.bytes.set(input.bytes.subarray(0, message.room));
    }
    if (input.length !== null) message.length = Math.min(input.length, message.room);
  }
  // With handles the length stays: their references lie behind the body.
  const { bytes: body, length } = message;
  for (const { at, byte } of input.changes) if (length > 0) body[at % length] = byte;
  for (const [reference, generation] of input.forged) message.forgeHandle(reference, generation);
  if (input.tag !== null) message.tag = FIRST_BODY_TAG + (input.tag % (256 - FIRST_BODY_TAG));
}

const MOST_MS = 2000;

export const bodies: Target<Input> = {
  name: 'bodies',
  about: 'arbitrary and changed bytes of messages, under every codec; numbers of handles that are not there',
  inputs: fc.record({
    channel: fc.oneof({ weight: 3, arbitrary: fc.constant('any') }, fc.constantFrom(...Object.keys(channels))),
    sample: fc.nat(1000),
    withHandles: fc.boolean(),
    changes: fc.array(fc.record({ at: fc.nat(3000), byte: fc.oneof(fc.nat(255), fc.integer({ min: 0xc0, max: 0xdf })) }), {
      maxLength: 4,
    }),
    bytes: fc.option(
      fc
        .array(fc.oneof({ weight: 3, arbitrary: fc.nat(255) }, { weight: 1, arbitrary: fc.integer({ min: 0xc0, max: 0xdf }) }), {
          maxLength: 60,
        })
        .map((list) => Uint8Array.from(list)),
    ),
    length: fc.option(fc.nat(3000), { freq: 1 }),
    tag: fc.option(fc.nat(255), { freq: 1 }),
    inline: fc.tuple(fc.integer(), fc.integer()),
    forged: fc.array(fc.tuple(fc.integer({ min: -5, max: 5000 }), fc.integer({ min: -2, max: 5 })), { maxLength: 3 }),
    form: fc.nat(receiving.length - 1),
  }),
  run(input) {
    const kind = channels[input.channel]!;
    const options = kind.codec === undefined ? {} : { codec: kind.codec as UniversalCodec };
    const [tx, rx] = bounded<unknown>(1, options as never);
    const [reply, replied] = bounded<unknown>(1);
    const value = kind.samples[input.sample % kind.samples.length]!();
    const carries = input.withHandles && input.channel === 'any';
    tx.sendSync(carries ? [value, reply.clone(), { reply: reply.clone() }] : value);
    // Among the forged references is that of a handle of this thread, in use: it must not be taken away.
    forge(tx, { ...input, forged: input.forged.map(([reference, generation], i) => (i === 0 ? [referenceTo(reply), generation] : [reference, generation])) }); // prettier-ignore
    const begun = performance.now();
    const result = attempt(() => receiving[input.form]!(rx));
    const elapsed = performance.now() - begun;
    if (elapsed > MOST_MS) throw new Anomaly(`decoding took ${Math.round(elapsed)} ms`);
    if (tx.length !== 0) throw new Anomaly('a message that could not be decoded is still there');
    // A batch reports its error with the next call.
    const next = attempt(() => rx.tryRecv());
    if (next?.value.ok === true) throw new Anomaly('one message came twice');
    dropHandles(result?.value);
    if (reply.senderCount !== 1) throw new Anomaly(`handles of a message are left over: ${reply.senderCount - 1}`);
    tx.trySend(kind.samples[0]!());
    if (!isDelivered(rx)) throw new Anomaly('the channel does not work any more');
    for (const handle of [tx, rx, reply, replied]) handle.drop();
  },
};

function isDelivered(rx: Receiver<unknown>): boolean {
  const result = rx.tryRecv();
  dropHandles(result);
  return result.ok;
}
