/**
 * The threads of a round, seen from their parent: started as plain workers or by `spawn`, killed in many ways, and followed to
 * their end.
 *
 * Called by: round.ts, scenarios.
 *
 * A plain worker's handles travel in tokens. A token that its thread did not open before it died belongs to nobody, so its parent
 * takes it back, by opening it; that must fail if the thread had opened it.
 */
import { Worker, type ResourceLimits } from 'node:worker_threads';
import { open, spawn, type Handle, type HandleToken } from 'beamline';
import type { PlainStart } from './actor.js';
import type { Ledger, Order } from './ledger.js';
import { ownCodec } from './messages.js';
import type { SpawnedStart } from './spawned.js';
import { ORDERED } from './stage.js';

/** How to die: by `terminate`, or by an order that the thread itself obeys at its next operation. */
export type Way = 'terminate' | Extract<Order, 'exit' | 'throw' | 'memory'>;

export interface ActorPlan {
  readonly role: string;
  readonly handles?: Readonly<Record<string, Handle>>;
  readonly data?: object;
  /** Which channel's books it writes; 0: none. */
  readonly stream?: number;
  readonly spawned?: boolean;
  /** Whether its handles are of channels with the codec of messages.ts; plain workers only. */
  readonly custom?: boolean;
}

/** Enough for the library and a role; `memory` orders soon get there. */
const LIMITS: ResourceLimits = { maxOldGenerationSizeMb: 40, maxYoungGenerationSizeMb: 8 };
/** A thread that was ordered to die and does not look for orders is terminated after so long. */
const PATIENCE_MS = 30;

const plainEntry = new URL('actor.js', import.meta.url);
const spawnedEntry = new URL('spawned.js', import.meta.url);

export class Actor {
  readonly worker: Worker;
  /** Resolves when the thread has ended and what it left was taken back. */
  readonly ended: Promise<void>;
  isOver = false;
  /** Why it ended, where nobody had asked for that. */
  failure: string | undefined;
  /** Threads that it had started and that died with it. */
  killedChildren = 0;
  private killed: Way | undefined;
  private readonly tokens: HandleToken<Handle>[] = [];

  constructor(
    readonly plan: ActorPlan,
    readonly part: number,
    private readonly ledger: Ledger,
    module: string,
    seed: number,
  ) {
    const { role, handles = {}, data = {}, custom = false } = plan;
    const start = { module, role, part, memory: ledger.memory, seed, data };
    if (plan.spawned) {
      const thread = spawn<void>(spawnedEntry, { data: { ...start, handles } satisfies SpawnedStart, resourceLimits: LIMITS });
      this.worker = thread.worker;
      this.ended = this.follow(thread.join());
    } else {
      const tokens = Object.fromEntries(Object.entries(handles).map(([name, handle]) => [name, handle.transfer()]));
      this.tokens.push(...Object.values<HandleToken<Handle>>(tokens));
      const workerData: PlainStart = { ...start, tokens, custom };
      this.worker = new Worker(plainEntry, { workerData, resourceLimits: LIMITS });
      this.ended = this.follow(undefined);
    }
  }

  get operations(): number {
    return this.ledger.booksOf(this.part).operations;
  }

  /** Whether it has come so far that it works with its handles. */
  get isReady(): boolean {
    return this.operations >= (this.plan.spawned ? 2 : 3);
  }

  /** To return from its role, as soon as it looks. */
  finish(): void {
    this.ledger.order(this.part, 'finish');
  }

  /** Ends it now, or has it end itself; resolves when it has. */
  async kill(way: Way): Promise<void> {
    if (this.isOver) return;
    this.killed ??= way;
    if (!(await this.obeys(way))) await this.worker.terminate();
    await this.ended;
  }

  /**
   * Whether it ends itself as ordered. It may not see an order because it blocks; then the order is withdrawn. One that obeys is left
   * alone: Node 20 aborts the whole process if a worker is terminated while it handles an uncaught error.
   */
  private async obeys(way: Way): Promise<boolean> {
    if (way === 'terminate') return false;
    this.ledger.order(this.part, way);
    await Promise.race([this.ended, later(PATIENCE_MS)]);
    return this.isOver || !this.ledger.withdraw(this.part, way);
  }

  get wasKilled(): boolean {
    return this.killed !== undefined;
  }

  private async follow(join: Promise<void> | undefined): Promise<void> {
    let error: unknown;
    this.worker.once('error', (reason) => (error = reason));
    join?.catch((reason: unknown) => (error ??= reason));
    const code = await new Promise<number>((resolve) => this.worker.once('exit', resolve));
    await join?.catch(() => undefined);
    this.failure = this.judgeEnd(code, error);
    for (const token of this.tokens) this.takeBack(token);
    if (this.killed === undefined) this.ledger.leave(this.part, false);
    else this.killedChildren = this.ledger.leaveWithChildren(this.part);
    this.isOver = true;
  }

  /** An error that nobody ordered is the library's: roles only throw what it has thrown. */
  private judgeEnd(code: number, error: unknown): string | undefined {
    const { message = '', code: reason = '', stack } = (error ?? {}) as { message?: string; code?: string; stack?: string };
    const expected =
      [ORDERED, 'terminated'].includes(message) || ['ERR_WORKER_OUT_OF_MEMORY', 'ERR_THREAD_EXITED'].includes(reason);
    if (error !== undefined && !(expected && this.killed !== undefined))
      return `part ${this.part} (${this.plan.role}) failed: ${stack ?? message}`;
    if (this.killed === undefined && code !== 0) return `part ${this.part} (${this.plan.role}) ended by itself with code ${code}`;
    return undefined;
  }

  private takeBack(token: HandleToken<Handle>): void {
    try {
      open(token, this.plan.custom ? ({ codec: ownCodec } as never) : undefined).drop();
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      if (code !== 'ERR_HANDLE_MOVED') this.failure ??= `a token of part ${this.part} cannot be taken back: ${message}`;
    }
  }
}

export const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
