/** What waiting costs: the CPU time of a process that does nothing but wait. */
import { setTimeout as sleep } from 'node:timers/promises';
import { bounded, spawn } from 'beamline';
import type wait from '../workers/waiter.js';

/** CPU milliseconds per second that four waiting threads may use. */
export const WAITING_BAR_MS = 2;
const SETTLING_MS = 2_000;

/** Two threads blocked in recvSync, two in an awaited recv, and this one asleep: CPU milliseconds per second. */
export async function measureWaiting(milliseconds: number): Promise<number> {
  const [tx, rx] = bounded<number>(16);
  for (const blocking of [true, true, false, false]) {
    spawn<typeof wait>(new URL('../workers/waiter.js', import.meta.url), { data: { rx: rx.clone(), blocking } });
  }
  await sleep(SETTLING_MS);
  const started = performance.now();
  const before = process.cpuUsage();
  await sleep(milliseconds);
  const { user, system } = process.cpuUsage(before);
  const seconds = (performance.now() - started) / 1_000;
  tx.drop();
  return (user + system) / 1_000 / seconds;
}
