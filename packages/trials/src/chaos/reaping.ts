/**
 * A thread is killed while its parent is blocked, so that the survivors find out and clean up; then survivors are killed, as they are
 * reaping. And once more.
 */
import { CAPACITIES, startReceiver, startSender, wind } from '../frame/exchangers.js';
import type { Round, Stream } from '../frame/round.js';
import type { Actor } from '../frame/cast.js';
import type { Scenario } from '../frame/scenario.js';

export { roles } from '../frame/exchangers.js';

const WAVES = 4;
const PLACES = 6;
/** Longer than the least time between two looks for the dead. */
const LONGEST_HOLD_MS = 120;

export const reaping: Scenario = {
  name: 'reaping',
  about: 'survivors are killed while they clean up after a death that their parent has not seen',
  module: import.meta.url,

  async run(round) {
    const stream = round.stream(round.random.pick(CAPACITIES));
    const stayers = [startSender(round, stream, false), startReceiver(round, stream, false)];
    const places = Array.from({ length: PLACES }, (_, place) => begin(round, stream, place));
    for (let wave = 0; wave < WAVES; wave++) {
      await round.until('all are ready', () => places.every(({ isReady }) => isReady));
      const order = shuffled(round, [...places.keys()]).slice(0, 2 + round.random.below(PLACES - 2));
      // `terminate` takes effect at once, what follows of it here must wait for the event loop: nobody here sees the death.
      const deaths: Promise<void>[] = [];
      for (const place of order) {
        deaths.push(round.kill([[places[place]!, 'terminate']]));
        round.hold(round.random.chance(50) ? round.random.below(LONGEST_HOLD_MS) : round.random.below(5));
      }
      await Promise.all(deaths);
      for (const place of order) places[place] = begin(round, stream, place);
    }
    const all = [...stayers, ...places];
    const senders = all.filter(({ plan }) => plan.role === 'sender');
    await wind(
      round,
      stream,
      senders,
      all.filter((actor) => !senders.includes(actor)),
    );
  },
};

const begin = (round: Round, stream: Stream, place: number): Actor =>
  (place % 2 === 0 ? startSender : startReceiver)(round, stream, round.random.chance(30));

function shuffled<T>(round: Round, list: T[]): T[] {
  for (let i = list.length - 1; i > 0; i--) {
    const j = round.random.below(i + 1);
    [list[i], list[j]] = [list[j]!, list[i]!];
  }
  return list;
}
