/** Hostile iterables for the Many forms: what was counted as accepted arrives, nothing else, and the source is closed. */
import fc from 'fast-check';
import { bounded, unbounded, type Receiver, type Sender } from 'beamline';
import { dropHandles } from '../oracle.js';
import { Anomaly, attempt, attemptAsync, Hostility, type Target } from '../target.js';

interface Source {
  readonly length: number;
  /** What happens at the step of that number. */
  readonly trouble: string;
  readonly at: number;
  readonly capacity: number | null;
  readonly form: number;
}

type Trouble = (step: number, tools: { drop(): void; send(): void; close(): void }) => unknown;

/** What an iterator's `next` gives instead of a value, or does before it. */
const troubles: Readonly<Record<string, Trouble>> = {
  none: (step) => ({ done: false, value: step }),
  throws: () => {
    throw new Hostility('next');
  },
  notAnObject: () => 5,
  undefinedResult: () => undefined,
  emptyResult: () => ({}),
  doneThrows: () => Object.defineProperty({}, 'done', { get: () => { throw new Hostility('done'); } }), // prettier-ignore
  valueThrows: () => Object.defineProperty({ done: false }, 'value', { get: () => { throw new Hostility('value'); } }), // prettier-ignore
  doneIsTruthy: () => ({ done: 'yes' }),
  uncloneable: () => ({ done: false, value: () => 1 }),
  large: () => ({ done: false, value: 'l'.repeat(70_000) }),
  valueOfThrower: () => ({ done: false, value: { get a() { throw new Hostility('getter'); } } }), // prettier-ignore
  drops: (step, { drop }) => (drop(), { done: false, value: step }),
  closes: (step, { close }) => (close(), { done: false, value: step }),
  sends: (step, { send }) => (send(), { done: false, value: step }),
  aPromise: (step) => Promise.resolve({ done: false, value: step }),
  rejects: () => Promise.reject(new Hostility('rejected')),
  aThenable: () => ({ then: (resolve: (value: unknown) => void) => resolve({ done: true }) }),
};

const makers: readonly ((input: Source, tools: { drop(): void; send(): void; close(): void; returned(): unknown }) => unknown)[] =
  [
    (input, tools) => iterable(Symbol.iterator, input, tools),
    (input, tools) => iterable(Symbol.asyncIterator, input, tools),
    (input, tools) => ({ ...iterable(Symbol.iterator, input, tools), ...iterable(Symbol.asyncIterator, input, tools) }),
    ({ length }) => Array.from({ length }, (_, i) => i),
    ({ length, at }) => {
      const array = Array.from({ length }, (_, i) => i);
      Object.defineProperty(array, at % (length + 1), {
        get: () => {
          array.length = 0;
          return 'gone';
        },
      });
      return array;
    },
    ({ length }) => Object.defineProperty([], 'length', { value: length % 100 }),
    ({ length }) =>
      new Proxy(
        Array.from({ length }, (_, i) => i),
        {},
      ),
    () => Object.assign([1, 2, 3], { [Symbol.iterator]: () => { throw new Hostility('iterator'); } }), // prettier-ignore
    () => ({ [Symbol.iterator]: () => 5 }),
    () => ({ [Symbol.iterator]: 5 }),
    () => ({ [Symbol.asyncIterator]: () => ({}) }),
    () => 'text',
    () => 5,
    () => null,
    () => new Map([[1, { a: 1 }]]),
    () => new Uint8Array(5),
  ];

function iterable(
  key: symbol,
  { length, trouble, at }: Source,
  tools: { drop(): void; send(): void; close(): void; returned(): unknown },
): object {
  let step = 0;
  const isAsync = key === Symbol.asyncIterator;
  return {
    [key]: () => ({
      next: () => {
        if (step >= length) return isAsync ? Promise.resolve({ done: true }) : { done: true };
        const number = step++;
        return number === at ? troubles[trouble]!(number, tools) : { done: false, value: number };
      },
      return: () => tools.returned(),
    }),
  };
}

type Action = (tx: Sender<unknown>, source: never) => unknown;
const actions: readonly Action[] = [
  (tx, source) => tx.trySendMany(source),
  (tx, source) => tx.sendManySync(source, { timeout: 0 }),
  (tx, source) => tx.sendMany(source, { timeout: 2 }),
];

const inputs = fc.record({
  length: fc.oneof(fc.nat(10), fc.nat(300)),
  trouble: fc.constantFrom(...Object.keys(troubles)),
  at: fc.nat(20),
  capacity: fc.option(fc.integer({ min: 1, max: 100 })),
  form: fc.nat(1),
  maker: fc.oneof({ weight: 3, arbitrary: fc.nat(2) }, fc.nat(makers.length - 1)),
  returns: fc.nat(3),
});

type Input = typeof inputs extends fc.Arbitrary<infer T> ? T : never;

/** A source and what became of it. */
function begin(input: Input): {
  tx: Sender<unknown>;
  keeper: Sender<unknown>;
  rx: Receiver<unknown>;
  source: unknown;
  closed: () => number;
  extra: () => number;
} {
  const [tx, rx] = input.capacity === null ? unbounded<unknown>() : bounded<unknown>(input.capacity);
  const keeper = tx.clone();
  let closed = 0;
  let extra = 0;
  const source = makers[input.maker]!(input, {
    drop: () => tx.drop(),
    close: () => keeper.close(),
    send: () => {
      if (keeper.trySend('from inside').ok) extra++;
    },
    returned: () => {
      closed++;
      if (input.returns === 1) throw new Hostility('return');
      if (input.returns === 2) return 5;
      return input.returns === 3 ? Promise.reject(new Hostility('return')) : {};
    },
  });
  return { tx, keeper, rx, source, closed: () => closed, extra: () => extra };
}

/** `count`: how many were accepted, where that is known. */
function finish({ tx, keeper, rx, closed, extra }: ReturnType<typeof begin>, result: { value: unknown } | undefined): void {
  const arrived = [...rx.tryIter()];
  const said = result?.value as number | { count: number } | undefined;
  const count = typeof said === 'object' ? said.count : said;
  if (count !== undefined && arrived.length !== count + extra()) {
    throw new Anomaly(`${count} messages were accepted and ${arrived.length - extra()} arrived`);
  }
  if (closed() > 1) throw new Anomaly('a source was closed twice');
  arrived.forEach(dropHandles);
  for (const handle of [tx, keeper, rx]) handle.drop();
}

export const sources: Target<Input> = {
  name: 'sources',
  about: 'hostile iterables for trySendMany and sendManySync',
  inputs,
  run(input) {
    const field = begin(input);
    finish(field, attempt(() => actions[input.form]!(field.tx, field.source as never), true) as { value: unknown } | undefined);
  },
};

export const sourcesAsync: Target<Input> = {
  name: 'sources-async',
  about: 'hostile iterables and asynchronous iterables for sendMany',
  inputs,
  async run(input) {
    const field = begin(input);
    const limit = setTimeout(() => field.keeper.close(), 500); // a source of which nothing comes any more
    try {
      const result = await attemptAsync(() => actions[2]!(field.tx, field.source as never) as Promise<unknown>, true);
      finish(field, result);
    } finally {
      clearTimeout(limit);
    }
  },
};
