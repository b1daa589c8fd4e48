/** What the workers of the fuzzed pool run: gives the job back, or a hostile result. */
import { Hostility } from './target.js';

export interface ResultOrder {
  readonly hostileResult: number;
}

/** How Piscina marks results that are to be moved. */
const TRANSFERABLE = Symbol.for('Piscina.transferable');
const VALUE = Symbol.for('Piscina.valueOf');

const thrower = (): never => {
  throw new Hostility('called');
};

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function throwing(value: unknown): never {
  throw value;
}

export const results: readonly (() => unknown)[] = [
  () => () => 1,
  () => Symbol('result'),
  () => revoked(),
  () => ({ get a() { return thrower(); } }), // prettier-ignore
  () => ({ get then() { return thrower(); } }), // prettier-ignore
  () => ({ then: thrower }),
  () => ({ then: 5 }),
  () => ({ then: (resolve: (value: unknown) => void) => (resolve(1), resolve(2)) }),
  () => ({ then: (_: unknown, reject: (error: unknown) => void) => reject(revoked()) }),
  () => Promise.reject(new Hostility('rejected')),
  () => Promise.reject(revoked() as Error),
  () => throwing(undefined),
  () => throwing(null),
  () => throwing(revoked()),
  () => throwing(() => 1),
  () => throwing(Symbol('thrown')),
  () => throwing(Object.defineProperty(new Error('its stack throws'), 'stack', { get: thrower })),
  () => throwing(Object.assign(new Error('it carries a function'), { cause: () => 1, code: Symbol('code') })),
  () => throwing(new AggregateError([revoked()], 'some')),
  () => new Proxy({}, { get: thrower, has: thrower, ownKeys: thrower }),
  () => ({ [TRANSFERABLE]: 1, [VALUE]: 2 }),
  () => ({ get [TRANSFERABLE]() { return thrower(); }, [VALUE]: 1, [Symbol('Piscina.kMovable')]: true }), // prettier-ignore
  () => ({ [TRANSFERABLE]: 1, get [VALUE]() { return thrower(); }, [Symbol('Piscina.kMovable')]: true }), // prettier-ignore
  () => new WeakMap(),
  () => 'r'.repeat(100_000),
];

export default function handle(job: unknown): unknown {
  const order = typeof job === 'object' && job !== null ? (job as Partial<ResultOrder>).hostileResult : undefined;
  return typeof order === 'number' ? results[order % results.length]!() : job;
}
