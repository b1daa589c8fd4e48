/**
 * Threads are killed while they start: before the library is loaded, before they open their handles, at their first operations. Two
 * that live exchange messages meanwhile.
 */
import { CAPACITIES, startReceiver, startSender, wind } from '../frame/exchangers.js';
import { later, type Actor } from '../frame/cast.js';
import type { Scenario } from '../frame/scenario.js';

export { roles } from '../frame/exchangers.js';

const WAVES = 5;
const AT_ONCE = 3;
/** Starting takes about so long on an idle machine. */
const STARTING_MS = 90;

export const starting: Scenario = {
  name: 'starting',
  about: 'threads are killed while they start',
  module: import.meta.url,

  async run(round) {
    const { random } = round;
    const stream = round.stream(random.pick(CAPACITIES));
    const stayers = [startSender(round, stream, false), startReceiver(round, stream, true)] as const;
    for (let wave = 0; wave < WAVES; wave++) {
      const victims = Array.from({ length: AT_ONCE }, (_, i): Actor => {
        const begin = i % 2 === 0 ? startSender : startReceiver;
        return begin(round, stream, random.chance(50));
      });
      await Promise.all(
        victims.map(async (victim) => {
          await later(random.below(STARTING_MS));
          await round.kill([[victim, 'terminate']]);
        }),
      );
    }
    await wind(round, stream, [stayers[0]], [stayers[1]]);
  },
};
