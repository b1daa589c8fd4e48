/**
 * What users of @beamline/select see. Only re-exports.
 */
export {
  recv,
  send,
  type BroadcastRecvCase,
  type Case,
  type Cases,
  type CasesOf,
  type Lazy,
  type RecvCase,
  type SendCase,
  type Selected,
  type SelectOptions,
} from './cases.js';
export { Select, type SelectedOperation } from './dynamic.js';
export { selectEach } from './each.js';
export { select, selectSync, trySelect } from './select.js';
export { fromAbortSignal, fromEvent, fromSignal, type FromEventOptions } from './sources.js';
export { after, at, never, tick, type TickOptions } from './timers.js';
