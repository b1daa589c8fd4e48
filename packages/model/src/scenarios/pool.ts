/** A pool that delivers again: its workers are killed at any step, and each job has exactly one outcome. */
import type { Body, Scenario } from '../scenario.js';
import type { Part } from '../thread.js';
import { channelsOf, handlesOfOwner, handlesOfWorker, Owner, work, type OwnerPlan } from '../workers.js';

const bury: Body = (p) => p.bury();

function poolOf(plan: OwnerPlan, capacity = 2, turns = 0): Pick<Scenario, 'channels' | 'gives' | 'threads'> {
  const workers = Array.from({ length: plan.workers }, (_, worker) => worker);
  return {
    channels: channelsOf(plan.workers, capacity),
    gives: [...workers.map(handlesOfWorker), handlesOfOwner(plan.workers), []],
    threads: [...workers.map((worker) => (p: Part) => work(p, worker, turns)), (p) => new Owner(p, plan).run(), bury],
  };
}

export const pool: readonly Scenario[] = [
  {
    name: 'job redelivered',
    about: 'the only worker is killed; whoever takes its seat does its job, once, and the pool ends',
    ...poolOf({ workers: 1, jobs: 1, maxAttempts: 2, ends: 'drained', replaces: true }),
    kills: 1,
    killable: [0],
  },
  {
    name: 'job redelivered to another',
    about: 'a worker is killed and its seat stays empty; another, which waits for jobs, does what it has left',
    ...poolOf({ workers: 2, jobs: 1, maxAttempts: 2, ends: 'answered', replaces: false }, 2, 4),
    kills: 1,
    killable: [0],
  },
  {
    name: 'job redelivered while closing',
    about: 'a worker is killed while all are told to stop: its job is not forgotten',
    ...poolOf({ workers: 2, jobs: 1, maxAttempts: 2, ends: 'at once', replaces: true }),
    kills: 1,
    killable: [0],
  },
  {
    name: 'job redelivered twice',
    about: 'two workers are killed with two jobs: each is done, or given up after two attempts',
    ...poolOf({ workers: 2, jobs: 2, maxAttempts: 2, ends: 'drained', replaces: true }),
    kills: 2,
    killable: [0, 1],
  },
  {
    name: 'job redelivered from a rendezvous',
    about: 'a worker is killed with a job that was handed over to it; another stands for jobs and takes it from what was left',
    ...poolOf({ workers: 2, jobs: 1, maxAttempts: 2, ends: 'answered', replaces: false }, 0),
    kills: 1,
    killable: [0],
  },
];
