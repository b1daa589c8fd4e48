/**
 * Every way to send and to receive that the library has, each as one function: so that a role can take any.
 *
 * Called by: roles. A send says how many of the messages were accepted, a receive gives what it got; neither throws for a limit
 * that has passed. Disconnection throws.
 */
import {
  after,
  never,
  Select,
  select,
  selectEach,
  selectSync,
  send,
  trySelect,
  type Receiver,
  type Sender,
  type WaitOptions,
} from 'beamline';

type Tx = Sender<unknown>;
type Rx = Receiver<unknown>;
export type Send = (tx: Tx, messages: readonly unknown[], ms: number) => number | Promise<number>;
type Receive = (rx: Rx, most: number, ms: number) => unknown[] | Promise<unknown[]>;

interface Failure {
  readonly code?: string;
  readonly name?: string;
  readonly value?: unknown;
}

/** A limit has passed, which is no failure here. */
const isLimit = (error: unknown): boolean =>
  (error as Failure).code === 'ERR_TIMEOUT' || (error as Failure).name === 'AbortError';

/** One message: 1 if it was accepted, 0 if a limit ended the send. */
async function untilLimit(send: () => Promise<void>): Promise<number> {
  try {
    await send();
    return 1;
  } catch (error) {
    if (isLimit(error)) return 0;
    throw error;
  }
}

/** An abort comes after `ms`, or first. */
function aborting(ms: number): { limits: WaitOptions; done: () => void } {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), ms);
  return { limits: { signal: controller.signal }, done: () => clearTimeout(timer) };
}

async function sendAborted(tx: Tx, message: unknown, ms: number): Promise<number> {
  const { limits, done } = aborting(ms);
  const accepted = await untilLimit(() => tx.send(message, limits));
  done();
  return accepted;
}

async function recvAborted(rx: Rx, ms: number): Promise<unknown[]> {
  const { limits, done } = aborting(ms);
  try {
    return [await rx.recv(limits)];
  } catch (error) {
    return noneIfLimit(error);
  } finally {
    done();
  }
}

function noneIfLimit(error: unknown): unknown[] {
  if (isLimit(error)) return [];
  throw error;
}

function noneSentIfLimit(error: unknown): number {
  noneIfLimit(error);
  return 0;
}

function syncUntilLimit<T>(action: () => T, otherwise: T): T {
  try {
    return action();
  } catch (error) {
    if (isLimit(error)) return otherwise;
    throw error;
  }
}

/** A try form has found its channel disconnected. `accepted`: how many messages it had sent before. */
export class Disconnected extends Error {
  readonly code = 'ERR_DISCONNECTED';

  constructor(readonly accepted = 0) {
    super('a try form: disconnected');
  }
}

function given(result: { ok: true; count?: number } | { ok: false; reason: string; count?: number }): number {
  if (!result.ok && result.reason === 'disconnected') throw new Disconnected(result.count);
  return result.count ?? (result.ok ? 1 : 0);
}

function taken<T>(result: { ok: true; value: T } | { ok: false; reason: string } | undefined): T[] {
  if (result?.ok) return [result.value];
  if (result?.reason === 'disconnected') throw new Disconnected();
  return [];
}

type Event = { ok: true; value: unknown } | { ok: false; reason: 'disconnected' };

/** A select between the channel and other cases, of which none has a message: a timer that is due counts as a limit. */
function casesOf(rx: Rx, ms: number): { cases: { rx: Rx; off: Receiver<never>; late: Receiver<number> }; done: () => void } {
  const late = after(ms);
  const off = never<never>();
  return {
    cases: { rx, off, late },
    done: () => {
      late.drop();
      off.drop();
    },
  };
}

const eventOf = (event: { key: string } & Event): unknown[] => (event.key === 'late' ? [] : taken(event));

/** How to send. Names that begin with `many` take several messages. */
export const sendForms = {
  sync: (tx, [message]) => (tx.sendSync(message), 1),
  syncTimeout: (tx, [message], timeout) => syncUntilLimit(() => (tx.sendSync(message, { timeout }), 1), 0),
  async: (tx, [message]) => tx.send(message).then(() => 1),
  timeout: (tx, [message], timeout) => untilLimit(() => tx.send(message, { timeout })),
  abort: (tx, [message], ms) => sendAborted(tx, message, ms),
  try: (tx, [message]) => given(tx.trySend(message)),
  select: (tx, [message], timeout) => select({ out: send(tx, message) }, { timeout }).then(given, noneSentIfLimit),
  selectMade: (tx, [message], timeout) => select({ out: send(tx, () => message) }, { timeout }).then(given, noneSentIfLimit),
  selectSync: (tx, [message], timeout) =>
    syncUntilLimit(() => given(selectSync({ out: send(tx, () => message) }, { timeout })), 0),
  trySelect: (tx, [message]) => {
    const event = trySelect({ out: send(tx, message) });
    return event === undefined ? 0 : given(event);
  },
  manySync: (tx, messages) => tx.sendManySync(messages),
  many: (tx, messages) => tx.sendMany(messages),
  manyTimeout: (tx, messages, timeout) =>
    tx.sendMany(messages, { timeout }).catch((error: unknown) => {
      if (!isLimit(error)) throw error;
      return messages.length - ((error as Failure).value as unknown[]).length;
    }),
  manyTry: (tx, messages) => given(tx.trySendMany(messages)),
} satisfies Record<string, Send>;

/** How to receive. */
export const receiveForms = {
  sync: (rx) => [rx.recvSync()],
  syncTimeout: (rx, _, timeout) => syncUntilLimit(() => [rx.recvSync({ timeout })], []),
  async: (rx) => rx.recv().then((message) => [message]),
  timeout: (rx, _, timeout) => rx.recv({ timeout }).then((message) => [message], noneIfLimit),
  abort: (rx, _, ms) => recvAborted(rx, ms),
  try: (rx) => taken(rx.tryRecv()),
  manySync: (rx, most) => rx.recvManySync(most),
  many: (rx, most) => rx.recvMany(most),
  manyTry: (rx, most) => taken(rx.tryRecvMany(most)).flat(),
  iterate: async (rx) => {
    for await (const message of rx) return [message];
    throw new Disconnected();
  },
  iterateSync: (rx) => {
    for (const message of rx) return [message];
    throw new Disconnected();
  },
  select: async (rx, _, ms) => {
    const { cases, done } = casesOf(rx, ms);
    const event = await select(cases);
    done();
    return eventOf(event);
  },
  selectSync: (rx, _, ms) => {
    const { cases, done } = casesOf(rx, ms);
    const event = selectSync(cases);
    done();
    return eventOf(event);
  },
  selectTimeout: (rx, _, timeout) => select({ rx }, { timeout }).then((event): unknown[] => taken(event), noneIfLimit),
  trySelect: (rx) => taken(trySelect({ rx })),
  each: async (rx) => {
    for await (const event of selectEach({ rx })) return taken(event);
    throw new Disconnected();
  },
  set: async (rx, _, timeout) => {
    using set = new Select();
    set.recv(rx);
    return await set.select({ timeout }).then((event): unknown[] => taken(event as Event), noneIfLimit);
  },
} satisfies Record<string, Receive>;

export type SendForm = keyof typeof sendForms;
export type ReceiveForm = keyof typeof receiveForms;

export const SEND_FORMS = Object.keys(sendForms) as SendForm[];
export const RECEIVE_FORMS = Object.keys(receiveForms) as ReceiveForm[];

/** Whether a form lets the thread's event loop turn. */
export const turnsLoop = (form: SendForm | ReceiveForm): boolean =>
  !['sync', 'syncTimeout', 'try', 'manySync', 'manyTry', 'iterateSync', 'selectSync', 'trySelect'].includes(form);

export const isDisconnection = (error: unknown): boolean => (error as Failure).code === 'ERR_DISCONNECTED';
