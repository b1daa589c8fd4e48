/** The bookkeeping that every contract test of select shares: what a test makes is dropped after it, and nothing may be left. */
import { bounded, inspect, unbounded, type Receiver, type Sender } from '@beamline/core';
import { select, selectSync, trySelect, type CasesOf, type Selected, type SelectOptions } from '@beamline/select';

interface Droppable {
  drop(): void;
}

export interface Bench {
  /** A new channel, dropped after the test. `capacity` Infinity: unbounded. */
  make<T = unknown>(capacity?: number): [Sender<T>, Receiver<T>];
  /** `count` new channels. */
  channels<T = unknown>(count: number, capacity?: number): { txs: Sender<T>[]; rxs: Receiver<T>[] };
  /** Drops `handle` after the test. */
  own<H extends Droppable>(handle: H): H;
}

/** Installs the hooks that drop every handle after each test, then look for channels that outlived it and for waiters left behind. */
export function bench(): Bench {
  let owned: Droppable[] = [];
  let before = new Set<number>();

  beforeEach(() => {
    owned = [];
    before = new Set(inspect().channels.map((channel) => channel.id));
  });

  afterEach(() => {
    // A select that has ended waits nowhere.
    expect(inspect().channels.filter(({ waiting }) => waiting.length > 0)).toEqual([]);
    for (const handle of owned) handle.drop();
    const left = inspect().channels.filter((channel) => !before.has(channel.id));
    // Nothing outlives its handles.
    expect(left).toEqual([]);
  });

  const own = <H extends Droppable>(handle: H): H => {
    owned.push(handle);
    return handle;
  };
  const make = <T>(capacity = 16): [Sender<T>, Receiver<T>] => {
    const [tx, rx] = capacity === Infinity ? unbounded<T>() : bounded<T>(capacity);
    return [own(tx), own(rx)];
  };
  const channels = <T>(count: number, capacity?: number) => {
    const pairs = Array.from({ length: count }, () => make<T>(capacity));
    return { txs: pairs.map(([tx]) => tx), rxs: pairs.map(([, rx]) => rx) };
  };
  return { own, make, channels };
}

/** The three forms of select as one type, for tests in which a case is ready. */
export type Form = <const C extends CasesOf<C>>(cases: C, options?: SelectOptions) => Promise<Selected<C>>;

export const forms: Readonly<Record<'select' | 'selectSync' | 'trySelect', Form>> = {
  select,
  selectSync: async (cases, options) => selectSync(cases, options),
  trySelect: async (cases, options) => {
    const selected = trySelect(cases, options);
    if (selected === undefined) throw new Error('trySelect found nothing ready');
    return selected;
  },
};

export const formNames = ['select', 'selectSync', 'trySelect'] as const;

/** Capacities that stand for the flavors. */
export const flavors: [name: string, capacity: number][] = [
  ['bounded(1)', 1],
  ['bounded(16)', 16],
  ['unbounded()', Infinity],
];
