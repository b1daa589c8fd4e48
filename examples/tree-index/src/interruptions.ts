/**
 * Ctrl-C as a channel: the first SIGINT is a message, to be selected over like any other; after it the next one kills, as usual.
 * Not `fromSignal`: its receiver takes every signal, and here the second one has to kill.
 */
import { debuglog } from 'node:util';
import { unbounded, type Receiver } from 'beamline';

const debug = debuglog('tree-index');

/**
 * One Ctrl-C can arrive twice: the terminal signals every process of its foreground group, and npm then passes on what it got.
 * So the next SIGINT counts as another one only after this pause.
 */
const SAME_KEYSTROKE_MS = 300;

export interface Interruptions extends Disposable {
  readonly receiver: Receiver<NodeJS.Signals>;
}

export function interruptions(): Interruptions {
  const [sender, receiver] = unbounded<NodeJS.Signals>({ name: 'interruptions' });
  const pass = (signal: NodeJS.Signals): void => {
    sender.trySend(signal);
    setTimeout(standBack, SAME_KEYSTROKE_MS).unref();
  };
  // There from the first moment to the last, so that at no time in between a signal finds no listener and kills.
  const hold = (): void => {};
  const standBack = (): void => {
    process.off('SIGINT', hold);
    debug('the next SIGINT kills');
  };
  process.on('SIGINT', hold);
  process.once('SIGINT', pass);
  return {
    receiver,
    [Symbol.dispose]() {
      process.off('SIGINT', pass);
      process.off('SIGINT', hold);
      sender.drop();
      receiver.drop();
    },
  };
}
