/**
 * Receivers select over several channels and a timer, anew each time or with a set that stays, and are killed, as are the senders.
 * Exactly one case of each select takes a message: the others lose none.
 */
import { after, Select, select, selectSync, tick, trySelect, type Receiver, type SelectedOperation } from 'beamline';
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

  /** The same with a set that stays between its calls; now and then it asks first, and then tries. */
  async watcher(stage: Stage, { rx0, rx1, rx2 }: SelectData): Promise<void> {
    using set = new Select({ biased: stage.random.chance(50) });
    const live = new Map([rx0, rx1, rx2].map((rx) => [set.recv(rx), rx]));
    const beat = tick(5);
    const beats = set.recv(beat);
    while (live.size > 0 && !stage.obey()) {
      await stage.receives(1, async () => {
        const event = await untilTimeout(() => next(stage, set, (index) => live.get(index) ?? beat));
        if (event === undefined || event.index === beats) return [];
        if (event.ok) return [undress(event.value)];
        set.remove(event.index);
        live.delete(event.index);
        return [];
      });
    }
    beat.drop();
  },
};

async function next(
  stage: Stage,
  set: Select,
  rxAt: (index: number) => Receiver<unknown>,
): Promise<SelectedOperation | undefined> {
  const timeout = stage.random.below(50);
  const form = stage.random.below(5);
  if (form === 0) return set.trySelect();
  if (form < 3) return form === 1 ? set.selectSync({ timeout }) : set.select({ timeout });
  const index = form === 3 ? set.readySync({ timeout }) : await set.ready({ timeout });
  const result = rxAt(index).tryRecv();
  if (!result.ok && result.reason === 'empty') return undefined; // another was faster
  return result.ok ? { index, ok: true, value: result.value } : { index, ok: false, reason: 'disconnected' };
}

async function untilTimeout<T>(action: () => Promise<T>): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_TIMEOUT') throw error;
    return undefined;
  }
}

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
    const selectors = [...stayers, ...places].filter(({ plan }) => plan.role !== 'sender');
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
  const role = round.random.chance(50) ? 'selector' : 'watcher';
  return round.start({ role, handles, data: { form }, stream: number, spawned: round.random.chance(40) });
}
