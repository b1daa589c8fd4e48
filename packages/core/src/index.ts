/**
 * What users of @beamline/core see. Only re-exports.
 */
export { bounded, broadcast, oneshot, unbounded, type ChannelOptions } from './handles/create.js';
export { ask, type AskMessage, type ReplyOf } from './handles/ask.js';
export { Handle, type Handle as AnyHandle } from './handles/handle.js';
export { Sender, WeakSender, type TrySendManyResult, type TrySendResult } from './handles/sender.js';
export { Receiver, type TryRecvResult } from './handles/receiver.js';
export { BroadcastSender } from './handles/broadcast-sender.js';
export { BroadcastReceiver, type TryBroadcastResult } from './handles/broadcast-receiver.js';
export { open, type HandleToken, type MessageOf } from './handles/token.js';
export { spawn, type SpawnOptions, type Thread } from './handles/spawn.js';
export type { WaitOptions, WaitSyncOptions } from './handles/options.js';
export { codecs, type Codec, type StructField, type StructOf, type UniversalCodec } from './codec/codecs.js';
export { configure, type Configuration } from './runtime.js';
export { inspect, type ChannelSnapshot, type HandleSnapshot, type RuntimeSnapshot, type ThreadSnapshot } from './inspect.js';
export { explain } from './explain.js';
export { now } from './platform/clock.js';
export {
  ChannelError,
  CodecError,
  DataCloneError,
  HandleError,
  isChannelError,
  LaggedError,
  MemoryError,
  PoolError,
  RecvError,
  SelectError,
  SendError,
  ThreadError,
  TimeoutError,
  type AnyChannelError,
  type InvalidArgumentError,
} from './errors.js';
