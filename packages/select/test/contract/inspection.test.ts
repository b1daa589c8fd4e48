/** api.md §8: `inspect()` and `explain()` tell a select from other operations. */
import { bounded, explain, inspect, type Receiver } from '@beamline/core';
import { Select, select } from '../../src/index';

const waitingOn = (rx: Receiver<unknown>) => inspect().channels.find(({ id }) => id === rx.id)?.waiting;
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

it('a thread that waits in a select is listed with it on every channel, and no longer afterwards', async () => {
  const [tx, rx] = bounded<number>(1, { name: 'first' });
  const [tx2, rx2] = bounded<number>(1);
  const [tx3, rx3] = bounded<number>(1);
  const selected = select({ rx, rx2 });
  const other = select([rx2]);
  const received = rx3.recv();
  await turn();
  expect([rx, rx2, rx3].map(waitingOn)).toEqual([
    [{ threadId: 0, operation: 'select' }],
    [{ threadId: 0, operation: 'select' }],
    [{ threadId: 0, operation: 'recv' }],
  ]);
  expect(explain(rx)).toContain('waits here in select');
  tx.sendSync(1);
  await selected;
  expect(waitingOn(rx)).toEqual([]);
  const again = rx.recv();
  await turn();
  expect(waitingOn(rx)).toEqual([{ threadId: 0, operation: 'recv' }]);
  expect(waitingOn(rx2)).toEqual([{ threadId: 0, operation: 'select' }]);
  for (const sender of [tx, tx2, tx3]) sender.sendSync(2);
  await Promise.all([other, received, again]);
  for (const handle of [tx, rx, tx2, rx2, tx3, rx3]) handle.drop();
});

it('a reusable select is listed while a call of it waits, and not between its calls', async () => {
  const [tx, rx] = bounded<number>(1);
  const [tx2, rx2] = bounded<number>(1);
  const set = new Select();
  set.recv(rx);
  set.recv(rx2);
  expect(set.trySelect()).toBeUndefined();
  await turn();
  expect([rx, rx2].map(waitingOn)).toEqual([[], []]);
  expect(explain(rx)).not.toContain('deadlock');
  const called = set.select();
  await turn();
  const here = [{ threadId: 0, operation: 'select' }];
  expect([rx, rx2].map(waitingOn)).toEqual([here, here]);
  tx.sendSync(1);
  await called;
  await turn();
  expect([rx, rx2].map(waitingOn)).toEqual([[], []]);
  const received = rx2.recv();
  await turn();
  expect([rx, rx2].map(waitingOn)).toEqual([[], [{ threadId: 0, operation: 'recv' }]]);
  tx2.sendSync(2);
  await received;
  expect(thrownBy(() => set.selectSync({ timeout: 0 }))).toMatchObject({ code: 'ERR_TIMEOUT' });
  expect([rx, rx2].map(waitingOn)).toEqual([[], []]);
  set.clear();
  for (const handle of [tx, rx, tx2, rx2]) handle.drop();
});

function thrownBy(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}
