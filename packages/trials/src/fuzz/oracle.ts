/**
 * What holds whatever the inputs are: another channel is unharmed, no built-in object was changed, and memory and handles are given back.
 *
 * Called by: runner.ts, after every few inputs.
 */
import { isDeepStrictEqual } from 'node:util';
import { bounded, Handle, inspect, Receiver, Sender, WeakSender } from 'beamline';
import { Anomaly } from './target.js';

const shared = { of: 'two' };
const contents: readonly (() => unknown)[] = [
  () => 42,
  () => 'a text that is longer than a slot',
  () => ({ id: 7, nested: { list: [1, 'two', null, undefined, -0], map: new Map([[1, { a: 2n }]]) } }),
  () => [shared, shared, new Uint8Array([1, 2, 3]), new Date(8.64e12)],
  () => 'x'.repeat(5000),
];

let controlled: Receiver<unknown> | undefined;

/** The control channel, for faults that are planted in it. */
export const control = (): Receiver<unknown> | undefined => controlled;

/** The objects that a hostile message would change, if it could. */
const watched: readonly object[] = [
  Object,
  Function,
  Array,
  String,
  Number,
  Boolean,
  BigInt,
  Symbol,
  Map,
  Set,
  Date,
  RegExp,
  Error,
  TypeError,
  Promise,
  ArrayBuffer,
  Uint8Array,
  Sender,
  Receiver,
].flatMap((each) => [each, each.prototype as object]);

/** Own properties by name. Values of accessors and of statics that change by themselves (RegExp.$1) are not compared. */
function portrait(object: object): Map<PropertyKey, unknown> {
  const parts = new Map<PropertyKey, unknown>([['[[Prototype]]', Object.getPrototypeOf(object)]]);
  for (const key of Reflect.ownKeys(object)) {
    const { value, get, set } = Object.getOwnPropertyDescriptor(object, key)!;
    parts.set(key, get ?? set ?? (value as unknown));
  }
  return parts;
}

export class Oracle {
  private readonly sender: Sender<unknown>;
  private readonly receiver: Receiver<unknown>;
  private readonly innerSender: Sender<unknown>;
  private readonly innerReceiver: Receiver<unknown>;
  private readonly portraits = watched.map(portrait);
  private readonly baseline: { used: number; channels: number; handles: number };

  constructor() {
    [this.sender, this.receiver] = bounded<unknown>(contents.length + 1, { name: 'control' });
    controlled = this.receiver;
    [this.innerSender, this.innerReceiver] = bounded<unknown>(1);
    // What the first channels, messages and handles leave behind for good: pages of the handle table.
    const many = Array.from({ length: 1000 }, () => bounded(1));
    for (const [tx, rx] of many) {
      tx.drop();
      rx.drop();
    }
    this.fill();
    this.check();
    this.baseline = this.account();
  }

  /** Throws an Anomaly if anything is not as it was. */
  check(): void {
    this.checkControl();
    this.checkBuiltins();
    if (this.baseline !== undefined) this.checkAccount();
  }

  private fill(): void {
    for (const make of contents) this.sender.sendSync(make());
    this.sender.sendSync({ inner: this.innerSender.clone() });
  }

  private checkControl(): void {
    if (this.sender.length !== contents.length + 1) throw new Anomaly(`the control channel holds ${this.sender.length} messages`);
    contents.forEach((make, i) => {
      const value = this.receiver.recvSync({ timeout: 1000 });
      if (!isDeepStrictEqual(value, make())) throw new Anomaly(`message ${i} of the control channel was changed`);
    });
    const { inner } = this.receiver.recvSync({ timeout: 1000 }) as { inner: Sender<unknown> };
    inner.sendSync('through');
    if (this.innerReceiver.recvSync({ timeout: 1000 }) !== 'through')
      throw new Anomaly('the handle in the control channel was changed');
    inner.drop();
    if (this.innerSender.senderCount !== 1 || this.innerReceiver.receiverCount !== 1) {
      throw new Anomaly('handles of the control channel came or went');
    }
    this.fill();
  }

  private checkBuiltins(): void {
    watched.forEach((object, i) => {
      const now = portrait(object);
      const then = this.portraits[i]!;
      for (const key of new Set([...now.keys(), ...then.keys()])) {
        if (!Object.is(now.get(key), then.get(key)) && !isVolatile(object, key)) {
          throw new Anomaly(`a built-in object was changed: number ${i} of those that are watched, ${String(key)}`);
        }
      }
    });
  }

  private checkAccount(): void {
    const now = this.account();
    if (!isDeepStrictEqual(now, this.baseline)) {
      throw new Anomaly(`something was left behind: ${JSON.stringify(now)} instead of ${JSON.stringify(this.baseline)}`);
    }
  }

  private account(): { used: number; channels: number; handles: number } {
    const { memory, channels, threads } = inspect();
    return { used: memory.used, channels: channels.length, handles: threads.reduce((sum, { handles }) => sum + handles, 0) };
  }
}

/** `RegExp.$1` and `Error.stackTraceLimit` are the engine's and Node's own business. */
function isVolatile(object: object, key: PropertyKey): boolean {
  return (object === RegExp || object === Error) && typeof key === 'string';
}

/** Drops all handles in a value that was received. */
export function dropHandles(value: unknown): void {
  const seen = new Set<unknown>();
  const todo = [value];
  while (todo.length > 0) {
    const part = todo.pop();
    if (typeof part !== 'object' || part === null || seen.has(part)) continue;
    seen.add(part);
    if (part instanceof Handle || part instanceof WeakSender) {
      part.drop();
      continue;
    }
    if (ArrayBuffer.isView(part)) continue;
    if (part instanceof Map) todo.push(...part.keys(), ...part.values());
    if (part instanceof Set) todo.push(...part);
    for (const key of Object.getOwnPropertyNames(part)) {
      const { value: inside } = Object.getOwnPropertyDescriptor(part, key)!;
      if (typeof inside === 'object') todo.push(inside);
    }
  }
}
