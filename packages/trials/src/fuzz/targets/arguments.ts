/** Hostile arguments and options of every function that makes or uses a channel. */
import fc from 'fast-check';
import {
  after,
  ask,
  at,
  bounded,
  broadcast,
  codecs,
  configure,
  explain,
  fromAbortSignal,
  fromEvent,
  fromSignal,
  isChannelError,
  never,
  oneshot,
  open,
  Receiver,
  recv,
  Select,
  select,
  selectEach,
  selectSync,
  send,
  Sender,
  spawn,
  tick,
  trySelect,
  unbounded,
  type BroadcastSender,
} from 'beamline';
import { dropHandles } from '../oracle.js';
import { attempt, attemptAsync, Hostility, type Target } from '../target.js';

const thrower = (): never => {
  throw new Hostility('called');
};

/** What may come where something else is expected. None of it is a legal way to wait, or a module to run. */
const things: readonly (() => unknown)[] = [
  () => undefined,
  () => null,
  () => NaN,
  () => -0,
  () => 0,
  () => 1,
  () => -1,
  () => 1.5,
  () => 2 ** 20,
  () => 2 ** 21,
  () => 2 ** 32,
  () => 2 ** 53,
  () => Infinity,
  () => -Infinity,
  () => '5',
  () => '',
  () => 5n,
  () => true,
  () => Symbol('s'),
  () => thrower,
  () => [],
  () => [1],
  () => ({}),
  () => new Date(5),
  () => new Proxy({}, { get: thrower }),
  () => new Proxy({}, { ownKeys: thrower, has: thrower, getOwnPropertyDescriptor: thrower }),
  () => Proxy.revocable({}, {}).proxy,
  () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  () => ({ valueOf: thrower, toString: thrower, [Symbol.toPrimitive]: thrower }),
  () => ({ valueOf: () => 5 }),
  () => Object.create(null) as unknown,
  () => AbortSignal.abort(new Hostility('aborted')),
  () => new AbortController().signal,
  () => ({ aborted: false, addEventListener: thrower }),
  () => ({ aborted: false, addEventListener: () => undefined }),
  () => ({ get aborted() { return thrower(); } }), // prettier-ignore
  () => ({ name: 'mine', encode: thrower, decode: thrower }),
  () => Object.create(Receiver.prototype) as unknown,
  () => Object.create(Sender.prototype) as unknown,
  () => new Array(100).fill(1),
];

const NAMES = ['timeout', 'deadline', 'signal', 'codec', 'name', 'biased', 'policy', 'maxMemory', 'debug', 'data'] as const;

export interface Thing {
  /** One of the things; or an object of options with these. */
  readonly plain: number | null;
  readonly options: readonly { readonly name: (typeof NAMES)[number]; readonly value: number; readonly isGetter: boolean }[];
}

export const thing: fc.Arbitrary<Thing> = fc.record({
  plain: fc.option(fc.nat(things.length - 1)),
  options: fc.array(fc.record({ name: fc.constantFrom(...NAMES), value: fc.nat(things.length - 1), isGetter: fc.boolean() }), {
    maxLength: 3,
  }),
});

export function build({ plain, options }: Thing): unknown {
  if (plain !== null) return things[plain]!();
  const result: Record<string, unknown> = {};
  for (const { name, value, isGetter } of options) {
    if (isGetter) Object.defineProperty(result, name, { get: things[value]!, enumerable: true, configurable: true });
    else Object.defineProperty(result, name, { value: things[value]!(), enumerable: true, configurable: true });
  }
  return result;
}

/** A wait that nothing ends gets a limit. */
function limited(options: unknown): unknown {
  if (typeof options !== 'object' || options === null) return options ?? { timeout: 1 };
  try {
    const { timeout, deadline } = options as { timeout?: unknown; deadline?: unknown };
    const ends = [timeout, deadline].some((limit) => typeof limit === 'number' && limit < 2 ** 20);
    const fails = [timeout, deadline].some((limit) => limit !== undefined && (typeof limit !== 'number' || Number.isNaN(limit)));
    if (ends || fails) return options;
    Object.defineProperty(options, 'timeout', { value: 1, configurable: true });
    return options;
  } catch {
    return options; // the library's reading of it fails in the same way
  }
}

interface Tools {
  readonly tx: Sender<unknown>;
  readonly rx: Receiver<unknown>;
  readonly full: Sender<unknown>;
  readonly empty: Receiver<unknown>;
  /** Of a rendezvous, and of a broadcast. */
  readonly meet: Sender<unknown>;
  readonly news: BroadcastSender<unknown>;
}

type Call = (tools: Tools, a: never, b: never) => unknown;

const calls: Readonly<Record<string, Call>> = {
  bounded: (_, a, b) => bounded(Math.min(a, 2 ** 20 + 1) || a, b),
  unbounded: (_, a) => unbounded(a),
  configure: (_, a) => configure(a),
  open: (_, a, b) => open(a, b),
  spawn: (_, a, b) => (typeof a === 'string' && a !== '' ? undefined : spawn(a, b)),
  isChannelError: (_, a) => isChannelError(a),
  trySend: ({ full }, a) => full.trySend(a),
  sendSync: ({ full }, a, b) => full.sendSync(a, limited(b) as never),
  trySendMany: ({ full }, a) => full.trySendMany(a),
  sendManySync: ({ full }, a, b) => full.sendManySync(a, limited(b) as never),
  recvSync: ({ empty }, a) => empty.recvSync(limited(a) as never),
  tryRecvMany: ({ rx }, a) => rx.tryRecvMany(a),
  recvManySync: ({ empty }, a, b) => empty.recvManySync(a, limited(b) as never),
  recvManySyncOfSome: ({ rx }, a, b) => rx.recvManySync(a, limited(b) as never),
  sameChannel: ({ tx }, a) => tx.sameChannel(a),
  after: (_, a) => after(a),
  at: (_, a) => at(a),
  tick: (_, a, b) => tick(a, b),
  fromEvent: (_, a, b) => fromEvent(a, 'event', b),
  fromEventNamed: (_, a, b) => fromEvent(new EventTarget(), a, b),
  fromAbortSignal: (_, a) => fromAbortSignal(a),
  fromSignal: (_, a, b) => fromSignal(a, b),
  recv: (_, a) => recv(a),
  trySelect: (_, a, b) => trySelect(a, b),
  trySelectOne: ({ empty }, a, b) => trySelect([empty, a], b),
  selectSync: ({ empty }, a, b) => selectSync({ empty, a } as never, limited(b) as never),
  clone: ({ tx }) => tx.clone(),
  never: () => never(),
  oneshot: (_, a) => oneshot(a),
  broadcast: (_, a, b) => broadcast(Math.min(a, 2 ** 20) || a, b),
  broadcastSend: ({ news }, a) => news.send(a),
  explain: (_, a) => explain(a),
  send: ({ full }, a) => void send(full, a),
  sendWhere: (_, a, b) => void send(a, b),
  trySelectSend: ({ full, empty }, a, b) => trySelect([empty, send(full, a)], b),
  selectSyncSend: ({ tx }, a, b) => selectSync([send(tx, a)], limited(b) as never),
  meetSync: ({ meet }, a, b) => meet.sendSync(a, limited(b) as never),
  trySendMeeting: ({ meet }, a) => meet.trySend(a),
  downgrade: ({ tx }) => tx.downgrade(),
  set: (_, a, b) => {
    using set = new Select(a);
    set.recv(b);
  },
  setRemove: ({ rx }, a, b) => {
    using set = new Select();
    set.recv(rx);
    set.remove(a);
    set.selectSync(limited(b) as never);
  },
  codec: ({ tx }, a) => open(tx.clone().transfer(), { codec: a }),
  struct: (_, a) => (codecs as { struct?: (fields: unknown) => unknown }).struct?.(a),
};

const asyncCalls: Readonly<Record<string, Call>> = {
  send: ({ full }, a, b) => full.send(a, limited(b) as never),
  sendMany: ({ full }, a, b) => full.sendMany(a, limited(b) as never),
  recv: ({ empty }, a) => empty.recv(limited(a) as never),
  recvMany: ({ empty }, a, b) => empty.recvMany(a, limited(b) as never),
  select: ({ empty }, a, b) => select({ empty, a } as never, limited(b) as never),
  selectTwo: (_, a, b) => select([a, b], { timeout: 1 }),
  selectSend: ({ full }, a, b) => select([send(full, a)], limited(b) as never),
  ask: ({ full }, a, b) => ask(full as never, a, limited(b) as never),
  each: async ({ empty }, a, b) => selectEach({ empty, a } as never, limited(b) as never).next(),
  meet: ({ meet }, a, b) => meet.send(a, limited(b) as never),
};

interface Input {
  readonly call: string;
  readonly a: Thing;
  readonly b: Thing;
}

function tools(): Tools & { end(): void } {
  const [tx, rx] = bounded<unknown>(4);
  const [full, keeper] = bounded<unknown>(1);
  const [other, empty] = bounded<unknown>(1);
  const [meet, met] = bounded<unknown>(0);
  const [news, reader] = broadcast<unknown>(1);
  tx.sendManySync([1, 2]);
  full.sendSync('full');
  const all = [tx, rx, full, keeper, other, empty, meet, met, news, reader];
  return { tx, rx, full, empty, meet, news, end: () => all.forEach((handle) => handle.drop()) };
}

/** A token that `codec` made and nobody opened is found by its channel's count, so it is opened here. */
const inputsOf = (names: readonly string[]): fc.Arbitrary<Input> =>
  fc.record({ call: fc.constantFrom(...names), a: thing, b: thing });

export const args: Target<Input> = {
  name: 'arguments',
  about: 'hostile arguments and options of every function',
  inputs: inputsOf(Object.keys(calls)),
  run({ call, a, b }) {
    const field = tools();
    try {
      if (call === 'codec') return withToken(field, build(a));
      const result = attempt(() => calls[call]!(field, build(a) as never, build(b) as never), true);
      dropHandles(result?.value);
    } finally {
      field.end();
    }
  },
};

function withToken({ tx }: Tools, codec: unknown): void {
  const token = tx.clone().transfer();
  attempt(() => open(token, { codec } as never), true)?.value.drop();
  attempt(() => open(token))?.value.drop();
}

export const argsAsync: Target<Input> = {
  name: 'arguments-async',
  about: 'the same of the functions that give promises',
  inputs: inputsOf(Object.keys(asyncCalls)),
  async run({ call, a, b }) {
    const field = tools();
    try {
      const result = await attemptAsync(
        () => asyncCalls[call]!(field, build(a) as never, build(b) as never) as Promise<unknown>,
        true,
      );
      dropHandles(result?.value);
    } finally {
      field.end();
    }
  },
};
