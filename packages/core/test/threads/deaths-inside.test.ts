/**
 * A thread that is terminated before any one of the steps of an operation: the operation has happened or it has not, and everybody
 * else goes on. Every case is a sweep over all steps that others can observe (fixtures/inside-actions.mjs says what is done, and
 * what may come of it), so it stops threads in each lock and in each index.
 */
import { report } from '../support/program';

interface Sweep {
  steps: number;
  wrong: string[];
  locks: string[];
  outcomes: string[];
}

/** `locks`: which ones some of the victims held. `outcomes`: how many different ones came of it. */
async function sweep(name: string, locks: string[], outcomes: number, stride = 1): Promise<void> {
  const result = await report<Sweep>('inside', { name, stride }, { timeout: 28_000 });
  expect(result.wrong).toEqual([]);
  expect(result.steps).toBeGreaterThan(0);
  expect(result.locks).toEqual(locks);
  expect(result.outcomes).toHaveLength(outcomes);
}

describe('a sender that dies at any step', () => {
  it.each<[string, string, string[], number]>([
    ['of sending a number', 'sendNumber', ['TAIL'], 2],
    ['of taking the last place', 'sendIntoTheLastPlace', ['TAIL'], 2],
    ['of sending an object', 'sendBody', ['HEAP_LOCK', 'TAIL'], 2],
    ['of sending a large object', 'sendLargeBody', ['HEAP_LOCK', 'TAIL'], 2],
    ['of sending a handle', 'sendHandle', ['TAIL'], 2],
    ['of sending a handle with send()', 'sendAsync', ['TAIL'], 2],
    ['of sending a batch', 'sendBatch', ['HEAP_LOCK', 'TAIL'], 2],
    ['of appending a piece to an unbounded channel', 'linkABlock', ['TAIL'], 2],
    ['of sending as the last sender', 'sendAsTheLastSender', ['TAIL'], 2],
    ['of waking a receiver', 'wakeTheReceiver', ['TAIL'], 2],
  ])('%s has sent it or not, and holds up nobody', async (_, name, locks, outcomes) => {
    await sweep(name, locks, outcomes);
  });

  it.each([
    ['in sendSync', 'sendToAFullChannel'],
    ['in send(), with a handle in the message', 'awaitRoom'],
  ])('of going to sleep %s has sent nothing', async (_, name) => {
    await sweep(name, [], 1);
  });
});

describe('a receiver that dies at any step', () => {
  it.each<[string, string, string[], number]>([
    ['of receiving a number', 'receiveNumber', ['HEAD'], 2],
    ['of receiving an object', 'receiveBody', ['HEAD'], 2],
    ['of receiving a large object', 'receiveLargeBody', ['HEAD', 'HEAP_LOCK'], 2],
    ['of receiving a handle', 'receiveHandle', ['HEAD'], 2],
    ['of receiving a handle with recv()', 'receiveAsync', ['HEAD'], 2],
    ['of receiving a batch', 'receiveBatch', ['HEAD'], 2],
    ['of leaving a piece of an unbounded channel', 'leaveABlock', ['HEAD'], 2],
    ['of waking a sender', 'wakeTheSender', ['HEAD'], 2],
  ])('%s has taken it or not, and holds up nobody', async (_, name, locks, outcomes) => {
    await sweep(name, locks, outcomes);
  });

  it.each([
    ['in recvSync', 'receiveFromAnEmptyChannel'],
    ['in recv()', 'awaitAMessage'],
  ])('of going to sleep %s keeps no message from the others', async (_, name) => {
    await sweep(name, [], 1);
  });
});

describe('a thread that dies at any step', () => {
  it.each<[string, string, string[]]>([
    ['of cloning and dropping handles', 'clone', ['HANDLES_LOCK', 'TAIL']],
    ['of upgrading a weak sender', 'upgrade', ['HANDLES_LOCK', 'TAIL']],
    ['of upgrading one after the last sender', 'upgradeInVain', ['HANDLES_LOCK', 'TAIL']],
    ['of dropping the last sender', 'dropTheLastSender', ['HANDLES_LOCK', 'TAIL']],
    ['of dropping the last receiver', 'dropTheLastReceiver', ['HANDLES_LOCK', 'HEAD', 'HEAP_LOCK', 'TAIL']],
    ['of dropping a receiver of receivers', 'dropNestedReceivers', ['HANDLES_LOCK', 'HEAD', 'TAIL']],
    ['of closing a channel', 'close', ['TAIL']],
    ['of making and dropping a channel', 'makeAndDropAChannel', ['HANDLES_LOCK', 'HEAP_LOCK']],
    ['of its first call, which opens tokens', 'openTokens', []],
    ['of passing on a token', 'passOnAToken', []],
  ])('%s leaves nothing behind and holds up nobody', async (_, name, locks) => {
    await sweep(name, locks, 1);
  });

  it.each<[string, string, string[]]>([
    ['of cleaning up after another', 'reap', ['HANDLES_LOCK', 'REAP_LOCK', 'TAIL']],
    [
      'of cleaning up after another that died inside the table of handles',
      'reapTheHolderOfALock',
      ['HANDLES_LOCK', 'REAP_LOCK', 'TAIL'],
    ],
  ])('%s is cleaned up after, and so is that one', async (_, name, locks) => {
    await sweep(name, locks, 1, 2);
  });
});
