/** Answers every message. */
import type { Receiver, Sender } from 'beamline';

export interface EchoData {
  readonly questions: Receiver<number>;
  readonly answers: Sender<number>;
}

export default function echo({ questions, answers }: EchoData): void {
  for (const value of questions) answers.sendSync(value);
}
