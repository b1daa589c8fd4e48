/**
 * Every flavor × within one thread and between two × which of them sends × blocking and asynchronous on either end: values of all
 * kinds, order, time limits that race a partner, batches, handles in messages, and the end of the channel from either side.
 *
 * The behaviours of crossbeam's suites for array, list, zero, iter and mpsc, and where they are held here:
 *
 *   smoke, try_recv, try_send, recv, send             contract/chapters/operations, contract/rendezvous
 *   capacity, len_empty_full, len                     contract/chapters/capacity, contract/rendezvous
 *   recv_timeout, send_timeout,                       contract/chapters/time; this file: “time limits”
 *     recv_timeout_nonempty_expired                   contract/chapters/time
 *   send_after_disconnect, recv_after_disconnect      contract/chapters/disconnection, closing
 *   disconnect_wakes_sender, _receiver                threads/exchange “is woken by”, for every flavor
 *   spsc, mpmc                                        threads/stress, for every flavor
 *   stress_oneshot                                    threads/exchange “one request and one reply”, threads/memory “churn”
 *   stress_iter, recv_try_iter, nested_recv_iter,     contract/chapters/iteration; contract/chapters/operations
 *     recv_iter_break, recv_into_iter_*
 *   stress_timeout_two_threads                        threads/exchange “time limits that keep expiring”, for every flavor
 *   drops, panic_on_drop                              handles stand for destructors: contract/chapters/disconnection and
 *                                                     handles-in-messages, threads/chaos, “any interleaving” of contract/rendezvous
 *   drop_unreceived                                   contract/chapters/disconnection “discarded at once”
 *   linearizable                                      threads/exchange “whoever has sent finds something”
 *   fairness, fairness_duplicates                     select’s contract/fairness and contract/rendezvous
 *   channel_through_channel                           contract/chapters/handles-in-messages; this file: “goes round”
 *   stack_overflow                                    unit/codec: deep and large messages
 *   same_channel                                      contract/chapters/handles, contract/surface
 *   thread_locals (use_while_exiting)                 threads/deaths “uses a handle while it exits”
 *   mpsc: oneshot_*, port_gone_*, chan_gone_*,        this file; contract/chapters; threads/deaths
 *     shared_*, stream_*
 */
import { report } from '../support/program';

interface Seen {
  sender: Record<string, unknown>;
  receiver: Record<string, unknown>;
}

interface Matrix {
  seen: Record<string, Record<string, Seen>>;
  round: number;
  code: number;
  channels: number;
}

const GONE = 'ERR_DISCONNECTED';
const ways = [
  'one thread',
  ...['here', 'there'].flatMap((sends) =>
    ['sync', 'async'].flatMap((a) =>
      ['sync', 'async'].map((b) => `${a} ${sends} to ${b} ${sends === 'here' ? 'there' : 'here'}`),
    ),
  ),
];

describe.each([
  ['bounded(0)', 0],
  ['bounded(1)', 1],
  ['bounded(3)', 3],
  ['unbounded()', Infinity],
  ['oneshot()', 1],
])('%s', (flavor, capacity) => {
  const isOneshot = flavor === 'oneshot()';
  const count = (many: number): number => (isOneshot ? 1 : many);
  let matrix: Matrix;

  beforeAll(async () => {
    matrix = await report<Matrix>('matrix', { flavor });
  });

  /** What both ends saw of a case, in every way. */
  function expectAll(name: string, sender: object, receiver: object): void {
    const expected = Object.fromEntries(ways.map((way) => [way, { sender, receiver }]));
    expect(matrix.seen[name]).toEqual(expected);
  }

  if (!isOneshot) {
    it('values of every kind arrive as they were', () => {
      const sent = 35;
      expectAll('kinds', { sent }, { received: sent, wrong: [], end: GONE });
    });
  }

  it('messages arrive in the order of their sends, then the end', () => {
    const sent = count(150);
    expectAll('order', { sent }, { received: sent, faults: 0, end: GONE });
  });

  it('time limits that race the partner, on both ends, lose nothing and double nothing', () => {
    const sent = count(60);
    expectAll('haste', { sent }, { received: sent, faults: 0, end: GONE });
  });

  it('batches on both ends are a series of messages', () => {
    const sent = count(150);
    expectAll('batches', { sent }, { received: sent, faults: 0, end: GONE });
  });

  it('senders for the answers travel in requests, and end with their handles', () => {
    const sent = count(30);
    expectAll('handles', { sent, faults: 0 }, { received: sent, end: GONE });
  });

  it('handles in a message whose send timed out are usable again, and go with the next', () => {
    const sent = count(30);
    expectAll('handlesInHaste', { sent, faults: 0 }, { received: sent, end: GONE });
  });

  it('close() by the sender lets everything arrive that was sent, and nothing else', () => {
    const sent = count(5);
    expectAll('closing', { sent, end: GONE, value: 'late' }, { received: sent, faults: 0, end: GONE });
  });

  it('a sender that goes without a message is seen by who waits for one', () => {
    expectAll('nothing', {}, { received: 0, faults: 0, end: GONE });
  });

  if (!isOneshot) {
    it('a receiver that goes is seen by the sender, which gets its value back', () => {
      for (const way of ways) {
        const { sender, receiver } = matrix.seen.droppedReceiver![way]!;
        expect([way, receiver]).toEqual([way, { received: 5, faults: 0 }]);
        expect([way, sender]).toEqual([way, { sent: expect.any(Number) as number, end: GONE, isBack: true }]);
        expect(sender.sent).toBeGreaterThanOrEqual(5);
        expect(sender.sent).toBeLessThanOrEqual(5 + capacity);
      }
    });

    it('close() by the receiver leaves what was accepted to be received, and fails the rest', () => {
      for (const way of ways) {
        const { sender, receiver } = matrix.seen.closedReceiver![way]!;
        expect([way, sender]).toEqual([way, { sent: receiver.received, end: GONE, isBack: true }]);
        expect([way, receiver]).toEqual([way, { received: receiver.received, faults: 0, end: GONE }]);
        expect(receiver.received).toBeGreaterThanOrEqual(5);
      }
    });
  }

  it('a sender goes round through two threads and back, and still works', () => {
    expect(matrix.round).toBe(2);
  });

  it('nothing is left of it', () => {
    expect(matrix).toMatchObject({ code: 0, channels: 0 });
  });
});
