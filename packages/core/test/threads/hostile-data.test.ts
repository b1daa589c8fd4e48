/** Data for `spawn` whose getters use the handles that are in it. Like a message: a handle in it has moved, unless nothing was started. */
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { bounded, inspect, spawn, type Sender } from '@beamline/core';
import { thrown } from '../support/failure';
import { FIXTURES } from '../support/program';

const keep = pathToFileURL(join(FIXTURES, 'modules', 'keep.mjs'));

it.each<[string, (tx: Sender<unknown>) => unknown]>([
  ['drops', (tx) => tx.drop()],
  ['transfers', (tx) => tx.transfer()],
  ['clones', (tx) => tx.clone()],
])(
  'a getter that %s a handle in the same data comes too late, and the handle is usable again if nothing was started',
  (_, use) => {
    const [tx, rx] = bounded(1);
    const handles = () => inspect().threads.reduce((sum, each) => sum + each.handles, 0);
    const before = handles();
    const seen: unknown[] = [];
    const data = {
      tx,
      get later() {
        try {
          use(tx);
        } catch (error) {
          seen.push((error as { code?: unknown }).code);
        }
        return 1;
      },
      uncloneable: () => 1,
    };
    expect(thrown(() => spawn(keep, { data }))).toMatchObject({ code: 'ERR_DATA_CLONE' });
    expect(seen).toEqual(use.toString().includes('drop') ? [] : ['ERR_HANDLE_MOVED']);
    expect([tx.senderCount, handles()]).toEqual([1, before]);
    tx.sendSync('still works');
    expect(rx.recvSync()).toBe('still works');
    tx.drop();
    expect(rx.isDisconnected).toBe(true);
    rx.drop();
    expect(handles()).toBe(before - 2);
    expect(inspect().channels).toEqual([]);
  },
);
