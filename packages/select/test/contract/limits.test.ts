/** api.md §1 and §5: timeouts, deadlines and signals of a select. */
import { getEventListeners } from 'node:events';
import { now, type WaitSyncOptions } from '@beamline/core';
import { after, select, selectSync } from '@beamline/select';
import { expectFailure, rejection, thrown, type Failure } from '../../../core/test/support/failure';
import { isPending, range, turns } from '../../../core/test/support/turns';
import { bench } from '../support/bench';

const { make, channels, own } = bench();

const failures: Readonly<Record<string, (cases: never, options: WaitSyncOptions) => Promise<Failure>>> = {
  select: (cases, options) => rejection(select(cases, options)),
  selectSync: async (cases, options) => thrown(() => selectSync(cases, options)),
};
const both = ['select', 'selectSync'];

describe.each(both)('%s', (form) => {
  const fails = failures[form]! as (cases: object, options?: WaitSyncOptions) => Promise<Failure>;
  const expired: [string, () => WaitSyncOptions][] = [
    ['timeout 0', () => ({ timeout: 0 })],
    ['a deadline that has passed', () => ({ deadline: now() - 1000 })],
    ['a deadline of this very instant', () => ({ deadline: now() })],
  ];

  it.each(expired)('with %s completes if a case is ready', async (_, options) => {
    const { txs, rxs } = channels<number>(3);
    for (const i of [1, 2, 0]) {
      txs[i]!.sendSync(i);
      const selected = form === 'select' ? await select(rxs, options()) : selectSync(rxs, options());
      expect(selected).toEqual({ key: i, ok: true, value: i });
    }
    txs[1]!.drop();
    expect(selectSync(rxs, options())).toEqual({ key: 1, ok: false, reason: 'disconnected' });
  });

  it.each(expired)('with %s times out if none is, and takes nothing later', async (_, options) => {
    const { txs, rxs } = channels<number>(3);
    expectFailure(await fails(rxs, options()), 'TimeoutError', 'ERR_TIMEOUT');
    txs[0]!.sendSync(1);
    await turns();
    expect(rxs[0]!.length).toBe(1);
  });

  it('never times out early', async () => {
    const { rxs } = channels(2);
    for (const ms of [0.5, 1, 1.5, 3.25, 10, 25]) {
      const start = now();
      expectFailure(await fails(rxs, { timeout: ms }), 'TimeoutError', 'ERR_TIMEOUT');
      expect(now() - start).toBeGreaterThanOrEqual(ms);
      const deadline = now() + ms;
      expectFailure(await fails(rxs, { deadline }), 'TimeoutError', 'ERR_TIMEOUT');
      expect(now()).toBeGreaterThanOrEqual(deadline);
    }
  });

  it('the sooner of timeout and deadline wins', async () => {
    const { rxs } = channels(2);
    expectFailure(await fails(rxs, { timeout: 10, deadline: now() + 60_000 }), 'TimeoutError', 'ERR_TIMEOUT');
    expectFailure(await fails(rxs, { timeout: 60_000, deadline: now() + 10 }), 'TimeoutError', 'ERR_TIMEOUT');
  });

  it('without cases waits for its limit', async () => {
    for (const cases of [[], {}]) {
      const start = now();
      expectFailure(await fails(cases, { timeout: 20 }), 'TimeoutError', 'ERR_TIMEOUT');
      expect(now() - start).toBeGreaterThanOrEqual(20);
      expectFailure(await fails(cases, { timeout: 0 }), 'TimeoutError', 'ERR_TIMEOUT');
      expectFailure(await fails(cases, { deadline: now() + 5 }), 'TimeoutError', 'ERR_TIMEOUT');
    }
  });

  it('without cases and without a limit fails as empty', async () => {
    for (const cases of [[], {}]) {
      for (const options of [undefined, {}, { timeout: Infinity }, { deadline: Infinity }]) {
        expectFailure(await fails(cases, options), 'SelectError', 'ERR_SELECT_EMPTY');
      }
    }
  });

  it('a timer case that is due before the limit wins', async () => {
    const [, rx] = make();
    const late = own(after(5));
    const event =
      form === 'select' ? await select({ rx, late }, { timeout: 60_000 }) : selectSync({ rx, late }, { timeout: 60_000 });
    expect(event.key).toBe('late');
  });
});

describe('select with a signal', () => {
  const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

  it('that is aborted rejects with its reason before anything is tried', async () => {
    const [tx, rx] = make<number>();
    tx.sendSync(1);
    const reason = { any: 'value' };
    expect(await rejection(select([rx], { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(rx.length).toBe(1);
  });

  it('that aborts while it waits rejects with its reason and takes nothing', async () => {
    const { txs, rxs } = channels<number>(3);
    const controller = new AbortController();
    const selected = select(rxs, { signal: controller.signal });
    expect(await isPending(selected)).toBe(true);
    const reason = new Error('enough');
    controller.abort(reason);
    for (const tx of txs) tx.sendSync(1);
    expect(await rejection(selected)).toBe(reason);
    await turns();
    for (const rx of rxs) expect(rx.length).toBe(1);
    expect(listeners(controller.signal)).toBe(0);
  });

  it('that is given to many selects carries one listener, gone with the last of them', async () => {
    const { txs, rxs } = channels<number>(2);
    const { signal } = new AbortController();
    const selects = range(50).map(() => select(rxs, { signal }));
    await turns();
    expect(listeners(signal)).toBe(1);
    for (let i = 0; i < 50; i++) await txs[i % 2]!.send(i);
    await Promise.all(selects);
    expect(listeners(signal)).toBe(0);
    expect(await select(rxs, { signal, timeout: 1 }).catch((error: Failure) => error.code)).toBe('ERR_TIMEOUT');
    expect(listeners(signal)).toBe(0);
  });

  it('hands a wake-up on that came before the abort', async () => {
    const { txs, rxs } = channels<number>(2, 1);
    const controller = new AbortController();
    const selected = select(rxs, { signal: controller.signal });
    const other = rxs[1]!.recv();
    await turns();
    txs[1]!.sendSync(1);
    controller.abort();
    await rejection(selected);
    expect(await other).toBe(1);
  });

  it('without cases is ended by it', async () => {
    const controller = new AbortController();
    const selected = select([], { signal: controller.signal, timeout: 60_000 });
    expect(await isPending(selected)).toBe(true);
    controller.abort('why');
    expect(await rejection(selected)).toBe('why');
  });
});
