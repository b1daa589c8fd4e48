/** api.md §1: a loop of operations that never have to wait must still let timers and I/O run. */
import { readFile } from 'node:fs/promises';
import type { Receiver, Sender } from '@beamline/core';
import { type Bench, fill, put } from '../flavor';

export function eventLoop({ flavor, make }: Bench): void {
  const hasBuffer = flavor.capacity > 0;

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

  type Loops = Record<string, (tx: Sender<number>, rx: Receiver<number>) => () => Promise<unknown>>;
  const throughABuffer: Loops = {
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
  };
  const meeting: Loops = {
    'send and recv': (tx, rx) => () => Promise.all([tx.send(1), rx.recv()]),
    'recv and send': (tx, rx) => () => Promise.all([rx.recv(), tx.send(1)]),
    'send and tryRecv': (tx, rx) => async () => {
      const sent = tx.send(1);
      expect(rx.tryRecv()).toEqual({ ok: true, value: 1 });
      await sent;
    },
    'recv and trySend': (tx, rx) => async () => {
      const received = rx.recv();
      expect(tx.trySend(1)).toEqual({ ok: true });
      await received;
    },
    'sendMany and recvMany': (tx, rx) => () => Promise.all([tx.sendMany([1]), rx.recvMany(3)]),
  };
  const loops: Loops = {
    ...(hasBuffer ? throughABuffer : meeting),
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
    put(tx, 0);
    for await (const value of rx) {
      if (fired >= 5 || performance.now() > end) break;
      put(tx, value + 1);
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
      put(tx, 1);
      await rx.recv();
    }
    expect(read).toBe(true);
    await file;
  });

  if (hasBuffer) {
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

  if (Number.isFinite(flavor.capacity)) {
    it('a thread that blocks meets what it has begun itself, however long its event loop has not turned', async () => {
      const [tx, rx] = make<number>();
      const count = fill(tx);
      const received: Promise<number>[] = [];
      const sent: Promise<void>[] = [];
      const end = performance.now() + 20;
      while (performance.now() < end) {
        received.push(rx.recv());
        tx.sendSync(0, { timeout: 5000 });
      }
      expect(await Promise.all(received)).toHaveLength(received.length);
      expect([...rx.tryIter()]).toHaveLength(count);
      const later = performance.now() + 20;
      while (performance.now() < later) {
        sent.push(tx.send(0));
        rx.recvSync({ timeout: 5000 });
      }
      await Promise.all(sent);
    });
  }
}
