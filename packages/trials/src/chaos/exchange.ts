/**
 * Senders and receivers of one channel exchange messages of all kinds, in all forms, while they are killed, one or several at once,
 * and started again. One sender and one receiver live throughout, so that there is always somebody to exchange with.
 *
 * Afterwards nothing is lost beyond what dead receivers had in hand, nothing doubled, nothing out of order, and the channel ends.
 */
import { CAPACITIES, moment, startReceiver, startSender, wayOf, wind } from '../frame/exchangers.js';
import { CODECS } from '../frame/messages.js';
import type { Scenario } from '../frame/scenario.js';

export { roles } from '../frame/exchangers.js';

const PLACES = 5;
const KILLS = 14;

export const exchange: Scenario = {
  name: 'exchange',
  about: 'senders and receivers of one channel, in all forms, killed one or several at once',
  module: import.meta.url,

  async run(round) {
    const { random } = round;
    const stream = round.stream(random.pick(CAPACITIES), random.chance(50) ? 'any' : random.pick(CODECS));
    const spawned = () => stream.codec !== 'own' && random.chance(40);
    const begin = (place: number) => (place % 2 === 0 ? startSender : startReceiver)(round, stream, spawned());
    const stayers = [begin(0), begin(1)] as const;
    const places = Array.from({ length: PLACES }, (_, place) => begin(place));
    for (let kills = 0; kills < KILLS;) {
      const place = random.below(PLACES);
      // Every third thread may be killed while it starts.
      if (random.below(3) > 0) await round.until('a thread is ready', () => places[place]!.isReady || places[place]!.isOver);
      await moment(round, 12);
      const victims = random.chance(40) ? [place, (place + 1 + random.below(PLACES - 1)) % PLACES] : [place];
      await round.kill(victims.map((victim) => [places[victim]!, wayOf(round)]));
      for (const victim of victims) places[victim] = begin(victim);
      kills += victims.length;
    }
    const all = [...stayers, ...places];
    await wind(
      round,
      stream,
      all.filter(({ plan }) => plan.role === 'sender'),
      all.filter(({ plan }) => plan.role === 'receiver'),
    );
  },
};
