/** What the contract is run against, and the bookkeeping that every test of it shares. */
import type { ChannelOptions, Receiver, Sender } from '@beamline/core';
import { inspect } from '@beamline/core';

export interface Flavor {
  /** As in the source: `bounded(3)`. */
  readonly name: string;
  readonly kind: 'array' | 'list' | 'zero';
  /** Infinity for unbounded, 0 for a rendezvous. */
  readonly capacity: number;
  /** Leaves out the chapters in which the capacity plays no part: another capacity of the kind has them. */
  readonly brief?: boolean;
  make<T = unknown>(options?: ChannelOptions<T>): [Sender<T>, Receiver<T>];
}

interface Droppable {
  drop(): void;
}

export interface Bench {
  readonly flavor: Flavor;
  /** A new channel, dropped after the test. */
  make<T = unknown>(options?: ChannelOptions<T>): [Sender<T>, Receiver<T>];
  /** Drops `handle` after the test. */
  own<H extends Droppable>(handle: H): H;
}

/** Installs the hooks that drop every handle after each test and then look for channels that outlived it. */
export function bench(flavor: Flavor): Bench {
  let owned: Droppable[] = [];
  let before = new Set<number>();

  beforeEach(() => {
    owned = [];
    before = new Set(inspect().channels.map((channel) => channel.id));
  });

  afterEach(() => {
    for (const handle of owned) {
      try {
        handle.drop();
      } catch {
        // The test that drops a moved handle on purpose judges that; here it would hide what the others found.
      }
    }
    const left = inspect().channels.filter((channel) => !before.has(channel.id));
    // Part of every test of the contract: nothing outlives its handles.
    expect(left).toEqual([]);
  });

  function own<H extends Droppable>(handle: H): H {
    owned.push(handle);
    return handle;
  }

  return {
    flavor,
    own,
    make<T>(options?: ChannelOptions<T>) {
      const [tx, rx] = flavor.make<T>(options);
      own(tx);
      own(rx);
      return [tx, rx];
    },
  };
}

/** Sends until the channel is full; returns how many went in. Bounded flavors only. */
export function fill(tx: Sender<number>): number {
  let count = 0;
  while (tx.trySend(count).ok) count++;
  return count;
}

/**
 * Makes messages ready for receivers, in order: in the buffer, or, where there is none, in sends that wait. What becomes of such a
 * send is not looked at; who expects its message will miss it.
 */
export function put<T>(tx: Sender<T>, ...values: T[]): void {
  for (const value of values) {
    if (tx.capacity === 0) tx.send(value).catch(() => undefined);
    else tx.sendSync(value);
  }
}

/** How many messages can be made ready at once: `most`, or what fits. */
export function several({ capacity }: Flavor, most: number): number {
  return capacity === 0 ? most : Math.min(capacity, most);
}
