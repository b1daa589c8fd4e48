/**
 * What users of @beamline/select see. Only re-exports.
 */
export {
  recv,
  type BroadcastRecvCase,
  type Case,
  type Cases,
  type CasesOf,
  type RecvCase,
  type Selected,
  type SelectOptions,
} from './cases.js';
export { select, selectSync, trySelect } from './select.js';
export { after, at, never, tick, type TickOptions } from './timers.js';
