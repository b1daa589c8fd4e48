/** The progress bar on a terminal. It is drawn on standard error, so that standard output is the report's alone. */
import { SingleBar } from 'cli-progress';
import prettyBytes from 'pretty-bytes';

export interface ProgressState {
  readonly task: string;
  readonly done: number;
  /** Files found so far; more may follow while the walk goes on. */
  readonly found: number;
  readonly bytes: number;
}

export interface Progress {
  update(state: ProgressState): void;
  stop(): void;
}

const FORMAT = '{task} {bar} {value}/{total} files · {rate} files/s · {size}';

export const quiet: Progress = { update: () => {}, stop: () => {} };

/** A bar on a terminal, nothing elsewhere. */
export function progressOn(stream: NodeJS.WriteStream): Progress {
  return stream.isTTY ? new ProgressBar(stream) : quiet;
}

class ProgressBar implements Progress {
  readonly #bar: SingleBar;
  readonly #started = performance.now();

  constructor(stream: NodeJS.WriteStream) {
    // The cursor stays, as the program may be killed while the bar is there.
    this.#bar = new SingleBar({ stream, format: FORMAT, barsize: 30, hideCursor: null, clearOnComplete: true });
    this.#bar.start(0, 0, this.#texts({ task: 'indexing', done: 0, found: 0, bytes: 0 }));
  }

  update(state: ProgressState): void {
    this.#bar.setTotal(state.found);
    this.#bar.update(state.done, this.#texts(state));
  }

  stop(): void {
    this.#bar.stop();
  }

  #texts({ task, done, bytes }: ProgressState): object {
    const seconds = (performance.now() - this.#started) / 1000;
    return { task, rate: seconds > 0 ? Math.round(done / seconds) : 0, size: prettyBytes(bytes) };
  }
}
