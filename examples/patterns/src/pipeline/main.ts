/**
 * A pipeline: each stage is a thread, each arrow a channel.
 *
 *   numbers ──▶ keep-odd ──▶ square ──▶ this thread
 *
 * A stage receives from the left and sends to the right. The end travels through by itself: a stage that has drained its input
 * returns, its sender is dropped, and so the next stage sees the end of its own input. One sender and one receiver per arrow, so the
 * order is kept.
 *
 * Prints:
 *   1 9 25 49 81 121 169 225 289 361
 */
import { bounded, spawn } from 'beamline';
import type keepOdd from './keep-odd.js';
import type numbers from './numbers.js';
import type square from './square.js';

const [toOdd, allNumbers] = bounded<number>(4);
const [toSquare, oddNumbers] = bounded<number>(4);
const [toEnd, squares] = bounded<number>(4);

const stages = [
  spawn<typeof numbers>(new URL('./numbers.js', import.meta.url), { data: { count: 20, output: toOdd } }),
  spawn<typeof keepOdd>(new URL('./keep-odd.js', import.meta.url), { data: { input: allNumbers, output: toSquare } }),
  spawn<typeof square>(new URL('./square.js', import.meta.url), { data: { input: oddNumbers, output: toEnd } }),
];

const results: number[] = [];
for await (const n of squares) results.push(n);
console.log(results.join(' '));
await Promise.all(stages.map((stage) => stage.join()));
