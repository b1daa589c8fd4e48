/**
 * `npm run fuzz -- --seconds N | --inputs N --seed S [--only NAME]`: throws hostile input at the library and holds what comes of it
 * against what is promised. An anomaly is printed with its seed and its input; the exit code is 1 then.
 *
 * The inputs are used in a process of their own (runner.ts), which this one watches: one that hangs or dies is an anomaly as well.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Order, Report } from './runner.js';

/** An input that takes longer than this has hung. */
const PATIENCE_S = 20;
const HELP = `npm run fuzz -- [options]
  --seconds N   how long (default 30, unless --inputs is given)
  --inputs N    how many inputs, in all
  --seed S      the same inputs again (default: by the clock)
  --only NAME   the targets whose names begin so (NAME!: only that one)
  --patience N  seconds after which an input counts as hung (default ${PATIENCE_S})`;

const LOOK_MS = 250;

let patienceMs = PATIENCE_S * 1000;

const runner = fileURLToPath(new URL('runner.js', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'beamline-fuzz-'));
process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));

interface Outcome {
  readonly reports: readonly Report[];
  readonly code: number | null;
  readonly signal: string | null;
  readonly hung: boolean;
  readonly stderr: string;
  readonly place: Place | undefined;
}

/** The input that the process was at. */
interface Place {
  readonly target: number;
  readonly chunk: number;
  readonly index: number;
}

/** Runs a process to its end, or until it hangs. */
function run(order: Omit<Order, 'progress'>): Promise<Outcome> {
  const progress = join(scratch, 'progress');
  const child = spawn(process.execPath, [runner, JSON.stringify({ ...order, progress })], { stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = (): void => {
    child.kill('SIGKILL');
    process.exit(1);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-4000)));
  let hung = false;
  let seen: string | undefined;
  let since = performance.now();
  const watch = setInterval(() => {
    const now = readPlace(progress)?.toString();
    if (now !== seen) {
      seen = now;
      since = performance.now();
    } else if (performance.now() - since > patienceMs) {
      hung = true;
      child.kill('SIGKILL');
    }
  }, LOOK_MS);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearInterval(watch);
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
      const reports = stdout
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Report);
      const words = readPlace(progress);
      const place = words === undefined ? undefined : { target: words[0]!, chunk: words[1]!, index: words[2]! };
      resolve({ reports, code, signal, hung, stderr, place });
    });
  });
}

function readPlace(file: string): Int32Array | undefined {
  try {
    const bytes = readFileSync(file);
    return bytes.length < 16 ? undefined : new Int32Array(Uint8Array.from(bytes).buffer, 0, 4);
  } catch {
    return undefined; // the process has not come so far
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string' },
      inputs: { type: 'string' },
      seed: { type: 'string' },
      only: { type: 'string' },
      patience: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) {
    console.log(HELP);
    return 0;
  }
  const inputs = Number(values.inputs ?? Infinity);
  const seconds = Number(values.seconds ?? (values.inputs === undefined ? 30 : 2 ** 31));
  patienceMs = Number(values.patience ?? PATIENCE_S) * 1000;
  const seed = Number(values.seed ?? Date.now() % 1_000_000);
  const { targets, targetsNamed } = await import('./targets.js');
  const chosen = values.only === undefined ? targets : targetsNamed(values.only);
  if (!(patienceMs > 0) || !(inputs > 0) || !(seconds > 0) || !Number.isInteger(seed) || chosen.length === 0) {
    console.error(`${HELP}\n\nTargets:\n${targets.map(({ name, about }) => `  ${name.padEnd(17)} ${about}`).join('\n')}`);
    return 2;
  }
  const order = { seed, only: values.only, inputs: Math.min(inputs, 2 ** 40), seconds };
  const begun = performance.now();
  const outcome = await run(order);
  const elapsed = (performance.now() - begun) / 1000;
  const done = outcome.reports.find((report) => report.type === 'done');
  if (done !== undefined && outcome.code === 0) {
    for (const [name, count] of Object.entries(done.counts))
      console.log(`${name.padEnd(17)} ${String(count).padStart(9)} inputs`);
    const total = Object.values(done.counts).reduce((sum, count) => sum + count, 0);
    console.log(`${total} inputs in ${elapsed.toFixed(1)} s, 0 anomalies (seed ${seed})`);
    return 0;
  }
  await explain(
    order,
    outcome,
    targets.map(({ name }) => name),
  );
  return 1;
}

/** Prints what went wrong, and with which input. */
async function explain(order: Omit<Order, 'progress'>, outcome: Outcome, names: readonly string[]): Promise<void> {
  const anomaly = outcome.reports.find((report) => report.type === 'anomaly');
  if (anomaly !== undefined) {
    console.error(`ANOMALY in ${anomaly.target} (seed ${order.seed}, chunk ${anomaly.chunk})\n${anomaly.what}`);
    if (anomaly.input !== undefined) return console.error(`input: ${anomaly.input}`);
    // Seen after the chunk only: once more, with a look after each input.
    const close = await run({
      ...order,
      only: `${anomaly.target}!`,
      chunk: anomaly.chunk,
      close: true,
      inputs: 2 ** 40,
      seconds: 600,
    });
    const exact = close.reports.find((report) => report.type === 'anomaly');
    if (exact === undefined) return console.error('input: not found by the chunk alone; the ones before it are needed, too');
    return console.error(`input: ${exact.input ?? 'unknown'}\n${exact.what}`);
  }
  const { place, hung, code, signal, stderr } = outcome;
  const how = hung ? `no progress for ${patienceMs / 1000} s` : `the process ended with ${signal ?? code}`;
  const target = place === undefined ? undefined : (names[place.target] ?? order.only);
  console.error(`ANOMALY in ${target ?? 'the beginning'} (seed ${order.seed}): ${how}\n${stderr}`);
  if (place === undefined || target === undefined) return;
  const shown = await run({ ...order, only: `${target}!`, chunk: place.chunk, show: place.index, inputs: 2 ** 40, seconds: 60 });
  const input = shown.reports.find((report) => report.type === 'input');
  console.error(`chunk ${place.chunk}, input ${place.index}: ${input?.input ?? 'unknown'}`);
}

process.exitCode = await main();
