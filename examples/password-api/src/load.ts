/** Loads the server by autocannon: each connection sends its next request as soon as it has an answer, whatever that is. */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import autocannon from 'autocannon';

const LONGEST_SECONDS = 60;

export interface Answers {
  readonly count: number;
  readonly medianMs: number;
  readonly p99Ms: number;
}

export interface Load {
  /** By status. */
  readonly answers: ReadonlyMap<number, Answers>;
  /** Requests that failed or had no answer in time. */
  readonly unanswered: number;
}

/** Until so many passwords are hashed, or for a minute. */
export function load(url: string, connections: number, hashes: number): Promise<Load> {
  const times = new Map<number, RecordableHistogram>();
  const note = (status: number, ms: number): void => {
    const histogram = times.get(status) ?? createHistogram();
    times.set(status, histogram);
    histogram.record(Math.max(1, Math.round(ms * 1000)));
  };
  return new Promise((resolve, reject) => {
    const running = autocannon(
      {
        url: `${url}/hash`,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ password: 'correct horse' }),
        connections,
        duration: LONGEST_SECONDS,
        timeout: LONGEST_SECONDS, // for one answer
      },
      (error: Error | null, { errors }) => {
        const answers = [...times].sort().map(([status, histogram]) => [status, answersOf(histogram)] as const);
        if (error === null) resolve({ answers: new Map(answers), unanswered: errors });
        else reject(error);
      },
    );
    running.on('response', (_client, status, _bytes, ms) => {
      note(status, ms);
      if (times.get(200)?.count === hashes) running.stop();
    });
  });
}

function answersOf(histogram: RecordableHistogram): Answers {
  const ms = (percentile: number): number => Math.ceil(histogram.percentile(percentile) / 1000);
  return { count: histogram.count, medianMs: ms(50), p99Ms: ms(99) };
}
