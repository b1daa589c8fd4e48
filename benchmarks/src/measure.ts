/** Measuring one case in this process: both sides in turns, so that whatever else the machine does meets both. */
import { measure } from 'mitata';
import type { Case, Contender, Samples } from './suite.js';

export interface Effort {
  readonly rounds: number;
  /** Of each side in each round. */
  readonly milliseconds: number;
}

export const FULL: Effort = { rounds: 6, milliseconds: 400 };
export const QUICK: Effort = { rounds: 3, milliseconds: 60 };

/** Iterations before the first sample: threads have started and the code is compiled. */
const WARM_UP = 10;

export async function measureCase(subject: Case, effort: Effort): Promise<Samples> {
  const { messages, baseline } = subject;
  const own = await subject.own();
  const other = await baseline?.start(messages);
  const contenders = other ? [own, other] : [own];
  for (const { run } of contenders) for (let i = 0; i < WARM_UP; i++) await run();
  const samples: Samples = { own: [], baseline: [] };
  for (let round = 0; round < effort.rounds; round++) {
    samples.own.push(...(await sample(own, messages, effort)));
    if (other) samples.baseline.push(...(await sample(other, messages, effort)));
  }
  for (const { close } of contenders) await close();
  return samples;
}

/** Nanoseconds per message. */
export async function sample({ run }: Contender, messages: number, { milliseconds }: Effort): Promise<number[]> {
  // Without `gc: false` mitata allocates a gigabyte before it starts, to have garbage collected.
  const stats = await measure(run, { min_cpu_time: milliseconds * 1e6, min_samples: 3, gc: false });
  return stats.samples.map((iteration) => iteration / messages);
}
