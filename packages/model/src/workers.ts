/**
 * The parts of a pool in a run. A worker runs packages/pool's own loop, with its desks, leases and retries; the owner does what the pool's
 * crew does with the seats of workers that die, less Piscina: its own thread is the replacement.
 *
 * Used by: scenarios/pool.ts. Loads the (patched) build.
 */
import type * as Internal from '@beamline/core/internal';
import type { Handle, Receiver, Sender } from '@beamline/core';
import { fromCore, fromPool } from './loader.js';
import type { ChannelPlan, HandleName } from './setting.js';
import type { Part } from './thread.js';

const internal = fromCore<typeof Internal>('internal.js');

interface Loop {
  run(): Promise<void>;
}
const { PullLoop } = fromPool<{
  PullLoop: new (leases: readonly Internal.Lease[], orders: Receiver<unknown>, office: object) => Loop;
}>('pull-loop.js');
const { RETRIED } = fromPool<{ RETRIED: number }>('messages.js');
interface RetriesPart {
  add(number: number, retry: object): void;
}
const { Retries } = fromPool<{ Retries: { readonly prototype: RetriesPart } }>('retries.js');

/** The channels of every scenario with a pool. Of each worker, `news` and `orders` follow. */
const JOBS = 0;
const RESULTS = 1;
const RETRIES = 2;
const newsOf = (worker: number): number => 3 + 2 * worker;
const ordersOf = (worker: number): number => 4 + 2 * worker;

/** Texts, which lie in chunks. */
const jobOf = (n: number): string => `a job that is too long for a slot: ${n}`;

interface Outcome {
  readonly ok: boolean;
  readonly value?: unknown;
  readonly job?: unknown;
  readonly attempt: number;
}

interface Retry {
  readonly job: unknown;
  readonly attempt: number;
}

const noFigures = { take: nothing, count: nothing, confirm: nothing, retract: nothing };

/** The channels of a pool. Nobody but its threads has their handles: they are disconnected when those say so. */
export function channelsOf(workers: number, jobs: number): ChannelPlan[] {
  const own = (capacity: number): ChannelPlan => ({ capacity, form: 'text', keeps: '' });
  return [own(jobs), own(4), ...Array.from({ length: 1 + 2 * workers }, () => own(Infinity))];
}

export function handlesOfWorker(worker: number): HandleName[] {
  return [`rx${JOBS}`, `tx${RESULTS}`, `rx${RETRIES}`, `tx${newsOf(worker)}`, `rx${ordersOf(worker)}`];
}

export function handlesOfOwner(workers: number): HandleName[] {
  const own: HandleName[] = [`tx${JOBS}`, `rx${JOBS}`, `tx${RESULTS}`, `rx${RESULTS}`, `tx${RETRIES}`, `rx${RETRIES}`];
  return [...own, ...Array.from({ length: workers }, (_, i): HandleName[] => [`rx${newsOf(i)}`, `tx${ordersOf(i)}`]).flat()];
}

/** What a worker does from its first job to its end. `turns`: how often its event loop turns while it is at a job. */
export async function work(part: Part, worker: number, turns = 0): Promise<void> {
  const news = part.tx(newsOf(worker));
  await pull(part, news, part.rx(ordersOf(worker)), turns);
  news.trySend(0); // its loop has ended
  const others: Handle[] = [part.rx(JOBS), part.tx(RESULTS), part.rx(RETRIES), part.rx(ordersOf(worker))];
  for (const handle of others) handle.drop();
  news.drop(); // last: it says that this is over
}

async function pull(part: Part, news: Sender<unknown>, orders: Receiver<unknown>, turns = 0): Promise<void> {
  const lease = internal.claimLease(news);
  const slowly = async (job: unknown) => {
    for (let turn = 0; turn < turns; turn++) await part.turn();
    return job;
  };
  const office = {
    handler: turns > 0 ? slowly : (job: unknown) => job,
    isShared: true,
    jobs: stateOf(part.rx(JOBS)),
    retries: stateOf(part.rx(RETRIES)),
    results: stateOf(part.tx(RESULTS)),
    row: noFigures,
    latency: { record: nothing },
  };
  await part.waitingFor([JOBS, RETRIES], () => new PullLoop([lease], orders, office).run());
  internal.returnLease(part.runtime, lease);
}

export interface OwnerPlan {
  readonly workers: number;
  readonly jobs: number;
  readonly maxAttempts: number;
  /**
   * When it is over: when the jobs are drained (all senders are gone), when all outcomes are there (the workers are told to stop then), or
   * at once (told to stop; a job that nobody has taken stays in its channel).
   */
  readonly ends: 'drained' | 'answered' | 'at once';
  /** Whether the seats of workers that die are taken again. If not, somebody else has to do what they leave. */
  readonly replaces: boolean;
}

/** The owner of a pool, from the first job to the end, and the check that each job has had exactly one outcome. */
export class Owner {
  private isStopped = false;
  /** The pool's own, on a channel that its workers have had from the start. */
  private readonly retries: RetriesPart;

  constructor(
    private readonly part: Part,
    private readonly plan: OwnerPlan,
  ) {
    const channel = { sender: part.tx(RETRIES), receiver: part.rx(RETRIES), count: 0 };
    this.retries = Object.assign(Object.create(Retries.prototype) as RetriesPart, channel);
  }

  async run(): Promise<void> {
    const { part, plan } = this;
    const seats = Promise.all(Array.from({ length: plan.workers }, (_, worker) => this.seat(worker)));
    for (let n = 1; n <= plan.jobs; n++) await part.tx(JOBS).send(jobOf(n));
    if (plan.ends === 'at once') this.stop();
    const outcomes: Outcome[] = [];
    if (plan.ends === 'answered') while (outcomes.length < plan.jobs) outcomes.push((await part.rx(RESULTS).recv()) as Outcome);
    this.stop(plan.ends === 'drained');
    await seats;
    this.check([...outcomes, ...this.left<Outcome>(RESULTS)], this.left<string>(JOBS));
    const handles: Handle[] = [part.rx(JOBS), part.tx(RESULTS), part.rx(RESULTS), part.tx(RETRIES), part.rx(RETRIES)];
    for (const handle of handles) handle.drop();
  }

  /** No job comes any more. `drains`: those that are there are still done. */
  private stop(drains = false): void {
    const { part, plan } = this;
    part.dropTx(JOBS);
    if (drains || this.isStopped) return;
    this.isStopped = true;
    for (let worker = 0; worker < plan.workers; worker++) part.dropTx(ordersOf(worker));
  }

  /**
   * One worker's place: hears of its end, and sees to the jobs that it has left. If it has died, somebody takes the place again as long as
   * there is something to do; if its loop has ended, that is the end of it (RE1, PL1).
   */
  private async seat(worker: number): Promise<void> {
    const { part, plan } = this;
    const news = part.rx(newsOf(worker));
    const orphans: Retry[] = [];
    let hasEnded = false;
    const inbox = new internal.Inbox(stateOf(news), (letter) => {
      if (letter.isOrphan) orphans.push(this.read(letter));
      else hasEnded = true;
    });
    await part.runtime.parking.runAsync(inbox, undefined);
    news.drop();
    if (!this.isStopped) part.dropTx(ordersOf(worker));
    for (const orphan of orphans) this.redeliver(orphan);
    if (plan.replaces && !hasEnded && !this.isOver) await this.replace();
  }

  private read(letter: Internal.Letter): Retry {
    const isRetry = (letter.aux & RETRIED) !== 0;
    const { channel } = stateOf(this.part.rx(isRetry ? RETRIES : JOBS));
    return isRetry ? (letter.read(channel) as Retry) : { job: letter.read(channel), attempt: 1 };
  }

  private redeliver({ job, attempt }: Retry): void {
    const isLast = attempt >= this.plan.maxAttempts;
    if (isLast) internal.post(stateOf(this.part.tx(RESULTS)), { ok: false, job, attempt }, {});
    else this.retries.add(0, { job, attempt: attempt + 1, died: 0 });
  }

  private get isOver(): boolean {
    const jobs = this.part.rx(JOBS);
    return this.part.rx(RETRIES).isEmpty && (this.isStopped || (jobs.isDisconnected && jobs.isEmpty));
  }

  /** Another worker takes the seat; it does not die. */
  private async replace(): Promise<void> {
    const [orders, heard] = this.part.core.unbounded();
    if (this.isStopped) orders.drop();
    await pull(this.part, this.part.tx(RESULTS), heard);
    orders.drop();
    heard.drop();
  }

  private left<T>(channel: number): T[] {
    const left: T[] = [];
    for (let next = this.part.rx(channel).tryRecv(); next.ok; next = this.part.rx(channel).tryRecv()) left.push(next.value as T);
    return left;
  }

  /** Each job has one outcome, or nobody has taken it. */
  private check(outcomes: readonly Outcome[], untouched: readonly string[]): void {
    const { part, plan } = this;
    const answered = outcomes.map(({ ok, value, job }) => (ok ? value : job));
    const expected = Array.from({ length: plan.jobs }, (_, i) => jobOf(i + 1));
    part.check(1, JSON.stringify([...answered, ...untouched].sort()) === JSON.stringify(expected));
    part.check(
      2,
      outcomes.every(({ ok, attempt }) => (ok ? attempt <= plan.maxAttempts : attempt === plan.maxAttempts)),
    );
    part.check(3, untouched.length === 0 || plan.ends === 'at once');
    part.check(4, part.rx(RETRIES).isEmpty);
  }
}

const HANDLE = Symbol.for('beamline.handle');

function stateOf(handle: object): Internal.HandleState {
  return (handle as { [HANDLE]: Internal.HandleState })[HANDLE];
}

function nothing(): void {}
