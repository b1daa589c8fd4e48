/**
 * `selectEach`: one event after another of the same cases.
 *
 * Called by: users, through index.ts. The cases are in set.ts, so that an event costs what became ready.
 */
import { deadlineOf, signalOf } from '@beamline/core/internal';
import type { WaitOptions } from '@beamline/core';
import { checkCases, isBiased, type CasesOf, type SelectOptions, type Selected } from './cases.js';
import { CaseSet, SelectCall, type SetSelection } from './set.js';

/**
 * Selects over the same cases again and again: `for await`. A case whose channel is disconnected is reported once and then removed;
 * the loop ends when no case is left. A broadcast receiver that fell behind is reported (`reason: 'lagged'`) and kept. Leaving the
 * loop loses no message.
 *
 * @param options as for `select`; a `timeout` is for each event, a `deadline` for all of them.
 * @throws (the loop throws) what `select` rejects with.
 * @example
 * ```ts
 * import { bounded, selectEach } from 'beamline';
 *
 * const [tx, jobs] = bounded<string>(4);
 * const [log, lines] = bounded<string>(4);
 * tx.sendManySync(['a', 'b']);
 * log.sendSync('started');
 * tx.drop();
 * log.drop();
 * const seen: string[] = [];
 * for await (const event of selectEach({ job: jobs, line: lines })) seen.push(event.ok ? event.value : `no more ${event.key}s`);
 * console.log(seen.sort()); // [ 'a', 'b', 'no more jobs', 'no more lines', 'started' ]
 * ```
 */
export function selectEach<const C extends CasesOf<C>>(
  cases: C,
  options?: WaitOptions & SelectOptions,
): AsyncIterableIterator<Selected<C>> {
  const biased = isBiased('selectEach', options);
  deadlineOf('selectEach', options);
  signalOf('selectEach', options);
  const { names, cases: checked } = checkCases('selectEach', cases);
  const set = new CaseSet(biased);
  for (const each of checked) set.add(each);
  return new Events<C>(set, names, options);
}

class Events<C> implements AsyncIterableIterator<Selected<C>> {
  private ended = false;
  /** Steps that were asked for and have not ended; they are taken one after another. */
  private asked = 0;
  private last: Promise<unknown> | undefined;

  constructor(
    private readonly set: CaseSet,
    private readonly names: readonly string[] | undefined,
    private readonly options: WaitOptions | undefined,
  ) {}

  next(): Promise<IteratorResult<Selected<C>>> {
    const step = () => this.step();
    const next = this.asked++ === 0 ? step() : (this.last as Promise<unknown>).then(step, step);
    this.last = next;
    return next;
  }

  /** A select that waits is taken back: it loses no message. */
  return(): Promise<IteratorResult<Selected<C>>> {
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private async step(): Promise<IteratorResult<Selected<C>>> {
    try {
      if (this.ended || this.set.size === 0) return await this.return();
      return { done: false, value: this.eventOf(await this.select()) };
    } catch (error) {
      const isLeft = error === LEFT;
      this.close();
      if (isLeft) return { done: true, value: undefined };
      throw error;
    } finally {
      this.asked--;
    }
  }

  private select(): Promise<SetSelection> {
    const { set, options } = this;
    const deadline = deadlineOf('selectEach', options);
    const signal = signalOf('selectEach', options);
    set.check('selectEach');
    return set.run(new SelectCall('selectEach', set, deadline), signal);
  }

  private eventOf({ member, outcome }: SetSelection): Selected<C> {
    const { number } = member;
    if (!outcome.ok && outcome.reason === 'disconnected') this.set.remove(member);
    return { key: this.names === undefined ? number : this.names[number], ...outcome } as Selected<C>;
  }

  private close(): void {
    if (this.ended) return;
    this.ended = true;
    const { set } = this;
    const { call, runtime } = set;
    if (call !== undefined) runtime.parking.abandon(call, { why: 'abort', reason: LEFT });
    for (const member of [...set.all]) set.remove(member);
  }
}

/** Why a select ended whose loop was left. */
const LEFT = Symbol('beamline.left');
