/**
 * Receivers select over several channels and a timer, and are killed, as are the senders. Exactly one case of each select takes a
 * message: the others lose none.
 */
import { after, select, selectSync, tick, trySelect, type Receiver } from 'beamline';
import { CAPACITIES, churn, roles as exchangers, startSender } from '../frame/exchangers.js';
import { undress } from '../frame/messages.js';
import type { Round, Stream } from '../frame/round.js';
import type { Scenario } from '../frame/scenario.js';
import type { Stage } from '../frame/stage.js';

const CHANNELS = 3;
const RECEIVERS = 3;
const KILLS = 20;

interface SelectData {
  readonly rx0: Receiver<unknown>;
  readonly rx1: Receiver<unknown>;
  readonly rx2: Receiver<unknown>;
  readonly form: 'select' | 'selectSync' | 'trySelect';
}

export const roles = {
  ...exchangers,

  /** Selects until every channel is disconnected. */
  async selector(stage: Stage, { rx0, rx1, rx2, form }: SelectData): Promise<void> {
    const live = [rx0, rx1, rx2];
    const beat = tick(5);
    while (live.length > 0 && !stage.obey()) {
      const late = after(stage.random.below(20));
      const cases = [...live, beat, late];
      const biased = stage.random.chance(50);
      await stage.receives(1, async () => {
        const event =
          form === 'select'
            ? await select(cases, { biased })
            : form === 'selectSync'
              ? selectSync(cases, { biased, timeout: 50 })
              : trySelect(cases, { biased });
        if (event === undefined || event.key >= live.length) return [];
        if (event.ok) return [undress(event.value)];
        live.splice(event.key, 1);
        return [];
      });
      late.drop();
    }
    beat.drop();
  },
};

export const selecting: Scenario = {
  name: 'selecting',
  about: 'receivers select over several channels and timers, killed as their senders are',
  module: import.meta.url,

  async run(round) {
    const { random } = round;
    const first = round.stream(random.pick(CAPACITIES));
    const streams = [first, ...Array.from({ length: CHANNELS - 1 }, () => round.stream(random.pick(CAPACITIES), 'any', first))];
    const begin = (place: number) =>
      place < CHANNELS ? startSender(round, streams[place]!, random.chance(40)) : startSelector(round, streams);
    const stayers = [begin(0), begin(1), begin(2), begin(CHANNELS)];
    const places = Array.from({ length: CHANNELS + RECEIVERS }, (_, place) => begin(place));
    await churn(round, places, begin, KILLS);
    const senders = [...stayers, ...places].filter(({ plan }) => plan.role === 'sender');
    const selectors = [...stayers, ...places].filter(({ plan }) => plan.role === 'selector');
    senders.forEach((sender) => sender.finish());
    await round.ends(senders);
    for (const { tx } of streams) tx.drop();
    await round.ends(selectors);
    for (const stream of streams) round.expect('the end is seen', (await round.drain(stream)).disconnected, true);
  },
};

function startSelector(round: Round, streams: readonly Stream[]) {
  const handles = Object.fromEntries(streams.map(({ rx }, i) => [`rx${i}`, rx.clone()]));
  const form = round.random.pick(['select', 'selectSync', 'trySelect'] as const);
  const { number } = streams[0]!;
  return round.start({ role: 'selector', handles, data: { form }, stream: number, spawned: round.random.chance(40) });
}
