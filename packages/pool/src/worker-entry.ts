/**
 * What Piscina runs in the pool's workers: `pull`, once per worker, for as long as there are jobs. The only file that is named by
 * path; everything else in a worker is reached from here.
 */
import { threadId } from 'node:worker_threads';
import { open, type Handle, type HandleToken } from '@beamline/core';
import { claimLease, HANDLE, post, returnLease, runtime } from '@beamline/core/internal';
import { Row } from './board.js';
import { loadHandler } from './handler.js';
import type { Handler } from './job.js';
import type { Notice, ShiftStart } from './messages.js';
import { dieOf, PullLoop } from './pull-loop.js';

/** The pull loop of this worker: resolves when there are no more jobs, or none are wanted. */
export async function pull(start: ShiftStart): Promise<void> {
  const opened: Handle[] = [];
  const take = <H extends Handle>(token: HandleToken<H>): H => {
    const handle = open(token);
    opened.push(handle);
    return handle;
  };
  try {
    const news = take(start.news);
    const orders = take(start.orders);
    const results = take(start.results);
    const jobs = take(start.jobs);
    const retries = start.retries === undefined ? undefined : take(start.retries);
    const leases = Array.from({ length: start.concurrency }, () => claimLease(news));
    const { handler, failure } = await handlerOf(start);
    const row = new Row(start.board, start.seat, start.concurrency);
    row.begin();
    const notice: Notice = failure === undefined ? { threadId } : { threadId, failure };
    post(news[HANDLE], notice, {});
    const { isShared, latency } = start;
    const office = { handler, isShared, row, latency, jobs: jobs[HANDLE], retries: retries?.[HANDLE], results: results[HANDLE] };
    await new PullLoop(leases, orders, office).run();
    for (const lease of leases) returnLease(runtime(), lease);
  } catch (error) {
    dieOf(error);
    await new Promise(() => undefined);
  }
  for (const handle of opened.reverse()) handle.drop(); // `news` last: it says that this is over
}

/** What Piscina runs to have one more worker (crew.ts). */
export function idle(): void {}

/** A file that cannot be loaded fails every job: so each gets its outcome, and the reason is in it. */
async function handlerOf({ filename, name }: ShiftStart): Promise<{ handler: Handler; failure?: Error }> {
  try {
    return { handler: await loadHandler(filename, name) };
  } catch (error) {
    const failure = error as Error;
    return {
      handler: () => {
        throw failure;
      },
      failure,
    };
  }
}
