/**
 * What lives throughout a soak, while rounds of the chaos scenarios come and go: threads that echo, a pool, a select loop with timers,
 * sources, and operations that are given up. Each counts what it has done, and fails on a wrong answer.
 *
 * Called by: main.ts.
 */
import { EventEmitter } from 'node:events';
import {
  after,
  bounded,
  broadcast,
  fromAbortSignal,
  fromEvent,
  never,
  Select,
  select,
  send,
  spawn,
  tick,
  unbounded,
  type BroadcastReceiver,
  type Receiver,
  type Sender,
} from 'beamline';
import { WorkerPool } from 'beamline/pool';
import { later } from '../frame/cast.js';
import type { EchoData } from './echo.js';
import type { PoolJob } from './pool-worker.js';

export interface Inhabitant {
  readonly name: string;
  /** How much it has done. */
  readonly count: () => number;
  /** Resolves when it has ended after it was told to stop; rejects when something was wrong. */
  readonly ended: Promise<void>;
}

export class Town {
  readonly inhabitants: Inhabitant[] = [];
  private stopping = false;

  constructor() {
    this.settle('echo, blocking', (count) => this.echoes(true, 16, count));
    this.settle('echo, asynchronous', (count) => this.echoes(false, 16, count));
    this.settle('echo, rendezvous', (count) => this.echoes(true, 0, count));
    this.settle('news', (count) => this.news(count));
    this.settle('set', (count) => this.meetsInASet(count));
    this.settle('pool', (count) => this.jobs(count));
    this.settle('select', (count) => this.selects(count));
    this.settle('events', (count) => this.hears(count));
    this.settle('given up', (count) => this.givesUp(count));
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.inhabitants.map(({ ended }) => ended));
  }

  private settle(name: string, live: (count: () => void) => Promise<void>): void {
    let done = 0;
    const ended = live(() => done++);
    this.inhabitants.push({ name, count: () => done, ended });
  }

  /** Messages of all sizes go to a thread and come back the same, in order. */
  private async echoes(blocking: boolean, capacity: number, count: () => void): Promise<void> {
    const [tx, rx] = bounded<unknown>(capacity);
    const [echoed, back] = blocking ? bounded<unknown>(Math.min(capacity, 3)) : unbounded<unknown>();
    const data: EchoData = { rx, tx: echoed, blocking };
    const thread = spawn<void>(new URL('echo.js', import.meta.url), { data });
    for (let n = 0; !this.stopping; n++) {
      const text = `${n}${'e'.repeat((n * 61) % 9000)}`;
      const sent = tx.sendMany([n, { n, text }]);
      const number = await back.recv();
      const { text: again } = (await back.recv()) as { text: string };
      await sent;
      if (number !== n || again !== text)
        throw new Error(`message ${n} came back as ${String(number)} and ${again.slice(0, 20)}`);
      count();
      if (n % 50 === 0) await later(1);
    }
    tx.drop();
    await thread.join();
    back.drop();
  }

  /** A pool runs jobs, of which some end their worker. */
  private async jobs(count: () => void): Promise<void> {
    const pool = new WorkerPool<PoolJob, number>({ filename: new URL('pool-worker.js', import.meta.url), threads: 2 });
    for (let n = 0; !this.stopping; n++) {
      const deadly = n % 500 === 499;
      const outcome = await pool.run({ n, deadly }).catch((error: { code?: string }) => error.code);
      if (outcome !== (deadly ? 'ERR_WORKER_DIED' : n)) throw new Error(`job ${n} gave ${String(outcome)}`);
      count();
      if (n % 20 === 0) await later(1);
    }
    await pool.close();
  }

  /** A loop of selects over a channel, a beat, and timers made and dropped at each turn. */
  private async selects(count: () => void): Promise<void> {
    const [tx, rx] = bounded<number>(2);
    const beat = tick(3);
    const off = never<number>();
    for (let n = 0; !this.stopping; n++) {
      const late = after(n % 3);
      if (n % 2 === 0) tx.trySend(n);
      await select({ rx, beat, late, off }, n % 5 === 0 ? { timeout: 50 } : {});
      late.drop();
      count();
    }
    for (const handle of [tx, rx, beat, off]) handle.drop();
  }

  /** Two receivers of a broadcast, of which one reads seldom: what it missed is told, nothing else is missing. */
  private async news(count: () => void): Promise<void> {
    const [tx, often] = broadcast<{ n: number; text: string }>(8);
    const seldom = often.clone();
    const expected = new Map([
      [often, 0],
      [seldom, 0],
    ]);
    for (let n = 0; !this.stopping; n++) {
      tx.send({ n, text: 'news '.repeat(n % 50) });
      readAll(often, expected);
      if (n % 37 === 0) readAll(seldom, expected);
      if (n % 100 === 0) await later(1);
      count();
    }
    for (const handle of [tx, often, seldom]) handle.drop();
  }

  /** A set that is used again and again, whose partners come through a rendezvous and through a buffer. */
  private async meetsInASet(count: () => void): Promise<void> {
    const [meet, met] = bounded<number>(0);
    const [tx, rx] = bounded<number>(1);
    const set = new Select();
    const [meeting, buffered] = [set.recv(met), set.recv(rx)];
    for (let n = 0; !this.stopping; n++) {
      const call = set.select();
      const late = after(1000);
      const partner = select({ out: send(n % 2 === 0 ? meet : tx, () => n), late });
      const event = await call;
      if (!event.ok || event.value !== n || event.index !== (n % 2 === 0 ? meeting : buffered))
        throw new Error(`select ${n} of a set gave ${JSON.stringify(event)}`);
      if ((await partner).key !== 'out') throw new Error(`the partner of select ${n} of a set ran out of time`);
      late.drop();
      if (n % 50 === 0) await later(1);
      count();
    }
    set.clear();
    for (const handle of [meet, met, tx, rx]) handle.drop();
  }

  /** Sources come and go beside one that stays and is never read; each event is read once, in order, and no listener stays. */
  private async hears(count: () => void): Promise<void> {
    const emitter = new EventEmitter();
    const quiet = fromEvent(new EventEmitter(), 'event');
    for (let n = 0; !this.stopping; n++) {
      const { signal } = new AbortController();
      const [source, abort] = [fromEvent<number>(emitter, 'event'), fromAbortSignal(signal)];
      const clone = source.clone();
      const first = select({ source, abort, quiet });
      emitter.emit('event', n);
      emitter.emit('event', n + 1);
      const event = await first;
      if (event.key !== 'source' || !event.ok || event.value !== n || clone.recvSync() !== n + 1)
        throw new Error(`event ${n} came as ${JSON.stringify(event)}`);
      for (const handle of [source, clone, abort]) handle.drop();
      if (emitter.listenerCount('event') > 0) throw new Error(`after event ${n} a listener is left`);
      count();
      if (n % 20 === 0) await later(1);
    }
    quiet.drop();
  }

  /** Receives and sends that time out, are aborted, or whose handle is dropped. */
  private async givesUp(count: () => void): Promise<void> {
    const [tx, rx] = bounded<number>(1);
    for (let n = 0; !this.stopping; n++) {
      const controller = new AbortController();
      const { signal } = controller;
      const clone = rx.clone();
      const pending = [rx.recv({ signal }), rx.recv({ timeout: 1 }), clone.recv()].map(failed);
      await later(1);
      controller.abort();
      clone.drop();
      await Promise.all(pending);
      await givesUpSending(tx, rx);
      count();
    }
    tx.drop();
    rx.drop();
  }
}

function readAll(rx: BroadcastReceiver<{ n: number }>, expected: Map<BroadcastReceiver<{ n: number }>, number>): void {
  for (let got = rx.tryRecv(); got.ok || got.reason === 'lagged'; got = rx.tryRecv()) {
    const next = expected.get(rx) as number;
    if (got.ok && got.value.n !== next) throw new Error(`news ${got.value.n} came in place of ${next}`);
    expected.set(rx, next + (got.ok ? 1 : got.missed));
  }
}

async function givesUpSending(tx: Sender<number>, rx: Receiver<number>): Promise<void> {
  await tx.send(1);
  await failed(tx.send(2, { timeout: 1 }));
  const got = rx.tryRecvMany(2);
  if (!got.ok || got.value.length !== 1 || got.value[0] !== 1)
    throw new Error(`a send that timed out was sent: ${JSON.stringify(got)}`);
}

/** Resolves when an operation fails, as it has to. */
async function failed(operation: Promise<unknown>): Promise<void> {
  await operation.then(
    () => {
      throw new Error('an operation that was given up has completed');
    },
    () => undefined,
  );
}
