/** When there is no memory to encode a value, the sender learns it, and the codec goes on. */
import type { WireCodec } from '../../../src/codec/wire.js';
import { carry, errorOf, post } from './support.js';

const LIMIT = 1 << 20;

function loadWithLittleMemory(): WireCodec {
  let codec: WireCodec | undefined;
  jest.isolateModules(() => {
    const real = jest.requireActual<typeof import('../../../src/platform/bytes.js')>('../../../src/platform/bytes.js');
    const allocate = (size: number): Uint8Array => {
      if (size > LIMIT) throw new RangeError('Array buffer allocation failed');
      return real.allocate(size);
    };
    jest.doMock('../../../src/platform/bytes.js', () => ({ ...real, allocate }));
    codec = jest.requireActual<{ anyCodec: WireCodec }>('../../../src/codec/any.js').anyCodec;
  });
  return codec!;
}

const codec = loadWithLittleMemory();

it.each<readonly [string, unknown]>([
  ['a long text', 'x'.repeat(2 * LIMIT)],
  ['bytes in an object', { bytes: new Uint8Array(2 * LIMIT) }],
  ['a long array', Array.from({ length: LIMIT }, (_, i) => i / 3)],
  ['many objects', Array.from({ length: LIMIT / 8 }, (_, i) => ({ identifier: `number ${i}` }))],
])('%s that needs more than there is', (_, value) => {
  const error = errorOf(() => post(value, codec));
  expect([error.name, error.code]).toEqual(['MemoryError', 'ERR_OUT_OF_MEMORY']);
  expect((error.cause as Error).name).toBe('RangeError');
  expect(carry({ small: [1, 'two', { three: 3 }] }, codec)).toEqual({ small: [1, 'two', { three: 3 }] });
});
