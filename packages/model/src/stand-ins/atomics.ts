/**
 * Stands in for core's platform/atomics.ts: the same functions, each preceded by a turn of the scheduler.
 */
import { Access } from '../control.js';
import { current } from './current.js';
import { placeOf } from './views.js';

type Words = Int32Array;

export function load(words: Words, index: number): number {
  const { raw, base } = placeOf(words);
  const stepper = current();
  if (stepper === undefined) return Atomics.load(raw, index);
  stepper.turn();
  const value = Atomics.load(raw, index);
  stepper.record(Access.Read, base + index, 'load', value);
  return value;
}

export function store(words: Words, index: number, value: number): number {
  const { raw, base } = placeOf(words);
  const stepper = current();
  if (stepper === undefined) return Atomics.store(raw, index, value);
  stepper.turn();
  stepper.record(Access.Write, base + index, 'store', value);
  return Atomics.store(raw, index, value);
}

export function cas(words: Words, index: number, expected: number, value: number): number {
  const { raw, base } = placeOf(words);
  const stepper = current();
  if (stepper === undefined) return Atomics.compareExchange(raw, index, expected, value);
  stepper.turn();
  const was = Atomics.compareExchange(raw, index, expected, value);
  stepper.record(was === expected ? Access.Write : Access.Read, base + index, 'cas', was === expected ? value : was);
  return was;
}

function readModifyWrite(name: 'exchange' | 'add' | 'or' | 'and'): (words: Words, index: number, value: number) => number {
  const perform = Atomics[name].bind(Atomics) as (words: Words, index: number, value: number) => number;
  return (words, index, value) => {
    const { raw, base } = placeOf(words);
    const stepper = current();
    if (stepper === undefined) return perform(raw, index, value);
    stepper.turn();
    const was = perform(raw, index, value);
    stepper.record(Access.Write, base + index, name, raw[index]);
    return was;
  };
}

export const exchange = readModifyWrite('exchange');
export const add = readModifyWrite('add');
export const or = readModifyWrite('or');
export const and = readModifyWrite('and');

export function wait(words: Words, index: number, value: number, ms: number): 'ok' | 'not-equal' | 'timed-out' {
  const { raw, base } = placeOf(words);
  const stepper = current();
  if (stepper === undefined) throw new Error('setup of a scenario must not wait');
  stepper.turn();
  stepper.record(Access.Queue, base + index, 'wait', 0);
  stepper.record(Access.Read, base + index, 'load', raw[index]);
  if (raw[index] !== value) return 'not-equal';
  return stepper.sleep(base + index, ms);
}

type AsyncOutcome = { async: false; value: 'not-equal' } | { async: true; value: Promise<'ok'> };

export function waitAsync(words: Words, index: number, value: number): AsyncOutcome {
  const { raw, base } = placeOf(words);
  const stepper = current();
  if (stepper === undefined) throw new Error('setup of a scenario must not wait');
  stepper.turn();
  stepper.record(Access.Queue, base + index, 'waitAsync', 0);
  stepper.record(Access.Read, base + index, 'load', raw[index]);
  if (raw[index] !== value) return { async: false, value: 'not-equal' };
  const { control, me } = stepper;
  control.put(me, 'asyncWord', base + index + 1);
  return { async: true, value: new Promise((resolve) => rings.push(() => resolve('ok'))) };
}

/** Outstanding `waitAsync` calls of this thread, oldest first. */
export const rings: (() => void)[] = [];

function notify(words: Words, index: number, most: number): void {
  const { base } = placeOf(words);
  const stepper = current();
  if (stepper === undefined) return;
  stepper.turn();
  stepper.record(Access.Queue, base + index, 'notify', most);
  stepper.notify(base + index, most);
}

export function notifyAll(words: Words, index: number): void {
  notify(words, index, Infinity);
}

/** Not in the product: what a mutant uses. */
export function notifyOne(words: Words, index: number): void {
  notify(words, index, 1);
}

/** Pauses are nothing in the model: what they wait for may happen at any time anyway. */
export function spin(): void {}
