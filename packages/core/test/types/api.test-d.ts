/**
 * What the compiler makes of the public types. This file is compiled, never run: on the build, by threads/types.test.ts, and with all
 * tests by the type check. An assertion that fails is a type error; `@ts-expect-error` marks what must not compile.
 */
import type { Worker } from 'node:worker_threads';
import {
  ask,
  bounded,
  broadcast,
  type BroadcastReceiver,
  type BroadcastSender,
  type ChannelError,
  type Codec,
  codecs,
  configure,
  type DataCloneError,
  explain,
  type Handle,
  type HandleError,
  type HandleToken,
  inspect,
  isChannelError,
  now,
  oneshot,
  open,
  type Receiver,
  type RecvError,
  type Sender,
  SendError,
  spawn,
  type Thread,
  type ThreadError,
  TimeoutError,
  type TryBroadcastResult,
  type TryRecvResult,
  type TrySendManyResult,
  type TrySendResult,
  unbounded,
  type WaitOptions,
  type WaitSyncOptions,
  type WeakSender,
} from '@beamline/core';

/** Equal as the compiler sees it: `any` equals only itself, and optional or readonly members count. */
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function same<A, B>(...proof: Equal<A, B> extends true ? [] : [never]): void;
/** `value` has exactly type `Expected`. */
declare function is<Expected>(): <Actual>(value: Actual, ...proof: Equal<Actual, Expected> extends true ? [] : [never]) => void;

interface Job {
  id: number;
  steps: string[];
}
declare const job: Job;
declare const job2: Job & { extra: boolean };

// ── channels ──
const [tx, rx] = bounded<Job>(4, { name: 'jobs' });
is<Sender<Job>>()(tx);
is<Receiver<Job>>()(rx);
is<[Sender<unknown>, Receiver<unknown>]>()(bounded(1));
is<[Sender<unknown>, Receiver<unknown>]>()(unbounded());
is<[Sender<string>, Receiver<string>]>()(unbounded<string>({}));
// The codec says what the messages are.
is<[Sender<number>, Receiver<number>]>()(bounded(1, { codec: codecs.float64 }));
is<[Sender<Uint8Array>, Receiver<Uint8Array>]>()(unbounded({ codec: codecs.bytes }));
// @ts-expect-error -- the codec carries numbers
bounded<string>(1, { codec: codecs.int32 });
bounded<Job>(1, { codec: codecs.any });
bounded<Job>(1, { codec: codecs.json });
// @ts-expect-error -- a capacity is a number
bounded('1');
// @ts-expect-error -- a capacity is needed
bounded();

// ── sending ──
is<TrySendResult>()(tx.trySend(job));
is<Promise<void>>()(tx.send(job, { timeout: 1, deadline: 2, signal: new AbortController().signal }));
is<void>()(tx.sendSync(job, { timeout: 1, deadline: now() }));
is<TrySendManyResult>()(tx.trySendMany([job]));
is<Promise<number>>()(tx.sendMany(new Set([job])));
is<number>()(tx.sendManySync([job] as const));
void tx.sendMany(rx); // a receiver is a source
void tx.send(job2);
// @ts-expect-error -- not a Job
void tx.send({ id: 1 });
// @ts-expect-error -- not a Job
tx.trySendMany([1]);
// @ts-expect-error -- a blocking call cannot be aborted
tx.sendSync(job, { signal: new AbortController().signal });
// @ts-expect-error -- exactOptionalPropertyTypes: absent, not undefined
const wait: WaitSyncOptions = { timeout: undefined };
// @ts-expect-error -- options are read-only
((options: WaitOptions) => (options.timeout = 1))({});

const sent = tx.trySend(job);
if (!sent.ok) is<'full' | 'disconnected'>()(sent.reason);
// @ts-expect-error -- no reason unless it failed
void sent.reason;
const many = tx.trySendMany([job]);
is<number>()(many.count);

// ── receiving ──
is<Promise<Job>>()(rx.recv());
is<Job>()(rx.recvSync());
is<Promise<Job[]>>()(rx.recvMany(3));
is<Job[]>()(rx.recvManySync(3, { timeout: 1 }));
is<TryRecvResult<Job[]>>()(rx.tryRecvMany(3));
const received = rx.tryRecv();
is<TryRecvResult<Job>>()(received);
if (received.ok) is<Job>()(received.value);
else is<'empty' | 'disconnected'>()(received.reason);
// @ts-expect-error -- no value unless there was one
void received.value;
is<AsyncIterableIterator<Job>>()(rx[Symbol.asyncIterator]());
is<IterableIterator<Job>>()(rx[Symbol.iterator]());
is<IterableIterator<Job>>()(rx.tryIter());
export async function loops(): Promise<void> {
  for await (const value of rx) is<Job>()(value);
  for (const value of rx) is<Job>()(value);
  is<Job[]>()([...rx.tryIter()]);
}
// @ts-expect-error -- a blocking call cannot be aborted
rx.recvSync({ signal: new AbortController().signal });

// ── web streams ──
is<WritableStream<Job>>()(tx.writable());
is<ReadableStream<Job>>()(rx.readable());
void rx.readable().pipeTo(tx.writable());

// ── variance: a sender of more may stand for a sender of less, a receiver of less for a receiver of more ──
declare const anything: Sender<unknown>;
declare const texts: Receiver<'a' | 'b'>;
const narrow: Sender<string> = anything;
const wide: Receiver<string> = texts;
// @ts-expect-error -- would let anything into a channel of strings
const unsafe: Sender<unknown> = narrow;
// @ts-expect-error -- would let strings out of a channel of two of them
const lying: Receiver<'a'> = wide;
// @ts-expect-error -- a sender is no receiver
const backwards: Receiver<Job> = tx;
// @ts-expect-error -- nor the other way round
const forwards: Sender<Job> = rx;

// ── both handles ──
is<Sender<Job>>()(tx.clone());
is<Receiver<Job>>()(rx.clone());
is<Sender<Job>>()(tx.ref());
is<Receiver<Job>>()(rx.unref());
is<void>()(tx.drop());
is<void>()(rx.close());
is<number>()(tx.capacity);
is<number>()(tx.length + rx.senderCount + rx.receiverCount + tx.id);
is<boolean>()(rx.isDisconnected);
is<string | undefined>()(tx.name);
is<boolean>()(tx.sameChannel(rx));
tx.sameChannel(anything);
// @ts-expect-error -- no handle
tx.sameChannel({});
// @ts-expect-error -- read-only
tx.length = 1;
const disposable: Disposable = tx;
const handle: Handle = rx;
export function scope(): void {
  using clone = tx.clone();
  is<Sender<Job>>()(clone);
}
// @ts-expect-error -- handles come from channels only
new (tx.constructor as typeof Sender<Job>)();

// ── weak senders ──
const weak = tx.downgrade();
is<WeakSender<Job>>()(weak);
is<Sender<Job> | undefined>()(weak.upgrade());
is<WeakSender<Job>>()(weak.clone());
is<WeakSender<Job>>()(open(weak.transfer()));
is<WeakSender<number>>()(open(bounded<number>(1)[0].downgrade().transfer(), { codec: codecs.int32 }));
is<number>()(weak.id);
const weakNarrow: WeakSender<string> = anything.downgrade();
// @ts-expect-error -- would let anything into a channel of strings
const weakUnsafe: WeakSender<unknown> = weakNarrow;
// @ts-expect-error -- a weak sender cannot send
void weak.send(job);
// @ts-expect-error -- nor is it a sender
const strong: Sender<Job> = weak;
// @ts-expect-error -- weak senders come from senders only
new (weak.constructor as typeof WeakSender<Job>)();

// ── tokens ──
is<HandleToken<Sender<Job>>>()(tx.transfer());
is<HandleToken<Receiver<Job>>>()(rx.transfer());
is<Sender<Job>>()(open(tx.transfer()));
is<Receiver<number>>()(open(unbounded({ codec: codecs.float64 })[1].transfer(), { codec: codecs.float64 }));
declare const token: HandleToken<Receiver<Job>>;
is<Receiver<Job>>()(open(token));
// @ts-expect-error -- no token
open({});
// @ts-expect-error -- the token is a receiver's
const wrongSide: Sender<Job> = open(token);
// @ts-expect-error -- the codec carries other messages
open(token, { codec: codecs.utf8 });

// ── handles in messages ──
interface Ask {
  question: string;
  reply: Sender<number>;
}
const [asks, asked] = unbounded<Ask>();
const [reply] = bounded<number>(1);
void asks.send({ question: '?', reply });
// @ts-expect-error -- a sender of texts cannot take the answer
void asks.send({ question: '?', reply: unbounded<string>()[0] });
void asked.recv().then(({ reply: answer }) => is<Sender<number>>()(answer));

// ── codecs ──
is<Codec<number>>()(codecs.float64);
is<Codec<number>>()(codecs.int32);
is<Codec<string>>()(codecs.utf8);
const layout = codecs.struct({ id: 'u32', big: 'i64', ok: 'bool', name: 'utf8', raw: 'bytes' });
interface Row {
  id: number;
  big: bigint;
  ok: boolean;
  name: string;
  raw: Uint8Array;
}
is<Codec<Row>>()(layout);
is<[Sender<Row>, Receiver<Row>]>()(bounded(1, { codec: layout }));
// @ts-expect-error -- no such kind of field
codecs.struct({ id: 'u128' });
// @ts-expect-error -- a field is missing
void bounded(1, { codec: codecs.struct({ x: 'f64', y: 'f64' }) })[0].send({ x: 1 });
const mine: Codec<Date> = { name: 'date', encode: () => new Uint8Array(8), decode: () => new Date() };
is<[Sender<Date>, Receiver<Date>]>()(bounded(1, { codec: mine }));
// @ts-expect-error -- a codec has a name
const nameless: Codec<Date> = { encode: () => new Uint8Array(8), decode: () => new Date() };

// ── threads ──
is<Thread<void>>()(spawn('./worker.js'));
is<Thread<number>>()(spawn<number>(new URL('file:///worker.js'), { data: { any: 'thing' } }));
type Sum = (data: { values: number[]; out: Sender<number> }) => Promise<bigint>;
const thread = spawn<Sum>('./sum.js', { data: { values: [1], out: reply } });
is<Thread<bigint>>()(thread);
is<Promise<bigint>>()(thread.join());
is<Promise<void>>()(thread.terminate());
is<Worker>()(thread.worker);
is<number>()(thread.threadId);
// @ts-expect-error -- not what the function takes
spawn<Sum>('./sum.js', { data: { values: ['1'], out: reply } });
spawn('./worker.js', { name: 'named', resourceLimits: { maxOldGenerationSizeMb: 64 }, argv: ['x'] });
// @ts-expect-error -- handles and data go in `data`
spawn('./worker.js', { workerData: {} });
// @ts-expect-error -- a module, not source text
spawn('./worker.js', { eval: true });

// ── oneshot, and request and reply: the answer's type is that of the reply sender in the request ──
is<[Sender<unknown>, Receiver<unknown>]>()(oneshot());
is<[Sender<Job>, Receiver<Job>]>()(oneshot<Job>({ name: 'answer' }));
is<[Sender<string>, Receiver<string>]>()(oneshot({ codec: codecs.utf8 }));
// @ts-expect-error -- it has a capacity
oneshot(1);
type Command = { op: 'get'; key: string; reply: Sender<Job | undefined> } | { op: 'clear' };
declare const commands: Sender<Command>;
is<Promise<Job | undefined>>()(ask(commands, (reply) => ({ op: 'get', key: 'a', reply }), { timeout: 1, deadline: 2 }));
declare const asking: Sender<{ question: string; to: Sender<number> }>;
is<Promise<number>>()(ask(asking, (to) => ({ question: '?', to })));
declare const repliers: Sender<Sender<string>>;
is<Promise<string>>()(ask(repliers, (reply) => reply));
is<Promise<boolean>>()(ask<Sender<unknown>, boolean>(bounded(1)[0], (reply) => [reply]));
// @ts-expect-error -- no request of this channel
void ask(asking, (to) => ({ to }));
// @ts-expect-error -- requests go through a sender
void ask(rx, (reply) => reply);

declare const optional: Sender<{ op: string; reply?: Sender<number> }>;
is<Promise<number>>()(ask(optional, (reply) => ({ op: 'get', reply })));

// ── broadcast ──
const [news, reader] = broadcast<Job>(16, { name: 'news' });
is<BroadcastSender<Job>>()(news);
is<BroadcastReceiver<Job>>()(reader);
is<[BroadcastSender<unknown>, BroadcastReceiver<unknown>]>()(broadcast(1));
is<[BroadcastSender<number>, BroadcastReceiver<number>]>()(broadcast(1, { codec: codecs.float64 }));
is<number>()(news.send(job));
is<BroadcastReceiver<Job>>()(news.subscribe());
is<BroadcastReceiver<Job>>()(reader.resubscribe());
is<BroadcastReceiver<Job>>()(reader.clone());
is<TryBroadcastResult<Job>>()(reader.tryRecv());
is<Promise<Job>>()(reader.recv({ timeout: 1, signal: new AbortController().signal }));
is<Job>()(reader.recvSync({ deadline: 1 }));
is<BroadcastReceiver<Job>>()(open(reader.transfer()));
is<BroadcastSender<Job>>()(open(news.transfer(), { codec: codecs.any }));
for (const each of reader) is<Job>()(each);
export function lags(): void {
  const result = reader.tryRecv();
  if (result.ok) is<Job>()(result.value);
  else if (result.reason === 'lagged') is<number>()(result.missed);
  else is<'empty' | 'disconnected'>()(result.reason);
}
const anyReader: BroadcastReceiver<unknown> = reader;
// @ts-expect-error -- a sender also makes receivers
const wideSender: BroadcastSender<Job & { extra: boolean }> = news;
// @ts-expect-error -- no Job
news.send(1);
// @ts-expect-error -- a broadcast never waits for room
void news.trySend;
// @ts-expect-error -- each receiver sees every message
const shared: Receiver<Job> = reader;
// @ts-expect-error -- a capacity is needed
broadcast();
void [anyReader, wideSender, shared];

// ── errors ──
export function narrows(error: unknown): void {
  if (!isChannelError(error)) return;
  const { message }: Error = error;
  void message;
  if (error.code === 'ERR_TIMEOUT') is<TimeoutError>()(error);
  if (error.name === 'RecvError') is<RecvError>()(error);
  if (error.name === 'SendError') is<unknown>()(error.value);
  if (error.code === 'ERR_HANDLE_MOVED') is<HandleError>()(error);
  if (error.code === 'ERR_DATA_CLONE') is<DataCloneError>()(error);
  if (error.code === 'ERR_THREAD_EXITED') {
    is<ThreadError>()(error);
    is<number | undefined>()(error.exitCode);
  }
  // @ts-expect-error -- no such code
  if (error.code === 'ERR_NOTHING') return;
}
declare const sendError: SendError<Job>;
is<Job>()(sendError.value);
is<'SendError'>()(sendError.name);
is<'ERR_DISCONNECTED'>()(sendError.code);
const base: ChannelError = sendError;
export function caught(error: unknown): void {
  if (error instanceof SendError) void error.value;
  if (error instanceof TimeoutError) is<'ERR_TIMEOUT'>()(error.code);
}

// ── looking inside ──
const { channels, threads, memory } = inspect();
is<number>()(memory.used + memory.reserved + memory.limit);
is<number>()(threads[0]!.threadId);
for (const channel of channels) {
  is<number | null>()(channel.capacity);
  is<boolean>()(channel.closed);
  is<number>()(channel.sent + channel.received + channel.length + channel.id);
  for (const { threadId } of [...channel.senders, ...channel.receivers]) is<number | null>()(threadId); // null: in a message
  const operation: 'send' | 'recv' | 'select' | undefined = channel.waiting[0]?.operation;
  void operation;
}
is<string>()(explain(tx) + explain(rx) + explain(tx.downgrade()));
// @ts-expect-error -- no handle
explain({});
configure({ maxMemory: 1, debug: true });
// @ts-expect-error -- a number of bytes
configure({ maxMemory: '1GB' });

// ── no any in public types ──
type IsAny<T> = 0 extends 1 & T ? true : false;
same<IsAny<ReturnType<Receiver<Job>['tryRecv']>>, false>();
same<IsAny<Awaited<ReturnType<Receiver<Job>['recv']>>>, false>();
same<IsAny<Parameters<Sender<Job>['send']>[0]>, false>();
same<IsAny<Awaited<ReturnType<typeof ask>>>, false>();
same<IsAny<(typeof channels)[number]>, false>();
same<IsAny<(typeof threads)[number]>, false>();

void [wait, unsafe, lying, backwards, forwards, wide, disposable, handle, wrongSide, nameless, base, weakUnsafe, strong];
