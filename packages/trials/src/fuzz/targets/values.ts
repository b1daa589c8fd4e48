/** Hostile values, sent in every form and received on the other side. */
import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { bounded, codecs, open, spawn, unbounded, type Receiver, type Sender, type UniversalCodec } from 'beamline';
import { isTame, make, recipes, type Recipe, type Surroundings } from '../hostile.js';
import { dropHandles } from '../oracle.js';
import { Anomaly, attempt, attemptAsync, Hostility, type Target } from '../target.js';

const CAPACITY = 8;

/** A channel that hostile code is let loose on, with everything that comes of it. */
export class Field implements Surroundings {
  readonly sender: Sender<unknown>;
  readonly receiver: Receiver<unknown>;
  private readonly extras: (Sender<unknown> | Receiver<unknown>)[] = [];
  private depth = 0;

  constructor(codec: UniversalCodec | undefined, isBounded: boolean) {
    const options = codec === undefined ? {} : { codec };
    [this.sender, this.receiver] = isBounded
      ? bounded<unknown>(CAPACITY, options as never)
      : unbounded<unknown>(options as never);
    // One more of each, so that what a message drops does not disconnect the channel every time.
    this.extras.push(this.sender.clone(), this.receiver.clone());
  }

  misbehave(which: number): void {
    if (this.depth > 2) return;
    this.depth++;
    try {
      this.misdeed(which);
    } finally {
      this.depth--;
    }
  }

  private misdeed(which: number): void {
    const { sender, receiver } = this;
    const deeds: (() => unknown)[] = [
      () => sender.trySend(which),
      () => sender.trySend({ from: 'inside', pad: 'p'.repeat(200) }),
      () => sender.trySendMany([1, { two: 2 }, 'three'.repeat(9)]),
      () => receiver.tryRecv(),
      () => dropHandles(attempt(() => receiver.tryRecvMany(3))?.value),
      () => sender.drop(),
      () => receiver.drop(),
      () => sender.close(),
      () => this.keep(sender.clone()),
      () => this.keep(open(sender.clone().transfer())),
      () => void sender.send({ late: which }, { timeout: 1 }).catch(() => undefined),
      () => void receiver.recv({ timeout: 1 }).then(dropHandles, () => undefined),
      () => void sender.sendMany([1, 2, 3], { timeout: 1 }).catch(() => undefined),
      () => {
        throw new Hostility('misdeed');
      },
    ];
    // What the library says to the misdeed is judged as well: it is an input, too.
    attempt(deeds[which % deeds.length]!);
  }

  private keep(handle: Sender<unknown>): void {
    this.extras.push(handle);
  }

  handle(which: number): object {
    const ours = [this.sender, this.receiver][which % 2]!;
    if (which % 5 === 0) return ours; // moves away with the message
    const [tx, rx] = bounded<unknown>(1);
    this.extras.push(tx, rx);
    if (which % 5 === 1) tx.drop();
    if (which % 5 === 2) open(tx.transfer()).drop();
    return which % 2 === 0 ? tx : rx;
  }

  /** Takes all that arrived, and gives everything up. */
  end(): unknown[] {
    const arrived: unknown[] = [];
    const last = this.extras[1] as Receiver<unknown>;
    for (;;) {
      const result = attempt(() => last.tryRecv());
      if (result === undefined) continue; // a message that could not be decoded is used up
      if (!result.value.ok) break;
      arrived.push(result.value.value);
    }
    for (const handle of [this.sender, this.receiver, ...this.extras]) handle.drop();
    return arrived;
  }
}

const forms = ['trySend', 'sendSync', 'trySendMany', 'sendManySync'] as const;
const asyncForms = ['send', 'sendMany'] as const;
const codecNames = ['any', 'json', 'utf8', 'bytes', 'float64', 'int32'] as const;
const codecOf = (name: (typeof codecNames)[number]): UniversalCodec | undefined =>
  name === 'any' ? undefined : (codecs[name] as unknown as UniversalCodec);

/** Whether the value arrived, by what the send said. */
function check(recipe: Recipe, codec: string, accepted: boolean, arrived: readonly unknown[], value: unknown): void {
  if (codec === 'any' && isTame(recipe)) {
    if (!accepted) throw new Anomaly('a value that structured clone takes was refused');
    if (!arrived.some((each) => isDeepStrictEqual(each, structuredClone(value)))) throw new Anomaly('a value arrived as another');
  }
  arrived.forEach(dropHandles);
}

interface Input {
  readonly recipe: Recipe;
  readonly form: (typeof forms)[number];
  readonly codec: (typeof codecNames)[number];
  readonly isBounded: boolean;
}

const isOk = (result: { value: unknown } | undefined): boolean =>
  result !== undefined && (result.value as { ok?: boolean } | undefined)?.ok !== false;

function sendBy(field: Field, form: Input['form'], value: unknown): boolean {
  const { sender } = field;
  switch (form) {
    case 'trySend':
      return isOk(attempt(() => sender.trySend(value), true));
    case 'sendSync':
      return isOk(attempt(() => sender.sendSync(value, { timeout: 0 }), true));
    case 'trySendMany':
      return isOk(attempt(() => sender.trySendMany([value]), true));
    case 'sendManySync':
      return isOk(attempt(() => sender.sendManySync([value], { timeout: 0 }), true));
  }
}

const codecArbitrary = fc.oneof({ weight: 4, arbitrary: fc.constant('any' as const) }, fc.constantFrom(...codecNames));

export const values: Target<Input> = {
  name: 'values',
  about: 'hostile values: getters, proxies, prototypes, cycles, buffers, handles',
  inputs: fc.record({ recipe: recipes, form: fc.constantFrom(...forms), codec: codecArbitrary, isBounded: fc.boolean() }),
  run({ recipe, form, codec, isBounded }) {
    const field = new Field(codecOf(codec), isBounded);
    let value: unknown;
    try {
      value = make(recipe, field);
    } catch (error) {
      field.end();
      if (!(error instanceof Hostility || error instanceof RangeError || error instanceof TypeError)) throw error;
      return; // a value that cannot even be made, such as a Map of a value that throws when it is compared
    }
    const accepted = sendBy(field, form, value);
    check(recipe, codec, accepted, field.end(), value);
  },
};

export const valuesAsync: Target<Omit<Input, 'form'> & { form: (typeof asyncForms)[number] }> = {
  name: 'values-async',
  about: 'the same with send and sendMany, with misdeeds that are still pending',
  inputs: fc.record({ recipe: recipes, form: fc.constantFrom(...asyncForms), codec: codecArbitrary, isBounded: fc.boolean() }),
  async run({ recipe, form, codec, isBounded }) {
    const field = new Field(codecOf(codec), isBounded);
    const { sender } = field;
    let accepted = false;
    const value = make(recipe, field);
    try {
      const options = { timeout: 5 };
      const action = form === 'send' ? () => sender.send(value, options) : () => sender.sendMany([value], options);
      accepted = (await attemptAsync<unknown>(action, true)) !== undefined;
      await new Promise((resolve) => setImmediate(resolve));
    } finally {
      check(recipe, codec, accepted, field.end(), value);
      await new Promise((resolve) => setImmediate(resolve)); // what was pending has been told
    }
  },
};

/** Nothing is there, and nothing is started: the platform refuses these options after the library has looked at the data. */
const NOWHERE = new URL('file:///nowhere.mjs');
const REFUSED = { argv: 'no array' } as never as { argv: string[] };

/** The error that the platform refuses the options with is not the library's. */
function refused(action: () => unknown): void {
  try {
    action();
  } catch (error) {
    if ((error as { code?: unknown } | null)?.code !== 'ERR_INVALID_ARG_TYPE') throw error;
    return;
  }
  throw new Anomaly('a thread was started with options that cannot be');
}

export const spawnData: Target<Recipe> = {
  name: 'spawn',
  about: 'hostile data for a thread, which is not started',
  inputs: recipes,
  run(recipe) {
    const field = new Field(undefined, true);
    try {
      const value = make(recipe, field);
      attempt(() => refused(() => spawn(NOWHERE, { ...REFUSED, data: value })), true);
    } finally {
      field.end().forEach(dropHandles);
    }
  },
};
