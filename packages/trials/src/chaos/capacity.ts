/**
 * Senders of a bounded channel are killed, and nobody receives: what they leave must be at most the capacity, and the channel must
 * have room for exactly the rest.
 */
import { moment, startSender, wayOf } from '../frame/exchangers.js';
import type { Scenario } from '../frame/scenario.js';

export { roles } from '../frame/exchangers.js';

const WAVES = 3;
const SENDERS = 3;

export const capacity: Scenario = {
  name: 'capacity',
  about: 'senders of a full channel are killed: it holds what it can hold, exactly',
  module: import.meta.url,

  async run(round) {
    const { random } = round;
    const stream = round.stream(random.pick([1, 2, 3, 1024]));
    for (let wave = 0; wave < WAVES; wave++) {
      const senders = Array.from({ length: SENDERS }, () => startSender(round, stream, random.chance(40)));
      await round.until('a sender is ready', () => senders.some(({ isReady }) => isReady));
      if (random.chance(50)) await round.until('the channel is full', () => stream.rx.isFull);
      await moment(round, 10);
      await round.kill(senders.map((actor) => [actor, wayOf(round)]));
      const left = stream.rx.length;
      round.expect('what fits into the rest of the channel', await round.fill(stream), stream.capacity - left);
      round.expect('what was in the full channel', (await round.drain(stream)).count, stream.capacity);
      round.expect('senders after all died', stream.rx.senderCount, 1);
    }
  },
};
