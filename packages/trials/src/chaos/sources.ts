/**
 * Sources of the parent's events and of threads': other threads receive and select over them, all are killed. Every event is
 * received once, in order; what a dead thread emitted is there still; with the last receiver the listener goes.
 */
import { EventEmitter } from 'node:events';
import {
  fromAbortSignal,
  fromEvent,
  fromSignal,
  select,
  selectSync,
  trySelect,
  unbounded,
  type Receiver,
  type Sender,
} from 'beamline';
import { churn, moment, roles as exchangers, startReceiver } from '../frame/exchangers.js';
import { dress, undress } from '../frame/messages.js';
import type { Round, Stream } from '../frame/round.js';
import type { Scenario } from '../frame/scenario.js';
import type { Stage } from '../frame/stage.js';

const PLACES = 7;
const KILLS = 18;
const SIGNAL = 'SIGUSR2';
/** Codecs whose messages run no code of the trial while they are encoded: that would be inside a listener. */
const DRESSES = ['float64', 'utf8', 'bytes', 'json'] as const;

type Source = Receiver<unknown>;

interface EmitterData {
  /** Its source goes to the listeners, and to the parent, who reads what is left. */
  readonly feed: Sender<Source>;
  readonly kept: Sender<Source>;
}

interface ListenerData {
  readonly rx0: Source;
  readonly rx1: Source;
  readonly stop: Source;
  readonly signals: Source;
  readonly fed: Receiver<Source>;
  readonly form: 'select' | 'selectSync' | 'trySelect';
}

/** Emits the stage's next numbers. */
function emits(stage: Stage, emit: (message: unknown) => void): Promise<boolean> {
  return stage.sends(1 + stage.random.below(5), (numbers) => {
    for (const n of numbers) emit(dress(stage, stage.random.pick(DRESSES), n));
    return numbers.length;
  });
}

export const roles = {
  ...exchangers,

  /** Emits events of its own until it is told to finish. */
  async emitter(stage: Stage, { feed, kept }: EmitterData): Promise<void> {
    const emitter = new EventEmitter();
    const source = fromEvent(emitter, 'event');
    await stage.does('sending', () => kept.sendSync(source.clone()));
    await stage.does('sending', () => feed.sendSync(source));
    while (!stage.obey()) {
      await emits(stage, (message) => emitter.emit('event', message));
      await stage.rest(stage.random.chance(50));
    }
  },

  /** Selects over sources until it hears of the abort, or that another did. */
  async listener(stage: Stage, { rx0, rx1, stop, signals, fed, form }: ListenerData): Promise<void> {
    const live = [rx0, rx1];
    let isStopped = false;
    while (!isStopped && !stage.obey()) {
      const more = fed.tryRecv();
      if (more.ok) live.push(more.value);
      const cases = [stop, signals, ...live];
      await stage.receives(1, async () => {
        const timeout = stage.random.below(20);
        const event =
          form === 'trySelect'
            ? trySelect(cases)
            : await (
                form === 'select' ? select(cases, { timeout }) : Promise.resolve().then(() => selectSync(cases, { timeout }))
              ).catch((error: unknown) => {
                if ((error as { code?: string }).code !== 'ERR_TIMEOUT') throw error;
                return undefined;
              });
        if (event === undefined) return [];
        isStopped = event.key === 0;
        if (event.ok) return event.key === 1 ? [] : [undress(event.value)];
        if (event.key > 1) live.splice(event.key - 2, 1)[0]!.drop();
        return [];
      });
    }
  },
};

export const sources: Scenario = {
  name: 'sources',
  about: 'threads receive and select over events, signals and an abort, killed as those are whose events they are',
  module: import.meta.url,

  async run(round) {
    const { random } = round;
    const before = process.listenerCount(SIGNAL);
    const stream = round.stream(undefined);
    const { number } = stream;
    const emitter = new EventEmitter();
    const target = new EventTarget();
    const stopper = new AbortController();
    const own: Source[] = [fromEvent(emitter, 'event'), fromEvent(target, 'event')];
    const stop = fromAbortSignal(stopper.signal);
    const signals = fromSignal(SIGNAL);
    const [feed, fed] = unbounded<Source>();
    const [kept, keeps] = unbounded<Source>();

    const begin = (place: number) => {
      if (place < 2) return round.start({ role: 'emitter', handles: { feed: feed.clone(), kept: kept.clone() }, stream: number, spawned: random.chance(40) }); // prettier-ignore
      if (place === 2) return startReceiver(round, { ...stream, rx: random.pick(own) }, random.chance(40));
      const [rx0, rx1] = own.map((source) => source.clone()) as [Source, Source];
      const handles = { rx0, rx1, stop: stop.clone(), signals: signals.clone(), fed: fed.clone() };
      const data = { form: random.pick(['select', 'selectSync', 'trySelect'] as const) };
      return round.start({ role: 'listener', handles, data, stream: number, spawned: random.chance(40) });
    };

    let isOver = false;
    const emitting = [
      (message: unknown) => emitter.emit('event', message),
      (detail: unknown) => target.dispatchEvent(new CustomEvent('event', { detail })),
    ].map((emit) => round.takesPart(number, (stage) => emitsUntil(round, stage, emit, () => isOver)));
    const stayer = begin(PLACES - 1);
    const places = Array.from({ length: PLACES }, (_, place) => begin(place));
    await churn(round, places, begin, KILLS);
    isOver = true;
    await Promise.all(emitting);

    places.slice(0, 2).forEach((actor) => actor.finish());
    await round.ends(places.slice(0, 2));
    await round.takesPart(number, (stage) => stage.sends(1, ([n]) => (stopper.abort(n), 1)));
    const listeners = [stayer, ...places.slice(3)];
    await round.ends(listeners);
    for (const source of own) source.close(); // a plain receiver blocks for as long as events could come
    await round.ends(places);
    round.expect('listeners of a source that was closed', emitter.listenerCount('event'), 0);

    for (const handle of [feed, kept]) handle.drop();
    for (const source of [...own, stop, ...keeps.tryIter()]) await ends(round, source, number);
    signals.drop();
    for (const handle of [fed, keeps]) handle.drop();
    round.expect('listeners of the signal', process.listenerCount(SIGNAL), before);
    await goes(round);
  },
};

async function emitsUntil(round: Round, stage: Stage, emit: (message: unknown) => void, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    await emits(stage, emit);
    if (stage.random.chance(20)) process.emit(SIGNAL, SIGNAL);
    await moment(round, 4);
  }
}

/** What is left in a source is read, and then it has ended. */
async function ends(round: Round, source: Source, number: number): Promise<void> {
  const { disconnected } = await round.drain({ number, rx: source } as Stream);
  round.expect('the end of a source is seen', disconnected, true);
  source.drop();
}

/** A source whose only receiver a thread has: when that is killed, the listener goes. */
async function goes(round: Round): Promise<void> {
  const emitter = new EventEmitter();
  const stream = round.stream(undefined);
  round.discard(stream);
  const source = fromEvent(emitter, 'event');
  const reader = startReceiver(round, { ...stream, rx: source }, round.random.chance(50));
  source.drop();
  await round.until('the reader is ready', () => reader.isReady || reader.isOver);
  await round.kill([[reader, 'terminate']]);
  await round.until('nobody listens', () => emitter.listenerCount('event') === 0);
}
