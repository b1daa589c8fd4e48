/** Answers each question until nobody can ask any more. */
import type { Receiver, Sender } from 'beamline';

export default function echo({ questioned, answers }: { questioned: Receiver<string>; answers: Sender<string> }): void {
  for (const question of questioned) answers.sendSync(`the echo of ${question}`);
}
