/** api.md §2.3: a handle that is garbage-collected without `drop()` is dropped then, and a warning says so. */
import { report } from '../support/program';

const collected = (scenario: string, env = {}): Promise<Record<string, unknown>> =>
  report('collected', { scenario }, { nodeArguments: ['--expose-gc', '--no-warnings'], env });

const CODE = 'BEAMLINE_COLLECTED_HANDLE: ';
const HINT = 'BEAMLINE_DEBUG=1 shows where it was made';

describe('a handle that was garbage-collected is dropped, with a warning that names the channel:', () => {
  it('a sender', async () => {
    expect(await collected('sender')).toEqual({
      end: 'ERR_DISCONNECTED',
      warnings: [`${CODE}a sender of channel "lost" was garbage-collected without drop(), and was dropped only then; ${HINT}`],
    });
  });

  it('a receiver, of a channel without a name', async () => {
    expect(await collected('receiver')).toEqual({
      end: ['ERR_DISCONNECTED', 'too much'],
      warnings: [`${CODE}a receiver of channel #id was garbage-collected without drop(), and was dropped only then; ${HINT}`],
    });
  });

  it('in debug mode the warning says where it was made', async () => {
    const { warnings } = await collected('debug', { BEAMLINE_DEBUG: '1' });
    expect(warnings).toHaveLength(1);
    expect((warnings as string[])[0]).toMatch(/a sender of channel "lost".*; it was made at .*collected\.mjs:\d+:\d+/);
  });

  it('on another thread', async () => {
    const { end, messages } = await collected('inThread');
    expect(end).toBe('ERR_DISCONNECTED');
    expect(messages).toEqual([expect.stringContaining('a sender of channel "far away"')]);
  });

  it('thousands of them', async () => {
    expect(await collected('many')).toEqual({ channels: 0, warnings: 7500 });
  });

  it('with handles in messages that nobody will receive', async () => {
    expect(await collected('nested')).toEqual({ channels: 1 });
  });
});

it('handles that were dropped or moved, weak senders and timers are not worth a warning', async () => {
  expect(await collected('silent')).toEqual({ senderCount: 2, receiverCount: 2, warnings: [] });
});

it('an operation that is pending keeps its handle', async () => {
  expect(await collected('pending')).toEqual({
    connected: [],
    results: {
      recv: 1,
      recvMany: [2, 3],
      sendMany: 2,
      source: 1,
      loop: [4, 5],
      step: { done: false, value: 6 },
    },
    received: { send: ['first', 'second'], sendMany: ['first', 'second'], source: 'from a source' },
  });
});

it('a stream keeps its handle, and one that was abandoned half-way is dropped', async () => {
  expect(await collected('streams')).toEqual({ connected: [true, true, true], results: ['read', 1, 2] });
});

it('an iterator keeps its receiver', async () => {
  expect(await collected('iterators')).toEqual({ before: 3, values: [0, 1, 2], warnings: 3 });
});
