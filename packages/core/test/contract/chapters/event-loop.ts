/** api.md §1: a loop of operations that never have to wait must still let timers and I/O run. */
import { readFile } from 'node:fs/promises';
import type { Receiver, Sender } from '@beamline/core';
import type { Bench } from '../flavor';

export function eventLoop({ make }: Bench): void {
  /** Runs `step` until a timer has fired `ticks` times; fails if they do not fire within seconds. */
  async function whileTimersRun(step: () => Promise<unknown>, ticks = 5): Promise<void> {
    let fired = 0;
    const timer = setInterval(() => void fired++, 1);
    const end = performance.now() + 5000;
    try {
      while (fired < ticks && performance.now() < end) await step();
    } finally {
      clearInterval(timer);
    }
    expect(fired).toBeGreaterThanOrEqual(ticks);
  }

  const loops: Record<string, (tx: Sender<number>, rx: Receiver<number>) => () => Promise<unknown>> = {
    'send and recv': (tx, rx) => async () => {
      await tx.send(1);
      await rx.recv();
    },
    'send and tryRecv': (tx, rx) => async () => {
      await tx.send(1);
      rx.tryRecv();
    },
    'trySend and recv': (tx, rx) => async () => {
      tx.trySend(1);
      await rx.recv();
    },
    'trySend and recvMany': (tx, rx) => async () => {
      tx.trySend(1);
      await rx.recvMany(3);
    },
    'sendMany and tryRecv': (tx, rx) => async () => {
      await tx.sendMany([1]);
      rx.tryRecv();
    },
    'receives that fail': (tx, rx) => async () => {
      tx.drop();
      await rx.recv().catch(() => undefined);
    },
  };

  it.each(Object.keys(loops))('timers run beside a loop of %s', async (name) => {
    const [tx, rx] = make<number>();
    await whileTimersRun(loops[name]!(tx, rx));
  });

  it('timers run beside a for await loop that always finds a message', async () => {
    const [tx, rx] = make<number>();
    let fired = 0;
    const timer = setInterval(() => void fired++, 1);
    const end = performance.now() + 5000;
    tx.sendSync(0);
    for await (const value of rx) {
      if (fired >= 5 || performance.now() > end) break;
      tx.sendSync(value + 1);
    }
    clearInterval(timer);
    expect(fired).toBeGreaterThanOrEqual(5);
  });

  it('timers run beside one long batch and the loop that receives it', async () => {
    const [tx, rx] = make<number>();
    let fired = 0;
    const timer = setInterval(() => void fired++, 1);
    const end = performance.now() + 5000;
    let given = 0;
    function* untilFired(): Generator<number> {
      while (fired < 5 && performance.now() < end) yield given++;
    }
    const received = (async () => {
      let count = 0;
      for await (const value of rx) if (value !== count++) return -1;
      return count;
    })();
    expect(await tx.sendMany(untilFired())).toBe(given);
    clearInterval(timer);
    tx.drop();
    expect(fired).toBeGreaterThanOrEqual(5);
    expect(await received).toBe(given);
  });

  it('I/O completes beside a loop that never waits', async () => {
    const [tx, rx] = make<number>();
    let read = false;
    const file = readFile(__filename, 'utf8').then(() => (read = true));
    const end = performance.now() + 5000;
    while (!read && performance.now() < end) {
      await tx.send(1);
      await rx.recv();
    }
    expect(read).toBe(true);
    await file;
  });

  it('two tasks that never wait share the thread', async () => {
    const [tx, rx] = make<number>();
    const [tx2, rx2] = make<number>();
    const steps = [0, 0];
    const most = 20_000;
    const task = async (i: number, a: Sender<number>, b: Receiver<number>): Promise<void> => {
      while (steps[0]! < most && steps[1]! < most) {
        await a.send(1);
        await b.recv();
        steps[i]!++;
      }
    };
    await Promise.all([task(0, tx, rx), task(1, tx2, rx2)]);
    expect(Math.min(...steps)).toBeGreaterThan(most / 100);
  });
}
