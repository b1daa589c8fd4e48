/** The program: `npm start -- [DIR] [--threads N] [--json] [--compare]`. What it does is told in README.md. */
import { opendirSync } from 'node:fs';
import { compare } from './compare/compare.js';
import { systemCode } from './file-result.js';
import { indexTree } from './indexer.js';
import { interruptions } from './interruptions.js';
import { parseOptions, USAGE, type Options } from './options.js';
import { progressOn } from './progress.js';
import { jsonReport, tableReport, type Report } from './report.js';
import { summarize } from './summary.js';

const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

async function main(): Promise<number> {
  const parsed = parseOptions(process.argv.slice(2), process.env);
  switch (parsed.kind) {
    case 'help':
      process.stdout.write(USAGE);
      return EXIT.done;
    case 'mistake':
      process.stderr.write(`tree-index: ${parsed.message}\n${USAGE}`);
      return EXIT.usage;
    case 'run':
      return run(parsed.options);
  }
}

async function run(options: Options): Promise<number> {
  const obstacle = whyUnreadable(options.root);
  if (obstacle !== undefined) {
    process.stderr.write(`tree-index: cannot read the directory '${options.root}': ${obstacle}\n`);
    return EXIT.failed;
  }
  const report = await index(options);
  process.stdout.write(options.json ? jsonReport(report) : tableReport(report));
  if (report.interrupted) return EXIT.interrupted;
  return report.compare?.equal === false ? EXIT.failed : EXIT.done;
}

function whyUnreadable(root: string): string | undefined {
  try {
    opendirSync(root).closeSync();
    return undefined;
  } catch (error) {
    return systemCode(error);
  }
}

async function index(options: Options): Promise<Report> {
  using interrupted = interruptions();
  const progress = progressOn(process.stderr);
  const started = performance.now();
  const indexed = await indexTree(options, interrupted.receiver, progress).finally(() => progress.stop());
  const seconds = (performance.now() - started) / 1000;
  const report: Report = {
    root: options.root,
    threads: options.threads,
    interrupted: indexed.interrupted,
    seconds,
    filesPerSecond: indexed.results.length / seconds,
    channelMessages: indexed.messages,
    ...summarize(options.root, indexed.results, indexed.walk),
  };
  if (!options.compare || indexed.interrupted) return report;
  const comparison = await compare(options, indexed.results, interrupted.receiver, tellOn(process.stderr));
  return comparison === undefined ? { ...report, interrupted: true } : { ...report, compare: comparison };
}

/** As with the progress bar: people at a terminal are told, files and pipes are not. */
const tellOn =
  (stream: NodeJS.WriteStream): ((line: string) => void) =>
  (line) => {
    if (stream.isTTY) stream.write(`${line}\n`);
  };

// Somebody who stops reading, `| head` say, wants no more; that is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

// Not process.exit(): it would hide a thread that has been left behind, and cut off what is still being printed.
process.exitCode = await main();
