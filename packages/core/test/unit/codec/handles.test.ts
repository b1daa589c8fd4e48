/** Handles travel as indices into the message's list of handles, wherever they stand in a value. */
import { HANDLE } from '../../../src/brand.js';
import { anyCodec } from '../../../src/codec/any.js';
import { codecs } from '../../../src/codec/codecs.js';
import { jsonCodec } from '../../../src/codec/typed.js';
import { Outgoing } from '../../../src/codec/wire.js';
import { errorOf, load } from './support.js';

class FakeHandle {
  readonly [HANDLE] = {};
  constructor(readonly label: string) {}
}

/** As the core does it: the receiving thread's own handles stand in the list, at the same places. */
function carryWithHandles<T>(value: T): { result: T; sent: readonly object[] } {
  const out = new Outgoing();
  anyCodec.encode(value, out);
  const sent = out.handles;
  const input = load(out);
  input.handles = sent.map((handle) => new FakeHandle(`arrived: ${(handle as FakeHandle).label}`));
  return { result: anyCodec.decode(input) as T, sent };
}

const a = new FakeHandle('a');
const b = new FakeHandle('b');

it('a message may be nothing but a handle', () => {
  const { result, sent } = carryWithHandles(a);
  expect(sent).toEqual([a]);
  expect(result).toEqual(new FakeHandle('arrived: a'));
});

it.each<readonly [string, (handle: FakeHandle) => unknown, (value: never) => unknown]>([
  ['a property', (h) => ({ x: 1, h }), (v: { h: unknown }) => v.h],
  ['an element', (h) => [1, h], (v: unknown[]) => v[1]],
  ['a map key', (h) => new Map([[h, 1]]), (v: Map<unknown, unknown>) => [...v.keys()][0]],
  ['a map value', (h) => new Map([[1, h]]), (v: Map<unknown, unknown>) => v.get(1)],
  ['a set member', (h) => new Set([h]), (v: Set<unknown>) => [...v][0]],
  ['the cause of an error', (h) => new Error('e', { cause: { h } }), (v: { cause: { h: unknown } }) => v.cause.h],
  ['one of the errors', (h) => new AggregateError([h]), (v: AggregateError) => (v.errors as unknown[])[0]],
  ['a property of an array', (h) => Object.assign([1], { h }), (v: { h: unknown }) => v.h],
  [
    'a property of a class instance',
    (h) =>
      new (class Job {
        readonly h = h;
      })(),
    (v: { h: unknown }) => v.h,
  ],
])('a handle may be %s', (_, make, find) => {
  const { result, sent } = carryWithHandles(make(a));
  expect(sent).toEqual([a]);
  expect(find(result as never)).toEqual(new FakeHandle('arrived: a'));
});

it('several handles keep their order and their identity; one that occurs twice travels once', () => {
  const { result, sent } = carryWithHandles({ first: b, list: [a, b, new Map([[a, b]])], last: a });
  expect(sent).toEqual([b, a]);
  expect(result.first).toEqual(new FakeHandle('arrived: b'));
  expect(result.list[0]).toBe(result.last);
  expect(result.list[1]).toBe(result.first);
  expect((result.list[2] as Map<FakeHandle, FakeHandle>).get(result.last)).toBe(result.first);
});

it('handles far down arrive too', () => {
  let value: unknown = { a, b };
  for (let i = 0; i < 1000; i++) value = [value, a];
  const { result, sent } = carryWithHandles(value);
  expect(sent.length).toBe(2);
  let inner = result as unknown[];
  for (let i = 0; i < 999; i++) inner = inner[0] as unknown[];
  expect((inner[0] as { a: unknown }).a).toBe((result as unknown[])[1]);
});

it('a message without handles has an empty list, also after one that had some', () => {
  const out = new Outgoing();
  for (const next of [1, 'short', 'x'.repeat(50), [1], new Uint8Array(50), 5n, null, true, undefined]) {
    anyCodec.encode([a], out);
    expect(out.handles).toEqual([a]);
    anyCodec.encode(next, out);
    expect(out.handles).toEqual([]);
  }
});

it('the list of handles of one message is not changed by the next', () => {
  const out = new Outgoing();
  anyCodec.encode([a], out);
  const list = out.handles;
  anyCodec.encode([b, a], out);
  expect(list).toEqual([a]);
});

it('a message whose handle is missing is an error', () => {
  const out = new Outgoing();
  anyCodec.encode({ a }, out);
  const input = load(out);
  input.handles = [];
  expect(errorOf(() => anyCodec.decode(input)).message).toContain('a handle is missing');
});

it('outside of a channel, a handle cannot be encoded', () => {
  expect(errorOf(() => codecs.any.encode({ a })).code).toBe('ERR_DATA_CLONE');
});

it('the json codec does not know handles: they are what JSON makes of them', () => {
  const out = new Outgoing();
  jsonCodec.encode({ a }, out);
  expect(out.handles).toEqual([]);
});
