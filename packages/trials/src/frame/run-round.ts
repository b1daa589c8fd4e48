/**
 * Runs one round of a scenario, whatever happens in it.
 *
 * Called by: the tools.
 */
import type { Ledger } from './ledger.js';
import { Round } from './round.js';
import type { Scenario } from './scenario.js';
import type { Watchdog } from './watchdog.js';

const ROUND_MS = 60_000;

export interface Trial {
  readonly ledger: Ledger;
  readonly watchdog: Watchdog;
  readonly seed: number;
  /** Others use the heap meanwhile: it is never as it was before. */
  readonly inCompany?: boolean;
}

/** What came of it. */
export interface Outcome {
  readonly kills: number;
  readonly messages: number;
  readonly findings: readonly string[];
  readonly ms: number;
}

export async function runRound(
  { ledger, watchdog, seed, inCompany = false }: Trial,
  scenario: Scenario,
  number: number,
): Promise<Outcome> {
  watchdog.allow(scenario.limitMs ?? ROUND_MS);
  const start = performance.now();
  const round = new Round(ledger, scenario.module, `${scenario.name}, round ${number}, seed ${seed}`, seed, number);
  const onWarning = (warning: Error) => round.finding(`the process was warned: ${warning.stack ?? warning.message}`);
  const onError = (error: Error) => round.finding(`nobody caught: ${error.stack ?? error.message}`);
  process.on('warning', onWarning);
  process.on('uncaughtException', onError);
  try {
    await scenario.run(round);
  } catch (error) {
    round.finding(`the parent failed: ${error instanceof Error ? error.stack : String(error)}`);
    await round.kill(round.actors.map((actor) => [actor, 'terminate']));
  }
  await round.close(inCompany);
  process.off('warning', onWarning);
  process.off('uncaughtException', onError);
  const { kills, messages, findings } = round;
  return { kills, messages, findings, ms: performance.now() - start };
}
