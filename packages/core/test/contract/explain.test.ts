/** api.md §8: `explain` says in words why something waits. */
import { bounded, explain, open, unbounded } from '@beamline/core';
import { expectInvalid, rejection, thrown } from '../support/failure';
import { turns } from '../support/turns';

type Droppable = { drop(): void };
const dropAll = (...handles: Droppable[]): void => handles.forEach((handle) => handle.drop());

it('names the live handles of the other side, and what is in the channel', () => {
  const [tx, rx] = bounded<number>(4, { name: 'jobs' });
  tx.sendSync(1);
  expect(explain(rx)).toBe(
    [
      `the receiver of channel "jobs" #${rx.id}:`,
      '  array, 1 message buffered, room for 4',
      '  its only sender is on thread 0',
      '  (BEAMLINE_DEBUG=1 shows where handles are made)',
    ].join('\n'),
  );
  const more = [tx.clone(), tx.clone(), rx.clone()];
  const token = tx.clone().transfer();
  const [carrier, carried] = unbounded<unknown>();
  carrier.sendSync([tx.clone()]);
  expect(explain(rx).split('\n').slice(2, 6)).toEqual([
    '  its 5 senders:',
    '    3 on thread 0',
    '    1 in a message that nobody has received',
    '    1 in a token that thread 0 made and nobody has opened',
  ]);
  expect(explain(tx)).toContain('its 2 receivers:\n    2 on thread 0');
  open(token).drop();
  dropAll(tx, rx, ...more, carrier, carried);
});

it('without anybody on the other side it says so', () => {
  const [tx, rx] = unbounded();
  tx.drop();
  expect(explain(rx)).toContain('without a limit; it is disconnected\n  there is no sender');
  const [tx2, rx2] = bounded(1);
  tx2.close();
  expect(explain(rx2)).toContain('; it was closed');
  dropAll(rx, tx2, rx2);
});

it('a thread that waits for itself is a deadlock, unless a message is under way', async () => {
  const [tx, rx] = unbounded<number>({ name: 'mine' });
  const waiting = rejection(rx.recv());
  await turns();
  expect(explain(rx).split('\n').slice(2)).toEqual([
    `  its only sender is on thread 0, which waits to receive from "mine" #${rx.id}`,
    '  (BEAMLINE_DEBUG=1 shows where handles are made)',
    '  thread 0 (this one) waits here in recv',
    '  deadlock: only a time limit, or an event other than of a channel, can end it',
    `    thread 0 waits to receive from "mine" #${rx.id}, for thread 0`,
  ]);
  expect(explain(tx)).not.toContain('deadlock'); // nobody waits to send
  const token = tx.clone().transfer();
  expect(explain(rx)).not.toContain('deadlock');
  open(token).drop();
  expect(explain(rx)).toContain('deadlock');
  rx.drop();
  await waiting;
  tx.drop();
});

it('a send into a full channel whose receiver waits for it to end', async () => {
  const [tx, rx] = bounded<number>(1);
  tx.sendSync(1);
  const waiting = rejection(tx.send(2));
  await turns();
  expect(explain(tx)).toContain(`waits here in send\n  deadlock: `);
  expect(explain(tx)).toContain(`thread 0 waits to send to #${tx.id}, for thread 0`);
  tx.drop();
  await waiting;
  rx.drop();
});

it('explains weak senders, and handles that are gone', () => {
  const [tx, rx] = unbounded({ name: 'gone' });
  const weak = tx.downgrade();
  expect(explain(weak)).toContain('its only receiver is on thread 0');
  dropAll(tx, weak);
  expect(explain(tx)).toBe(`the sender of channel "gone" #${rx.id} was dropped: nothing can wait on it`);
  const token = rx.transfer();
  expect(explain(rx)).toContain('was moved');
  open(token).drop();
});

it.each([undefined, null, 5, 'rx', {}, []])('%p is no handle', (value) => {
  expectInvalid(thrown(() => explain(value as never)), 'TypeError'); // prettier-ignore
});
