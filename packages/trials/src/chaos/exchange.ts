/**
 * Senders and receivers of one channel exchange messages of all kinds, in all forms, while they are killed, one or several at once,
 * and started again. One sender and one receiver live throughout, so that there is always somebody to exchange with.
 *
 * Afterwards nothing is lost beyond what dead receivers had in hand, nothing doubled, nothing out of order, and the channel ends.
 */
import { CAPACITIES, churn, startReceiver, startSender, wind } from '../frame/exchangers.js';
import { CODECS } from '../frame/messages.js';
import type { Scenario } from '../frame/scenario.js';

export { roles } from '../frame/exchangers.js';

const PLACES = 5;
const KILLS = 24;

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
    await churn(round, places, begin, KILLS);
    const all = [...stayers, ...places];
    await wind(
      round,
      stream,
      all.filter(({ plan }) => plan.role === 'sender'),
      all.filter(({ plan }) => plan.role === 'receiver'),
    );
  },
};
