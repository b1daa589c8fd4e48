/** Messages between threads, in every form and combination, and who is woken by what. */
import { report } from '../support/program';

const exchange = (scenario: string, rest: object = {}): Promise<Record<string, unknown>> =>
  report('exchange', { scenario, ...rest });

describe('ping-pong between two threads', () => {
  const forms = ['async', 'sync', 'try'].flatMap((here) =>
    ['async', 'sync', 'try', 'many'].map((there) => [here, there] as const),
  );

  it.each(forms)('this thread %s, the other %s: every message comes back', async (here, there) => {
    // Two that only try never meet without a buffer between them.
    const canMeet = here !== 'try' || there !== 'try';
    for (const capacity of [...(canMeet ? [0] : []), 1, 16, null]) {
      const count = 300;
      const result = await exchange('pingPong', { capacity, here, there, count });
      expect(result).toEqual({ faults: 0, code: 0, end: { ok: false, reason: 'disconnected' } });
    }
  });
});

describe('a thread that waits to receive', () => {
  const message = ['trySend', 'send', 'sendSync', 'sendMany'];
  const end = ['drop', 'closeBySender', 'closeByReceiver'];
  const channels = [['sync', 0] as const, ['sync', 1] as const, ['async', 0] as const, ['async', null] as const];
  const cases = channels.flatMap(([form, capacity]) => [...message, ...end].map((how) => [form, capacity, how] as const));

  it.each(cases)('(%s, capacity %p) is woken by %s', async (form, capacity, how) => {
    const result = await exchange('wakesReceiver', { capacity, how, form });
    expect(result).toEqual({ outcome: message.includes(how) ? 1 : 2, waited: ['recv'], left: 0 });
  });
});

describe('a thread that blocks in sendSync', () => {
  describe.each([0, 2])('with a capacity of %i', (capacity) => {
    it.each(['tryRecv', 'recv', 'recvSync', 'recvMany'])('is woken by %s', async (how) => {
      const { outcome, left } = await exchange('wakesSender', { capacity, how });
      expect(outcome).toBe(1);
      if (capacity === 0) expect(left).toEqual([]);
      else expect(left).toEqual(how === 'recvMany' ? ['mine'] : ['filling', 'mine']);
    });

    it('is woken by drop and gets its value back', async () => {
      expect(await exchange('wakesSender', { capacity, how: 'drop' })).toEqual({ outcome: 2, left: [] });
    });

    it('is woken by close and gets its value back', async () => {
      const left = Array<string>(capacity).fill('filling');
      expect(await exchange('wakesSender', { capacity, how: 'close' })).toEqual({ outcome: 2, left });
    });
  });
});

describe('a message that a busy thread’s task and another thread wait for', () => {
  it.each([
    ['blocks in this library', 'blocked'],
    ['computes', 'computing'],
    ['is blocked in foreign code', 'foreign'],
  ])('goes to the other thread while the first %s', async (_, how) => {
    const result = await exchange('handedOn', { how });
    expect(result).toMatchObject({ first: 7, second: 1, left: 0 });
    expect(result.elapsed).toBeLessThan(3000);
  });

  it('goes to the other thread while the first blocks in this library, also without a buffer', async () => {
    const result = await exchange('handedOn', { capacity: 0, how: 'blocked' });
    expect(result).toMatchObject({ first: 7, second: 1, left: 0 });
    expect(result.elapsed).toBeLessThan(3000);
  });

  it.each([0, 1, null])(
    'a task of a thread that blocked gets its message when the thread is back (capacity %p)',
    async (capacity) => {
      expect(await exchange('pendingAfterBlocking', { capacity })).toEqual({ value: 42 });
    },
  );
});

describe('channels between threads', () => {
  it('three thousand channels for one request and one reply each', async () => {
    expect(await exchange('oneshots', { count: 3000 })).toEqual({ faults: 0, code: 0, channels: 0 });
  });

  it.each([
    ['bounded(4)', 4],
    ['unbounded()', null],
  ])('with as many rooms as threads in %s, whoever has sent finds something to receive', async (_, capacity) => {
    const result = await exchange('linearizable', { capacity, count: 25_000 });
    expect(result).toEqual({ missing: 0, codes: [0, 0, 0, 0], left: 0 });
  });

  it.each([
    ['bounded(0)', 0, 'sync'],
    ['bounded(0)', 0, 'async'],
    ['bounded(2)', 2, 'sync'],
    ['bounded(2)', 2, 'async'],
    ['unbounded()', null, 'sync'],
    ['unbounded()', null, 'async'],
  ])('time limits that keep expiring on both sides of %s lose nothing (%s)', async (_, capacity, form) => {
    const result = await exchange('timeouts', { capacity, form });
    expect(result).toEqual({ received: 500, faults: 0, codes: [0, 0], left: 0 });
  });

  it.each([0, 2, null])('of many pending sends none overtakes another (capacity %p)', async (capacity) => {
    const count = 20_000;
    expect(await exchange('pipelined', { capacity, count, depth: 50 })).toEqual({
      accepted: count,
      received: count,
      lost: 0,
      extra: 0,
      faults: { doubled: 0, unknown: 0, disorder: 0, disorderAcross: 0 },
      codes: [0, 0],
    });
  });

  it('a message that is there is never reported absent while the channel is being closed', async () => {
    expect(await exchange('closeRacesReceive', { count: 3000 })).toEqual({ faults: 0 });
  });

  it.each([
    ['in the middle of a piece of the list', 5],
    ['as the last of a piece', -1],
    ['as the first of a piece', 0],
  ])('a thread whose view of the heap is old appends %s, and nothing is lost', async (_, offset) => {
    const { piece, sent, received, left } = await exchange('oldView', { offset });
    expect({ piece, received, left }).toEqual({ piece: true, received: sent, left: 0 });
  });

  it.each([0, 2])('for..of blocks the thread until the other one has dropped its sender (capacity %i)', async (capacity) => {
    expect(await exchange('blockingLoop', { capacity, count: 5000 })).toEqual({ inOrder: true, count: 5000 });
  });

  it.each([0, 3])('a receiver that moves from thread to thread misses nothing (capacity %i)', async (capacity) => {
    const result = await exchange('relay', { capacity, count: 3000 });
    expect(result).toMatchObject({ inOrder: true, count: 3000 });
  });

  it('now() of two threads is one clock', async () => {
    const result = await exchange('clocks');
    expect(result.disorder).toBe(0);
  });
});

describe('a token', () => {
  it.each(['workerData', 'postMessage', 'a MessagePort', 'a BroadcastChannel'])('travels by %s', async (way) => {
    expect(await exchange('ways', { way })).toEqual({ value: 'there and back' });
  });

  it('opens on a thread that was started before the first channel', async () => {
    expect(await exchange('startedBefore')).toEqual({ value: 'late and back' });
  });

  it('is refused by a thread that was started before and made channels of its own, and nothing is lost', async () => {
    const result = await exchange('startedBeforeWithItsOwn');
    expect(result.failure).toMatchObject({ code: 'ERR_INVALID_ARGUMENT' });
    expect((result.failure as Error).message).toMatch(/before/);
    expect(result.end).toEqual({ ok: false, reason: 'disconnected' });
  });

  it('that a plain worker did not open before it died stays usable', async () => {
    expect(await exchange('deadBeforeOpening')).toEqual({ code: 3, connected: true, value: 'kept' });
  });
});
