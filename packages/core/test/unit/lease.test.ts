/**
 * Leases: a message is in its channel, in one lease, or answered, and never in two places. The worker is a second runtime of this
 * thread, with a thread record of its own, that leaves as a thread does when it dies.
 */
import {
  bounded,
  broadcast,
  BroadcastReceiver,
  BroadcastSender,
  inspect,
  type Receiver,
  Sender,
  unbounded,
  type Handle,
} from '@beamline/core';
import { HANDLE } from '../../src/brand';
import { DISCONNECTED, NOT_READY } from '../../src/flavors/channel';
import {
  claimLease,
  Inbox,
  LeaseOperation,
  post,
  returnLease,
  type Lease,
  type Letter,
  type Post,
} from '../../src/handles/lease';
import { openEntry } from '../../src/handles/message';
import { Batch } from '../../src/memory/batch';
import { LEASES, T_HELD } from '../../src/memory/layout';
import { moveOut } from '../../src/ownership/transit';
import { Runtime, runtime } from '../../src/runtime';
import { expectFailure, rejection, thrown } from '../support/failure';
import { turns } from '../support/turns';

/** What flavor the jobs, the answers and the orphans travel through. */
type Make = <T>() => [Sender<T>, Receiver<T>];
const flavors: [string, Make][] = [
  ['a ring', () => bounded(4)],
  ['a list', () => unbounded()],
];
const BODY = 'a text that is too long for a slot';

const workers: Runtime[] = [];
const handles: Handle[] = [];

/** A thread that can die. */
function worker(): Runtime {
  const rt = new Runtime(runtime().heap.buffer);
  workers.push(rt);
  return rt;
}

/** Moves a handle to a worker. */
function give<H extends Handle>(handle: H, to: Runtime): H {
  const state = handle[HANDLE];
  state.retire('moved');
  moveOut(to.heap, state.index);
  return openEntry(to, state.index) as H;
}

function own(...made: Handle[]): void {
  handles.push(...made);
}

/** A worker with a lease, and the channels it works with; what it has not answered comes to `orphans`. */
function setUp(make: Make) {
  const rt = worker();
  const [jobs, rx] = make<unknown>();
  const [tx, answers] = make<unknown>();
  const [news, orphans] = make<unknown>();
  own(jobs, answers, orphans);
  const mine = { jobs: give(rx, rt)[HANDLE], answers: give(tx, rt)[HANDLE], news: give(news, rt) };
  return { rt, lease: claimLease(mine.news), jobs, answers, orphans, mine };
}

/** The orphans that have come. */
function orphansOf(orphans: Receiver<unknown>, jobs: Handle): { aux: number; value: unknown }[] {
  const found: { aux: number; value: unknown }[] = [];
  const visit = (letter: Letter): void => {
    expect(letter.isOrphan).toBe(true);
    found.push({ aux: letter.aux, value: letter.read(jobs[HANDLE].channel) });
  };
  new Inbox(orphans[HANDLE], visit).attempt();
  return found;
}

/** Nothing is left on a runtime's held stack: every chunk has one owner. */
function expectNothingHeld(...runtimes: Runtime[]): void {
  for (const { heap } of [runtime(), ...runtimes]) expect(heap.table[heap.record + T_HELD]).toBe(0);
}

const used = (): number => inspect().memory.used;

afterEach(() => {
  for (const rt of workers.splice(0)) rt.leave();
  for (const handle of handles.splice(0)) handle.drop();
  expectNothingHeld();
  expect(inspect().channels).toEqual([]);
});

describe.each(flavors)('through %s', (_, make) => {
  const values: [string, unknown][] = [
    ['a number', 1.5],
    ['undefined', undefined],
    ['a text', BODY],
    ['an object', { deep: [{ text: BODY }] }],
  ];

  it.each(values)('%s is taken, stays on lease while it is worked on, and is gone when it is answered', (_name, value) => {
    const { rt, lease, jobs, answers, mine } = setUp(make);
    jobs.sendSync(value);
    expect(lease.isHeld).toBe(false);
    expect(lease.take(mine.jobs)).toBe(1);
    expect([lease.isHeld, jobs.length, lease.aux]).toEqual([true, 0, 0]);
    expect(lease.decode(mine.jobs)).toEqual(value);
    expect(post(mine.answers, ['answer', value], { lease })).toBeUndefined();
    expect(lease.isHeld).toBe(false);
    expectNothingHeld(rt);
    expect(answers.recvSync()).toEqual(['answer', value]);
    expect(lease.take(mine.jobs)).toBe(NOT_READY);
  });

  it.each(values)('%s taken by a worker that dies comes to the orphans, and once', (_name, value) => {
    const { rt, lease, jobs, orphans, mine } = setUp(make);
    expect(post(jobs[HANDLE], value, { aux: 77 })).toBeUndefined();
    lease.take(mine.jobs);
    lease.decode(mine.jobs);
    rt.leave();
    expect(orphansOf(orphans, jobs)).toEqual([{ aux: 77, value }]);
    expect(orphans.isDisconnected).toBe(true);
    expectNothingHeld();
  });

  it('what was answered before the worker dies does not come to the orphans', () => {
    const { rt, lease, jobs, orphans, answers, mine } = setUp(make);
    jobs.sendSync(BODY);
    lease.take(mine.jobs);
    post(mine.answers, BODY, { lease });
    rt.leave();
    expect(orphansOf(orphans, jobs)).toEqual([]);
    expect(answers.recvSync()).toBe(BODY);
  });

  it('memory comes back, however the message ended', () => {
    const { rt, lease, jobs, answers, orphans, mine } = setUp(make);
    const big = 'x'.repeat(100_000);
    const round = (end: () => void): void => {
      jobs.sendSync(big);
      lease.take(mine.jobs);
      lease.decode(mine.jobs);
      end();
    };
    round(() => post(mine.answers, 'small', { lease }));
    answers.recvSync();
    const before = used();
    for (let i = 0; i < 70; i++) {
      round(() => post(mine.answers, big, { lease }));
      expect(answers.recvSync()).toBe(big);
      round(() => lease.discard());
    }
    expect(used()).toBeLessThan(before + 10_000);
    round(() => rt.leave());
    expect(orphansOf(orphans, jobs)).toEqual([{ aux: 0, value: big }]);
    expect(used()).toBeLessThan(before + 10_000);
  });

  it('a leased number is not mistaken for a chunk', () => {
    const { rt, lease, jobs, answers, mine } = setUp(make);
    const own = give(answers, rt); // what it frees, it gets again
    post(mine.answers, BODY, {});
    const batch = new Batch();
    own[HANDLE].channel.recv(batch, 1);
    const chunk = batch.chunk(0);
    rt.releaser.discardHeld();
    const number = new Float64Array(new Int32Array([chunk, 0x40000000]).buffer)[0] as number;
    jobs.sendSync(number);
    lease.take(mine.jobs);
    expect(lease.decode(mine.jobs)).toBe(number);
    post(mine.answers, BODY, { lease });
    expectNothingHeld(rt);
    own[HANDLE].channel.recv(batch, 1);
    expect(batch.chunk(0)).toBe(chunk);
    rt.releaser.discardHeld();
    own.drop();
  });

  it('a channel that is drained and disconnected leases nothing more', () => {
    const { lease, jobs, mine } = setUp(make);
    jobs.sendSync('last');
    jobs.drop();
    expect(lease.take(mine.jobs)).toBe(1);
    lease.discard();
    expect(lease.take(mine.jobs)).toBe(DISCONNECTED);
    expect(lease.isHeld).toBe(false);
  });

  it('positions wrap under leases', () => {
    const { lease, jobs, answers, mine } = setUp(make);
    for (let i = 0; i < 500; i++) {
      jobs.sendSync(i % 3 === 0 ? { i } : i);
      lease.take(mine.jobs);
      const value = lease.decode(mine.jobs);
      post(mine.answers, value, { lease, aux: i });
      expect(answers.recvSync()).toEqual(i % 3 === 0 ? { i } : i);
    }
  });

  describe('a message with handles', () => {
    /** A job with a sender in it, and the receiver that sees it go. */
    function withHandle(): { job: { reply: Sender<string>; text: string }; seen: Receiver<string> } {
      const [reply, seen] = unbounded<string>();
      own(seen);
      return { job: { reply, text: BODY }, seen };
    }

    it('gives them to the worker', () => {
      const { lease, jobs, mine } = setUp(make);
      const { job, seen } = withHandle();
      jobs.sendSync(job);
      lease.take(mine.jobs);
      const { reply } = lease.decode(mine.jobs) as typeof job;
      reply.sendSync('hello');
      expect(seen.recvSync()).toBe('hello');
      post(mine.answers, 1, { lease });
      expect(seen.isDisconnected).toBe(false); // it is the worker's now, whatever becomes of the message
      reply.drop();
      expect(seen.isDisconnected).toBe(true);
    });

    it('drops them where the message is given up unread', () => {
      const { lease, jobs, mine } = setUp(make);
      const { job, seen } = withHandle();
      jobs.sendSync(job);
      lease.take(mine.jobs);
      lease.discard();
      expect(seen.isDisconnected).toBe(true);
    });

    it('can be read again as it was sent, the handles dropped', () => {
      const { lease, jobs, answers, mine } = setUp(make);
      const { job, seen } = withHandle();
      jobs.sendSync(job);
      lease.take(mine.jobs);
      const first = lease.decode(mine.jobs) as typeof job;
      first.text = 'changed';
      lease.dropHandles();
      expect(seen.isDisconnected).toBe(true);
      const second = lease.decode(mine.jobs) as typeof job;
      expect(second.text).toBe(BODY);
      expect(second.reply).toBeInstanceOf(Sender);
      expectFailure(
        thrown(() => second.reply.trySend('x')),
        'HandleError',
        'ERR_HANDLE_DROPPED',
      );
      // An answer may say what the job was; nobody else may send on what is gone.
      expectFailure(
        thrown(() => post(mine.answers, second, { lease })),
        'HandleError',
        'ERR_HANDLE_DROPPED',
      );
      post(mine.answers, second, { lease, takesGone: true });
      const arrived = answers.recvSync() as typeof job;
      expect(arrived.text).toBe(BODY);
      expectFailure(
        thrown(() => arrived.reply.trySend('x')),
        'HandleError',
        'ERR_HANDLE_DROPPED',
      );
      arrived.reply.drop();
      expectNothingHeld();
    });

    it('says of what kind its handles were, also when they are gone', () => {
      const { lease, jobs, answers, mine } = setUp(make);
      const [toAll, reader] = broadcast<number>(1);
      jobs.sendSync({ toAll, reader, text: BODY });
      lease.take(mine.jobs);
      lease.decode(mine.jobs);
      lease.dropHandles();
      const again = lease.decode(mine.jobs);
      post(mine.answers, again, { lease, takesGone: true });
      const arrived = answers.recvSync();
      for (const { toAll: sender, reader: receiver } of [again, arrived] as { toAll: object; reader: object }[]) {
        expect(sender).toBeInstanceOf(BroadcastSender);
        expect(receiver).toBeInstanceOf(BroadcastReceiver);
        expectFailure(
          thrown(() => (receiver as BroadcastReceiver<number>).tryRecv()),
          'HandleError',
          'ERR_HANDLE_DROPPED',
        );
      }
      expectNothingHeld();
    });

    it.each([
      ['before the worker read it', false],
      ['after the worker read it', true],
    ])('comes to the orphans with its handles dropped: %s', (_when, isRead) => {
      const { rt, lease, jobs, orphans, mine } = setUp(make);
      const { job, seen } = withHandle();
      jobs.sendSync(job);
      lease.take(mine.jobs);
      if (isRead) lease.decode(mine.jobs);
      rt.leave();
      const [orphan] = orphansOf(orphans, jobs);
      const { reply, text } = orphan!.value as typeof job;
      expect(text).toBe(BODY);
      expectFailure(
        thrown(() => reply.trySend('x')),
        'HandleError',
        'ERR_HANDLE_DROPPED',
      );
      expect(seen.isDisconnected).toBe(true);
    });
  });

  it('if nobody takes the orphans, they are given up with the handles in them', () => {
    const { rt, lease, jobs, orphans, mine } = setUp(make);
    const [reply, seen] = unbounded<string>();
    own(seen);
    orphans.drop();
    jobs.sendSync({ reply, text: BODY });
    lease.take(mine.jobs);
    rt.leave();
    expect(lease.isHeld).toBe(false);
    expect(seen.isDisconnected).toBe(true);
  });

  it('several leases of one worker come to the orphans one by one', () => {
    const { rt, lease, jobs, orphans, mine } = setUp(() => unbounded());
    const leases: Lease[] = [lease, claimLease(mine.news), claimLease(mine.news)];
    for (const [i, each] of leases.entries()) {
      post(jobs[HANDLE], i === 1 ? i : { i }, { aux: i + 1 });
      each.take(mine.jobs);
    }
    post(mine.answers, 'answer', { lease: leases[1] });
    rt.leave();
    expect(orphansOf(orphans, jobs)).toEqual([
      { aux: 1, value: { i: 0 } },
      { aux: 3, value: { i: 2 } },
    ]);
  });
});

describe('waiting', () => {
  /** A worker whose answers find no room. */
  function full() {
    const rt = worker();
    const [jobs, rx] = unbounded<unknown>();
    const [tx, answers] = bounded<unknown>(1);
    const [news, orphans] = unbounded<unknown>();
    own(jobs, answers, orphans);
    const mine = { jobs: give(rx, rt)[HANDLE], answers: give(tx, rt)[HANDLE], news: give(news, rt) };
    post(mine.answers, 'in the way', {});
    const lease = claimLease(mine.news);
    return { rt, jobs, answers, orphans, mine, lease };
  }

  it('an answer waits for room; until then the message is on lease', async () => {
    const { rt, jobs, answers, lease, mine } = full();
    jobs.sendSync(BODY);
    lease.take(mine.jobs);
    const waiting = rt.parking.runAsync(post(mine.answers, BODY, { lease }) as Post, undefined);
    expect(lease.isHeld).toBe(true);
    expect(answers.recvSync()).toBe('in the way');
    await waiting;
    expect(lease.isHeld).toBe(false);
    expect(answers.recvSync()).toBe(BODY);
    expectNothingHeld(rt);
  });

  it('a worker that dies with an answer that waits has not answered', async () => {
    const { rt, jobs, answers, orphans, lease, mine } = full();
    jobs.sendSync(BODY);
    lease.take(mine.jobs);
    rt.parking.runAsync(post(mine.answers, BODY, { lease }) as Post, undefined).catch(() => undefined);
    await turns();
    rt.leave();
    expect(orphansOf(orphans, jobs)).toEqual([{ aux: 0, value: BODY }]);
    expect([...answers.tryIter()]).toEqual(['in the way']);
  });

  it('an answer that is abandoned gives back its handles, and the message stays on lease', async () => {
    const { rt, jobs, lease, mine } = full();
    const [tx, rx] = unbounded<number>();
    own(rx);
    const inner = give(tx, rt);
    jobs.sendSync(BODY);
    lease.take(mine.jobs);
    const operation = post(mine.answers, { inner }, { lease }) as Post;
    const waiting = rt.parking.runAsync(operation, undefined);
    expectFailure(
      thrown(() => inner.trySend(1)),
      'HandleError',
      'ERR_HANDLE_MOVED',
    );
    rt.parking.abandon(operation, { why: 'timeout' });
    expectFailure(await rejection(waiting), 'TimeoutError', 'ERR_TIMEOUT');
    inner.sendSync(1);
    expect(rx.recvSync()).toBe(1);
    expect(lease.isHeld).toBe(true);
    expect(lease.decode(mine.jobs)).toBe(BODY);
  });

  describe.each<[string, Make]>([
    ['a ring', () => bounded(1)],
    ['a rendezvous', () => bounded(0)],
  ])('who counts answers, of %s', (_, make) => {
    it('is told before each try to publish one, and what came of it', async () => {
      const [tx, rx] = make<unknown>();
      own(tx, rx);
      const told: string[] = [];
      let counted = 0;
      const tally = {
        count: () => void (told.push('count'), counted++),
        confirm: () => void told.push('confirm'),
        retract: () => void (told.push('retract'), counted--),
      };
      const send = (value: unknown) => {
        const operation = post(tx[HANDLE], value, { tally });
        return operation === undefined ? Promise.resolve() : runtime().parking.runAsync(operation, undefined);
      };
      const waits = tx.capacity === 0 ? [send(BODY)] : [send(1), send(BODY)];
      for (let i = 1; i <= waits.length; i++) {
        await rx.recv();
        expect(counted).toBeGreaterThanOrEqual(i); // whoever has it finds it counted
      }
      await Promise.all(waits);
      rx.drop();
      await rejection((async () => send(2))());
      expect(counted).toBe(waits.length);
      const verdicts = told.filter((_each, i) => i % 2 === 1);
      expect(told.filter((_each, i) => i % 2 === 0)).toEqual(verdicts.map(() => 'count'));
      expect(verdicts.filter((verdict) => verdict === 'confirm')).toHaveLength(waits.length);
      expect(verdicts.at(-1)).toBe('retract');
    });
  });

  it('a message bears the number that it was marked with when it is an orphan', () => {
    const { rt, lease, jobs, orphans, mine } = setUp(() => unbounded());
    post(jobs[HANDLE], BODY, { aux: 5 });
    lease.take(mine.jobs);
    lease.mark(77);
    expect(lease.aux).toBe(77);
    rt.leave();
    expect(orphansOf(orphans, jobs)).toEqual([{ aux: 77, value: BODY }]);
  });

  it('an answer that nobody can receive fails, and the message stays on lease', async () => {
    const { rt, jobs, answers, lease, mine } = full();
    jobs.sendSync(BODY);
    lease.take(mine.jobs);
    const waiting = rejection(rt.parking.runAsync(post(mine.answers, 1, { lease }) as Post, undefined));
    answers.drop();
    expectFailure(await waiting, 'SendError', 'ERR_DISCONNECTED');
    expectFailure(
      thrown(() => post(mine.answers, 1, { lease })),
      'SendError',
      'ERR_DISCONNECTED',
    );
    expect(lease.isHeld).toBe(true);
    lease.discard();
    expectNothingHeld(rt);
  });

  it('answers that wait are published in order', async () => {
    const { rt, answers, mine } = full();
    const first = rt.parking.runAsync(post(mine.answers, 1, {}) as Post, undefined);
    expect(answers.recvSync()).toBe('in the way');
    // There is room now, but the first has not run yet: the second stands behind it.
    const second = rt.parking.runAsync(post(mine.answers, 2, {}) as Post, undefined);
    expect([await answers.recv(), await answers.recv()]).toEqual([1, 2]);
    await Promise.all([first, second]);
  });

  it('a job is waited for', async () => {
    const { rt, lease, jobs, mine } = setUp(() => bounded(1));
    const taken = rt.parking.runAsync(new LeaseOperation(mine.jobs, lease), undefined);
    jobs.sendSync(1);
    expect(await taken).toBe(true);
    lease.discard();
    const none = rt.parking.runAsync(new LeaseOperation(mine.jobs, lease), undefined);
    jobs.drop();
    expect(await none).toBe(false);
  });

  describe.each<[string, Make]>([
    ['a ring', () => bounded(1)],
    ['a rendezvous', () => bounded(0)],
  ])('for a job of %s, or of a channel before it', (_, make) => {
    /** A worker that waits, and what it took: the number beside the job, or that there will be none. */
    function waiting() {
      const { rt, lease, jobs, mine } = setUp(make);
      const [again, rx] = unbounded<unknown>();
      own(again);
      const before = give(rx, rt)[HANDLE];
      const take = async () => (await rt.parking.runAsync(new LeaseOperation(mine.jobs, lease, before), undefined)) && lease.aux;
      return { rt, lease, jobs, mine, again, take };
    }
    const offer = (tx: Sender<unknown>, aux: number) => {
      const operation = post(tx[HANDLE], BODY, { aux });
      return operation === undefined ? Promise.resolve() : runtime().parking.runAsync(operation, undefined);
    };

    it('whichever comes is taken, once', async () => {
      const { lease, jobs, again, take } = waiting();
      for (const [tx, aux] of [
        [jobs, 1],
        [again, 2],
        [jobs, 3],
      ] as const) {
        const taken = take();
        await turns();
        await Promise.all([offer(tx, aux), taken]);
        expect(await taken).toBe(aux);
        lease.discard();
      }
      expectNothingHeld();
    });

    it('what is there before comes first', async () => {
      const { lease, jobs, again, take } = waiting();
      const offered = offer(jobs, 1);
      await offer(again, 2);
      expect(await take()).toBe(2);
      lease.discard();
      expect(await take()).toBe(1);
      lease.discard();
      await offered;
    });

    it('there will be none once the jobs are drained, and what is there before is taken until then', async () => {
      const { lease, jobs, again, take } = waiting();
      const taken = take();
      await turns();
      await offer(again, 2);
      jobs.drop();
      expect(await taken).toBe(2);
      lease.discard();
      expect(await take()).toBe(false);
    });

    it('dropping either handle ends the wait', async () => {
      const { rt, lease, mine, take } = waiting();
      const ended = rejection(take());
      await turns();
      mine.jobs.retire('dropped');
      expectFailure(await ended, 'HandleError', 'ERR_HANDLE_DROPPED');
      expect(lease.isHeld).toBe(false);
      mine.jobs.status = 'live';
      rt.leave();
    });
  });

  it('a wait for a job that is abandoned has taken none', async () => {
    const { rt, lease, jobs, mine } = setUp(() => bounded(1));
    const operation = new LeaseOperation(mine.jobs, lease);
    const waiting = rejection(rt.parking.runAsync(operation, undefined));
    rt.parking.abandon(operation, { why: 'abort', reason: new Error('stop') });
    expect((await waiting).message).toBe('stop');
    jobs.sendSync(1);
    expect([jobs.length, lease.isHeld]).toEqual([1, false]);
  });
});

describe('claiming', () => {
  it(`gives a thread ${LEASES} leases, and any that was given back again`, () => {
    const { rt, lease, mine } = setUp(() => bounded(1));
    const others = Array.from({ length: LEASES - 1 }, () => claimLease(mine.news));
    expect(new Set([lease, ...others].map(({ at }) => at)).size).toBe(LEASES);
    expectFailure(
      thrown(() => claimLease(mine.news)),
      'MemoryError',
      'ERR_OUT_OF_MEMORY',
    );
    returnLease(rt, others[3] as Lease);
    expect(claimLease(mine.news).at).toBe(others[3]?.at);
  });
});

describe('an inbox', () => {
  it('hands on what comes, in order, until the channel is drained and disconnected', async () => {
    const [tx, rx] = unbounded<unknown>();
    own(rx);
    const read: unknown[] = [];
    tx.sendSync('before');
    const end = runtime().parking.runAsync(new Inbox(rx[HANDLE], (letter) => read.push([letter.aux, letter.read()])), undefined);
    for (let i = 0; i < 200; i++) post(tx[HANDLE], i % 2 === 0 ? i : { text: BODY }, { aux: i });
    await turns();
    expect(read).toHaveLength(201);
    expect(read[0]).toEqual([0, 'before']);
    expect(read[200]).toEqual([199, { text: BODY }]);
    tx.drop();
    await end;
  });

  it('discards what its visitor does not read', async () => {
    const [tx, rx] = unbounded<unknown>();
    own(rx);
    const [inner, seen] = unbounded();
    own(seen);
    const before = used();
    for (let i = 0; i < 100; i++) tx.sendSync('x'.repeat(1000));
    tx.sendSync({ inner });
    tx.sendSync('last');
    tx.drop();
    const read: unknown[] = [];
    const visit = (letter: Letter): void => {
      if (rx.isEmpty && read.length === 0) read.push(letter.aux);
    };
    await runtime().parking.runAsync(new Inbox(rx[HANDLE], visit), undefined);
    expect(seen.isDisconnected).toBe(true);
    expectNothingHeld();
    expect(used()).toBeLessThan(before + 5000);
  });

  it('knows which messages carry handles', async () => {
    const [tx, rx] = unbounded<unknown>();
    const [inner, seen] = unbounded();
    own(rx, seen);
    for (const value of [1, BODY, { text: BODY }, { text: BODY, inner }]) tx.sendSync(value);
    tx.drop();
    const found: boolean[] = [];
    await runtime().parking.runAsync(new Inbox(rx[HANDLE], (letter) => found.push(letter.carriesHandles)), undefined);
    expect(found).toEqual([false, false, false, true]);
    expect(seen.isDisconnected).toBe(true);
  });

  it('goes on after a message that cannot be read', async () => {
    const [tx, rx] = unbounded<unknown>();
    const [numbers, wrong] = bounded<number>(1);
    own(rx, numbers, wrong);
    tx.sendSync({ text: BODY });
    tx.sendSync('fine');
    tx.drop();
    const seen: unknown[] = [];
    const visit = (letter: Letter): void => {
      try {
        // Read with a codec that cannot make anything of it.
        const broken = { ...rx[HANDLE].channel, carriesNumbers: false, codec: { name: 'broken', decode: refuse } };
        seen.push(letter.read(seen.length === 0 ? (broken as never) : undefined));
      } catch (error) {
        seen.push((error as Error).message);
      }
    };
    await runtime().parking.runAsync(new Inbox(rx[HANDLE], visit), undefined);
    expect(seen).toEqual(['unreadable', 'fine']);
    expectNothingHeld();
  });
});

function refuse(): never {
  throw new Error('unreadable');
}
