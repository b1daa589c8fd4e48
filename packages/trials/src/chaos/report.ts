/** What a chaos run prints: every anomaly at once, and a table at the end. */
import Table from 'cli-table3';
import type { Outcome } from '../frame/run-round.js';

interface Totals {
  rounds: number;
  kills: number;
  messages: number;
  anomalies: number;
  ms: number;
}

const nothing = (): Totals => ({ rounds: 0, kills: 0, messages: 0, anomalies: 0, ms: 0 });

export class Report {
  private readonly totals = new Map<string, Totals>();

  constructor(private readonly seed: number) {
    console.log(`chaos, seed ${seed}`);
  }

  add(name: string, number: number, { kills, messages, findings, ms }: Outcome): void {
    const totals = this.totals.get(name) ?? nothing();
    this.totals.set(name, totals);
    totals.rounds++;
    totals.kills += kills;
    totals.messages += messages;
    totals.anomalies += findings.length;
    totals.ms += ms;
    for (const text of findings) console.error(`ANOMALY in ${name}, round ${number}, seed ${this.seed}: ${text}`);
    if (findings.length === 0) return;
    console.error(`  again: npm run chaos -- --only ${name} --seed ${this.seed} --from ${number} --rounds 1`);
    process.exitCode = 1;
  }

  print(): void {
    const head = ['scenario', 'rounds', 'kills', 'kills/min', 'messages', 'anomalies'];
    const table = new Table({
      head,
      style: { head: [], border: [] },
      colAligns: head.map((_, i) => (i === 0 ? 'left' : 'right')),
    });
    const all = nothing();
    for (const [name, totals] of this.totals) {
      table.push(rowOf(name, totals));
      for (const key of Object.keys(all) as (keyof Totals)[]) all[key] += totals[key];
    }
    table.push(rowOf('all', all));
    console.log(table.toString());
  }
}

function rowOf(name: string, { rounds, kills, messages, anomalies, ms }: Totals): (string | number)[] {
  const perMinute = Math.round(kills / (ms / 60_000));
  return [name, ...[rounds, kills, perMinute, messages, anomalies].map((n) => n.toLocaleString('en-US'))];
}
