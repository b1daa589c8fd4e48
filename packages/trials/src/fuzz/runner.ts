/**
 * A process that feeds targets with inputs, started and watched by main.ts. Before each input it notes in a file where it is: whoever
 * finds it hanging or dead can tell which input it was.
 *
 * Inputs come in chunks. A chunk is a function of the seed, the target and its number, and is followed by a look at everything that
 * must not have changed; with `every` = 1 there is one after each input.
 */
import { openSync, writeSync } from 'node:fs';
import fc from 'fast-check';
import { Oracle } from './oracle.js';
import { Anomaly, Hostility, show, type Target } from './target.js';
import { targetsNamed, targets as all } from './targets.js';

/** What the process is to do. */
export interface Order {
  readonly seed: number;
  readonly only: string | undefined;
  /** Limits: inputs in all, or seconds. */
  readonly inputs: number;
  readonly seconds: number;
  readonly progress: string;
  /** One chunk only. */
  readonly chunk?: number;
  /** Looks at everything after each input, and takes inputs as they come, without shrinking. */
  readonly close?: boolean;
  /** Runs nothing and prints the input of that number in the chunk. */
  readonly show?: number;
}

/** What the process reports, a line each. */
export type Report =
  | { readonly type: 'done'; readonly counts: Readonly<Record<string, number>> }
  | {
      readonly type: 'anomaly';
      readonly target: string;
      readonly chunk: number;
      /** After which input of the chunk, if that is known. */
      readonly input: string | undefined;
      readonly what: string;
    }
  | { readonly type: 'input'; readonly input: string };

export const CHUNK = 200;

const order = JSON.parse(process.argv[2] ?? '{}') as Order;
const progress = openSync(order.progress, 'w');
const place = new Int32Array(4);
const chosen = order.only === undefined ? all : targetsNamed(order.only);
let oracle: Oracle | undefined;
let current: { target: string; chunk: number; input?: string } | undefined;
let announces: Target['announces'];

function say(report: Report): void {
  writeSync(1, `${JSON.stringify(report)}\n`);
}

/** Notes where it is. `index`: of the input in its chunk. */
function note(target: number, chunk: number, index: number): void {
  place[0] = target;
  place[1] = chunk;
  place[2] = index;
  place[3]!++;
  writeSync(progress, place, 0, place.byteLength, 0);
}

/** The seed of a chunk: well mixed, so that neighbours have nothing in common. */
function seedOf(target: Target<unknown>, chunk: number): number {
  let hash = order.seed | 0;
  for (const part of [...target.name].map((char) => char.charCodeAt(0)).concat(chunk & 0xffff, chunk >>> 16)) {
    hash = Math.imul(hash ^ part, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash | 0;
}

function fail(what: string, input = current?.input): never {
  say({ type: 'anomaly', target: current?.target ?? 'none', chunk: current?.chunk ?? 0, input, what });
  process.exit(1);
}

/** Something that nobody waits for has failed. What an input threw in the background is its own affair. */
process.on('unhandledRejection', (reason) => {
  if (!(reason instanceof Hostility)) fail(`a rejection that nobody can handle: ${show(reason)}`);
});
process.on('uncaughtException', (error) => announces?.(error) || fail(`an error that nobody can catch: ${show(error)}`));
process.on('warning', (warning) => announces?.(warning) || fail(`a process warning: ${show(warning)}`));

async function runChunk(target: Target<unknown>, chunk: number): Promise<number> {
  current = { target: target.name, chunk };
  announces = target.announces;
  const number = all.indexOf(target);
  let index = 0;
  const property = fc.asyncProperty(target.inputs as fc.Arbitrary<unknown>, async (input) => {
    if (order.show !== undefined) {
      if (index++ !== order.show) return;
      say({ type: 'input', input: fc.stringify(input) });
      process.exit(0);
    }
    note(number, chunk, index++);
    if (order.close === true) current = { target: target.name, chunk, input: fc.stringify(input) };
    await target.run(input as never);
    if (order.close === true) {
      oracle!.check();
      await settled();
    }
  });
  const result = await fc.check(property, {
    seed: seedOf(target, chunk),
    numRuns: target.chunk ?? CHUNK,
    endOnFailure: order.close === true,
  });
  if (result.failed) {
    const input = result.counterexample === null ? undefined : fc.stringify(result.counterexample[0]);
    fail(show(result.errorInstance), input);
  }
  await settled();
  try {
    oracle!.check();
  } catch (error) {
    if (!(error instanceof Anomaly)) throw error;
    fail(show(error));
  }
  return index;
}

/** Lets rejections that nobody handles be told. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const counts: Record<string, number> = Object.fromEntries(chosen.map(({ name }) => [name, 0]));
if (order.show === undefined) oracle = new Oracle();
const end = performance.now() + order.seconds * 1000;
let total = 0;
for (let chunk = order.chunk ?? 0; total < order.inputs && performance.now() < end; chunk++) {
  for (const target of chosen) {
    if (total >= order.inputs || performance.now() >= end) break;
    const count = await runChunk(target, chunk);
    counts[target.name]! += count;
    total += count;
  }
  if (order.chunk !== undefined) break;
}
say({ type: 'done', counts });
process.exit(0);
