/** Tokens that were changed, forged, used before, made up, or that change while they are looked at. */
import fc from 'fast-check';
import { bounded, codecs, open, type HandleToken, type Sender } from 'beamline';
import { entryOf } from '../internals.js';
import { Anomaly, attempt, Hostility, type Target } from '../target.js';

const junk = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.constantFrom<unknown>(undefined, null, NaN, -0, Infinity, 2 ** 31, 2 ** 53, '1', 1n, true, {}, [], 'token'),
  fc.string({ maxLength: 5 }),
);
const FIELDS = ['beamline', 'layout', 'heap', 'entry', 'generation', 'nonce'] as const;
const fakeHeaps: readonly (() => unknown)[] = [
  () => undefined,
  () => new SharedArrayBuffer(0),
  () => new SharedArrayBuffer(64),
  () => withWords(new SharedArrayBuffer(8), [0x6265616d, 1]),
  () => withWords(new SharedArrayBuffer(20), [0x6265616d, 1]),
  () => withWords(new SharedArrayBuffer(4096), [0x6265616d, 1]),
  () => withWords(new SharedArrayBuffer(4096), [0x6265616d, 2]),
  () => new ArrayBuffer(4096),
  () => ({ [Symbol.toStringTag]: 'SharedArrayBuffer', byteLength: 4096 }),
  () => new Proxy(new SharedArrayBuffer(4096), {}),
  () => Object.setPrototypeOf(new SharedArrayBuffer(64), null) as unknown,
];

function withWords(buffer: SharedArrayBuffer, words: number[]): SharedArrayBuffer {
  new Int32Array(buffer).set(words);
  return buffer;
}

interface Input {
  readonly base: 'fresh' | 'used' | 'dropped' | 'empty' | 'junk';
  readonly changes: readonly { readonly field: (typeof FIELDS)[number]; readonly value: unknown; readonly from: number }[];
  readonly heap: number | null;
  readonly dress: number;
  readonly flips: { readonly field: (typeof FIELDS)[number]; readonly after: number; readonly other: 'victim' | 'junk' } | null;
  readonly codec: number;
  readonly value: unknown;
}

type Fields = Record<string, unknown>;

/** A field that says one thing to whoever looks first, and another later. */
function flip(token: Fields, field: string, after: number, other: unknown): Fields {
  const first = token[field];
  let looks = 0;
  return Object.defineProperty({ ...token }, field, { enumerable: true, get: () => (looks++ < after ? first : other) });
}

const dresses: readonly ((token: Fields) => unknown)[] = [
  (token) => token,
  (token) => token,
  (token) => structuredClone(token),
  (token) => Object.freeze(token),
  (token) => Object.create(token) as unknown,
  (token) => new Proxy(token, {}),
  (token) => new Proxy(token, { get: () => { throw new Hostility('get'); } }), // prettier-ignore
  (token) => Object.assign(Object.create(null) as object, token),
  (token) => Object.assign(() => undefined, token),
  (token) => [token],
];

const options: readonly (() => unknown)[] = [
  () => undefined,
  () => undefined,
  () => undefined,
  () => ({}),
  () => null,
  () => 5,
  () => ({ codec: codecs.json }),
  () => ({ codec: {} }),
  () => ({ codec: { name: 'x', encode() {}, decode() {} } }), // prettier-ignore
  () => Object.defineProperty({}, 'codec', { get: () => { throw new Hostility('codec'); } }), // prettier-ignore
];

export const tokens: Target<Input> = {
  name: 'tokens',
  about: 'tokens that were changed, forged, used before, made up, or that change while they are looked at',
  inputs: fc.record({
    base: fc.constantFrom('fresh', 'fresh', 'used', 'dropped', 'empty', 'junk'),
    changes: fc.array(fc.record({ field: fc.constantFrom(...FIELDS), value: junk, from: fc.nat(3) }), { maxLength: 2 }),
    heap: fc.option(fc.nat(fakeHeaps.length - 1), { freq: 1 }),
    dress: fc.nat(dresses.length - 1),
    flips: fc.option(
      fc.record({
        field: fc.constantFrom(...FIELDS),
        after: fc.integer({ min: 1, max: 4 }),
        other: fc.constantFrom('victim', 'junk'),
      }),
    ),
    codec: fc.nat(options.length - 1),
    value: junk,
  }),
  run(input) {
    const [tx, rx] = bounded<unknown>(2);
    const [victim, victimRx] = bounded<unknown>(1);
    const token = tx.clone().transfer();
    const fields = { ...(token as unknown as Fields) };
    const spare = open(rx.clone().transfer());
    const bases: Record<Input['base'], () => unknown> = {
      fresh: () => ({ ...fields }),
      used: () => {
        const used = tx.clone().transfer();
        open(used).drop();
        return { ...(used as unknown as Fields) };
      },
      dropped: () => ({ ...fields, generation: (fields['generation'] as number) - 1 }),
      empty: () => ({}),
      junk: () => (typeof input.value === 'object' && input.value !== null ? { ...input.value } : input.value),
    };
    let forged: unknown = bases[input.base]();
    if (typeof forged === 'object' && forged !== null) {
      const given = forged as Fields;
      for (const { field, value, from } of input.changes) {
        const was = fields[field];
        given[field] = from === 0 && typeof was === 'number' && typeof value === 'number' ? was + value : value;
      }
      if (input.heap !== null) given['heap'] = fakeHeaps[input.heap]!();
      const { flips } = input;
      if (flips !== null) {
        const other = flips.other === 'victim' && flips.field === 'entry' ? entryOf(victim) : input.value;
        forged = flip(given, flips.field, flips.after, other);
      }
      const dress = dresses[input.dress]!;
      forged = attempt(() => (dress === dresses[2] ? tryClone(given) : dress(forged as Fields)), true)?.value;
    }
    const opened = attempt(() => open(forged as HandleToken<Sender<unknown>>, options[input.codec]!() as never), true)?.value;
    if (opened !== undefined) {
      if (!opened.sameChannel(tx)) throw new Anomaly('a token opens as a handle of another channel');
      opened.sendSync('through it');
      if (rx.recvSync({ timeout: 0 }) !== 'through it') throw new Anomaly('a handle out of a token does not work');
      opened.drop();
    }
    // Either this was the token, or that is still good: exactly once.
    const genuine = attempt(() => open(token))?.value;
    if ((genuine === undefined) !== (opened !== undefined)) throw new Anomaly('a token opens twice, or a forgery uses it up');
    genuine?.drop();
    if (tx.senderCount !== 1 || tx.receiverCount !== 2 || victim.senderCount !== 1) throw new Anomaly('handles came or went');
    victim.sendSync(1);
    if (victimRx.recvSync({ timeout: 0 }) !== 1) throw new Anomaly('another channel was harmed');
    for (const handle of [tx, rx, spare, victim, victimRx]) handle.drop();
  },
};

function tryClone(given: Fields): unknown {
  try {
    return structuredClone(given);
  } catch {
    return given;
  }
}
