/**
 * What a select costs that watches ten thousand channels, of which one is ready: against the same with a single channel.
 *
 * A message to another channel each time finds nothing of that channel in the caches. That is not the select's doing: a plain send and
 * receive pay for it, too (the last case). So where channels take turns, the other side is ten thousand selects of one channel each.
 */
import { Select, select, selectEach, unbounded, type Receiver, type Sender } from 'beamline';
import type { Case, Contender, Suite } from '../suite.js';

const MANY = 10_000;
/** Prime to MANY, so that all channels take their turns. */
const STRIDE = 7919;
/** The contract's bar: ten thousand within three times of one. */
const BAR = 1 / 3;

class Channels {
  readonly pairs: readonly [Sender<number>, Receiver<number>][];
  private turn = 0;

  constructor(
    count: number,
    private readonly stride = STRIDE,
  ) {
    this.pairs = Array.from({ length: count }, () => unbounded<number>());
  }

  get receivers(): Receiver<number>[] {
    return this.pairs.map(([, rx]) => rx);
  }

  /** A message for the next channel in turn. Which one that is. */
  feed(): number {
    this.turn = (this.turn + this.stride) % this.pairs.length;
    this.pairs[this.turn]![0].trySend(1);
    return this.turn;
  }

  drop(): void {
    for (const [tx, rx] of this.pairs) {
      tx.drop();
      rx.drop();
    }
  }
}

/** One select over all of them. `stride` 0: the message is always for the same channel. */
function ready(messages: number, count: number, stride = STRIDE): Contender {
  const channels = new Channels(count, stride);
  const set = new Select();
  for (const rx of channels.receivers) set.recv(rx);
  return {
    run() {
      for (let i = 0; i < messages; i++) {
        channels.feed();
        set.selectSync();
      }
    },
    close: () => (set.clear(), channels.drop()),
  };
}

/** A select for each of them. */
function readyApart(messages: number): Contender {
  const channels = new Channels(MANY);
  const sets = channels.receivers.map((rx) => {
    const set = new Select();
    set.recv(rx);
    return set;
  });
  return {
    run() {
      for (let i = 0; i < messages; i++) sets[channels.feed()]!.selectSync();
    },
    close: () => {
      for (const set of sets) set.clear();
      channels.drop();
    },
  };
}

/** No select at all. */
function plain(messages: number, count: number): Contender {
  const channels = new Channels(count);
  return {
    run() {
      for (let i = 0; i < messages; i++) channels.pairs[channels.feed()]![1].recvSync();
    },
    close: () => channels.drop(),
  };
}

function waiting(messages: number, count: number): Contender {
  const channels = new Channels(count);
  const set = new Select();
  for (const rx of channels.receivers) set.recv(rx);
  return {
    async run() {
      for (let i = 0; i < messages; i++) {
        const event = set.select();
        channels.feed();
        await event;
      }
    },
    close: () => (set.clear(), channels.drop()),
  };
}

function each(messages: number, count: number): Contender {
  const channels = new Channels(count);
  const events = selectEach(channels.receivers);
  return {
    async run() {
      for (let i = 0; i < messages; i++) {
        const event = events.next();
        channels.feed();
        await event;
      }
    },
    close: async () => {
      await events.return?.();
      channels.drop();
    },
  };
}

function once(messages: number, count: number): Contender {
  const channels = new Channels(count);
  const { receivers } = channels;
  return {
    async run() {
      for (let i = 0; i < messages; i++) {
        channels.feed();
        await select(receivers);
      }
    },
    close: () => channels.drop(),
  };
}

type Start = (messages: number, count: number) => Contender;

const one = (name: string, start: Start): NonNullable<Case['baseline']> => ({ name, start: (messages) => start(messages, 1) });

export const scaleSuite: Suite = {
  name: 'scale',
  about: `A select over ${MANY.toLocaleString('en-US')} channels of which one is ready, against one over a single channel`,
  cases: [
    {
      name: 'Select, a message is there',
      messages: 2_000,
      bar: BAR,
      own() {
        return ready(this.messages, MANY, 0);
      },
      baseline: one('one channel', ready),
    },
    {
      name: 'Select, for each channel in turn',
      messages: 2_000,
      bar: BAR,
      own() {
        return ready(this.messages, MANY);
      },
      baseline: { name: '10,000 Selects of one', start: readyApart },
    },
    {
      name: 'Select, woken, each in turn',
      messages: 2_000,
      bar: BAR,
      own() {
        return waiting(this.messages, MANY);
      },
      baseline: one('one channel', waiting),
    },
    {
      name: 'selectEach, woken, each in turn',
      messages: 2_000,
      bar: BAR,
      own() {
        return each(this.messages, MANY);
      },
      baseline: one('one channel', each),
    },
    {
      name: 'select once, over 1,000',
      messages: 20,
      own() {
        return once(this.messages, 1_000);
      },
      baseline: one('one channel', once),
    },
    {
      name: 'no select: recvSync, each in turn',
      messages: 2_000,
      own() {
        return plain(this.messages, MANY);
      },
      baseline: one('one channel', plain),
    },
  ],
};
