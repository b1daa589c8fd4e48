/**
 * What an action fails with. Tests look at `name` and `code`: under jest, errors that the platform makes belong to another realm,
 * so `instanceof` says nothing about them.
 */

export interface Failure extends Error {
  readonly code?: unknown;
  readonly value?: unknown;
}

/** The error that `action` throws; fails the test if it returns. */
export function thrown(action: () => unknown): Failure {
  let result: unknown;
  try {
    result = action();
  } catch (error) {
    return error as Failure;
  }
  throw new Error(`expected a throw, got ${describe(result)}`);
}

/** What `promise` rejects with; fails the test if it resolves. An action that throws instead of returning a promise fails it too. */
export async function rejection(promise: Promise<unknown>): Promise<Failure> {
  if (!(promise instanceof Promise)) throw new Error(`expected a promise, got ${describe(promise)}`);
  return promise.then(
    (result) => {
      throw new Error(`expected a rejection, got ${describe(result)}`);
    },
    (error: unknown) => error as Failure,
  );
}

/** Fails unless `error` is the error class `name` with `code`, and says something. */
export function expectFailure(error: unknown, name: string, code: string): void {
  expect(error).toMatchObject({ name, code });
  expect(String((error as Error).message).length).toBeGreaterThan(10);
}

/** Fails unless `error` is a RangeError or TypeError (as given) with `ERR_INVALID_ARGUMENT`. */
export function expectInvalid(error: unknown, name: 'RangeError' | 'TypeError' | undefined = undefined): void {
  expect(error).toMatchObject({ code: 'ERR_INVALID_ARGUMENT' });
  expect(name === undefined ? ['RangeError', 'TypeError'] : [name]).toContain((error as Error).name);
  expect(String((error as Error).message).length).toBeGreaterThan(10);
}

function describe(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
