/** Sources of targets that lie, throw, and call back when nobody expects it: fromEvent, fromAbortSignal, fromSignal. */
import fc from 'fast-check';
import { EventEmitter } from 'node:events';
import { bounded, fromAbortSignal, fromEvent, fromSignal, select, trySelect, type Receiver } from 'beamline';
import { make, recipes, type Recipe } from '../hostile.js';
import { dropHandles } from '../oracle.js';
import { Anomaly, attempt, attemptAsync, Hostility, show, type Target } from '../target.js';

type Listener = (...args: unknown[]) => unknown;

/** What a target does when it is asked to add or to remove a listener, or for its listeners. */
const MANNERS = ['obeys', 'throws', 'ignores', 'calls it at once', 'calls it twice, later too', 'comes back'] as const;
type Manner = (typeof MANNERS)[number];
const LISTS = ['none', 'obeys', 'throws', 'no array', 'a proxy'] as const;

interface Input {
  readonly target: 'emitter' | 'EventTarget' | 'abort signal' | 'real emitter' | 'signal';
  readonly adds: Manner;
  readonly removes: Manner;
  readonly lists: (typeof LISTS)[number];
  /** What the events are, or the reason. */
  readonly events: readonly Recipe[];
  /** What `map` does, if there is one, with the how manieth event. */
  readonly map: {
    readonly deed: 'gives' | 'throws' | 'drops' | 'closes' | 'reads' | 'emits' | 'another';
    readonly at: number;
  } | null;
  readonly ends: 'drop' | 'close' | 'clone' | 'transfer';
}

const inputs: fc.Arbitrary<Input> = fc.record({
  target: fc.constantFrom('emitter', 'EventTarget', 'abort signal', 'real emitter', 'signal'),
  adds: fc.constantFrom(...MANNERS),
  removes: fc.constantFrom(...MANNERS),
  lists: fc.constantFrom(...LISTS),
  events: fc.array(recipes, { maxLength: 4 }),
  map: fc.option(
    fc.record({ deed: fc.constantFrom('gives', 'throws', 'drops', 'closes', 'reads', 'emits', 'another'), at: fc.nat(3) }),
  ),
  ends: fc.constantFrom('drop', 'close', 'clone', 'transfer'),
});

/** A target of its own making, and the sources of it. */
class Field {
  private readonly listeners: Listener[] = [];
  private readonly real = new EventEmitter();
  private readonly sources: Receiver<unknown>[] = [];
  private readonly extras: { drop(): void }[] = [];
  private depth = 0;
  private seen = 0;

  constructor(private readonly input: Input) {}

  /** Everything that is under way is the library's, so nothing may come out of it: a listener never throws. */
  emit(): void {
    const args = this.input.events.map((recipe) => {
      try {
        return make(recipe, { misbehave: () => this.misbehaves('another'), handle: () => this.handle() });
      } catch {
        return undefined;
      }
    });
    if (this.input.target === 'signal') process.emit('SIGUSR2', 'SIGUSR2');
    for (const listener of [...this.listeners, ...(this.real.listeners('event') as Listener[])]) {
      try {
        listener(...args);
      } catch (error) {
        throw new Anomaly(`a listener throws: ${show(error)}`);
      }
    }
  }

  /** One of its own would keep itself, as a receiver that lies in its own channel does. */
  private handle(): object {
    const [tx, rx] = bounded<unknown>(1);
    this.extras.push(tx, rx);
    return tx;
  }

  connect(): void {
    const source = attempt(() => this.make(), true)?.value;
    if (source !== undefined) this.sources.push(source);
  }

  private make(): Receiver<unknown> {
    const { target, map, events } = this.input;
    if (target === 'signal') return fromSignal('SIGUSR2');
    const options = map === null ? {} : { map: (...args: unknown[]) => this.maps(args) };
    if (target === 'real emitter') return fromEvent(this.real, 'event', options);
    if (target !== 'abort signal') return fromEvent(this.hostile(target) as unknown as EventEmitter, 'event', options);
    const signal = { ...this.hostile('EventTarget'), aborted: events.length % 2 === 0 };
    Object.defineProperty(signal, 'reason', { get: () => this.maps([this.reason()]) });
    return fromAbortSignal(signal as unknown as AbortSignal);
  }

  private reason(): unknown {
    const [recipe] = this.input.events;
    return recipe === undefined ? undefined : make(recipe, { misbehave: () => undefined, handle: () => this.handle() });
  }

  private hostile(kind: 'emitter' | 'EventTarget'): object {
    const { adds, removes, lists } = this.input;
    const add = (_: unknown, listener: Listener) => this.behaves(adds, listener, () => this.listeners.push(listener));
    const remove = (_: unknown, listener: Listener) => this.behaves(removes, listener, () => this.forget(listener));
    const methods = kind === 'emitter' ? { on: add, off: remove } : { addEventListener: add, removeEventListener: remove };
    return lists === 'none' ? methods : { ...methods, listeners: () => this.listed() };
  }

  private forget(listener: Listener): void {
    const at = this.listeners.indexOf(listener);
    if (at >= 0) this.listeners.splice(at, 1);
  }

  private behaves(manner: Manner, listener: Listener, act: () => unknown): void {
    if (manner === 'throws') throw new Hostility('target');
    if (manner === 'ignores') return;
    act();
    if (manner === 'calls it at once') listener({ detail: 'at once' });
    if (manner === 'calls it twice, later too') {
      listener('once');
      listener('twice');
      setImmediate(() => listener('later'));
    }
    if (manner === 'comes back') this.misbehaves('another');
  }

  private listed(): unknown {
    const { lists } = this.input;
    if (lists === 'throws') throw new Hostility('listeners');
    if (lists === 'no array') return { includes: () => true };
    return lists === 'a proxy' ? new Proxy(this.listeners, { get: () => { throw new Hostility('list'); } }) : this.listeners; // prettier-ignore
  }

  private maps(args: readonly unknown[]): unknown {
    const { map } = this.input;
    if (map !== null && this.seen++ === map.at) this.misbehaves(map.deed);
    return args[0];
  }

  private misbehaves(deed: NonNullable<Input['map']>['deed']): void {
    if (this.depth > 2) return;
    this.depth++;
    try {
      const [source] = this.sources;
      if (deed === 'throws') throw new Hostility('map');
      if (deed === 'drops') source?.drop();
      if (deed === 'closes') attempt(() => source?.close());
      if (deed === 'reads') dropHandles(attempt(() => source?.tryRecv())?.value);
      if (deed === 'emits') this.emit();
      if (deed === 'another' && this.sources.length < 4) this.connect();
    } finally {
      this.depth--;
    }
  }

  async read(): Promise<void> {
    for (const source of this.sources) {
      dropHandles(attempt(() => trySelect([source]))?.value);
      dropHandles((await attemptAsync(() => select([source], { timeout: 0 })))?.value);
    }
  }

  end(): void {
    for (const source of this.sources) {
      if (this.input.ends === 'close') attempt(() => source.close());
      if (this.input.ends === 'clone') attempt(() => source.clone())?.value.drop();
      dropHandles([...(attempt(() => [...source.tryIter()], true)?.value ?? [])]);
      source.drop();
    }
    for (const handle of this.extras) handle.drop();
    if (this.real.listenerCount('event') > 0) throw new Anomaly('a listener was left behind');
  }
}

export const events: Target<Input> = {
  name: 'events',
  about: 'hostile emitters, event targets, signals and maps of sources',
  inputs,
  announces: (error) => error instanceof Hostility || (error as { code?: string }).code === 'BEAMLINE_LOST_EVENT',
  async run(input) {
    const before = process.listenerCount('SIGUSR2');
    const field = new Field(input);
    field.connect();
    field.emit();
    field.connect();
    await field.read();
    field.emit();
    field.end();
    await new Promise((resolve) => setImmediate(resolve)); // what comes later, comes to nobody
    field.end();
    if (process.listenerCount('SIGUSR2') !== before) throw new Anomaly('a listener of the signal was left behind');
  },
};
